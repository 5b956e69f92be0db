/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox_report - what each role may do, proven: a child enters the role's sandbox and tries what
 * is forbidden. */
#ifndef PROGRAMS_SANDBOX_REPORT_H
#define PROGRAMS_SANDBOX_REPORT_H

/* Prints a row per role and attempt; EXIT_FAILURE when a forbidden call was not stopped. */
int sandbox_report(void);

#endif
