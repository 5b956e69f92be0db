/* SPDX-License-Identifier: Apache-2.0 */
/* operation - the table of management operations: one row per cmdlet.
 *
 * The hub runs them, the client offers them, help and completion are printed from them. A row says
 * the verb and noun, its parameters (those of its object's settings table come in by themselves),
 * the right it needs, one sentence of help and an example. What has no effect yet is not in the
 * table.
 *
 * On the control socket a request and a reply are JSON texts, each behind its length (4 bytes,
 * little endian):
 *
 *   {"cmdlet": "Set-ReceiveConnector", "parameters": {"Identity": "...", "RequireTLS": "$true",
 *    "Bindings": ["..."], "RemoteIPRanges": {"Add": ["..."], "Remove": ["..."]},
 *    "FileData": "<base64>"}}
 *
 *   {"objects": [{...}], "noun": "ReceiveConnector", "warnings": ["..."], "information": ["..."],
 *    "error": {"category": "ObjectNotFound", "message": "...", "fix": "..."}}
 *
 * `error` is there only when it failed. A switch is true or "$true". A null clears a value. With
 * "file": N the N bytes of a file follow the reply, as they are.
 *
 * A request may hold "token": "postern_..."; from then on this connection has the role groups of
 * the token in the place of the caller's own. A request that holds nothing else is answered with no
 * objects. Who may not bring certificates sends at most OPERATION_SMALL_MAX; who has no role may
 * send nothing longer than OPERATION_STRANGER_MAX before a token is accepted; whoever uses a token
 * does well to send it alone, first. A wrong one ends the connection.
 *
 * With "names": true whoever asks needs of the objects no more than what names them (Identity, Name
 * and the like); a Get- may leave out the rest.
 *
 * With "each": [{"Identity": "a"}, {"Identity": "b"}] beside the parameters it is run for many
 * objects, each with what it has there besides; with "stop": true no further than the first that
 * fails. Then the reply is {"replies": [...]} in their order, or an error when nothing was run.
 */
#ifndef OPERATIONS_OPERATION_H
#define OPERATIONS_OPERATION_H

#include "model/model.h"

enum operation_right { /* a caller has a mask of them; operations/access.h says who */
                       OPERATION_VIEW = 1,
                       OPERATION_CERTIFICATES = 2,
                       OPERATION_QUEUE = 4,
                       OPERATION_ADMINISTER = 8,
                       OPERATION_RECIPIENTS = 16,
};

enum operation_error { /* also the exit code of the client program */
                       OPERATION_OK = 0,
                       OPERATION_FAILED = 1, /* a negative answer */
                       OPERATION_USAGE = 2,
                       OPERATION_NOT_FOUND = 3,
                       OPERATION_CONFLICT = 4,
                       OPERATION_DENIED = 5,
                       OPERATION_UNREACHABLE = 69,
};

/* A request may hold the configuration of ten thousand objects, or a certificate with its chain; no
 * other one is large. */
enum {
    OPERATION_REQUEST_MAX = 32 << 20, /* of who administers */
    OPERATION_FILE_MAX = 4 << 20,     /* of who may bring certificates */
    OPERATION_SMALL_MAX = 64 << 10,   /* of who has another role */
    OPERATION_STRANGER_MAX = 4096,    /* of who has none */
    OPERATION_REPLY_MAX = 64 << 20,
    OPERATION_OBJECTS_MAX = 1000,
};

