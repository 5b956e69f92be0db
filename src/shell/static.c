/* SPDX-License-Identifier: Apache-2.0 */
/* The static members a script may use, as a table: [System.IO.File]::ReadAllBytes and a few more.
 */
#include "base/base64.h"
#include "shell/convert.h"
#include "shell/value.h"

#include <math.h>
#include <string.h>

enum { SHOWN = 80, LIST_MAX = 1500, FILE_MAX_BYTES = 16 << 20, WHY_MAX = 600 };

struct call_of {
    struct machine *machine;
    const struct node *node;
    const struct datum *arguments;
    size_t count;
    struct datum *out;
};
typedef enum flow static_fn(struct call_of *call);

static struct slice text_at(struct call_of *call, size_t index)
{
    struct datum text = datum_to_text(call->machine, call->arguments[index]);
    return text.kind == DATUM_TEXT ? datum_slice(text) : SLICE("");
}

static enum flow give(struct call_of *call, struct datum value)
{
    *call->out = value;
    return machine_memory(call->machine);
}

static enum flow read_as(struct call_of *call, enum datum_kind kind)
{
    struct machine *m = call->machine;
    char storage[WHY_MAX];
    struct text bytes = text_with_ceiling(FILE_MAX_BYTES), error = text_over(storage, WHY_MAX);
    bool good = m->world->read_file(m->world->context, text_at(call, 0), &bytes, &error);
    if (good)
        *call->out = heap_bytes(&m->heap, kind, text_slice(&bytes));
    if (bytes.at)
        explicit_bzero(bytes.at, bytes.capacity);
    text_deinit(&bytes);
    return good ? machine_memory(m)
                : machine_fail(m, call->node, OPERATION_NOT_FOUND, "FileNotRead", "%.*s",
                               SLICE_ARG(text_slice(&error)));
}

static enum flow read_bytes(struct call_of *call)
{
    return read_as(call, DATUM_BYTES);
}

static enum flow read_text(struct call_of *call)
{
    return read_as(call, DATUM_TEXT);
}

static enum flow write_bytes(struct call_of *call)
{
    struct machine *m = call->machine;
    char storage[WHY_MAX];
    struct text error = text_over(storage, WHY_MAX);
    struct datum data = call->arguments[1];
    if (data.kind != DATUM_BYTES && data.kind != DATUM_TEXT)
        return machine_fail(m, call->node, OPERATION_USAGE, "InvalidArgument",
                            "%s cannot be written to a file", datum_kind_word(data));
    if (m->world->write_file(m->world->context, text_at(call, 0), datum_slice(data), false, &error))
        return FLOW_ON;
    return machine_fail(m, call->node, OPERATION_FAILED, "FileNotWritten", "%.*s",
                        SLICE_ARG(text_slice(&error)));
}

static enum flow now(struct call_of *call)
{
    return give(call, datum_number(DATUM_DATE,
                                   call->machine->world->now_ms(call->machine->world->context)));
}

static enum flow today(struct call_of *call)
{
    enum { DAY_MS = 86400000 };
    int64_t at_ms = call->machine->world->now_ms(call->machine->world->context);
    return give(call, datum_number(DATUM_DATE, at_ms - at_ms % DAY_MS));
}

static enum flow is_empty(struct call_of *call)
{
    return give(call, datum_bool(text_at(call, 0).len == 0));
}

static enum flow is_blank(struct call_of *call)
{
    struct slice text = text_at(call, 0);
    while (text.len > 0 && slice_contains(SLICE(" \t\r\n"), slice_first(text, 1)))
        text = slice_after(text, 1);
    return give(call, datum_bool(text.len == 0));
}

static enum flow join(struct call_of *call)
{
    return operate_join(call->machine, call->arguments[1], text_at(call, 0), call->out);
}

static enum flow rounded(struct call_of *call, double (*round_it)(double), int64_t digits)
{
    double value;
    if (!datum_to_real(call->arguments[0], &value) || digits < 0 || digits > 15)
        return machine_fail(call->machine, call->node, OPERATION_USAGE, "InvalidArgument",
                            "it takes a number, and how many digits to keep");
    double factor = pow(10, (double)digits);
    double result = round_it(value * factor) / factor;
    bool whole = fabs(result) < 9e15 && result == nearbyint(result);
    return give(call, whole ? datum_integer((int64_t)result) : datum_real(result));
}

static enum flow math_round(struct call_of *call)
{
    int64_t digits = 0;
    if (call->count > 1 && !datum_to_integer(call->arguments[1], &digits))
        digits = -1;
    return rounded(call, nearbyint, digits);
}

