/* SPDX-License-Identifier: Apache-2.0 */
/* transport_service - the object that the cmdlets about this server change. */
#ifndef HUB_HANDLERS_TRANSPORT_SERVICE_H
#define HUB_HANDLERS_TRANSPORT_SERVICE_H

#include "hub/call.h"

/* The draft's transport service, made when there is none yet. NULL without memory. */
MUST_USE struct transport_service *transport_service_draft(struct model *draft);

#endif