enum operation_id {
    OPERATION_GET_RECEIVE_CONNECTOR,
    OPERATION_NEW_RECEIVE_CONNECTOR,
    OPERATION_SET_RECEIVE_CONNECTOR,
    OPERATION_REMOVE_RECEIVE_CONNECTOR,
    OPERATION_TEST_RECEIVE_CONNECTOR,
    OPERATION_TEST_RECEIVE_CONNECTOR_CERTIFICATE,
    OPERATION_GET_CERTIFICATE,
    OPERATION_NEW_CERTIFICATE,
    OPERATION_IMPORT_CERTIFICATE,
    OPERATION_EXPORT_CERTIFICATE,
    OPERATION_ENABLE_CERTIFICATE,
    OPERATION_DISABLE_CERTIFICATE,
    OPERATION_REMOVE_CERTIFICATE,
    OPERATION_GET_ACCEPTED_DOMAIN,
    OPERATION_NEW_ACCEPTED_DOMAIN,
    OPERATION_SET_ACCEPTED_DOMAIN,
    OPERATION_REMOVE_ACCEPTED_DOMAIN,
    OPERATION_GET_MAILBOX,
    OPERATION_NEW_MAILBOX,
    OPERATION_SET_MAILBOX,
    OPERATION_REMOVE_MAILBOX,
    OPERATION_GET_PERMISSION,
    OPERATION_ADD_PERMISSION,
    OPERATION_REMOVE_PERMISSION,
    OPERATION_TEST_SUBMISSION,
    OPERATION_GET_QUEUE,
    OPERATION_GET_QUEUE_DIGEST,
    OPERATION_SUSPEND_QUEUE,
    OPERATION_RESUME_QUEUE,
    OPERATION_RETRY_QUEUE,
    OPERATION_GET_MESSAGE,
    OPERATION_SUSPEND_MESSAGE,
    OPERATION_RESUME_MESSAGE,
    OPERATION_RETRY_MESSAGE,
    OPERATION_REMOVE_MESSAGE,
    OPERATION_GET_MESSAGE_TRACKING_LOG,
    OPERATION_GET_SMTP_SESSION,
    OPERATION_STOP_SMTP_SESSION,
    OPERATION_GET_SMTP_SESSION_LOGGING,
    OPERATION_SET_SMTP_SESSION_LOGGING,
    OPERATION_GET_TRANSPORT_SERVICE,
    OPERATION_SET_TRANSPORT_SERVICE,
    OPERATION_GET_FRONTEND_TRANSPORT_SERVICE,
    OPERATION_SET_FRONTEND_TRANSPORT_SERVICE,
    OPERATION_GET_SERVER_COMPONENT_STATE,
    OPERATION_SET_SERVER_COMPONENT_STATE,
    OPERATION_TEST_SMTP_CONNECTIVITY,
    OPERATION_GET_DIAGNOSTIC_INFO,
    OPERATION_GET_TRANSPORT_CONFIG,
    OPERATION_SET_TRANSPORT_CONFIG,
    OPERATION_GET_CONFIGURATION_REVISION,
    OPERATION_UNDO_CONFIGURATION,
    OPERATION_SEARCH_ADMIN_AUDIT_LOG,
    OPERATION_EXPORT_CONFIGURATION,
    OPERATION_IMPORT_CONFIGURATION,
    OPERATION_GET_ROLE_GROUP,
    OPERATION_GET_ROLE_GROUP_MEMBER,
    OPERATION_ADD_ROLE_GROUP_MEMBER,
    OPERATION_REMOVE_ROLE_GROUP_MEMBER,
    OPERATION_GET_MANAGEMENT_TOKEN,
    OPERATION_NEW_MANAGEMENT_TOKEN,
    OPERATION_REMOVE_MANAGEMENT_TOKEN,
    OPERATION_GET_SEND_CONNECTOR,
    OPERATION_NEW_SEND_CONNECTOR,
    OPERATION_SET_SEND_CONNECTOR,
    OPERATION_REMOVE_SEND_CONNECTOR,
    OPERATION_TEST_MAIL_ROUTE,
    OPERATION_TEST_SEND_CONNECTOR,
    OPERATION_GET_DKIM_SIGNING_CONFIG,
    OPERATION_NEW_DKIM_SIGNING_CONFIG,
    OPERATION_SET_DKIM_SIGNING_CONFIG,
    OPERATION_ROTATE_DKIM_SIGNING_CONFIG,
    OPERATION_REMOVE_DKIM_SIGNING_CONFIG,
    OPERATION_TEST_DKIM_SIGNING_CONFIG,
    OPERATION_GET_DISTRIBUTION_GROUP,
    OPERATION_NEW_DISTRIBUTION_GROUP,
    OPERATION_SET_DISTRIBUTION_GROUP,
    OPERATION_REMOVE_DISTRIBUTION_GROUP,
    OPERATION_GET_DISTRIBUTION_GROUP_MEMBER,
    OPERATION_ADD_DISTRIBUTION_GROUP_MEMBER,
    OPERATION_REMOVE_DISTRIBUTION_GROUP_MEMBER,
    OPERATION_UPDATE_DISTRIBUTION_GROUP_MEMBER,
    OPERATION_REDIRECT_MESSAGE,
    OPERATION_EXPORT_MESSAGE,
    OPERATION_COUNT,
};

