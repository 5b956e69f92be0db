/* SPDX-License-Identifier: Apache-2.0 */
/* context - what all TLS sessions of one (connector, certificate, policy generation) share.
 *
 * Made once per snapshot, never per connection (a cold context costs more than half a handshake).
 * Reference counted for one thread: engines in flight keep theirs while the snapshot moves on.
 * Everything in the settings is copied but `tickets` and `trust`, which must outlive the context.
 *
 * It refuses to know which certificate to choose; a context has exactly one.
 */
#ifndef TLS_CONTEXT_H
#define TLS_CONTEXT_H

#include "base/attributes.h"
#include "base/slice.h"

struct tls_context;
struct tls_ticket_keys;
struct tls_trust;

enum {
    TLS_1_0 = 0x0301,
    TLS_1_1 = 0x0302,
    TLS_1_2 = 0x0303,
    TLS_1_3 = 0x0304,
    TLS_SESSION_CONTEXT_BYTES = 32,
    TLS_CHAIN_MAX = 10
};

struct tls_context_settings {
    const struct slice *chain; /* DER, leaf first, intermediates behind it, no root needed */
    size_t chain_count;        /* 1 to TLS_CHAIN_MAX */
    struct slice spki;         /* public key DER; empty: taken from the leaf */
    uint64_t key_handle;       /* of the key in the vault, see tls/remote_key */
    struct slice local_key;    /* PKCS#8 DER instead of the handle: tests and clients only */
    /* hash(connector, certificate, generation): a session resumes only where it is equal */
    unsigned char session_context[TLS_SESSION_CONTEXT_BYTES];
    uint16_t min_version;            /* 0: TLS_1_2; below it only where somebody insists */
    uint16_t max_version;            /* 0: TLS_1_3 */
    struct tls_ticket_keys *tickets; /* borrowed; NULL: no tickets, no resumption */
    bool ask_client_certificate;     /* asked, never demanded; judged by tls_engine_verdict */
    const struct tls_trust *trust;   /* borrowed; for that verdict; NULL: nothing is trusted */
    /* An OCSP response for clients that ask for one (RFC 6066 8); empty: none. It is left out from
     * that moment on, by the clock on the wall. */
    struct slice staple;
    int64_t staple_until_ms;
};

/* The kinds of server keys whose signatures a client says it can verify. */
enum tls_verifiable {
    TLS_VERIFIES_RSA = 1,
    TLS_VERIFIES_RSA_PSS = 2, /* keys that are good for PSS only */
    TLS_VERIFIES_ECDSA = 4,
    TLS_VERIFIES_ED25519 = 8,
};

struct tls_client_settings {
    const struct tls_trust *trust;     /* borrowed; NULL: nothing is trusted */
    uint16_t min_version, max_version; /* 0: TLS_1_2, TLS_1_3 */
    unsigned verifies;                 /* enum tls_verifiable; 0: whatever OpenSSL does */
    const struct slice *chain;         /* the client's own certificate, if any, as above */
    size_t chain_count;
    uint64_t key_handle;    /* used when local_key is empty */
    struct slice local_key; /* PKCS#8 DER */
};

enum tls_context_outcome {
    TLS_CONTEXT_OK,
    TLS_CONTEXT_BAD_CERTIFICATE, /* the leaf or the chain cannot be read, or is too weak to serve */
    TLS_CONTEXT_BAD_KEY,         /* the key cannot be read, or is of a kind we do not serve */
    TLS_CONTEXT_KEY_MISMATCH,    /* the key is another certificate's */
    TLS_CONTEXT_BAD_POLICY,      /* versions out of order or unknown */
};

/* An outcome, or -ENOMEM. *out is set on TLS_CONTEXT_OK only, with one reference. */
MUST_USE int tls_context_new_server(const struct tls_context_settings *settings,
                                    struct tls_context **out);
MUST_USE int tls_context_new_client(const struct tls_client_settings *settings,
                                    struct tls_context **out);
struct tls_context *tls_context_ref(struct tls_context *context);
void tls_context_unref(struct tls_context *context); /* accepts NULL */
/* Replaces the trust a verdict uses. */
void tls_context_set_trust(struct tls_context *context, const struct tls_trust *trust);

#endif
