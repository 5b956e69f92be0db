/* SPDX-License-Identifier: Apache-2.0 */
/* places - how many may hold a connection to the control socket at once, and who of them.
 *
 * Anybody on the machine may connect. So that nobody can shut out those who manage the server, a
 * user has a share, all users without a role have one together (one person may own thousands of
 * numbers), and some places are for root and the server's own user alone.
 */
#ifndef HUB_PLACES_H
#define HUB_PLACES_H

#include <stdbool.h>
#include <stddef.h>

enum {
    PLACES_ALL = 64,
    PLACES_BUT_BUILT_IN = 56, /* of all but root and the server's user */
    PLACES_OF_ONE_USER = 16,
    PLACES_OF_STRANGERS = 16, /* who has no role, all together */
    PLACES_OF_ONE_STRANGER = 4,
};

struct places_taken {
    size_t all;
    size_t strangers;
    size_t of_this_user;
};

enum place { PLACE_FREE, PLACE_NONE_LEFT, PLACE_SHARE_USED_UP };

enum place place_for(const struct places_taken *taken, bool built_in, bool stranger);

#endif
