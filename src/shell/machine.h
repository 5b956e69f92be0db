/* SPDX-License-Identifier: Apache-2.0 */
/* machine - the state of a running script, and how its parts talk to each other.
 *
 * Functions that run or evaluate return a flow: FLOW_ON when all is well, else why the statement
 * ends early; whoever is responsible for that reason takes it, everybody else hands it on. What
 * statements give is pushed, value by value, into a sink.
 *
 * Limits hold for steps, depth and memory; what passes one ends the whole input (FLOW_LIMIT).
 */
#ifndef SHELL_MACHINE_H
#define SHELL_MACHINE_H

#include "shell/heap.h"
#include "shell/node.h"
#include "shell/type.h"
#include "shell/world.h"

enum flow {
    FLOW_ON,
    FLOW_BREAK,
    FLOW_CONTINUE,
    FLOW_RETURN,
    FLOW_ENOUGH, /* a later part of the pipeline wants no more */
    FLOW_FAULT,
    FLOW_EXIT,
    FLOW_LIMIT
};

struct machine;
struct stage;
struct printer;

struct sink {
    enum flow (*take)(struct machine *machine, struct sink *sink, struct datum value);
};
/* Gathers what it is given; keep `list` on the heap's stack. */
struct collector {
    struct sink sink;
    struct datum list;
};

struct scope {
    struct scope *outer;
    struct datum variables; /* a table */
};

struct fault {
    enum operation_error category;
    const char *id; /* "ParameterNotFound" */
    struct text message, fix;
    struct slice command; /* the cmdlet that complains; may be empty */
    const struct node *node;
    bool thrown; /* ends the script when nobody catches it */
};

enum error_action {
    ERROR_ACTION_DEFAULT,
    ERROR_CONTINUE,
    ERROR_STOP,
    ERROR_SILENT,
    ERROR_IGNORED, /* nor is it kept */
    ERROR_INQUIRE
};

struct machine {
    const struct world *world;
    struct heap heap;
    struct scope *scope, *outermost;
    struct datum functions; /* name -> block */
    struct datum causes;    /* why a variable is empty: name -> text */
    struct datum item;      /* $_ */
    struct datum matches;   /* $Matches */
    struct datum result;    /* of return */
    struct stage *stages;   /* that are running, innermost first */
    size_t asking;          /* where in the text the operation stands that was called last */
    struct fault fault;
    struct printer *printer; /* shows what it holds back before anything else is printed */
    struct pattern_cache *patterns;
    uint64_t steps, steps_max;
    size_t depth, depth_max;
    size_t catching; /* how many try blocks are around */
    bool last_good;  /* $? */
    int exit_code;
};

enum {
    MACHINE_DEPTH_MAX = 700,
    MACHINE_MESSAGE_MAX = 16384,
    MACHINE_SUGGESTION_STEPS = 50 /* what looking for the nearest name costs */
};

bool machine_init(struct machine *machine, const struct world *world, size_t memory_max,
                  uint64_t steps_max);
void machine_deinit(struct machine *machine);

/* One more step; also the place where memory is given back. */
enum flow machine_step(struct machine *machine);
enum flow machine_enter(struct machine *machine, const struct node *node);
void machine_leave(struct machine *machine);
/* FLOW_ON, or FLOW_LIMIT when memory is used up. */
enum flow machine_memory(struct machine *machine);

/* --- faults --- */
PRINTF_LIKE(5, 6)
enum flow machine_fail(struct machine *machine, const struct node *node,
                       enum operation_error category, const char *id, const char *format, ...);
/* The fault as $_ of catch. */
struct datum fault_record(struct machine *machine);
void fault_print(struct machine *machine); /* also sets the exit code */
/* What to do with a fault of a statement or cmdlet that is not fatal: print it and go on, hide it,
 * ask, or hand it on. *action becomes Continue when the person does not want to be asked again. */
