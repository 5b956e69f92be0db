/* SPDX-License-Identifier: Apache-2.0 */
/* messages - what the roles say to each other: one struct per message, one row per field in
 * messages.c.
 *
 * Encoding, decoding, bounds and the dictionary of the fuzzer come from that table. A row also says
 * which roles may send the message: anything else from a peer is a broken frame, and a broken frame
 * ends that peer. Numbers are uint64_t with a greatest value; bytes are slices with a greatest
 * length, pointing into the received frame and good until the handler returns; at most one
 * descriptor travels with a message.
 *
 * `session` is the edge's own number of a session, never used twice by one edge process;
 * `session_id` is the one that people see, never used twice by any; `request` is the asker's own
 * number, given back in the answer.
 */
#ifndef WIRE_MESSAGES_H
#define WIRE_MESSAGES_H

#include "base/ip.h"
#include "base/slice.h"

enum wire_role {
    ROLE_SUPERVISOR,
    ROLE_EDGE,
    ROLE_SIGNER,  /* the vault's process that signs for one edge */
    ROLE_CHECKER, /* the vault's process that checks credentials and makes keys */
    ROLE_HUB,
    ROLE_COURIER,
    ROLE_CONSOLE,
    ROLE_COUNT,
};

enum wire_limits {
    WIRE_EDGES_MAX = 64, /* of each kind of process that there are several of */
    WIRE_ISOLATORS = 2,  /* couriers besides, with these indices: hub/transport/isolation */
    WIRE_ISOLATOR_FIRST = WIRE_EDGES_MAX,
    WIRE_COURIERS_MAX = WIRE_ISOLATOR_FIRST + WIRE_ISOLATORS,
    WIRE_BODY_MAX = 65536,
    WIRE_ADDRESS_MAX = 2048,
    WIRE_NAME_MAX = 512,
    WIRE_SUBJECT_MAX = 4096,
    WIRE_FILE_MAX = 1 << 20,  /* a certificate file to import */
    WIRE_CHAIN_MAX = 1 << 18, /* facts and chain of one certificate */
    WIRE_SECRET_MAX = 16384,  /* a sealed key or verifier */
    WIRE_SASL_MAX = 9216,
    WIRE_ENDPOINTS_MAX = 10000, /* that are listened on */
    WIRE_FRAME_MAX = WIRE_FILE_MAX + WIRE_CHAIN_MAX + WIRE_SECRET_MAX,
    WIRE_TICKET_KEYS_MAX = 256,
    WIRE_DOMAIN_MAX = 255,
    WIRE_SESSIONS_MAX = 5000, /* of one edge in one answer */
    WIRE_LOG_DATA_MAX = 4096,
    WIRE_LOG_CONTEXT_MAX = 1024,
    WIRE_REPLY_MAX = 4160, /* of another server, with its code */
    WIRE_SMART_HOSTS_MAX = 8192,
    WIRE_SEEN_MAX = 8192, /* of what a host says, and of the names in its certificate */
    WIRE_OWN_ADDRESSES_MAX = 64,
    WIRE_REPORT_TO_MAX = 2048,
    WIRE_POLICY_MAX = 4096,
    WIRE_DIGEST_MAX = 32,
    WIRE_SIGNATURE_MAX = 512,
    WIRE_SELECTOR_MAX = 63,
    WIRE_OCSP_URL_MAX = 1024,
    WIRE_OCSP_CERTIFICATE_MAX = 65536,
    WIRE_OCSP_RESPONSE_MAX = 16384,
    WIRE_OCSP_WHY_MAX = 512,
};

