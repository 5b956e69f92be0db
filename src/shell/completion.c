/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/completion.h"

#include "base/attributes.h"
#include "shell/cmdlet.h"
#include "shell/completion_line.h"

enum { IDENTITIES_MAX = 1 << 20 };

/* --- candidates --- */

struct search {
    struct command command;
    const struct completion_source *source;
    struct slice begun; /* what the candidate must begin with */
    struct completion *out;
};

static bool begins_with(struct slice word, struct slice begun)
{
    return word.len >= begun.len && slice_equal_nocase(slice_first(word, begun.len), begun);
}

/* What stands behind SERVER\\ is a name, too. */
static bool is_begun(struct slice word, struct slice begun, bool is_identity)
{
    struct slice server, name = word;
    return begins_with(word, begun) ||
           (is_identity && slice_take_until(&name, '\\', &server) && begins_with(name, begun));
}

static bool needs_quotes(struct slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if (completion_ends_word(word.at[i]) || word.at[i] == ',' || word.at[i] == '}' ||
            word.at[i] == ')' || completion_is_quote(word.at[i]))
            return true;
    return false;
}

static void offer(struct search *search, struct slice word, bool is_identity)
{
    struct completion *out = search->out;
    char quote = search->command.words[search->command.count - 1].quote;
    if (!is_begun(word, search->begun, is_identity) || out->count == COMPLETIONS_MAX)
        return;
    if (is_identity && !quote && needs_quotes(word))
        quote = '"';
    if (quote)
        text_append_byte(&out->words, quote);
    text_append(&out->words, word);
    if (quote)
        text_append_byte(&out->words, quote);
    text_append_byte(&out->words, '\n');
    out->count++;
}

static void offer_cmdlets(struct search *search)
{
    char storage[96];
    for (size_t i = 0; i < OPERATION_COUNT; i++) {
        struct text name = text_over(storage, sizeof storage);
        operation_append_name(&name, &operations[i]);
        offer(search, text_slice(&name), false);
    }
    const struct cmdlet *cmdlet;
    for (size_t i = 0; (cmdlet = cmdlet_at(i)); i++)
        offer(search, slice_of(cmdlet->name), false);
}

static void offer_parameter(struct search *search, const char *name)
{
    char storage[96];
    struct text written = text_over(storage, sizeof storage);
    text_append_format(&written, "-%s", name);
    offer(search, text_slice(&written), false);
}

static void offer_commons(struct search *search)
{
    const char *name;
    for (size_t i = 0; (name = common_name(i)); i++)
        offer_parameter(search, name);
}

static void offer_parameters(struct search *search, const struct operation *operation)
{
    static struct operation_parameter parameters[OPERATION_PARAMETERS_MAX];
    size_t count = operation_parameters(operation, parameters, COUNT_OF(parameters));
    for (size_t i = 0; i < count; i++) {
        bool inert = parameters[i].setting && (parameters[i].setting->flags & SETTING_INERT);
        if (!inert)
            offer_parameter(search, parameters[i].name);
    }
    offer_commons(search);
}

static void offer_identities(struct search *search, const char *noun)
{
    struct text names = text_with_ceiling(IDENTITIES_MAX);
    struct slice name;
    search->source->identities(search->source->context, noun, &names);
    for (struct slice rest = text_slice(&names); slice_take_field(&rest, '\n', &name);)
        if (name.len)
            offer(search, name, true);
    text_deinit(&names);
}

/* --- values --- */

/* Whose names an identity is one of. */
static const char *noun_of(const struct operation *operation,
                           const struct operation_parameter *parameter)
{
    static const struct {
        const char *noun, *means;
    } rows[] = {{"ADPermission", "ReceiveConnector"},
                {"ReceiveConnectorCertificate", "ReceiveConnector"},
                {"SmtpSubmission", "ReceiveConnector"}};
    if (slice_equal(slice_of(parameter->name), SLICE("ReceiveConnector")))
        return parameter->name;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (slice_equal(slice_of(operation->noun), slice_of(rows[i].noun)))
            return rows[i].means;
    return operation->noun;
}

static void offer_words(struct search *search, const struct setting *setting)
{
    for (const struct setting_word *word = setting->words; word && word->word; word++)
        offer(search, slice_of(word->word), false);
}

static void offer_booleans(struct search *search)
{
    offer(search, SLICE("$true"), false);
    offer(search, SLICE("$false"), false);
}

/* Behind a comma the last element is what is written. */
static void take_last_element(struct search *search)
{
    size_t comma;
    struct slice rest = search->begun;
    while (slice_find(rest, ',', &comma)) {
        rest = slice_after(rest, comma + 1);
        search->out->start += comma + 1;
    }
    search->begun = rest;
}

static void offer_setting(struct search *search, const struct setting *setting)
{
    if (slice_equal(slice_of(setting->name), SLICE("TlsCertificateName"))) {
        offer_identities(search, "ExchangeCertificate");
    } else if (setting->kind == SETTING_BOOL) {
        offer_booleans(search);
    } else if (setting->kind == SETTING_ENUM) {
        offer_words(search, setting);
    } else if (setting->kind == SETTING_FLAGS) {
        take_last_element(search);
        offer_words(search, setting);
    }
}

static void offer_value(struct search *search, const struct operation *operation,
                        const struct operation_parameter *parameter)
{
    if (parameter->setting)
        offer_setting(search, parameter->setting);
    else if (parameter->kind == PARAMETER_IDENTITY ||
             slice_equal(slice_of(parameter->name), SLICE("ReceiveConnector")))
        offer_identities(search, noun_of(operation, parameter));
}

