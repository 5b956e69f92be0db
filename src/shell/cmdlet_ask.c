/* SPDX-License-Identifier: Apache-2.0 */
/* Read-Host, ConvertTo-SecureString, Get-Credential, Get-Date, New-TimeSpan. */
#include "shell/cmdlets.h"
#include "shell/convert.h"

#include <string.h>

enum { ANSWER_MAX = 4096 };

static enum flow ask(struct stage *stage, struct slice prompt, bool secret, struct datum *out)
{
    struct machine *m = stage->machine;
    char storage[ANSWER_MAX];
    struct text answer = text_over(storage, sizeof(storage));
    if (m->printer)
        machine_print(m, WORLD_OUTPUT, SLICE(""));
    bool good = m->world->ask(m->world->context, prompt, secret, &answer);
    if (good)
        *out = heap_bytes(&m->heap, secret ? DATUM_SECRET : DATUM_TEXT, text_slice(&answer));
    explicit_bzero(storage, sizeof(storage));
    return good ? machine_memory(m)
                : machine_fail(m, stage->node, OPERATION_FAILED, "NoAnswer",
                               "there is nobody to answer \"%.*s\": standard input is at its end",
                               SLICE_ARG(prompt));
}

enum { READ_PROMPT, READ_SECURE };

static enum flow read_end(struct stage *stage)
{
    struct datum answer = datum_null();
    struct slice prompt = stage_text(stage, READ_PROMPT);
    enum flow flow = ask(stage, prompt.len ? prompt : SLICE("Password"),
                         stage_switch(stage, READ_SECURE), &answer);
    return flow == FLOW_ON ? stage_give(stage, answer) : flow;
}

enum { SECURE_STRING, SECURE_PLAIN, SECURE_FORCE };

static enum flow secure(struct stage *stage, struct datum value)
{
    struct datum text = datum_to_text(stage->machine, value);
    if (!stage_switch(stage, SECURE_PLAIN))
        return machine_fail(stage->machine, stage->node, OPERATION_USAGE, "InvalidArgument",
                            "only plain texts can be made secure: add -AsPlainText -Force");
    if (text.kind != DATUM_TEXT)
        return machine_memory(stage->machine);
    return stage_give(stage, heap_bytes(&stage->machine->heap, DATUM_SECRET, datum_slice(text)));
}

static enum flow secure_end(struct stage *stage)
{
    if (!stage->first)
        return FLOW_ON;
    if (!stage_has(stage, SECURE_STRING))
        return machine_fail(stage->machine, stage->node, OPERATION_USAGE,
                            "MissingMandatoryParameter", "ConvertTo-SecureString needs -String");
    return secure(stage, stage->arguments[SECURE_STRING]);
}

enum { CREDENTIAL_USER, CREDENTIAL_MESSAGE };

static enum flow credential_end(struct stage *stage)
{
    struct machine *m = stage->machine;
    struct datum user = datum_null(), password = datum_null();
    struct datum object = heap_map(&m->heap, DATUM_OBJECT, SLICE(""));
    size_t level = heap_level(&m->heap);
    heap_keep(&m->heap, object);
    enum flow flow = FLOW_ON;
    if (stage_has(stage, CREDENTIAL_USER))
        user = datum_to_text(m, stage->arguments[CREDENTIAL_USER]);
    else
        flow = ask(stage, SLICE("User name"), false, &user);
    if (flow == FLOW_ON)
        flow = ask(stage, SLICE("Password"), true, &password);
    heap_release(&m->heap, level);
    if (flow != FLOW_ON || object.kind != DATUM_OBJECT)
        return flow;
    map_set(&m->heap, object.map, SLICE("UserName"), user);
    map_set(&m->heap, object.map, SLICE("Password"), password);
    return stage_give(stage, object);
}

/* --- dates --- */

enum { DATE_DATE, DATE_FORMAT };

static enum flow date_end(struct stage *stage)
{
    struct machine *m = stage->machine;
    int64_t at_ms = m->world->now_ms(m->world->context);
    if (stage_has(stage, DATE_DATE) && !datum_to_date(stage->arguments[DATE_DATE], &at_ms))
        return machine_fail(m, stage->node, OPERATION_USAGE, "InvalidArgument",
                            "-Date takes 2027-02-01 or 2027-02-01T10:00:00Z");
    struct datum date = datum_number(DATUM_DATE, at_ms);
    if (!stage_has(stage, DATE_FORMAT))
        return stage_give(stage, date);
    struct text text = text_with_ceiling(ANSWER_MAX);
    bool good = format_datum(&text, date, stage_text(stage, DATE_FORMAT));
    struct datum written = heap_text(&m->heap, text_slice(&text));
    text_deinit(&text);
    if (!good)
        return machine_fail(m, stage->node, OPERATION_USAGE, "InvalidArgument",
                            "-Format takes yyyy MM dd HH mm ss fff and what stands between them");
    return stage_give(stage, written);
}

enum { SPAN_START, SPAN_END, SPAN_DAYS, SPAN_HOURS, SPAN_MINUTES, SPAN_SECONDS };

static enum flow span_end(struct stage *stage)
{
    struct machine *m = stage->machine;
    static const int64_t units[] = {86400000, 3600000, 60000, 1000};
    int64_t now_ms = m->world->now_ms(m->world->context), from = now_ms, to = now_ms, sum = 0;
    bool good =
        (!stage_has(stage, SPAN_START) || datum_to_date(stage->arguments[SPAN_START], &from)) &&
        (!stage_has(stage, SPAN_END) || datum_to_date(stage->arguments[SPAN_END], &to));
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        int64_t count = 0, part;
        if (stage_has(stage, SPAN_DAYS + i))
            good = good && datum_to_integer(stage->arguments[SPAN_DAYS + i], &count);
        good = good && !__builtin_mul_overflow(count, units[i], &part) &&
               !__builtin_add_overflow(sum, part, &sum);
    }
    if (!good)
        return machine_fail(m, stage->node, OPERATION_USAGE, "InvalidArgument",
                            "New-TimeSpan takes two dates, or -Days -Hours -Minutes -Seconds");
    return stage_give(stage, datum_number(DATUM_SPAN, sum + (to - from)));
}

/* clang-format off */
#define SWITCH(word) {.name = word, .kind = ARGUMENT_SWITCH}
const struct cmdlet ask_cmdlets[] = {
    {"Read-Host", "", NULL, NULL, read_end, {{.name = "Prompt", .positional = true}, SWITCH("AsSecureString")},
     "Asks for a line, or without showing it for a secret.", "$password = Read-Host \"Password\" -AsSecureString"},
    {"ConvertTo-SecureString", "", NULL, secure, secure_end, {{.name = "String", .positional = true}, SWITCH("AsPlainText"), SWITCH("Force")},
     "Makes a secret of a text.", "ConvertTo-SecureString -String \"secret\" -AsPlainText -Force"},
    {"Get-Credential", "", NULL, NULL, credential_end, {{.name = "UserName", .positional = true}},
     "Asks for a name and a password.", "(Get-Credential).Password"},
    {"Get-Date", "", NULL, NULL, date_end, {{.name = "Date", .positional = true}, {.name = "Format"}},
     "The moment, in UTC.", "(Get-Date).AddDays(30)"},
    {"New-TimeSpan", "", NULL, NULL, span_end,
     {{.name = "Start", .positional = true}, {.name = "End", .positional = true}, {.name = "Days"}, {.name = "Hours"}, {.name = "Minutes"}, {.name = "Seconds"}},
     "A span of time, or the one between two dates.", "New-TimeSpan -Days 30"},
    {0},
};
/* clang-format on */