enum wire_type {
    /* the supervisor and everybody */
    WIRE_PEER = 1,
    WIRE_LISTENER,
    WIRE_LISTENER_GONE,
    WIRE_CONTROL,
    WIRE_DRAIN,
    WIRE_READY,
    WIRE_STATUS,
    WIRE_BINDINGS,
    WIRE_BINDING_STATE,
    WIRE_END_PEER,
    WIRE_START_PEER, /* one that is not started before it is needed */
    WIRE_PEER_ENDED,
    WIRE_TALLY,
    /* the hub and an edge */
    WIRE_SNAPSHOT,
    WIRE_SNAPSHOT_IN_FORCE,
    WIRE_RECIPIENT_QUESTION,
    WIRE_RECIPIENT_ANSWER,
    WIRE_MESSAGE_BEGIN,
    WIRE_MESSAGE_RECIPIENT,
    WIRE_MESSAGE_BODY,
    WIRE_MESSAGE_HEADER,
    WIRE_MESSAGE_REPLACEMENT,
    WIRE_MESSAGE_SENDER,
    WIRE_MESSAGE_RECIPIENT_GONE,
    WIRE_MESSAGE_PIECE_QUESTION,
    WIRE_MESSAGE_PIECE,
    WIRE_MESSAGE_END,
    WIRE_MESSAGE_ABANDON,
    WIRE_MESSAGE_ANSWER,
    WIRE_EVENT,
    WIRE_PROTOCOL_ROW,
    WIRE_CONNECTIVITY_ROW,
    WIRE_SESSIONS_QUESTION,
    WIRE_SESSION_STATE,
    WIRE_SESSIONS_ANSWERED,
    WIRE_SESSION_LOGGING,
    WIRE_PRESSURE,
    /* an edge, the hub and a courier */
    WIRE_FILTER_QUESTION,
    WIRE_FILTER_CONNECT,
    WIRE_FILTER_CONNECTED,
    WIRE_FILTER_UNREACHABLE,
    /* an edge and the checker */
    WIRE_SASL,
    WIRE_SASL_ABANDON,
    WIRE_SASL_ANSWER,
    WIRE_TICKET_KEYS,
    /* the hub and the vault */
    WIRE_ACCOUNT_QUESTION,
    WIRE_ACCOUNT_ANSWER,
    WIRE_VERIFIER_MAKE,
    WIRE_VERIFIER_MADE,
    WIRE_CREDENTIAL_OPEN,
    WIRE_CREDENTIAL_OPENED,
    WIRE_CERTIFICATE_IMPORT,
    WIRE_CERTIFICATE_MAKE,
    WIRE_CERTIFICATE_READ,
    WIRE_CERTIFICATE_EXPORT,
    WIRE_CERTIFICATE_EXPORTED,
    WIRE_SECRET_CHECK,
    WIRE_SECRET_CHECKED,
    WIRE_DKIM_MAKE,
    WIRE_DKIM_MADE,
    WIRE_DKIM_SIGN,
    WIRE_DKIM_SIGNED,
    WIRE_KEY_LOAD,
    WIRE_KEY_DROP,
    WIRE_KEY_STATE,
    /* the hub and a courier */
    WIRE_DELIVER,
    WIRE_DELIVERED,
    WIRE_PROBE,
    WIRE_PROBED,

    WIRE_RELAY,
    WIRE_RELAY_RECIPIENT,
    WIRE_RELAY_MESSAGE,
    WIRE_RELAY_FINISH,
    WIRE_RELAY_WANTS,
    WIRE_RELAY_OUTCOME,
    WIRE_RELAY_ENDED,
    WIRE_RELAY_SEEN,
    WIRE_TLS_RESULT,
    WIRE_RELAY_AUTHOR,
    WIRE_RELAY_SIGNER,
    WIRE_RELAY_DIGESTS,
    WIRE_RELAY_SIGNATURES,
    WIRE_TXT_QUESTION,
    WIRE_TXT_ANSWER,
    WIRE_OCSP_QUESTION,
    WIRE_OCSP_ANSWER,
    WIRE_REPORT_POST,
    WIRE_TYPE_COUNT,
};

/* A new wire to another role; carries the descriptor. The old wire to it, if there is one, is dead.
 */
struct wire_peer {
    uint64_t role, index;
};
struct wire_peer_ended {
    uint64_t role, index;
    uint64_t from_outside; /* bool: killed, and not by the supervisor */
};
struct wire_listener { /* with the listening socket */
    uint64_t listener;
    struct ip_address address;
    uint64_t port;
};
struct wire_listener_gone {
    uint64_t listener;
};
struct wire_nothing { /* CONTROL (with the listening UNIX socket), DRAIN, READY */
    char unused;
};
struct wire_status { /* one line for the service manager and the administrator */
    struct slice text;
};
struct wire_bindings { /* all endpoints that are to be listened on, 18 bytes each: address, port
                          (big endian) */
    struct slice endpoints;
};
struct wire_binding_state {
    struct ip_address address;
    uint64_t port;
    uint64_t error; /* errno of the attempt; 0: listening */
};

struct wire_tally { /* with the memory in which an edge counts (base/tally): its own to write,
                       another's to read; a later one of the same edge takes the place of the one
                       before */
    uint64_t edge;
};

struct wire_snapshot { /* with the sealed memory file */
    uint64_t revision;
};
struct wire_snapshot_in_force {
    uint64_t revision;
    uint64_t sessions_older; /* sessions of this edge that still live on an older one */
};
struct wire_recipient_question {
    uint64_t session;
    struct slice address;
    uint64_t must_exist; /* it lives here or nowhere */
    uint64_t stranger;   /* the client has not logged in */
};
struct wire_recipient_answer {
    uint64_t session;
    uint64_t outcome; /* enum wire_recipient_outcome */
};
enum wire_recipient_outcome {
    WIRE_RECIPIENT_KNOWN,
    WIRE_RECIPIENT_UNKNOWN,
    WIRE_RECIPIENT_LATER,
    WIRE_RECIPIENT_CLOSED, /* a group that is closed to strangers */
    WIRE_RECIPIENT_OUTCOMES
};

