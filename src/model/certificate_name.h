/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_name - the value of TlsCertificateName.
 *
 * `<I>issuer<S>subject` with distinguished names, or a thumbprint, which pins one certificate.
 * Letters of the tags in either case; thumbprints with blanks, colons and the invisible mark that
 * copying from a certificate dialogue leaves in front. The forms people paste by mistake are known
 * by name.
 */
#ifndef MODEL_CERTIFICATE_NAME_H
#define MODEL_CERTIFICATE_NAME_H

#include "model/model.h"

enum certificate_name_outcome {
    CERTIFICATE_NAME_OK = 0,
    CERTIFICATE_NAME_EMPTY,
    CERTIFICATE_NAME_SQUARE_TAGS, /* [I]..[S].. */
    CERTIFICATE_NAME_NO_TAGS,     /* CN=..CN=..: a web page swallowed the tags */
    CERTIFICATE_NAME_EMPTY_PARTS, /* <I><S>: a variable was empty */
    CERTIFICATE_NAME_ONE_TAG,     /* <I> without <S>, or the other way round */
    CERTIFICATE_NAME_BAD_ISSUER,  /* not a distinguished name */
    CERTIFICATE_NAME_BAD_SUBJECT,
    CERTIFICATE_NAME_BAD_THUMBPRINT, /* hexadecimal, but not 40 digits */
    CERTIFICATE_NAME_NONSENSE,
    CERTIFICATE_NAME_NO_MEMORY,
};

struct certificate_name {
    bool is_thumbprint;
    uint8_t thumbprint[20];
    struct slice issuer, subject;         /* as written, without the tags */
    struct slice issuer_der, subject_der; /* canonical, in the arena */
};

/* `model` may be NULL; with it the error names the value that must be meant. */
enum certificate_name_outcome certificate_name_parse(struct slice written,
                                                     distinguished_name_parse_fn *parse_name,
                                                     const struct model *model, struct arena *arena,
                                                     struct certificate_name *out_name,
                                                     struct text *error);
/* What a connector keeps of its TlsCertificateName to find the certificate by. */
struct certificate_name_key {
    struct slice *issuer_der,
        *subject_der;         /* canonical; empty when it is a thumbprint, or nothing */
    struct slice *thumbprint; /* 20 bytes when it is one, else empty */
};
bool certificate_name_derive(struct slice written, distinguished_name_parse_fn *parse_name,
                             const struct model *model, struct arena *arena,
                             const struct certificate_name_key *out, struct text *error);
/* 40 hexadecimal digits with blanks, colons, dashes and U+200E in between. */
bool certificate_thumbprint_parse(struct slice written, uint8_t out_thumbprint[20]);

#endif
