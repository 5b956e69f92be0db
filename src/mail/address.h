/* SPDX-License-Identifier: Apache-2.0 */
/* address - mailboxes and domains as RFC 5321 4.1.2 writes them (and RFC 6531 with UTF-8).
 *
 * Slices point into what was parsed. Control bytes, NUL, CR and LF are never part of an address,
 * not even quoted. Length limits in octets: domain 255, the whole 571, or 1,860 with
 * `long_addresses`. A local part may take what is left: the 64 of RFC 5321 4.5.3.1.1 are what
 * everybody must take, and senders of bounces and forwarders (VERP, SRS) write longer ones.
 *
 * The domain is decided by the one "@" that the grammar allows: "a@b@c" is no address, and a quoted
 * "@" belongs to the local part.
 */
#ifndef MAIL_ADDRESS_H
#define MAIL_ADDRESS_H

#include "base/slice.h"
#include "base/text.h"

enum address_limits {
    ADDRESS_DOMAIN_MAX = 255,
    ADDRESS_MAX = 571,
    ADDRESS_LONG_MAX = 1860,
};

struct address {
    struct slice local;  /* as written, quotes included */
    struct slice domain; /* as written; a domain or an address literal with its brackets; empty if
                            unqualified */
};

struct address_options {
    bool utf8; /* SMTPUTF8 was given: RFC 6531 forms are allowed (and must be valid UTF-8) */
    bool long_addresses; /* XLONGADDR */
    bool unqualified;    /* bare local parts are allowed; which of them, the caller decides
                            ("postmaster") */
};

enum address_outcome { ADDRESS_OK = 0, ADDRESS_INVALID, ADDRESS_NEEDS_UTF8, ADDRESS_TOO_LONG };

/* A whole mailbox: local-part "@" domain. ADDRESS_NEEDS_UTF8: it would be one with options.utf8. */
enum address_outcome address_parse(struct slice mailbox, const struct address_options *options,
                                   struct address *out);
/* Takes "<" [source route] mailbox ">" from the front of *rest; a source route is read and dropped
 * (RFC 5321 4.1.1.3). "<>" gives an empty address when null_allowed. On failure *rest stays as it
 * was. */
enum address_outcome address_take_path(struct slice *rest, bool null_allowed,
                                       const struct address_options *options, struct address *out,
                                       struct slice *out_mailbox);
bool address_domain_valid(struct slice domain,
                          bool utf8); /* dot-separated labels, no trailing dot; not a literal */
bool address_literal_valid(struct slice literal); /* "[192.0.2.1]", "[IPv6:...]" */
/* The form to look up and compare by: local part unquoted where it can be, the domain as DNS writes
 * it (xn--...), both sides in ASCII lower case. */
bool address_append_canonical(struct text *text, const struct address *address);

#endif