struct wire_message_begin {
    uint64_t session;
    struct ip_address client;
    uint64_t session_id;
    struct slice client_domain; /* what the client called itself */
    struct ip_address server;   /* the address it has connected to */
    struct slice connector;     /* its name */
    struct slice sender;        /* empty: the null sender */
    struct slice account;       /* who logged in; empty: nobody */
    struct slice envid, auth;
    uint64_t size_hint_bytes;
    uint64_t ret; /* 'F', 'H' or 0 */
    uint64_t smtp_utf8;
    uint64_t require_tls; /* REQUIRETLS (RFC 8689) */
    uint64_t body_kind;
    uint64_t trusted; /* from a login or a server of ours: it may be signed as our own */
};
struct wire_message_recipient {
    uint64_t session;
    struct slice address;
    uint64_t notify;
    struct slice orcpt;
};
struct wire_message_body {
    uint64_t session;
    struct slice bytes;
};
/* Content filters may have the message written anew before its end: the header section that takes
 * the place of what came before keep_from, and a body that takes the place of what came behind. */
struct wire_message_header { /* with the trace field in front and the blank line behind */
    uint64_t session;
    struct slice bytes;
};
struct wire_message_replacement {
    uint64_t session;
    uint64_t begins; /* 1: what was sent of one before is void */
    struct slice bytes;
};
struct wire_message_sender {
    uint64_t session;
    struct slice sender;
};
struct wire_message_recipient_gone {
    uint64_t session;
    struct slice address;
};
/* A filter that is not the first is told of the body as those before it have left it: the edge asks
 * for it piece by piece, where it begins in the replacement if there is one, else in what came by
 * MESSAGE_BODY. Each question has exactly one answer. */
struct wire_message_piece_question {
    uint64_t session;
    uint64_t request; /* given back */
    uint64_t offset;
};
struct wire_message_piece {
    uint64_t session;
    uint64_t request;
    struct slice bytes; /* empty: there is no more, or the message has failed and that was said */
};
struct wire_message_end {
    uint64_t session;
    struct slice message_id, subject;
    uint64_t keep_from;        /* where the body begins in what came by MESSAGE_BODY */
    struct slice quarantine;   /* why the message is to be suspended; empty: it is not */
    uint64_t tls_optional;     /* its header says TLS-Required: No */
    struct slice discarded_by; /* the content filter that wants it to be lost; empty: it is kept */
};
struct wire_session { /* MESSAGE_ABANDON, SASL_ABANDON */
    uint64_t session;
};
struct wire_message_answer {
    uint64_t session;
    uint64_t outcome; /* enum wire_message_outcome */
    uint64_t message;
};
enum wire_message_outcome {
    WIRE_MESSAGE_STORED,
    WIRE_MESSAGE_FULL,
    WIRE_MESSAGE_FAILED,
    WIRE_MESSAGE_OUTCOMES
};

