/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/places.h"

enum place place_for(const struct places_taken *taken, bool built_in, bool stranger)
{
    if (taken->all >= (built_in ? PLACES_ALL : PLACES_BUT_BUILT_IN))
        return PLACE_NONE_LEFT;
    if (built_in)
        return PLACE_FREE;
    if (taken->of_this_user >= (stranger ? PLACES_OF_ONE_STRANGER : PLACES_OF_ONE_USER))
        return PLACE_SHARE_USED_UP;
    return stranger && taken->strangers >= PLACES_OF_STRANGERS ? PLACE_NONE_LEFT : PLACE_FREE;
}
