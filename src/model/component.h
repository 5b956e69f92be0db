/* SPDX-License-Identifier: Apache-2.0 */
/* component - parts of the server that can be taken out of service, and who wants that.
 *
 * Each requester (an administrator's maintenance, a monitor, ...) has a wish of its own for each
 * component; the component is as its worst wish says: Inactive before Draining before Active. What
 * is wished of ServerWideOffline counts for every component. A wish for Active is the absence of
 * any.
 *
 * A wish is kept as one text, "HubTransport Inactive Maintenance 2027-02-01T10:00:00.000Z".
 */
#ifndef MODEL_COMPONENT_H
#define MODEL_COMPONENT_H

#include "base/text.h"
#include "settings/setting.h"

enum component {
    COMPONENT_SERVER_WIDE_OFFLINE,
    COMPONENT_FRONTEND_TRANSPORT, /* connectors of TransportRole FrontendTransport */
    COMPONENT_HUB_TRANSPORT,      /* the others, and delivery */
    COMPONENTS
};

enum component_state { /* the greater one wins */
                       COMPONENT_ACTIVE,
                       COMPONENT_DRAINING, /* takes nothing new, finishes what it has */
                       COMPONENT_INACTIVE,
                       COMPONENT_STATES
};

enum component_requester {
    REQUESTER_HEALTH_API,
    REQUESTER_MAINTENANCE,
    REQUESTER_SIDELINED,
    REQUESTER_FUNCTIONAL,
    REQUESTER_DEPLOYMENT,
    COMPONENT_REQUESTERS
};

struct component_wish {
    enum component component;
    enum component_state state;
    enum component_requester requester;
    int64_t at_ms;
};

const char *component_name(enum component component);
const char *component_state_name(enum component_state state);
const char *component_requester_name(enum component_requester requester);
/* By its name, case ignored. False: there is none. */
bool component_parse(struct slice written, enum component *out);
bool component_state_parse(struct slice written, enum component_state *out);
bool component_requester_parse(struct slice written, enum component_requester *out);

bool component_wish_append(struct text *text, const struct component_wish *wish);
bool component_wish_parse(struct slice written, struct component_wish *out);
/* For the `check` column of a settings table. */
bool check_component_wish(const struct setting *row, struct slice written, struct text *error);

/* The worst wish that counts for the component; ACTIVE when there is none. *out_wish (may be NULL)
 * is that wish. */
enum component_state component_state_of(struct slice_list wishes, enum component component,
                                        struct component_wish *out_wish);
/* Puts a wish in the place of the requester's former one. False without memory. */
MUST_USE bool component_wish_put(struct slice_list *wishes, const struct component_wish *wish,
                                 struct arena *arena);

#endif
