/* SPDX-License-Identifier: Apache-2.0 */
/* operation - the table of management operations: one row per cmdlet.
 *
 * The hub runs them, the client offers them, help and completion are printed from them. A row says the verb and
 * noun, its parameters (those of its object's settings table come in by themselves), the right it needs, one
 * sentence of help and an example. What has no effect yet is not in the table.
 *
 * On the control socket a request and a reply are JSON texts, each behind its length (4 bytes, little endian):
 *
 *   {"cmdlet": "Set-ReceiveConnector", "parameters": {"Identity": "...", "RequireTLS": "$true", "Bindings": ["..."],
 *    "RemoteIPRanges": {"Add": ["..."], "Remove": ["..."]}, "FileData": "<base64>"}}
 *   {"objects": [{...}], "noun": "ReceiveConnector", "warnings": ["..."], "information": ["..."],
 *    "error": {"category": "ObjectNotFound", "message": "...", "fix": "..."}}   (error only when it failed)
 */
#ifndef OPERATIONS_OPERATION_H
#define OPERATIONS_OPERATION_H

#include "settings/setting.h"

enum operation_right { OPERATION_VIEW, OPERATION_CERTIFICATES, OPERATION_QUEUE, OPERATION_ADMINISTER };

enum operation_error { /* also the exit code of the client program */
    OPERATION_OK = 0,
    OPERATION_FAILED = 1, /* a negative answer */
    OPERATION_USAGE = 2,
    OPERATION_NOT_FOUND = 3,
    OPERATION_CONFLICT = 4,
    OPERATION_DENIED = 5,
    OPERATION_UNREACHABLE = 69,
};

enum { OPERATION_REQUEST_MAX = 4 << 20, OPERATION_REPLY_MAX = 64 << 20 };

#endif
