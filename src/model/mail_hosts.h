/* SPDX-License-Identifier: Apache-2.0 */
/* mail_hosts - where mail for a domain is to be brought (RFC 5321 5): the walk from its MX records
 * to addresses in the order in which they are tried.
 *
 * Pure. It says which questions to ask of DNS and is fed with the answers, in any order:
 *
 *     mail_hosts_begin, then for every mail_hosts_next: ask, and mail_hosts_answer
 *     when nothing is open any more, mail_hosts_status says how it ended
 *
 * The first question is for MX, unless the host is known; the others, for addresses, come all at
 * once behind its answer. Each must be answered. Names and settings are borrowed by the walk,
 * answers are copied to its arena.
 */
#ifndef MODEL_MAIL_HOSTS_H
#define MODEL_MAIL_HOSTS_H

#include "dns/record.h"

enum {
    MAIL_HOSTS_MAX = 50,    /* hosts of one domain that are considered; the preferred ones */
    MAIL_TARGETS_MAX = 100, /* addresses, of all hosts together */
    MAIL_HOSTS_ARENA_MAX = 1 << 20,
};

enum mail_hosts_status {
    MAIL_HOSTS_WALKING,    /* answers are missing */
    MAIL_HOSTS_FOUND,      /* there is a target at least */
    MAIL_HOSTS_BAD_NAME,   /* not a domain, nor an address literal */
    MAIL_HOSTS_NO_DOMAIN,  /* it does not exist */
    MAIL_HOSTS_NULL_MX,    /* it takes no mail, and says so (RFC 7505) */
    MAIL_HOSTS_NO_ADDRESS, /* no host of it has an address */
    MAIL_HOSTS_LOOP,       /* nobody is preferred to ourselves */
    MAIL_HOSTS_DNS_FAILED, /* later it may be known */
    MAIL_HOSTS_DNS_BOGUS,  /* forged, or signed badly: later it may be mended */
    MAIL_HOSTS_STATUSES
};

struct mail_hosts_settings {
    struct slice domain; /* as DNS writes it (mail/ascii_domain), or "[192.0.2.1]" */
    bool is_host;        /* ... and is the host itself: nobody is asked for MX */
    uint64_t seed;       /* random: hosts of equal preference share the load by it */
    const struct slice *own_names;
    size_t own_name_count;
    const struct ip_address *own_addresses; /* loopback ones too: a stranger's MX may name them */
    size_t own_address_count;
};

struct mail_host {
    struct slice name;           /* as the MX has it; the domain or the literal without one */
    struct slice canonical_name; /* where its aliases lead */
    uint16_t preference;
    bool secure; /* DNSSEC vouches for the MX and for the addresses: DANE may be asked for */
    /* the walk's own: */
    uint64_t turn;
    size_t answered;
    struct {
        const struct ip_address *at;
        size_t count;
    } addresses[2];           /* IPv6, IPv4 */
    enum dns_outcome failure; /* DNS_FOUND: none */
};

struct mail_target {
    struct ip_address address;
    const struct mail_host *host;
};

struct mail_hosts {
    struct mail_hosts_settings settings;
    struct arena *arena;
    enum mail_hosts_status status;
    bool implicit, mx_secure; /* without MX the domain is its own host (RFC 5321 5.1) */
    bool cut;                 /* hosts or addresses beyond the ceilings were left out */
    size_t asked, open;       /* questions given out; without an answer yet */
    struct mail_host hosts[MAIL_HOSTS_MAX];
    size_t host_count;
    struct mail_target targets[MAIL_TARGETS_MAX]; /* in the order of trying */
    size_t target_count;
    struct slice name, why; /* of the question that failed */
};

struct mail_hosts_question {
    size_t number;
    enum dns_type type;
    struct slice name;
};

/* `arena` outlives the walk. */
void mail_hosts_begin(struct mail_hosts *walk, const struct mail_hosts_settings *settings,
                      struct arena *arena);
/* False: there is nothing to ask, or nothing before the open questions are answered. */
bool mail_hosts_next(struct mail_hosts *walk, struct mail_hosts_question *out_question);
void mail_hosts_answer(struct mail_hosts *walk, size_t number, const struct dns_result *result);

/* How it ended: whether trying again is of use, and the reply, "550 5.4.4 ...", one line. */
bool mail_hosts_is_permanent(enum mail_hosts_status status);
bool mail_hosts_explain(const struct mail_hosts *walk, struct text *out);

#endif