struct wire_event { /* one line for the log: key=value words, already escaped */
    uint64_t level; /* enum wire_level */
    uint64_t id;    /* the event's number where Exchange has one, else 0 */
    struct slice text;
};
struct wire_protocol_row { /* of a session whose connector wants a protocol log, of either kind */
    uint64_t session_id;   /* what people call the session */
    uint64_t sequence;
    uint64_t lost; /* rows of this process dropped just before */
    struct slice connector;
    struct ip_address local_address, remote_address;
    uint64_t local_port, remote_port;
    uint64_t event; /* one of + - > < * */
    struct slice data, context;
};
struct wire_connectivity_row { /* of a connection to another server */
    uint64_t session_id;
    uint64_t lost; /* as above */
    struct slice destination;
    uint64_t direction; /* one of + > - */
    struct slice description;
};
struct wire_sessions_question { /* which sessions of yours are these? */
    uint64_t request;
    uint64_t session_id;       /* 0: all */
    struct slice connector;    /* its identity; empty: all */
    struct ip_address address; /* of the client; :: is all */
    uint64_t stop;             /* end them with 421 4.3.2 */
    uint64_t max;              /* at most so many */
};
struct wire_session_state {
    uint64_t request;
    uint64_t session_id;
    struct slice connector;
    struct ip_address local_address, remote_address;
    uint64_t local_port, remote_port;
    struct slice client_domain;
    struct slice tls_version, tls_cipher; /* empty in clear */
    struct slice thumbprint;              /* of the certificate it was shown; empty: none */
    uint64_t rule;                        /* enum certificate_rule */
    struct slice account;
    struct slice client_thumbprint,
        client_subject;      /* of what it has shown itself; empty: nothing */
    uint64_t client_verdict; /* a bit per enum verify_finding; 0: valid */
    uint64_t state;          /* enum wire_session_phase */
    uint64_t messages, age_ms, revision;
};
enum wire_session_phase {
    WIRE_SESSION_HANDSHAKE,
    WIRE_SESSION_CONNECTED,
    WIRE_SESSION_GREETED,
    WIRE_SESSION_AUTHENTICATING,
    WIRE_SESSION_MAIL,
    WIRE_SESSION_RECIPIENTS,
    WIRE_SESSION_DATA,
    WIRE_SESSION_STORING,
    WIRE_SESSION_CLOSING,
    WIRE_SESSION_PHASES
};
struct wire_sessions_answered { /* that was all */
    uint64_t request;
    uint64_t more; /* 1: there are more than were asked for */
};
struct wire_session_logging { /* write down what this client says, whatever its connector wants */
    struct ip_address address;
    uint64_t for_ms; /* 0: no more */
};
/* An edge opens no sockets: a courier connects to the filter, and the descriptor comes back. */
struct wire_filter_question {
    uint64_t session, session_id;
    uint64_t number;       /* of the filter on its connector */
    struct slice endpoint; /* milter/endpoint; one of a connector's, or the hub does not ask */
    uint64_t within_ms;
};
struct wire_filter_connect { /* the same for a courier, which gives `edge` and the rest back */
    uint64_t edge, session, session_id, number;
    struct slice endpoint;
    uint64_t within_ms;
};
struct wire_filter_connected { /* with the connected socket */
    uint64_t edge, session, session_id, number;
};
struct wire_filter_unreachable {
    uint64_t edge, session, session_id, number;
    struct slice text; /* why */
};
enum { WIRE_SESSION_LOGGING_MAX = 16 /* addresses at the same time */ };
struct wire_pressure { /* how much the server has on its hands, and of what */
    uint64_t level;    /* enum wire_pressure_level */
    struct slice cause;
};
enum wire_pressure_level {
    WIRE_PRESSURE_LOW,
    WIRE_PRESSURE_MEDIUM, /* nothing of the anonymous */
    WIRE_PRESSURE_HIGH,   /* nothing of anybody */
    WIRE_PRESSURE_LEVELS,
};
enum { WIRE_PRESSURE_CAUSE_MAX = 64 };
enum wire_level { WIRE_LEVEL_INFORMATION, WIRE_LEVEL_WARNING, WIRE_LEVEL_ERROR, WIRE_LEVELS };

struct wire_sasl {
    uint64_t session;
    struct slice mechanism; /* empty: the next step of the open exchange */
    struct slice message;   /* decoded */
    uint64_t has_message;
    struct slice binding; /* with a mechanism: tls-exporter bytes, if -PLUS is offered */
};
struct wire_sasl_answer {
    uint64_t session;
    uint64_t outcome;       /* enum wire_sasl_outcome */
    struct slice bytes;     /* the challenge, decoded */
    struct slice id;        /* of the account of an accepted login, 16 bytes */
    struct slice account;   /* its name */
    struct slice addresses; /* that it may write as, its own first, each with LF behind it */
};
enum wire_sasl_outcome {
    WIRE_SASL_CHALLENGE,
    WIRE_SASL_ACCEPTED,
    WIRE_SASL_REFUSED,
    WIRE_SASL_MALFORMED,
    WIRE_SASL_UNAVAILABLE,
    WIRE_SASL_OUTCOMES
};
struct wire_ticket_keys { /* current key, previous key; 80 bytes each */
    struct slice keys;
};

