/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/queue.h"

#include "programs/postern/command.h"
#include "programs/postern/terminal.h"

#include <stdio.h>
#include <string.h>

const char queue_usage[] =
    "usage: postern queue [list [--json]]      what waits, and why; a JSON object a line, with "
    "the\n"
    "                                          names of postqueue -j\n"
    "       postern queue flush                all that was put off is tried now\n"
    "       postern queue flush ID             ... that of the message's queue\n"
    "       postern queue flush --domain NAME  ... that for this next hop\n"
    "       postern queue requeue ID | ALL     its way is looked for anew, and it is tried now\n"
    "       postern queue hold ID | release ID\n"
    "       postern queue show ID              what is known of it, then the message itself\n"
    "       postern queue delete ID | ALL [--yes]\n"
    "                                          without a notice to the sender; a terminal asks "
    "first\n"
    "\n"
    "Each order prints the cmdlet it stands for.\n";

enum { WORDS_MAX = 6, NAME_BYTES = 600 };

static const char everything[] = "InternalId -gt 0";

/* Said and done. */
static int run(const struct place *place, const char *const *words, size_t count)
{
    fputs("->", stderr);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, strchr(words[i], ' ') ? " \"%s\"" : " %s", words[i]);
    fputs("\n", stderr);
    return command_run(place, words, count);
}

static int say_usage(void)
{
    fputs(queue_usage, stderr);
    return OPERATION_USAGE;
}

/* --- flush --- */

/* The objects of a cmdlet with one parameter at most; NULL: it has failed, and said so. */
static json_t *objects_of(const struct place *place, enum operation_id operation,
                          const char *parameter, const char *value, int *out_exit_code)
{
    json_t *parameters = json_object();
    if (parameter)
        json_object_set_new(parameters, parameter, json_string(value));
    json_t *reply = command_ask(place, operation, parameters, out_exit_code);
    json_decref(parameters);
    json_t *objects = NULL;
    if (reply && *out_exit_code != OPERATION_OK)
        command_show(reply, &operations[operation], FORMAT_DEFAULT, *out_exit_code);
    else if (reply)
        objects = json_incref(json_object_get(reply, "objects"));
    json_decref(reply);
    return objects;
}

static const char *word(json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value ? value : "";
}

static int flush_queue(const struct place *place, const char *identity)
{
    return run(place, (const char *const[]){"Retry-Queue", identity}, 2);
}

/* All of them, or those of one next hop. */
static int flush_queues(const struct place *place, const char *domain)
{
    int exit_code = OPERATION_OK;
    json_t *queues = objects_of(place, OPERATION_GET_QUEUE, "ResultSize", "Unlimited", &exit_code),
           *queue;
    size_t index, done = 0;
    json_array_foreach(queues, index, queue)
    {
        bool meant =
            !domain || slice_equal_nocase(slice_of(domain), slice_of(word(queue, "NextHopDomain")));
        if (!meant || exit_code != OPERATION_OK)
            continue;
        exit_code = flush_queue(place, word(queue, "Identity"));
        done++;
    }
    json_decref(queues);
    if (exit_code == OPERATION_OK && done == 0 && domain) {
        fprintf(stderr, "postern: no queue has this next hop; Get-Queue shows those there are\n");
        return OPERATION_NOT_FOUND;
    }
    if (exit_code == OPERATION_OK && done == 0)
        puts("The queue is empty.");
    return exit_code;
}

static int flush_message(const struct place *place, const char *id)
{
    int exit_code = OPERATION_OK;
    char queue[NAME_BYTES] = "";
    json_t *messages = objects_of(place, OPERATION_GET_MESSAGE, "Identity", id, &exit_code);
    snprintf(queue, sizeof queue, "%s", word(json_array_get(messages, 0), "Queue"));
    json_decref(messages);
    return exit_code == OPERATION_OK ? flush_queue(place, queue) : exit_code;
}

static int flush(const struct place *place, const char *const *words, size_t count)
{
    if (count == 0)
        return flush_queues(place, NULL);
    if (count == 2 && strcmp(words[0], "--domain") == 0)
        return flush_queues(place, words[1]);
    return count == 1 ? flush_message(place, words[0]) : say_usage();
}

/* --- one message --- */

static int hold(const struct place *place, const char *const *words, size_t count)
{
    return count == 1 ? run(place, (const char *const[]){"Suspend-Message", words[0]}, 2)
                      : say_usage();
}

static int release(const struct place *place, const char *const *words, size_t count)
{
    return count == 1 ? run(place, (const char *const[]){"Resume-Message", words[0]}, 2)
                      : say_usage();
}

static int requeue(const struct place *place, const char *const *words, size_t count)
{
    if (count != 1)
        return say_usage();
    if (strcmp(words[0], "ALL") != 0)
        return run(place, (const char *const[]){"Retry-Message", words[0]}, 2);
    return run(place, (const char *const[]){"Retry-Message", "-Filter", everything}, 3);
}

static int show(const struct place *place, const char *const *words, size_t count)
{
    return count == 1 ? queue_show(place, words[0]) : say_usage();
}

/* All of them go only when a person or --yes says so. */
static int delete_messages(const struct place *place, const char *const *words, size_t count)
{
    bool yes = count == 2 && strcmp(words[1], "--yes") == 0;
    if (count != 1 && !yes)
        return say_usage();
    bool all = strcmp(words[0], "ALL") == 0;
    if (all && !yes && !terminal_can_ask()) {
        fprintf(stderr, "postern: that removes all that waits; postern queue delete ALL --yes\n");
        return OPERATION_USAGE;
    }
    const char *cmdlet[WORDS_MAX] = {"Remove-Message"};
    size_t used = 1;
    if (all)
        cmdlet[used++] = "-Filter";
    cmdlet[used++] = all ? everything : words[0];
    cmdlet[used++] = "-WithNDR:$false";
    if (yes)
        cmdlet[used++] = "-Confirm:$false";
    return run(place, cmdlet, used);
}

static int list(const struct place *place, const char *const *words, size_t count)
{
    bool as_json = count == 1 && strcmp(words[0], "--json") == 0;
    return count == 0 || as_json ? queue_list_print(place, as_json) : say_usage();
}

int queue_run(const struct place *place, const char *const *words, size_t count)
{
    static const struct {
        const char *word;
        int (*run)(const struct place *place, const char *const *words, size_t count);
    } orders[] = {
        {"list", list},       {"flush", flush}, {"requeue", requeue},       {"hold", hold},
        {"release", release}, {"show", show},   {"delete", delete_messages}};
    if (count == 0)
        return queue_list_print(place, false);
    for (size_t i = 0; i < COUNT_OF(orders); i++)
        if (strcmp(words[0], orders[i].word) == 0)
            return orders[i].run(place, words + 1, count - 1);
    return say_usage();
}