static enum flow math_floor(struct call_of *call)
{
    return rounded(call, floor, 0);
}

static enum flow math_ceiling(struct call_of *call)
{
    return rounded(call, ceil, 0);
}

static enum flow new_line(struct call_of *call)
{
    return give(call, heap_text(&call->machine->heap, SLICE("\n")));
}

static enum flow to_base64(struct call_of *call)
{
    struct text encoded = text_with_ceiling(FILE_MAX_BYTES * 2);
    bool good = call->arguments[0].kind == DATUM_BYTES &&
                base64_append(&encoded, datum_slice(call->arguments[0]));
    enum flow flow =
        good ? give(call, heap_text(&call->machine->heap, text_slice(&encoded)))
             : machine_fail(call->machine, call->node, OPERATION_USAGE, "InvalidArgument",
                            "it takes bytes, not %s", datum_kind_word(call->arguments[0]));
    text_deinit(&encoded);
    return flow;
}

static enum flow from_base64(struct call_of *call)
{
    struct text bytes = text_with_ceiling(FILE_MAX_BYTES);
    bool good = base64_decode(text_at(call, 0), &bytes);
    enum flow flow =
        good ? give(call, heap_bytes(&call->machine->heap, DATUM_BYTES, text_slice(&bytes)))
             : machine_fail(call->machine, call->node, OPERATION_USAGE, "InvalidArgument",
                            "this is no base64");
    text_deinit(&bytes);
    return flow;
}

/* clang-format off */
static const struct {
    const char *name;
    size_t least, most;
    bool value; /* no parentheses behind it */
    static_fn *run;
} members[] = {
    {"IO.File::ReadAllBytes",      1, 1, false, read_bytes},
    {"IO.File::ReadAllText",       1, 1, false, read_text},
    {"IO.File::WriteAllBytes",     2, 2, false, write_bytes},
    {"IO.File::WriteAllText",      2, 2, false, write_bytes},
    {"DateTime::Now",              0, 0, true,  now},
    {"DateTime::UtcNow",           0, 0, true,  now},
    {"DateTime::Today",            0, 0, true,  today},
    {"string::IsNullOrEmpty",      1, 1, false, is_empty},
    {"string::IsNullOrWhiteSpace", 1, 1, false, is_blank},
    {"string::Join",               2, 2, false, join},
    {"Math::Round",                1, 2, false, math_round},
    {"Math::Floor",                1, 1, false, math_floor},
    {"Math::Ceiling",              1, 1, false, math_ceiling},
    {"Environment::NewLine",       0, 0, true,  new_line},
    {"Convert::ToBase64String",    1, 1, false, to_base64},
    {"Convert::FromBase64String",  1, 1, false, from_base64},
};
/* clang-format on */

/* "System.IO.File]::ReadAllBytes" as "IO.File::ReadAllBytes". */
static void append_plain(struct text *text, struct slice written)
{
    struct slice type;
    slice_take_prefix_nocase(&written, SLICE("System."));
    if (slice_take_until(&written, ']', &type)) {
        text_append(text, slice_trim(type));
        text_append(text, slice_trim(written));
    }
}

static enum flow unknown(struct machine *m, const struct node *node, struct slice name)
{
    struct text list = text_with_ceiling(LIST_MAX);
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        struct slice member = slice_of(members[i].name), type;
        slice_take_until(&member, ':', &type);
        text_append_format(&list, "\n[%.*s]:%.*s", SLICE_ARG(type), SLICE_ARG(member));
    }
    machine_fail(m, node, OPERATION_USAGE, "StaticMemberNotFound",
                 "%.*s is not part of this shell, which is no .NET. There are:%.*s",
                 SLICE_ARG(slice_first(name, SHOWN)), SLICE_ARG(text_slice(&list)));
    text_deinit(&list);
    return FLOW_FAULT;
}

enum flow static_call(struct machine *m, const struct node *node, const struct datum *arguments,
                      size_t count, struct datum *out)
{
    char storage[SHOWN * 3];
    struct text name = text_over(storage, sizeof(storage));
    append_plain(&name, node->text);
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        if (!slice_equal_nocase(text_slice(&name), slice_of(members[i].name)))
            continue;
        if (count < members[i].least || count > members[i].most || node->flag == members[i].value)
            return machine_fail(m, node, OPERATION_USAGE, "MethodCountMismatch",
                                "%s takes %zu to %zu arguments", members[i].name, members[i].least,
                                members[i].most);
        struct call_of call = {m, node, arguments, count, out};
        return members[i].run(&call);
    }
    return unknown(m, node, text_slice(&name));
}
