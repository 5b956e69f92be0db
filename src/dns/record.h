/* SPDX-License-Identifier: Apache-2.0 */
/* record - what a DNS message answers (RFC 1035 4), read into plain structs.
 *
 * Pure. The message may be anything: what is cut short, overlong or not of the question's kind is
 * DNS_READ_MALFORMED as a whole. Aliases are followed within the message; the records are those of
 * the name at their end. All slices lie in the arena.
 */
#ifndef DNS_RECORD_H
#define DNS_RECORD_H

#include "base/arena.h"
#include "base/ip.h"

enum dns_type {
    DNS_A = 1,
    DNS_CNAME = 5,
    DNS_SOA = 6,
    DNS_PTR = 12,
    DNS_MX = 15,
    DNS_TXT = 16,
    DNS_AAAA = 28,
    DNS_TLSA = 52,
};

enum dns_rcode { DNS_RCODE_OK = 0, DNS_RCODE_SERVER_FAILURE = 2, DNS_RCODE_NO_NAME = 3 };

enum {
    DNS_RECORDS_MAX = 256,           /* of one answer; more of them are left out */
    DNS_ALIASES_MAX = 16,            /* one behind the other */
    DNS_ANSWER_ARENA_MAX = 1 << 20,  /* what one answer can need */
    DNS_TTL_MAX_S = 7 * 24 * 60 * 60 /* believed at most */
};

struct dns_record {
    struct ip_address address;         /* A, AAAA */
    uint16_t preference;               /* MX */
    struct slice host;                 /* MX, PTR, CNAME: as dns/name writes it */
    uint8_t usage, selector, matching; /* TLSA, RFC 6698 2.1 */
    struct slice data; /* TLSA: the association; TXT: its strings, joined (RFC 7208 3.3) */
};

struct dns_answer {
    unsigned rcode;
    struct slice canonical_name; /* of whom the records are; the name asked for without aliases */
    uint32_t ttl_s;              /* the least of all that led here; also of a negative answer */
    const struct dns_record *records;
    size_t count;
    bool cut; /* there were more */
};

enum dns_outcome {
    DNS_FOUND,     /* one record at least */
    DNS_NO_DATA,   /* the name exists, but has no such record */
    DNS_NO_NAME,   /* NXDOMAIN */
    DNS_FAILED,    /* the servers answer with an error, with nonsense, or not at all */
    DNS_BOGUS,     /* signed, and the signatures do not hold: nothing in it may be believed */
    DNS_TIMED_OUT, /* the asker's own deadline */
    DNS_OUTCOMES
};

struct dns_result { /* what became of a question */
    enum dns_outcome outcome;
    bool secure;              /* DNSSEC vouches for it; also for there being nothing */
    struct dns_answer answer; /* with DNS_FOUND, DNS_NO_DATA, DNS_NO_NAME; else empty */
    struct slice why;         /* with DNS_FAILED, DNS_BOGUS, DNS_TIMED_OUT: a phrase */
};

enum dns_read_outcome { DNS_READ_OK, DNS_READ_MALFORMED, DNS_READ_NO_MEMORY };

MUST_USE enum dns_read_outcome dns_answer_read(struct slice packet, enum dns_type type,
                                               struct arena *arena, struct dns_answer *out_answer);

const char *dns_type_name(enum dns_type type);          /* "MX" */
const char *dns_outcome_name(enum dns_outcome outcome); /* "NoName" */

#endif
