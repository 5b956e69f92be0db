/* SPDX-License-Identifier: Apache-2.0 */
/* https - one small text by HTTPS, fetched or brought, on the loop of the process (libcurl).
 *
 * GET and POST, and of https alone: no redirect is followed, no proxy is asked whatever the
 * environment says, nothing is kept between two requests. The server is judged by our roots, as RFC
 * 8461 3.3 wants it for a policy. Names are looked up by our resolver, so that libcurl starts no
 * thread.
 *
 * A request is embedded in the object that asks and belongs to https from https_get until its
 * callback, which comes once and never from within https_get; the callback may free it.
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
    HTTPS_PATH_MAX = 2048,
};

enum https_outcome {
    HTTPS_OK,          /* 200 and a text; of a POST 2xx */
    HTTPS_BUSY,        /* too much is under way, or no memory */
    HTTPS_NO_ADDRESS,  /* the name leads nowhere, or DNS does not say where */
    HTTPS_FAILED,      /* no connection, no TLS, no HTTP, or not in time */
    HTTPS_NOT_TRUSTED, /* the certificate does not hold, or is another's */
    HTTPS_STATUS,      /* another one than 200 */
    HTTPS_KIND,        /* no text/plain */
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

struct https_content { /* what a POST brings; borrowed until its end */
    const char *type;
    struct slice body;
};

struct https_request { /* zeroed before its first use; members are https's */
    struct https *https;
    struct dns_query queries[2];
    size_t open; /* questions without an answer */
    struct text addresses, body;
    char host[HTTPS_NAME_MAX + 1];
    const char *path;                    /* borrowed */
    const struct https_content *content; /* NULL: GET */
    void *easy, *resolve, *headers;
    char error[256]; /* libcurl's */
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

/* host is a name in ASCII, path begins with '/'. */
void https_get(struct https_request *request, struct https *https, struct slice host,
               const char *path, https_done_fn *run, void *context);
void https_post(struct https_request *request, struct https *https, struct slice host,
                const char *path, const struct https_content *content, https_done_fn *run,
                void *context);
void https_cancel(struct https_request *request); /* also of one that is not open, or zeroed */

#endif
