/* SPDX-License-Identifier: Apache-2.0 */
/* report_post - reports of TLS that go to a web server (RFC 8460 5.4): POST, as gzip.
 *
 * A few at a time, the others wait; each is tried once, and what fails is an event.
 */
#ifndef COURIER_REPORT_POST_H
#define COURIER_REPORT_POST_H

#include "courier/https.h"
#include "wire/channel.h"

struct report_post;

struct report_posts { /* of a courier; https is NULL where none can be made */
    struct https *https;
    struct channel *hub;
    struct report_post *waiting, *under_way;
    size_t count, under_way_count;
};

/* WIRE_REPORT_POST */
void report_post_start(struct report_posts *posts, const struct wire_report_post *order);
void report_posts_drop(struct report_posts *posts); /* without a word */

#endif
