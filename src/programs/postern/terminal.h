/* SPDX-License-Identifier: Apache-2.0 */
/* terminal - the person in front of it, if there is one. */
#ifndef PROGRAMS_POSTERN_TERMINAL_H
#define PROGRAMS_POSTERN_TERMINAL_H

#include "base/text.h"

size_t terminal_width(void);                 /* of standard output; 0 when it is none */
bool terminal_can_ask(void);                 /* standard input is one */
bool terminal_confirm(const char *question); /* y or yes */

enum terminal_answer { TERMINAL_NO, TERMINAL_YES, TERMINAL_NO_TO_ALL, TERMINAL_YES_TO_ALL };
/* The same, where the question may come again for other objects. */
enum terminal_answer terminal_confirm_many(const char *question);
/* A line of standard input without its end, behind a prompt on a terminal. */
bool terminal_read_answer(const char *prompt, struct text *out);
/* A line of standard input without its end; a terminal does not show it. False at the end. */
bool terminal_read_secret(const char *prompt, struct text *out);

#endif
