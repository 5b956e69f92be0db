/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_sight - what one look sees: the choice of every connector, for certificate_news only.
 */
#ifndef MODEL_CERTIFICATE_SIGHT_H
#define MODEL_CERTIFICATE_SIGHT_H

#include "model/certificate_news.h"

struct sight {
    const struct certificate_look *look;
    struct certificate_index *certificates;
    struct certificate_choice *choices; /* of each connector */
    size_t connectors;
    const struct receive_connector *by_server_name; /* one that knows SNI; NULL: none does */
    struct sight_keys *keys; /* what clients of one kind of key get; made when it is needed */
};

/* The look is borrowed. Connectors that are equal in `other` are passed over; NULL: none is. False:
 * no memory; sight_deinit is due all the same. */
MUST_USE bool sight_init(struct sight *sight, const struct certificate_look *look,
                         const struct model *other);
void sight_deinit(struct sight *sight);
/* How many connectors present it, and the first of them. One that no connector presents as a rule
 * may be for clients that ask for its name, or that cannot verify the usual one's key: then
 * sight_presented_as_a_rule is false. */
bool sight_presented_as_a_rule(const struct sight *sight, const struct certificate *certificate);
size_t sight_presented_by(const struct sight *sight, const struct certificate *certificate,
                          const struct receive_connector **out_first);
bool sight_same_connector(const struct model *a, const struct model *b, size_t index);

#endif
