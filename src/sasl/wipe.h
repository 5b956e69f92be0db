/* SPDX-License-Identifier: Apache-2.0 */
/* wipe - what gsasl keeps of a secret, overwritten before its session is finished. */
#ifndef SASL_WIPE_H
#define SASL_WIPE_H

#include <gsasl.h>

void wipe_property(Gsasl_session *session, Gsasl_property property); /* also one that is not set */

#endif