/* The parameter whose value the last word is; false: it is none. */
static bool find_parameter(const struct command *command, const struct operation *operation,
                           struct operation_parameter *out)
{
    size_t position = 0;
    for (size_t i = 1; i + 1 < command->count; i++) {
        const struct word *word = &command->words[i];
        bool named = !word->quote && word->text.len > 1 && word->text.at[0] == '-';
        if (!named) {
            position++;
            continue;
        }
        enum common common;
        bool is_common = common_find(slice_after(word->text, 1), &common);
        if (!is_common &&
            !operation_parameter_find(operation, slice_after(word->text, 1), out, NULL))
            return false;
        bool takes = is_common ? common != COMMON_VERBOSE : out->kind != PARAMETER_SWITCH;
        if (is_common && takes && i + 2 == command->count)
            return false;
        if (takes && i + 2 == command->count)
            return true;
        i += takes;
    }
    return operation_positional(operation, position, out);
}

static bool names_parameter(const struct word *word)
{
    return !word->quote && word->text.len && word->text.at[0] == '-';
}

static void offer_argument(struct search *search)
{
    const struct command *command = &search->command;
    const struct operation *operation = operation_find(command->words[0].text, NULL);
    struct operation_parameter parameter;
    if (!operation)
        return;
    if (names_parameter(&command->words[command->count - 1]))
        offer_parameters(search, operation);
    else if (find_parameter(command, operation, &parameter))
        offer_value(search, operation, &parameter);
}

/* Of the shell's own cmdlets. */
static void offer_cmdlet_parameters(struct search *search)
{
    const struct command *command = &search->command;
    const struct cmdlet *cmdlet = cmdlet_find(command->words[0].text);
    bool named = cmdlet && names_parameter(&command->words[command->count - 1]);
    for (size_t i = 0; named && cmdlet->parameters[i].name; i++)
        offer_parameter(search, cmdlet->parameters[i].name);
    if (named)
        offer_commons(search);
}

/* --- properties of what the pipeline brings --- */

static void offer_properties(struct search *search, const char *before)
{
    char storage[96];
    enum model_kind kind;
    if (!search->command.brings ||
        !model_kind_of_noun(slice_of(search->command.brings->noun), &kind))
        return;
    const struct setting *row = model_kind_facts(kind)->settings;
    for (; row->name; row++) {
        struct text name = text_over(storage, sizeof storage);
        text_append_format(&name, "%s%s", before, row->name);
        if (!(row->flags & SETTING_HIDDEN))
            offer(search, text_slice(&name), false);
    }
}

/* Format-List Name,Fq */
static bool takes_properties(struct slice cmdlet)
{
    static const char *const names[] = {"Format-List",   "Format-Table", "Select-Object",
                                        "Sort-Object",   "Where-Object", "Group-Object",
                                        "Measure-Object"};
    const struct cmdlet *found = cmdlet_find(cmdlet);
    for (size_t i = 0; found && i < COUNT_OF(names); i++)
        if (slice_equal(slice_of(found->name), slice_of(names[i])))
            return true;
    return false;
}

/* False: no property stands here. */
static bool offer_property(struct search *search)
{
    const struct command *command = &search->command;
    const struct word *last = &command->words[command->count - 1];
    if (slice_starts(last->text, SLICE("$_."))) {
        offer_properties(search, "$_.");
        return true;
    }
    if (command->count < 2 || names_parameter(last) || !takes_properties(command->words[0].text))
        return false;
    take_last_element(search);
    offer_properties(search, "");
    return true;
}

/* The word behind -ErrorAction. False: it does not stand there. */
static bool offer_actions(struct search *search)
{
    const struct command *command = &search->command;
    const struct word *before = &command->words[command->count - 2];
    enum common common;
    const char *word;
    if (!names_parameter(before) || !common_find(slice_after(before->text, 1), &common) ||
        common != COMMON_ERROR_ACTION)
        return false;
    for (size_t i = 0; (word = error_action_word(i)); i++)
        offer(search, slice_of(word), false);
    return true;
}

/* --- */

void completion_find(struct slice line, const struct completion_source *source,
                     struct completion *out)
{
    struct search search = {.source = source, .out = out};
    completion_split(line, &search.command);
    const struct word *last = &search.command.words[search.command.count - 1];
    *out =
        (struct completion){.start = last->start, .words = text_with_ceiling(COMPLETION_BYTES_MAX)};
    search.begun = last->text;
    if (offer_property(&search))
        return;
    if (search.command.count == 1)
        offer_cmdlets(&search);
    else if (offer_actions(&search))
        return;
    else if (cmdlet_find(search.command.words[0].text))
        offer_cmdlet_parameters(&search);
    else
        offer_argument(&search);
}

void completion_deinit(struct completion *completion)
{
    text_deinit(&completion->words);
}

struct slice completion_common(const struct completion *completion)
{
    struct slice rest = text_slice(&completion->words), common = {0}, word;
    for (bool first = true; slice_take_field(&rest, '\n', &word) && word.len; first = false) {
        size_t same = 0;
        while (!first && same < common.len && same < word.len &&
               ascii_lower(common.at[same]) == ascii_lower(word.at[same]))
            same++;
        common = first ? word : slice_first(common, same);
    }
    return common;
}
