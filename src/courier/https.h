/* SPDX-License-Identifier: Apache-2.0 */
/* https - one small answer by HTTPS, on the loop of the process (libcurl).
 *
 * GET or POST, and https alone, unless what is asked for is signed itself: no redirect is followed,
 * no proxy is asked whatever the environment says, nothing is kept between two requests. The server
 * is judged by our roots, as RFC 8461 3.3 wants it for a policy. Names are looked up by our
 * resolver, so that libcurl starts no thread.
 *
 * A request is embedded in the object that asks and belongs to https from https_ask until its
 * callback, which comes once and never from within https_ask; the callback may free it.
 * https_cancel ends it without.
 */
#ifndef COURIER_HTTPS_H
#define COURIER_HTTPS_H

#include "dns/resolver.h"
#include "tls/root_store.h"

enum {
    HTTPS_UNDER_WAY_MAX = 50, /* requests at a time */
    HTTPS_BODY_MAX = 64 * 1024,
    HTTPS_LIMIT_MS = 60000, /* from the address to the last byte; RFC 8461 3.3: a minute */
    HTTPS_DNS_LIMIT_MS = 20000,
    HTTPS_ADDRESSES_MAX = 16,
    HTTPS_NAME_MAX = 255,
    HTTPS_URL_MAX = 2048,
};

enum https_outcome {
    HTTPS_OK,          /* 200, and an answer of the kind that was asked for */
    HTTPS_BUSY,        /* too much is under way, or no memory */
    HTTPS_BAD_URL,     /* not one that may be asked */
    HTTPS_NO_ADDRESS,  /* the name leads nowhere, or DNS does not say where */
    HTTPS_PRIVATE,     /* it leads into a private network alone */
    HTTPS_FAILED,      /* no connection, no TLS, no HTTP, or not in time */
    HTTPS_NOT_TRUSTED, /* the certificate does not hold, or is another's */
    HTTPS_STATUS,      /* another one than 200 */
    HTTPS_KIND,        /* of another kind */
    HTTPS_TOO_LONG,
    HTTPS_OUTCOMES
};

struct https_result {
    enum https_outcome outcome;
    struct slice body; /* with HTTPS_OK */
    struct slice why;  /* a phrase */
};

/* Borrowed for the time of the callback. */
typedef void https_done_fn(void *context, const struct https_result *result);

struct https;

struct https_question {
    struct slice url;      /* without user, password and fragment */
    bool may_be_clear;     /* http, too */
    bool public_only;      /* ask no address of this machine or of a private network */
    const char *kind;      /* of the answer: "text/plain"; NULL: 2xx is all that matters */
    struct slice post;     /* sent by POST and borrowed until the callback; empty: GET */
    const char *post_kind; /* "application/ocsp-request" */
};

struct https_request { /* zeroed before its first use; members are https's */
    struct https *https;
    struct dns_query queries[2];
    size_t open; /* questions without an answer */
    struct text addresses, body;
    struct https_question question;
    char url[HTTPS_URL_MAX + 1], host[HTTPS_NAME_MAX + 1];
    unsigned port;
    void *easy, *resolve, *headers;
    bool private_seen; /* an address was left out */
    char error[256];   /* libcurl's */
    bool too_long;
    enum https_outcome outcome;
    struct deferred done;
    https_done_fn *run;
    void *context;
};

/* Opened before any sandbox; both are borrowed, the roots are made when first needed. NULL without
 * memory. `port` is 443, unless somebody tests. */
MUST_USE struct https *https_open(struct loop *loop, struct resolver *resolver,
                                  struct root_store *roots, unsigned port);
void https_close(struct https *https); /* no request may be open; accepts NULL */

void https_ask(struct https_request *request, struct https *https,
               const struct https_question *question, https_done_fn *run, void *context);
/* The text at the port of https_open; host is a name in ASCII, path begins with '/'. */
void https_get(struct https_request *request, struct https *https, struct slice host,
               const char *path, https_done_fn *run, void *context);
/* Brings it there; what the host answers with 2xx is not looked at. `bytes` is borrowed until the
 * callback. */
void https_post(struct https_request *request, struct https *https, struct slice host,
                const char *path, const char *kind, struct slice bytes, https_done_fn *run,
                void *context);
void https_cancel(struct https_request *request); /* also of one that is not open, or zeroed */

#endif
