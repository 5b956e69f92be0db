/* SPDX-License-Identifier: Apache-2.0 */
/* message - one that is to be signed: its header section in memory, its body as a digest.
 *
 * Feed it all bytes as they will leave, with CR LF at line ends, in pieces of any size. The header
 * is kept up to DKIM_HEADER_MAX bytes and DKIM_FIELDS_MAX fields; a message with more, or with a
 * line in its header that is no field, is not fit to be signed. The digest begins when
 * dkim_message_digest has said in which form: until then feed no more than the header
 * (dkim_message_feed stops behind it and says what it took).
 */
#ifndef DKIM_MESSAGE_H
#define DKIM_MESSAGE_H

#include "base/attributes.h"
#include "dkim/canonical.h"

enum { DKIM_HEADER_MAX = 1 << 20, DKIM_FIELDS_MAX = 1000, DKIM_DIGEST_BYTES = 32 };

struct dkim_field {
    struct slice name;  /* without blanks and colon */
    struct slice bytes; /* all of it, with its CR LF */
};

struct dkim_message { /* zeroed is the start */
    bool header_done;
    bool unfit;
    struct dkim_field *fields; /* of the header, once it is done */
    size_t field_count;
    /* private */
    struct text header;
    struct canonical_body body;
    struct evp_md_ctx_st *digest; /* OpenSSL's EVP_MD_CTX */
};

/* How much of the piece was taken: all of it, but nothing behind the header's end while no digest
 * was begun. */
size_t dkim_message_feed(struct dkim_message *message, struct slice piece);
/* There is no more. A message that is nothing but a header is done with it now. */
void dkim_message_end(struct dkim_message *message);
/* From here on bytes are of the body. False: no memory. */
MUST_USE bool dkim_message_digest(struct dkim_message *message, enum canonical_form form);
/* Behind dkim_message_end. */
MUST_USE bool dkim_message_digest_end(struct dkim_message *message,
                                      unsigned char out[DKIM_DIGEST_BYTES]);
void dkim_message_deinit(struct dkim_message *message);

/* The domain of the first mailbox of the only From field; empty: there is none, or more than one
 * field, or readers could disagree. Unfolded into `storage`. */
struct slice dkim_message_author_domain(const struct dkim_message *message, struct text *storage);

#endif
