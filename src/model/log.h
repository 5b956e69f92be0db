/* SPDX-License-Identifier: Apache-2.0 */
/* log - what the server writes down, as tables: each log with its files, each file with its
 * columns.
 *
 * The line that names the fields, the rows, the reading of rows and the properties of
 * Get-MessageTrackingLog all come from the columns. Nothing is done here but turning a struct into
 * a row; files belong to others.
 */
#ifndef MODEL_LOG_H
#define MODEL_LOG_H

#include "base/ip.h"
#include "base/text.h"

enum log_kind {
    LOG_EVENTS,           /* what an administrator should know */
    LOG_PROTOCOL_RECEIVE, /* the conversations of receive connectors that are logged */
    LOG_PROTOCOL_SEND,    /* those of send connectors */
    LOG_CONNECTIVITY,     /* what connections to other servers came to */
    LOG_MESSAGE_TRACKING, /* what became of each message */
    LOG_ADMIN_AUDIT,      /* every run of a cmdlet that changes something */
    LOG_KINDS,
};

enum log_column_kind {
    LOG_COLUMN_NONE,     /* always empty: the field belongs to the format */
    LOG_COLUMN_TEXT,     /* struct slice */
    LOG_COLUMN_LIST,     /* struct slice, elements with ';' between them */
    LOG_COLUMN_NUMBER,   /* uint64_t */
    LOG_COLUMN_HEX,      /* uint64_t, 16 digits; 0 = empty */
    LOG_COLUMN_TIME,     /* int64_t */
    LOG_COLUMN_ADDRESS,  /* struct ip_address; :: = empty */
    LOG_COLUMN_ENDPOINT, /* struct ip_endpoint; [::]:0 = empty */
};

struct log_column {
    const char *name;     /* in the files; NULL behind the last one */
    const char *property; /* of the objects a cmdlet shows; NULL: not shown */
    enum log_column_kind kind;
    size_t offset; /* in the row's struct */
    size_t max;    /* bytes of a text that are shown */
};

struct log_facts {
    const char *folder; /* below the folder of the logs; "" is that folder itself */
    const char *prefix; /* PREFIXyyyymmdd-n.log */
    const char *type;
    const struct log_column *columns;
    uint64_t file_max_bytes, folder_max_bytes;
    int64_t age_max_ms;
};

enum log_limits {
    LOG_COLUMNS_MAX = 32,
    LOG_ROW_MAX = 128 << 10,       /* the longest row, quotes and escapes included */
    LOG_DATA_MAX = 4096,           /* of a command or reply */
    LOG_CONTEXT_MAX = 1024,        /* of what is said about it */
    LOG_RECIPIENTS_MAX = 8 << 10,  /* of one row; a message with more has several rows */
    LOG_PARAMETERS_MAX = 16 << 10, /* of one cmdlet, as JSON */
};

struct log_event {
    int64_t at_ms;
    struct slice level;  /* "Information", "Warning", "Error" */
    uint64_t id;         /* 0: it has no number */
    struct slice source; /* the process */
    struct slice text;
};

struct log_protocol {
    int64_t at_ms;
    struct slice connector;
    uint64_t session, sequence;
    struct ip_endpoint local, remote;
    struct slice event; /* + - > < * */
    struct slice data, context;
};

struct log_connectivity {
    int64_t at_ms;
    uint64_t session;
    struct slice source;      /* "SMTP" */
    struct slice destination; /* the next hop */
    struct slice direction;   /* + > - */
    struct slice description;
};

struct log_tracking {
    int64_t at_ms;
    struct ip_address client;
    struct slice client_hostname;
    struct ip_address server;
    struct slice server_hostname;
    uint64_t session; /* 0: not of a session */
    struct slice connector, source, event;
    uint64_t message; /* the internal id */
    struct slice message_id, recipients, recipient_status;
    uint64_t total_bytes, recipient_count;
    struct slice reference, subject, sender, return_path, message_info, directionality, custom_data;
};

struct log_audit {
    int64_t at_ms;
    struct slice identity, caller, cmdlet;
    struct slice parameters; /* a JSON object: name and value, secrets left out */
    struct slice object;     /* what it was run on */
    struct slice properties; /* what it changed there: names with ';' between them */
    struct slice succeeded;  /* "True", "False" */
    struct slice error, server;
};

const struct log_facts *log_facts(enum log_kind kind);
/* The lines a file begins with. */
bool log_append_header(struct text *text, enum log_kind kind, int64_t at_ms);
/* `row` is the struct of that log. */
bool log_append_row(struct text *text, enum log_kind kind, const void *row);
/* The index of a column by its name; LOG_COLUMNS_MAX when there is none. */
size_t log_column_index(enum log_kind kind, struct slice name);

#endif