/* How the value of a parameter travels and what the client does for it. */
enum operation_parameter_kind {
    PARAMETER_TEXT = 1,
    PARAMETER_SWITCH,     /* stands alone: -WhatIf, or -Confirm:$false */
    PARAMETER_FILE,       /* base64 of a file; the client reads the file named by -FileName */
    PARAMETER_FILE_AT,    /* the same, from the path that is written as its value */
    PARAMETER_PASSWORD,   /* never in a log; "-" makes the client ask for it */
    PARAMETER_CREDENTIAL, /* {"UserName": "...", "Password": "..."}; the client asks for the latter
                           */
    PARAMETER_IDENTITY,   /* names an object */
    PARAMETER_LIST,       /* texts with commas, or an array */
    PARAMETER_INTEGER,
    PARAMETER_FILTER,  /* a condition (operations/filter.h); in a script also within { } */
    PARAMETER_MEMBER,  /* uid:1000, gid:1001, token:NAME; the client looks up local names */
    PARAMETER_SETTING, /* a row of the object's settings table */
};

struct operation_parameter {
    const char *name;
    enum operation_parameter_kind kind;
    bool positional; /* the words without a parameter in front of them, in the order of the rows */
    bool required;
    bool in_files_only; /* stands in files for `postern apply`, and is refused by the cmdlet */
    const char *help;
    const struct setting *setting; /* of PARAMETER_SETTING */
};

/* Which rows of the settings table of `kind` are parameters. */
enum operation_settings {
    OPERATION_NO_SETTINGS,
    OPERATION_SETTINGS_OF_NEW,
    OPERATION_SETTINGS_OF_SET
};

struct operation {
    const char *verb, *noun;
    enum operation_right right;
    bool changes;      /* takes -WhatIf, -Confirm and -Force */
    bool writes_file;  /* its reply holds FileData, which the client writes to -FileName PATH */
    bool file_follows; /* the same, but the file stands behind the reply: it may be large */
    bool for_many;     /* takes many objects at once: without a secret its handler does not wait */
    bool asks_first;   /* the client asks before it sends, unless told -Confirm:$false */
    enum operation_settings settings;
    enum model_kind kind;                         /* of the settings */
    const char *settings_prefix;                  /* only those that begin so; NULL: all */
    const struct operation_parameter *parameters; /* its own, ended by {0} */
    const char *help, *example;
};

extern const struct operation operations[OPERATION_COUNT];

enum { OPERATION_PARAMETERS_MAX = SETTINGS_MAX + 32 };

/* By "Verb-Noun" or a former name of it, case does not matter. NULL: the error names the nearest.
 */
const struct operation *operation_find(struct slice cmdlet, struct text *error);
enum operation_id operation_id_of(const struct operation *operation);
bool operation_append_name(struct text *text, const struct operation *operation);

/* All parameters an operation takes: its own, those that every change has, then its settings.
 * Returns how many there are; fills at most `capacity`. */
size_t operation_parameters(const struct operation *operation, struct operation_parameter *out,
                            size_t capacity);
/* By its name or an abbreviation that only one parameter begins with, case ignored. False: the
 * error names the nearest, or what an ambiguous name may mean. */
bool operation_parameter_find(const struct operation *operation, struct slice name,
                              struct operation_parameter *out, struct text *error);
/* The index-th parameter that may be given without its name. */
bool operation_positional(const struct operation *operation, size_t index,
                          struct operation_parameter *out);

/* Settings without an effect are left out. */
bool operation_print_help(const struct operation *operation, struct text *text);
/* Every parameter an object is set with, a line each, for programs: its name, its state (in-force,
 * inert), its default, its form and its help, with tabs between. */
bool operation_print_settings(enum model_kind kind, struct text *text);
bool operation_print_list(struct text *text); /* every cmdlet with its sentence */

const char *operation_error_category(enum operation_error error);        /* "ObjectNotFound" */
enum operation_error operation_error_of_category(struct slice category); /* else FAILED */

#endif
