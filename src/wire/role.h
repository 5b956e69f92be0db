/* SPDX-License-Identifier: Apache-2.0 */
/* role - what every role but the supervisor does alike: it is started with one descriptor, its wire
 * to the supervisor, over which it receives the wires to its peers. When the supervisor is gone, so
 * is the role.
 */
#ifndef WIRE_ROLE_H
#define WIRE_ROLE_H

#include "os/sandbox.h"
#include "wire/channel.h"

enum { ROLE_SUPERVISOR_FD = 3 }; /* the descriptor a role is born with */

struct role_start { /* from the command line of the process */
    enum wire_role self;
    unsigned index;
    const char *data;   /* the data folder */
    const char *server; /* name of the server, for the first start; may be NULL */
    const char *bind;   /* address of the default connectors, for the first start; may be NULL */
    const char *trust;  /* roots of the house, for the vault; may be NULL */
    const char *name_server; /* for the courier; NULL: those of the system */
    const char *dns_anchor;  /* for the courier: a file; NULL: that of the root zone */
    unsigned policy_port;    /* for the courier: of policies of MTA-STS */
    unsigned port_offset;    /* for the first start */
    bool drop_privileges;    /* started as root: become the user of this role */
};

struct role_handlers {
    void (*peer)(void *context, enum wire_role peer, unsigned index, int fd_take);
    void (*message)(void *context, const struct frame *frame,
                    int fd);      /* everything else; may be NULL */
    void (*drain)(void *context); /* NULL: the loop stops at once */
    void *context;
};

struct role {
    struct loop *loop;
    const struct role_start *start;
    const struct role_handlers *handlers;
    struct channel supervisor;
    struct channel_owner owner;
};

MUST_USE int role_begin(struct role *role, const struct role_start *start,
                        const struct role_handlers *handlers);
/* Gives up root (if it has it) and enters the sandbox of the role: the calls of role_sandbox_calls,
 * and in the file system nothing but these folders. A failure is fatal to the role. */
MUST_USE int role_confine(struct role *role, const struct sandbox_folder *folders,
                          size_t folder_count);
/* The groups of system calls a role has (enum sandbox_calls); one table, so that the report cannot
 * differ. */
unsigned role_sandbox_calls(enum wire_role role);
void role_ready(struct role *role); /* tells the supervisor */
/* An event on standard error, with its priority where that is the journal. */
void role_print_event(const struct wire_event *event);
/* One line for the log, through the hub when `hub` is alive, else to standard error. */
PRINTF_LIKE(4, 5)
void role_event(struct channel *hub, enum wire_level level, unsigned id, const char *format, ...);
/* Who else hears of every event that goes to standard error: the hub, which keeps a log of them.
 * NULL: nobody. */
typedef void role_event_fn(void *context, const struct wire_event *event);
void role_event_also(role_event_fn *hear, void *context);
int role_run(struct role *role); /* until drained or orphaned; closes everything */

/* The user of a role when the server was started by root: one each, so that no role can touch
 * another. */
uid_t role_uid(enum wire_role role);

#endif
