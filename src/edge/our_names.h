/* SPDX-License-Identifier: Apache-2.0 */
/* our_names - what Received fields call this server, by which mail that comes round again is known:
 * its host name and its name, and the Fqdn of each connector that is in force.
 *
 * The first RECEIVED_BY_NAMES_MAX different ones. Slices are the configuration's.
 */
#ifndef EDGE_OUR_NAMES_H
#define EDGE_OUR_NAMES_H

#include "mail/received_by.h"
#include "model/model.h"

struct our_names {
    struct slice at[RECEIVED_BY_NAMES_MAX];
    size_t count;
};

void our_names_collect(struct our_names *names, const struct model *model);
/* This one is among them in any case: where there is no room, it takes the place of the last. */
void our_names_hold(struct our_names *names, struct slice name);

#endif
