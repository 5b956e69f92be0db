/* SPDX-License-Identifier: Apache-2.0 */
/* format - a reply of the hub as text for people or for programs.
 *
 * Pure: JSON in, text out. What is information, a warning or an error goes to texts of its own, so
 * that the caller can send them elsewhere.
 */
#ifndef SHELL_FORMAT_H
#define SHELL_FORMAT_H

#include "base/text.h"
#include "operations/operation.h"

#include <jansson.h>

enum format_kind {
    FORMAT_DEFAULT,
    FORMAT_TABLE,
    FORMAT_LIST,
    FORMAT_WIDE,
    FORMAT_JSON, /* this and the next are for programs (shell/rows) */
    FORMAT_JSONL,
    FORMAT_CSV,
    FORMAT_NAME /* what each object goes by, a line each */
};

struct format_options {
    enum format_kind kind;
    size_t width; /* of the terminal; 0: as wide as need be */
};

/* table wide list json jsonl csv name */
bool format_kind_parse(struct slice written, enum format_kind *out_kind);
/* The objects of the reply; nothing when there are none (with JSON: []). */
bool format_objects(struct text *text, json_t *reply, const struct format_options *options);
bool format_information(struct text *text, json_t *reply); /* a line each */
bool format_warnings(struct text *text, json_t *reply);    /* "WARNING: ..." */
/* "Set-X: message", its category, and the command that mends it. */
bool format_error(struct text *text, json_t *reply, struct slice cmdlet);
enum operation_error format_exit_code(json_t *reply);

#endif
