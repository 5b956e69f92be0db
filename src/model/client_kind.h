/* SPDX-License-Identifier: Apache-2.0 */
/* client_kind - the clients of the world as a table: what each speaks and verifies, and so what it
 * would say of what a connector presents.
 *
 * Each kind asks its own question: its keys decide which certificate it is shown, and whether it
 * sends the host name decides what TlsSni does. What is wrong with a certificate is a mask of
 * findings, collected from the record of the certificate here, or from a handshake by others; a
 * kind minds those it verifies.
 *
 * The kinds are as their makers ship them; a chain that lacks an issuer is always minded by those
 * that verify: some fetch issuers from the network, when they may.
 */
#ifndef MODEL_CLIENT_KIND_H
#define MODEL_CLIENT_KIND_H

#include "model/certificate_choice.h"

/* In the order in which one is said before another. */
enum client_finding {
    CLIENT_CONTENT,
    CLIENT_NO_TLS,             /* it insists on TLS, and there is none */
    CLIENT_SENDS_IN_CLEAR,     /* no TLS that both can speak; it does without */
    CLIENT_PROTOCOL_TOO_OLD,   /* its newest version is below TlsMinimumVersion */
    CLIENT_KEY_NOT_UNDERSTOOD, /* a kind of key it cannot verify */
    CLIENT_EXPIRED,
    CLIENT_NOT_YET_VALID,
    CLIENT_REVOKED,
    CLIENT_BAD_CHAIN,
    CLIENT_WRONG_PURPOSE,
    CLIENT_SELF_SIGNED,
    CLIENT_CHAIN_INCOMPLETE,
    CLIENT_UNTRUSTED,
    CLIENT_NAME_MISMATCH,
    CLIENT_WEAK_KEY,
    CLIENT_WEAK_SIGNATURE,
    CLIENT_VALID_TOO_LONG, /* more than 825 days */
    CLIENT_PRIVATE_ROOT,   /* nothing else: well for those who were given the root */
    CLIENT_FINDINGS,
};
#define CLIENT_BIT(finding) (1u << (finding))

struct client_kind {
    const char *name;  /* "thunderbird": what commands take */
    const char *title; /* "Thunderbird" */
    uint32_t minds;    /* the findings it verifies, CLIENT_BIT each */
    uint32_t keys;     /* CERTIFICATE_KEY_BIT each */
    enum tls_minimum oldest, newest;
    bool sends_name;              /* the host it connects to, in its TLS hello */
    bool insists_on_tls;          /* else it goes on in clear when there is none */
    const char *when_not_content; /* what it does then */
};

enum { CLIENT_KINDS = 7 };
extern const struct client_kind client_kinds[CLIENT_KINDS];
const struct client_kind *client_kind_find(struct slice name); /* by its name; NULL: none */
bool client_kinds_append_names(struct text *text);             /* "thunderbird, outlook, ..." */

struct client_verdict {
    enum client_finding finding;      /* the first it minds; CLIENT_CONTENT: all is well for it */
    struct certificate_choice choice; /* what it is shown */
};

/* What a client that connects to `host` can find wrong with the certificate at that moment. */
uint32_t client_findings_of(const struct certificate *certificate, struct slice host,
                            int64_t at_ms);
bool client_minds_life(int64_t not_before_ms, int64_t not_after_ms); /* CLIENT_VALID_TOO_LONG */
/* The first of the findings that this kind minds. */
enum client_finding client_kind_minds(const struct client_kind *kind, uint32_t findings);
/* The whole of it: the question's server_name is the host it connects to (empty: the connector's
 * name), its client_keys do not count. */
struct client_verdict client_kind_judge(const struct client_kind *kind,
                                        const struct certificate_question *question);

const char *client_finding_code(enum client_finding finding); /* "SELF_SIGNED"; "OK" */
const char *client_finding_text(enum client_finding finding); /* the words behind "because" */

#endif
