/* SPDX-License-Identifier: Apache-2.0 */
/* parameters - reading the parameters of a call.
 *
 * The dispatcher has checked the names and written them out, so that handlers ask for whole names.
 * Slices point into the call's JSON and live as long as the call.
 */
#ifndef HUB_HANDLERS_PARAMETERS_H
#define HUB_HANDLERS_PARAMETERS_H

#include "hub/call.h"

enum { CALL_LIST_MAX = 64 };

/* Writes out abbreviated names and checks that each parameter exists, is given once and has a
 * value of a shape it may have. False: the call has failed. */
MUST_USE bool call_check_parameters(struct call *call);

bool call_has(const struct call *call, const char *name);
/* The text of a parameter; empty when it is not given or $null. */
struct slice call_text(const struct call *call, const char *name);
/* Name and password of a credential; both empty when it is not given or $null. */
void call_credential(const struct call *call, const char *name, struct slice *out_user,
                     struct slice *out_password);
bool call_switch(const struct call *call, const char *name); /* given, and not $false */
/* -Usage, or the one of these switches that says the same; empty: neither. False: the call has
 * failed, since there is more than one. */
bool call_usage(struct call *call, const char *const *switches, size_t count,
                struct slice *out_written);
/* A parameter that is said: $true or $false. False: the call has failed. `fallback` when it is not
 * given. */
MUST_USE bool call_bool(struct call *call, const char *name, bool fallback, bool *out_value);
/* False: the call has failed. `fallback` when it is not given. */
MUST_USE bool call_integer(struct call *call, const char *name, int64_t min, int64_t max,
                           int64_t fallback, int64_t *out_number);
/* -ResultSize; Unlimited, as scripts write it, is as many as there may be. */
MUST_USE bool call_result_size(struct call *call, int64_t max, int64_t fallback,
                               int64_t *out_number);
/* "now", a date, or a date with a time (UTC unless it says otherwise). */
MUST_USE bool call_time(struct call *call, const char *name, int64_t fallback_ms,
                        int64_t *out_at_ms);
/* Two moments; where one is missing, everything that is kept. False: the call has failed. */
MUST_USE bool call_period(struct call *call, const char *from, const char *until,
                          int64_t *out_from_ms, int64_t *out_until_ms);
/* The elements of a list, commas split, blanks trimmed, empty ones left out. */
size_t call_list(const struct call *call, const char *name, struct slice *out, size_t capacity);
/* Sets every setting of the object that the call names. False: the call has failed. */
MUST_USE bool call_apply_settings(struct call *call, void *object, struct arena *arena);

/* --- one value, without a call --- */
/* Whether the value is of a shape that the parameter may have. */
bool parameter_shape_fits(const struct operation_parameter *parameter, json_t *value);
/* Sets the setting to it. */
MUST_USE bool parameter_apply(const struct setting *row, json_t *value, void *object,
                              struct arena *arena, struct text *error);

#endif
