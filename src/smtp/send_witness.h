/* SPDX-License-Identifier: Apache-2.0 */
/* send_witness - who is told a send session line by line, as it may be written down.
 *
 * Commands as they are written, replies as they are taken, the lines of one joined with blanks
 * between them. What is said within AUTH is masked as smtp/loggable does it; bodies are not told.
 * Words of the server are as it sent them: whoever prints them escapes them.
 */
#ifndef SMTP_SEND_WITNESS_H
#define SMTP_SEND_WITNESS_H

#include "base/slice.h"

struct send_witness { /* both are called from within the session and borrow the line */
    void (*said)(void *context, struct slice line);
    void (*heard)(void *context, struct slice line);
    void *context;
};

#endif
