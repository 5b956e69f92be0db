/* SPDX-License-Identifier: Apache-2.0 */
/* cmdlet - the cmdlets of the language itself as a table, and one part of a running pipeline.
 *
 * Each part of a pipeline is a stage: it is opened with its arguments, takes value by value from
 * the stage before, gives values to the next, and is told the end. The first one takes nothing. A
 * stage runs a cmdlet of the table here, an operation of the hub, or a block of the script.
 */
#ifndef SHELL_CMDLET_H
#define SHELL_CMDLET_H

#include "shell/machine.h"

enum { CMDLET_PARAMETERS_MAX = 20, STAGE_HELD = 4, PIPELINE_STAGES_MAX = 64 };

struct cmdlet_parameter {
    const char *name;
    enum { ARGUMENT_VALUE, ARGUMENT_SWITCH } kind;
    bool positional, required;
    bool rest; /* takes all further positional arguments, as a list */
};

typedef enum flow cmdlet_fn(struct stage *stage);
typedef enum flow cmdlet_value_fn(struct stage *stage, struct datum value);

struct cmdlet {
    const char *name;
    const char *aliases;      /* with blanks between */
    cmdlet_fn *begin;         /* may be NULL */
    cmdlet_value_fn *process; /* NULL: takes nothing from a pipeline */
    cmdlet_fn *end;           /* may be NULL */
    struct cmdlet_parameter parameters[CMDLET_PARAMETERS_MAX + 1];
    const char *help, *example;
};

/* A sink that keeps what it hands on. */
struct tee {
    struct sink sink;
    struct sink *into;
    struct datum list;
};

struct stage {
    struct sink sink; /* what the stage before gives into */
    struct sink *out;
    struct machine *machine;
    const struct node *node;
    const struct cmdlet *cmdlet; /* one of these three */
    const struct operation *operation;
    const struct node *block;
    struct datum arguments[CMDLET_PARAMETERS_MAX];
    uint32_t given;                /* a bit each */
    struct datum held[STAGE_HELD]; /* what it keeps between values */
    int64_t count;
    json_t *parameters; /* of an operation */
    json_t *gathered;   /* what it is to be run for, each with its own parameters */
    struct scope scope; /* of a block that is a function */
    bool first, done, verbose, quiet;
    bool refused;    /* by the person, for all that is still to come */
    bool hands_on;   /* there is a part behind it */
    bool names_only; /* what it gives goes into an operation, which asks for names alone */
    enum error_action action;
    struct tee tee;      /* of -OutVariable */
    struct datum errors; /* of -ErrorVariable: a list */
    struct stage *outer;
};

void stage_reach(struct heap *heap, const struct stage *stage);
enum flow stage_open(struct stage *stage); /* finds its command and binds its arguments */
enum flow stage_begin(struct stage *stage);
enum flow stage_end(struct stage *stage);
void stage_close(struct stage *stage);

/* --- for cmdlets --- */
enum flow stage_give(struct stage *stage, struct datum value);
static inline bool stage_has(const struct stage *stage, size_t parameter)
{
    return stage->given >> parameter & 1;
}
bool stage_switch(const struct stage *stage, size_t parameter);
/* The argument as text; empty when it was not given. */
struct slice stage_text(struct stage *stage, size_t parameter);
/* A complaint that does not end the pipeline unless -ErrorAction says so. */
PRINTF_LIKE(4, 5)
enum flow stage_complain(struct stage *stage, enum operation_error category, const char *id,
                         const char *format, ...);
/* The same for what stands in the machine's fault. */
enum flow stage_settle(struct stage *stage);
/* A property as Select-Object and its like take it: a name, a block, or a table with Name and
 * Expression. A name that the object does not have is a fault. */
enum flow property_value(struct stage *stage, struct datum property, struct datum object,
                         struct datum *out);
struct slice property_name(struct stage *stage, struct datum property);
/* The properties of an argument for an object: names with * are spread out. A list. */
enum flow property_list(struct stage *stage, struct datum argument, struct datum object,
                        struct datum *out);

/* Warns when -Encoding asks for something that files are not written in. */
void stage_check_encoding(struct stage *stage, size_t parameter);

/* `begin` and `process` of cmdlets that look at everything at once: it gathers in held[0]. */
enum flow stage_gather_begin(struct stage *stage);
enum flow stage_gather_take(struct stage *stage, struct datum value);

const struct cmdlet *cmdlet_find(struct slice name); /* by name or alias; NULL */
const struct cmdlet *cmdlet_at(size_t index);        /* NULL behind the last */
/* Says what the unknown name may have meant, among everything there is. */
void cmdlet_say_nearest(struct machine *machine, struct slice name, struct text *error);
bool cmdlet_print_list(struct text *text);

/* --- the other kinds of stages --- */
enum flow operation_begin(struct stage *stage);
enum flow operation_take(struct stage *stage, struct datum value);
enum flow operation_end(struct stage *stage);
enum flow operation_flush(struct stage *stage); /* runs it for what was gathered */
/* A Get- that gives into an operation: that one binds by what names an object, and by nothing
 * else. */
bool operation_gives_names(const struct stage *stage, const struct stage *into);

/* --- what variables ask of every command --- */
void preference_before(struct stage *stage); /* its arguments are bound */
void preference_after(struct stage *stage);  /* of an operation */

/* --- what every command takes --- */
enum common {
    COMMON_ERROR_ACTION,
    COMMON_WARNING_ACTION,
    COMMON_VERBOSE,
    COMMON_OUT_VARIABLE,
    COMMON_ERROR_VARIABLE,
    COMMON_REFUSED
};
bool common_find(struct slice name, enum common *out);
/* For the Tab key; NULL behind the last. */
const char *common_name(size_t index);
const char *error_action_word(size_t index);
enum flow common_set(struct stage *stage, const struct node *node, enum common what,
                     struct datum value);
/* What it says itself, else what the script prefers. */
enum error_action stage_action(const struct stage *stage);
/* The machine's fault goes into the variable of -ErrorVariable. */
void common_note_error(struct stage *stage);

/* --- arguments --- */
struct target {
    struct stage *stage;
    size_t positionals;
    /* False: the error says why, or is empty when there is none of this name. */
    bool (*find)(struct target *target, struct slice name, size_t *out_index, bool *out_is_switch,
                 struct text *error);
    /* The next one that may be given without its name. */
    bool (*next)(struct target *target, size_t *out_index);
    enum flow (*set)(struct target *target, const struct node *node, size_t index,
                     struct datum value);
};
enum flow bind_arguments(struct target *target);
enum flow bind_cmdlet(struct stage *stage);
enum flow bind_operation(struct stage *stage);
enum flow bind_block(struct stage *stage); /* into a scope that is already there */

#endif
