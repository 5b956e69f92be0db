/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/conversation.h"

static bool take_macros(struct milter *milter, struct slice rest)
{
    uint32_t stage;
    struct slice list;
    while (rest.len) {
        if (!packet_take_u32(&rest, &stage) || !packet_take_string(&rest, &list))
            return false;
        if (stage < STAGE_COUNT)
            milter->macros[stage] = facts_macros_of(list);
    }
    return true;
}

void negotiation_take(struct milter *milter, struct slice data)
{
    uint32_t version;
    for (unsigned stage = 0; stage < STAGE_COUNT; stage++)
        milter->macros[stage] = facts_usual_macros((enum milter_stage)stage);
    if (!packet_take_u32(&data, &version) || !packet_take_u32(&data, &milter->actions) ||
        !packet_take_u32(&data, &milter->steps) || !take_macros(milter, data))
        milter_fail(milter, "did not finish the negotiation");
    else if (version < MILTER_VERSION_OLDEST || version > MILTER_VERSION)
        milter_fail(milter, "speaks another version of the protocol");
    else if ((milter->actions & ~(uint32_t)MILTER_MAY_ALL) ||
             (milter->steps & ~(uint32_t)MILTER_STEPS_ALL))
        milter_fail(milter, "wants what was not offered");
    if (milter->state == MILTER_FAILED)
        return;
    if (version < MILTER_VERSION_DATA)
        milter->steps |= MILTER_NO_DATA;
    milter->awaited = 0;
    conversation_negotiated(milter);
}