struct wire_account_question {
    uint64_t request;
    struct slice name; /* as the client wrote it: an account's name or one of its addresses */
};
struct wire_account_answer {
    uint64_t request;
    uint64_t found;
    struct slice id; /* 16 bytes */
    struct slice name;
    struct slice addresses; /* that it may write as */
    struct slice sealed_verifier;
};
struct wire_verifier_make {
    uint64_t request;
    uint64_t recoverable; /* not a verifier: the password itself, which we show to others */
    struct slice id;      /* the account's or the connector's, 16 bytes */
    struct slice password;
};
struct wire_verifier_made {
    uint64_t request;
    uint64_t outcome; /* 0: made */
    struct slice sealed;
};
struct wire_credential_open {
    uint64_t request;
    struct slice id; /* the connector's, 16 bytes */
    struct slice sealed;
};
struct wire_credential_opened {
    uint64_t request;
    uint64_t outcome; /* 0: open */
    struct slice password;
};
struct wire_certificate_import {
    uint64_t request;
    struct slice id; /* the object id the certificate will have, 16 bytes */
    struct slice file, password;
    struct slice known;  /* issuers that are in the store: DER, one behind the other */
    uint64_t exportable; /* whether its key may be exported again, bound into the seal */
};
struct wire_certificate_make {
    uint64_t request;
    struct slice id;
    uint64_t kind;        /* enum wire_certificate_kind */
    struct slice subject; /* DER of a whole name; empty: the common name alone */
    struct slice common_name;
    struct slice names; /* alternative names, DNS names and addresses, each with LF behind it */
    uint64_t days;
    uint64_t key_kind; /* enum wire_key_kind */
    struct slice friendly_name;
    uint64_t exportable;
    struct slice issuer_id, issuer_certificate, issuer_sealed_key; /* of an issued one */
};
enum wire_certificate_kind {
    WIRE_CERTIFICATE_SELF_SIGNED,
    WIRE_CERTIFICATE_AUTHORITY,
    WIRE_CERTIFICATE_ISSUED,
    WIRE_CERTIFICATE_REQUEST, /* a key, and a request in the record: no certificate yet */
    WIRE_CERTIFICATE_KINDS
};
enum wire_key_kind {
    WIRE_KEY_P256,
    WIRE_KEY_P384,
    WIRE_KEY_RSA_2048,
    WIRE_KEY_RSA_3072,
    WIRE_KEY_RSA_4096,
    WIRE_KEY_KINDS
};
struct wire_certificate_read { /* answer to both */
    uint64_t request;
    uint64_t outcome;   /* 0: good; else an enum import_outcome */
    struct slice error; /* what is wrong, in words */
    /* a model certificate as model_object_encode writes it: facts, DER, chain, sealed key (empty
     * when the file held none); its services and times are the hub's to fill in */
    struct slice certificate;
};
struct wire_certificate_export {
    uint64_t request;
    struct slice id, certificate, sealed_key;
    struct slice chain; /* DER, one behind the other */
    struct slice friendly_name, password;
};
struct wire_certificate_exported {
    uint64_t request;
    uint64_t outcome;  /* enum wire_export_outcome */
    struct slice file; /* PKCS#12 */
};
enum wire_export_outcome {
    WIRE_EXPORT_DONE,
    WIRE_EXPORT_NOT_EXPORTABLE, /* the key was sealed so that it cannot leave */
    WIRE_EXPORT_UNREADABLE,     /* sealed under another key-encryption key, or damaged */
    WIRE_EXPORT_FAILED,
    WIRE_EXPORT_OUTCOMES
};
struct wire_secret_check { /* does it open here, and for this object? */
    uint64_t request;
    uint64_t kind; /* enum wire_secret_kind */
    struct slice id, sealed;
};
enum wire_secret_kind {
    WIRE_SECRET_KEY,
    WIRE_SECRET_VERIFIER,
    WIRE_SECRET_CREDENTIAL,
    WIRE_SECRET_MAIL_RSA, /* keys that sign mail */
    WIRE_SECRET_MAIL_ED25519,
    WIRE_SECRET_KINDS
};
struct wire_secret_checked {
    uint64_t request;
    uint64_t opens;
    uint64_t exportable;     /* of a key */
    struct slice key_sha256; /* of a key: SHA-256 of its public part, 32 bytes */
    struct slice public_key; /* of a key that signs mail */
};
struct wire_dkim_make { /* keys mail is signed with, RSA or Ed25519 or both */
    uint64_t request;
    struct slice id;   /* of their config, 16 bytes */
    uint64_t rsa_bits; /* 0: none of RSA */
    uint64_t ed25519;
};
struct wire_dkim_made {
    uint64_t request;
    uint64_t outcome; /* 0: made */
    struct slice rsa_sealed, rsa_public, ed25519_sealed, ed25519_public;
};
struct wire_dkim_sign { /* digests of 32 bytes; a key is empty where none is to sign */
    uint64_t request;
    struct slice id;
    struct slice rsa_sealed, rsa_digest, ed25519_sealed, ed25519_digest;
};
struct wire_dkim_signed {
    uint64_t request;
    uint64_t outcome; /* 0: every key that was given has signed */
    struct slice rsa, ed25519;
};
struct wire_key_load {
    uint64_t handle;
    struct slice id, sealed_key;
};
struct wire_key_drop {
    uint64_t handle;
};
struct wire_key_state {
    uint64_t handle;
    uint64_t usable;
};

