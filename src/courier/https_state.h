/* SPDX-License-Identifier: Apache-2.0 */
/* https_state - what the two halves of courier/https share: https.c has the requests, https_fetch.c
 * speaks with libcurl, which runs on our loop. */
#ifndef COURIER_HTTPS_STATE_H
#define COURIER_HTTPS_STATE_H

#include "courier/https.h"

#include <curl/curl.h>

struct https {
    CURLM *multi;
    struct loop *loop;
    struct resolver *resolver;
    struct root_store *roots;
    struct watch timer;
    unsigned port;
    size_t under_way;
};

/* --- https.c --- */
/* It is delivered at the end of the turn. */
void https_finish(struct https_request *request, enum https_outcome outcome);

/* --- https_fetch.c --- */
MUST_USE bool https_fetch_open(struct https *https);
void https_fetch_close(struct https *https);
/* With the addresses of the host; https_finish follows. False: no memory, or libcurl refuses. */
MUST_USE bool https_fetch_start(struct https_request *request);
void https_fetch_stop(struct https_request *request); /* also of one that was not started */

#endif