enum flow fault_settle(struct machine *machine, enum error_action *action);
void machine_print(struct machine *machine, enum world_stream stream, struct slice bytes);
void machine_warn(struct machine *machine, struct slice message);

/* --- variables --- */
bool scope_push(struct machine *machine, struct scope *scope);
void scope_pop(struct machine *machine);
enum flow variable_get(struct machine *machine, const struct node *node, struct slice name,
                       struct datum *out);
enum flow variable_set(struct machine *machine, const struct node *node, struct slice name,
                       struct datum value);
/* NULL when it was never assigned. */
struct datum *variable_find(struct machine *machine, struct slice name);
/* Says why it is empty, when that is known. */
void variable_append_cause(struct machine *machine, struct slice name, struct text *text);
void variable_note_cause(struct machine *machine, struct slice name, const struct node *value);
enum error_action machine_preference(struct machine *machine);
bool error_action_parse(struct slice word, enum error_action *out); /* "Stop" */

/* --- running --- */
enum flow run_sequence(struct machine *machine, const struct node *first, struct sink *out);
enum flow run_statement(struct machine *machine, const struct node *node, struct sink *out);
enum flow run_pipeline(struct machine *machine, const struct node *pipeline, struct sink *out);
enum flow run_assignment(struct machine *machine, const struct node *node, struct datum *out);
/* The statements of a block, with $_ (NULL: as it is). */
enum flow run_block(struct machine *machine, const struct node *block, const struct datum *item,
                    struct sink *out);
/* What a block gives: nothing, one value, or a list. */
enum flow block_value(struct machine *machine, const struct node *block, const struct datum *item,
                      struct datum *out);
enum flow evaluate(struct machine *machine, const struct node *node, struct datum *out);
/* The value of a statement in parentheses or to the right of =. */
enum flow evaluate_statement(struct machine *machine, const struct node *node, struct datum *out);
/* Lists element by element, null not at all. */
enum flow emit(struct machine *machine, struct sink *out, struct datum value);
void collector_init(struct machine *machine, struct collector *collector);
struct datum collector_value(const struct collector *collector);

/* --- operators and members --- */
enum flow operate_binary(struct machine *machine, const struct node *node, struct datum left,
                         struct datum right, struct datum *out);
/* "X does not work for a text and a list" */
enum flow operate_cannot(struct machine *machine, const struct node *node, const char *what,
                         struct datum left, struct datum right);
enum flow operate_arithmetic(struct machine *machine, const struct node *node,
                             enum operator_kind action, struct datum left, struct datum right,
                             struct datum *out);
enum flow operate_split(struct machine *machine, const struct node *node, struct datum left,
                        struct datum right, struct datum *out);
enum flow operate_join(struct machine *machine, struct datum list, struct slice between,
                       struct datum *out);
enum flow operate_replace(struct machine *machine, const struct node *node, struct datum left,
                          struct datum right, struct datum *out);
enum flow operate_match(struct machine *machine, const struct node *node, struct datum left,
                        struct datum right, bool *out);
enum flow operate_format(struct machine *machine, const struct node *node, struct slice form,
                         struct datum arguments, struct datum *out);
/* One value in the form of {0:form}; false: there is no such form. */
bool format_datum(struct text *out, struct datum value, struct slice form);
enum flow member_get(struct machine *machine, const struct node *node, struct datum object,
                     struct slice name, struct datum *out);
enum flow member_set(struct machine *machine, const struct node *node, struct datum object,
                     struct slice name, struct datum value);
enum flow index_get(struct machine *machine, const struct node *node, struct datum object,
                    struct datum index, struct datum *out);
enum flow index_set(struct machine *machine, const struct node *node, struct datum object,
                    struct datum index, struct datum value);
enum { METHOD_ARGUMENTS_MAX = 8 };
enum flow method_call(struct machine *machine, const struct node *node, struct datum object,
                      const struct datum *arguments, size_t count, struct datum *out);
enum flow static_call(struct machine *machine, const struct node *node,
                      const struct datum *arguments, size_t count, struct datum *out);

#endif