struct wire_deliver { /* with a descriptor of the body */
    uint64_t delivery;
    uint64_t message;
    uint64_t number; /* of the recipient */
    uint64_t repeat; /* an earlier attempt may have delivered it */
    uint64_t offset, length;
    uint64_t received_at_ms;
    struct slice mailbox; /* the folder's name below the mail root */
    struct slice sender, recipient;
};
struct wire_delivered {
    uint64_t delivery;
    uint64_t outcome; /* enum wire_delivery_outcome */
    struct slice text;
};
enum wire_delivery_outcome {
    WIRE_DELIVERY_DONE,
    WIRE_DELIVERY_LATER,
    WIRE_DELIVERY_FAILED,
    WIRE_DELIVERY_OUTCOMES
};

struct wire_probe { /* look at one of our own listeners from outside, as a mail client would */
    uint64_t probe;
    struct ip_address address;
    uint64_t port;
    uint64_t implicit_tls; /* TLS from the first byte; else STARTTLS */
    uint64_t proxy;    /* a PROXY header is expected in front: say that we speak for ourselves */
    uint64_t version;  /* of TLS, TLS_1_2 or TLS_1_3; no other is offered */
    uint64_t verifies; /* kinds of keys, enum tls_verifiable */
    struct slice server_name;   /* asked for in the hello; empty: none is */
    struct slice client_domain; /* for EHLO */
};
struct wire_probed {
    uint64_t probe;
    uint64_t outcome;        /* enum wire_probe_outcome */
    struct slice thumbprint; /* of the certificate shown, 20 bytes, else empty */
    struct slice text;       /* the server's words, or what went wrong; escaped */
};
enum wire_probe_outcome {
    WIRE_PROBE_SHOWN,       /* the handshake was finished with this certificate */
    WIRE_PROBE_NOT_OFFERED, /* EHLO has no STARTTLS */
    WIRE_PROBE_TLS_FAILED,
    WIRE_PROBE_REFUSED,     /* by a reply */
    WIRE_PROBE_UNREACHABLE, /* no connection, or none in time */
    WIRE_PROBE_OUTCOMES
};

struct wire_txt_question { /* what does DNS say here? */
    uint64_t request;
    struct slice name; /* ASCII */
};
struct wire_txt_answer {
    uint64_t request;
    uint64_t outcome;     /* enum wire_txt_outcome */
    struct slice records; /* as much as there is room for, LF behind each; any bytes */
    struct slice why;     /* of WIRE_TXT_FAILED: a phrase */
};
enum wire_txt_outcome { WIRE_TXT_FOUND, WIRE_TXT_NOTHING, WIRE_TXT_FAILED, WIRE_TXT_OUTCOMES };

struct wire_ocsp_question { /* what does its issuer say of this certificate now? */
    uint64_t request;
    uint64_t public_only;             /* a responder in a private network is not asked */
    struct slice responder;           /* its URL */
    struct slice certificate, issuer; /* DER */
};
struct wire_ocsp_answer {
    uint64_t request;
    struct slice response; /* DER, as it came; empty: there is none */
    struct slice why;      /* there is none: a phrase */
};
struct wire_report_post {    /* of TLS, to a web server (RFC 8460 5.4) */
    struct slice host, path; /* a name in ASCII, and what begins with '/' */
    struct slice json;
};

/* One connection to the next hop of a queue. The hub opens it, sends a message at a time - its
 * recipients first, then the message with the body's descriptor - and closes it; the courier asks
 * for each but the first, and reports every recipient it was given. */
struct wire_relay {
    uint64_t relay;
    struct slice connector;   /* its name */
    struct slice hello_name;  /* what we call ourselves */
    struct slice domain;      /* whose MX hosts are meant; empty: the smart hosts */
    struct slice smart_hosts; /* names, and addresses in brackets, with commas */
    uint64_t port;
    struct ip_address source; /* ::: whichever the system takes */
    uint64_t tls;             /* enum send_tls */
    uint64_t sender_tls;      /* enum sender_tls: of all messages that follow */
    uint64_t tls_level;       /* enum tls_auth_level; 0: any certificate, and in clear if need be */
    struct slice tls_domain;  /* whom the certificate must be for; empty: the recipient's domain */
    uint64_t force_helo;
    uint64_t inactivity_ms;
    uint64_t messages_max;
    uint64_t login_needs_tls;
    uint64_t verbose;            /* the conversation is written down */
    struct slice user, password; /* empty: no login */
    struct slice certificate;    /* ours, for servers that ask: DER, its issuers behind it; or
                                    nothing */
    uint64_t key_handle;
    uint64_t inspects; /* no message follows: every host that is tried is reported with RELAY_SEEN,
                          and recipients that came are only asked for */
    uint64_t
        cloud_services_mail; /* fields of the organization go out, as those that cross premises */
    uint64_t lmtp; /* the host holds our mailboxes: a name, an address, or unix: and a path */
    struct slice own_addresses; /* that we listen on at this port, 16 bytes each; 0.0.0.0 and ::
                                   are all of their family */
};
struct wire_relay_recipient {
    uint64_t relay;
    uint64_t number;
    struct slice address;
    uint64_t notify;
    struct slice orcpt; /* as written */
};
struct wire_relay_message {
    uint64_t relay;
    uint64_t message;
    uint64_t offset, length;
    struct slice sender;
    struct slice envid; /* as written */
    uint64_t ret;       /* 'F', 'H' or 0 */
    uint64_t body_kind; /* enum session_body_kind */
    uint64_t smtp_utf8;
    uint64_t
        require_tls; /* REQUIRETLS; where sender_tls does not demand it, if the host may have it */
    uint64_t signs;  /* if its author's domain has keys: ask with RELAY_AUTHOR */
};
/* A message that may be signed: the courier says who its author is and gets selectors, then gives
 * digests and gets signatures; each once for a message. */
