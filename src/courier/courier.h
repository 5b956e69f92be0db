/* SPDX-License-Identifier: Apache-2.0 */
/* courier - the role that goes out: it carries a message to where it belongs (into a Maildir), and
 * looks at our own listeners from outside.
 *
 * It is lent a descriptor of the body for each delivery and may write only below the mail root. Its
 * answer is an outcome per recipient; what that means for the queue is the hub's business.
 */
#ifndef COURIER_COURIER_H
#define COURIER_COURIER_H

#include "wire/role.h"

MUST_USE int courier_run(const struct role_start *start);

#endif
