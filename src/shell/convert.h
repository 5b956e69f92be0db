/* SPDX-License-Identifier: Apache-2.0 */
/* convert - data as texts, numbers, truths and JSON, and compared with each other. */
#ifndef SHELL_CONVERT_H
#define SHELL_CONVERT_H

#include "shell/machine.h"

#include <jansson.h>

/* As "$x" shows it. */
bool datum_append(struct text *text, struct datum datum);
struct datum datum_to_text(struct machine *machine, struct datum datum);
bool datum_is_true(struct datum datum);
/* Numbers, and texts that are numbers or sizes. */
bool datum_to_real(struct datum datum, double *out);
bool datum_to_integer(struct datum datum, int64_t *out);
bool datum_to_date(struct datum datum, int64_t *out_ms);
bool datum_to_span(struct datum datum, int64_t *out_ms);
const char *datum_kind_word(struct datum datum); /* "text", "list": for errors */
bool datum_is_of(struct datum datum, enum type_kind type);
enum flow datum_cast(struct machine *machine, const struct node *node, struct datum datum,
                     enum type_kind type, struct datum *out);

/* -1, 0, 1; false when the two cannot be compared. The left one's kind decides. */
bool datum_compare(struct datum left, struct datum right, bool cased, int *out);
bool datum_equal(struct datum left, struct datum right, bool cased);
int slice_compare_text(struct slice a, struct slice b, bool cased);

enum { DATUM_DEPTH_MAX = 24 };
/* NULL: no memory, or nested too deeply. Free with json_decref. `plain`: for programs, with numbers
 * where people read "36 MB (...)". */
json_t *datum_to_json(struct datum datum, bool plain);
/* What the hub says of an object of this noun: dates, spans and sizes become data of their kind. */
struct datum datum_from_json(struct machine *machine, json_t *json, struct slice noun);
/* The value of a parameter as the hub wants it; NULL: `error` says what is wrong. */
json_t *datum_to_parameter(struct machine *machine, const struct operation_parameter *parameter,
                           struct datum datum, struct text *error);

#endif