struct wire_relay_author {
    uint64_t relay;
    uint64_t message;
    struct slice domain; /* of the From field, as written */
};
struct wire_relay_signer {
    uint64_t relay;
    uint64_t message;
    struct slice domain;                         /* for d=; empty: it is not signed */
    struct slice rsa_selector, ed25519_selector; /* empty: there is no such key */
    uint64_t simple_header, simple_body;         /* canonical forms; else relaxed */
};
struct wire_relay_digests {
    uint64_t relay;
    uint64_t message;
    struct slice rsa, ed25519; /* 32 bytes; empty: none */
};
struct wire_relay_signatures {
    uint64_t relay;
    uint64_t message;
    uint64_t outcome; /* 0: signed; else the message waits */
    struct slice rsa, ed25519;
};
struct wire_relay_number { /* RELAY_FINISH, RELAY_WANTS */
    uint64_t relay;
};
enum wire_relay_fate {
    WIRE_RELAY_DELIVERED,
    WIRE_RELAY_DEFERRED,
    WIRE_RELAY_FAILED,
    WIRE_RELAY_UNCERTAIN, /* it may have been delivered: again, perhaps twice */
    WIRE_RELAY_NOT_TRIED, /* at once, over another connection */
    WIRE_RELAY_BROKEN,    /* the connection broke under it: later, and it speaks against the host */
    WIRE_RELAY_FATES
};
struct wire_relay_outcome {
    uint64_t relay;
    uint64_t message;
    uint64_t number;
    uint64_t fate;           /* enum wire_relay_fate */
    uint64_t dsn_not_passed; /* notices of success are ours to make */
    struct slice text; /* "550 5.1.1 No such user"; lines end with LF; as the server sent it */
    uint64_t ours;     /* no server said it: we did, in the form of a reply */
    struct slice remote_name; /* whom the connection is to */
    struct ip_address remote_address;
    struct ip_address local_address; /* of the connection */
    struct slice tls_version;        /* empty: in clear */
};
struct wire_relay_ended {
    uint64_t relay;
    uint64_t reached;   /* a server was ready for a message */
    uint64_t permanent; /* there is no such place, and there will be none */
    uint64_t unfit;     /* no host of it is as well protected as the senders demand */
    uint64_t no_room;   /* the courier has no memory for it: nobody was asked */
    struct slice text;  /* why it ended; empty: as we wished */
    uint64_t ours;      /* as of RELAY_OUTCOME */
    struct slice remote_name;
    struct ip_address remote_address;
};
enum wire_sight {
    WIRE_SIGHT_READY,     /* for a message */
    WIRE_SIGHT_FAILED,    /* the reply says why */
    WIRE_SIGHT_NOT_TRIED, /* one before it was ready */
    WIRE_SIGHTS
};
struct wire_relay_seen { /* what one host has shown; what it has not is empty */
    uint64_t relay;
    uint64_t sight; /* enum wire_sight */
    struct slice name;
    struct ip_address address;
    uint64_t port;
    struct slice reply;            /* that ended it, or ours in the form of one */
    struct slice greeting, offers; /* its words; those behind EHLO or HELO; LF between lines */
    struct slice tls_version, tls_cipher, tls_group;
    struct slice subject, issuer, names; /* of its certificate; the names with commas */
    struct slice thumbprint;
    uint64_t not_after_ms;
    struct slice judged_name; /* whom the certificate was judged for */
    struct slice findings;    /* "OK", or what is wrong with it, with commas */
    uint64_t asks_for_certificate;
    uint64_t demanded_by_dane, demanded_by_policy; /* besides what the connector demands */
};

