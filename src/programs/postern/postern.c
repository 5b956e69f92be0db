/* SPDX-License-Identifier: Apache-2.0 */
/* postern - the client of the server: cmdlets, help, explain and test from the command line. */
#include "programs/postern/certificate.h"
#include "programs/postern/command.h"
#include "programs/postern/configuration.h"
#include "programs/postern/queue.h"
#include "programs/postern/shell_command.h"
#include "programs/postern/test.h"
#include "programs/postern/tutorial.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { HELP_MAX = 1 << 20 };

static const char usage[] =
    "usage: postern [--data DIR | --socket PATH] [--token-file FILE] CMDLET [-Parameter value ...] "
    "[-o "
    "table|wide|list|json|jsonl|csv|name]\n"
    "       postern explain CONNECTOR | --client ADDRESS --local ADDRESS:PORT [--server-name HOST] "
    "[--at DATE]\n"
    "               [--with-file FILE [--password -]]\n"
    "       postern probe ADDRESS | DOMAIN [-AskForRecipient] [-Identity CONNECTOR] [--json]\n"
    "       postern test [--connector NAME] ...\n"
    "       postern shell [-c TEXT | FILE | -]\n"
    "       postern export [-o FILE] [--json] | diff FILE | apply FILE [--yes]\n"
    "       postern certificate deploy FILE... | watch DIR [--every SECONDS]\n"
    "       postern queue [list [--json] | flush | hold ID | release ID | delete ID]\n"
    "       postern tutorial certificate-warning [--yes]\n"
    "       postern help [CMDLET | test | shell | export | certificate | queue | tutorial "
    "| settings NOUN]\n"
    "       postern --version\n"
    "\n"
    "  --data DIR      the server's data folder (else $POSTERN_DATA, the folder of ./dev run,\n"
    "                  /var/lib/postern)\n"
    "  --socket PATH   its control socket, when it is not in there\n"
    "  --token-file FILE   a management token; its role counts, not yours (else $POSTERN_TOKEN)\n"
    "\n"
    "A value may be a list a,b or an edit of one: '@{Add=\"a\";Remove=\"b\"}'. -WhatIf shows what "
    "a\n"
    "change would do. Exit: 0 done, 1 a negative answer, 2 usage, 3 not found, 4 conflict,\n"
    "5 denied, 69 no server.\n";

static int print_taken(struct text *text_taken, int exit_code)
{
    printf("%.*s", SLICE_ARG(text_slice(text_taken)));
    text_deinit(text_taken);
    return exit_code;
}

/* For programs, such as the one that writes the reference pages. */
static int help_settings(const char *noun)
{
    struct text text = text_with_ceiling(HELP_MAX);
    enum model_kind kind;
    if (model_kind_of_noun(slice_of(noun), &kind) && operation_print_settings(kind, &text))
        return print_taken(&text, OPERATION_OK);
    fprintf(stderr, "postern: there are no settings of \"%s\"; try ReceiveConnector\n", noun);
    text_deinit(&text);
    return OPERATION_USAGE;
}

static const struct {
    const char *word, *text;
} usages[] = {{"explain", usage},
              {"probe", usage},
              {"test", test_usage},
              {"shell", shell_usage},
              {"certificate", certificate_usage},
              {"export", configuration_usage},
              {"diff", configuration_usage},
              {"apply", configuration_usage},
              {"queue", queue_usage},
              {"tutorial", tutorial_usage}};

static int help(const char *const *words, size_t count)
{
    struct text text = text_with_ceiling(HELP_MAX);
    if (count == 0) {
        text_append_format(&text, "%s\nCmdlets:\n", usage);
        operation_print_list(&text);
        return print_taken(&text, OPERATION_OK);
    }
    if (strcmp(words[0], "settings") == 0)
        return help_settings(count > 1 ? words[1] : "");
    for (size_t i = 0; i < COUNT_OF(usages); i++)
        if (strcmp(words[0], usages[i].word) == 0)
            return printf("%s", usages[i].text) < 0 ? OPERATION_FAILED : OPERATION_OK;
    const struct operation *operation = operation_find(slice_of(words[0]), &text);
    if (operation) {
        operation_print_help(operation, &text);
        return print_taken(&text, OPERATION_OK);
    }
    fprintf(stderr, "postern: %.*s. All there are: postern help\n", SLICE_ARG(text_slice(&text)));
    text_deinit(&text);
    return OPERATION_USAGE;
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "-?") == 0;
}

static int run(const struct place *place, const char *const *words, size_t count)
{
    static const struct {
        const char *word;
        int (*run)(const struct place *place, const char *const *words, size_t count);
    } commands[] = {{"explain", command_explain},
                    {"probe", command_probe},
                    {"test", test_run},
                    {"shell", shell_command_run},
                    {"export", configuration_export},
                    {"diff", configuration_diff},
                    {"apply", configuration_apply},
                    {"certificate", certificate_run},
                    {"tutorial", tutorial_run},
                    {"queue", queue_run}};
    if (count > 1 && asks_for_help(words[1]))
        return help(words, 1);
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (strcmp(words[0], commands[i].word) == 0)
            return commands[i].run(place, words + 1, count - 1);
    return command_run(place, words, count);
}

static int say_usage(void)
{
    fputs(usage, stderr);
    return OPERATION_USAGE;
}

int main(int argc, char **argv)
{
    const char *data = NULL, *socket = NULL, *token_file = NULL;
    struct place place;
    int at = 1;
    signal(SIGPIPE, SIG_IGN);
    for (; at + 1 < argc; at += 2) {
        if (strcmp(argv[at], "--data") == 0)
            data = argv[at + 1];
        else if (strcmp(argv[at], "--socket") == 0)
            socket = argv[at + 1];
        else if (strcmp(argv[at], "--token-file") == 0)
            token_file = argv[at + 1];
        else
            break;
    }
    if (at >= argc)
        return say_usage();
    if (strcmp(argv[at], "--version") == 0)
        return printf("postern %s\n", POSTERN_VERSION) < 0 ? OPERATION_FAILED : OPERATION_OK;
    if (strcmp(argv[at], "help") == 0 || asks_for_help(argv[at]))
        return help((const char *const *)argv + at + 1, (size_t)(argc - at - 1));
    if (!place_find(data, socket, &place))
        return say_usage();
    if (!place_find_token(token_file, &place))
        return OPERATION_USAGE;
    return run(&place, (const char *const *)argv + at, (size_t)(argc - at));
}