struct wire_tls_result { /* of a connection to a server of a domain that wants to be told */
    struct slice domain;
    struct slice report_to;    /* addresses of its record, with commas */
    uint64_t policy;           /* enum tls_policy_kind */
    struct slice policy_text;  /* lines with LF */
    struct slice policy_hosts; /* likewise */
    uint64_t result;           /* enum tls_result */
    struct slice host;
    struct ip_address address; /* ::: none was connected to */
};

/* Room for any message, decoded. */
union wire_any {
    struct wire_peer peer;
    struct wire_peer_ended peer_ended;
    struct wire_listener listener;
    struct wire_listener_gone listener_gone;
    struct wire_nothing nothing;
    struct wire_status status;
    struct wire_bindings bindings;
    struct wire_binding_state binding_state;
    struct wire_tally tally;
    struct wire_snapshot snapshot;
    struct wire_snapshot_in_force snapshot_in_force;
    struct wire_recipient_question recipient_question;
    struct wire_recipient_answer recipient_answer;
    struct wire_message_begin message_begin;
    struct wire_message_recipient message_recipient;
    struct wire_message_body message_body;
    struct wire_message_header message_header;
    struct wire_message_replacement message_replacement;
    struct wire_message_sender message_sender;
    struct wire_message_recipient_gone message_recipient_gone;
    struct wire_message_piece_question message_piece_question;
    struct wire_message_piece message_piece;
    struct wire_message_end message_end;
    struct wire_session session;
    struct wire_message_answer message_answer;
    struct wire_event event;
    struct wire_protocol_row protocol_row;
    struct wire_connectivity_row connectivity_row;
    struct wire_sessions_question sessions_question;
    struct wire_session_state session_state;
    struct wire_sessions_answered sessions_answered;
    struct wire_session_logging session_logging;
    struct wire_pressure pressure;
    struct wire_filter_question filter_question;
    struct wire_filter_connect filter_connect;
    struct wire_filter_connected filter_connected;
    struct wire_filter_unreachable filter_unreachable;
    struct wire_sasl sasl;
    struct wire_sasl_answer sasl_answer;
    struct wire_ticket_keys ticket_keys;
    struct wire_account_question account_question;
    struct wire_account_answer account_answer;
    struct wire_verifier_make verifier_make;
    struct wire_verifier_made verifier_made;
    struct wire_credential_open credential_open;
    struct wire_credential_opened credential_opened;
    struct wire_certificate_import certificate_import;
    struct wire_certificate_make certificate_make;
    struct wire_certificate_read certificate_read;
    struct wire_certificate_export certificate_export;
    struct wire_certificate_exported certificate_exported;
    struct wire_secret_check secret_check;
    struct wire_secret_checked secret_checked;
    struct wire_dkim_make dkim_make;
    struct wire_dkim_made dkim_made;
    struct wire_dkim_sign dkim_sign;
    struct wire_dkim_signed dkim_signed;
    struct wire_key_load key_load;
    struct wire_key_drop key_drop;
    struct wire_key_state key_state;
    struct wire_deliver deliver;
    struct wire_delivered delivered;
    struct wire_probe probe;
    struct wire_probed probed;
    struct wire_relay relay;
    struct wire_tls_result tls_result;
    struct wire_relay_recipient relay_recipient;
    struct wire_relay_message relay_message;
    struct wire_relay_number relay_number;
    struct wire_relay_outcome relay_outcome;
    struct wire_relay_ended relay_ended;
    struct wire_relay_seen relay_seen;
    struct wire_relay_author relay_author;
    struct wire_relay_signer relay_signer;
    struct wire_relay_digests relay_digests;
    struct wire_relay_signatures relay_signatures;
    struct wire_txt_question txt_question;
    struct wire_txt_answer txt_answer;
    struct wire_ocsp_question ocsp_question;
    struct wire_ocsp_answer ocsp_answer;
    struct wire_report_post report_post;
};

enum wire_field_kind { WIRE_NUMBER, WIRE_BYTES, WIRE_ADDRESS };

struct wire_field {
    const char *name; /* NULL behind the last one */
    enum wire_field_kind kind;
    size_t offset;
    uint64_t max; /* greatest number, or greatest length */
};

enum { WIRE_FIELDS_MAX = 32 };

struct wire_row {
    const char *name;
    unsigned from;   /* a bit per role that may send it */
    bool descriptor; /* exactly one travels with it */
    struct wire_field fields[WIRE_FIELDS_MAX + 1];
};

extern const struct wire_row wire_rows[WIRE_TYPE_COUNT];
extern const char *const wire_role_names[ROLE_COUNT];

#endif
