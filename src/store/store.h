/* SPDX-License-Identifier: Apache-2.0 */
/* store - configuration, queue and message bodies, kept so that nothing acknowledged is lost.
 *
 * One caller thread (the hub's loop) makes all calls. Whatever writes is handed to the engine's own
 * writer thread; its `done` runs later in the caller's thread, out of store_dispatch(), never
 * inside the call that handed it in, and exactly once for each call that returned STORE_OK.
 * STORE_OK in `done` means: durable, flushed, survives a power cut. Calls that read answer at once
 * from the last committed state.
 *
 * Results: negative is -errno (the machine failed; forward it), positive is an enum store_outcome
 * (answer it). Slices handed in are borrowed during the call only; slices handed to a callback are
 * borrowed until it returns, and a callback must not read the store again. Times are milliseconds
 * since 1970 UTC and come from the caller. Texts (envelope, body, data) are opaque to the store.
 *
 * The first EIO stops the store: what was under way is answered STORE_FAILED, everything after it
 * STORE_STOPPED, and the process is expected to end and be started again. Nothing is flushed twice
 * in the hope that the second time is true.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/attributes.h"
#include "base/object_id.h"
#include "base/text.h"

struct store;
struct body;
struct store_disk_event;

enum store_outcome {
    STORE_OK = 0,
    STORE_CONFLICT,  /* another version than expected, or the name is taken */
    STORE_NOT_FOUND, /* no such object, message or destination */
    STORE_FULL,      /* no space on the volume: 452 4.3.1 */
    STORE_BUSY,      /* too much under way: try again later */
    STORE_UNKNOWN,   /* committed or not: ask again with the same id (shared engine) */
    STORE_LOST,      /* no longer ours: taken over, removed, or finished already */
    STORE_TOO_LARGE, /* over max_body_bytes */
    STORE_DAMAGED,   /* the body's checksum is wrong; the message is listed as damaged */
    STORE_FAILED,    /* not stored, for a reason of this batch or message alone: 451 */
    STORE_STOPPED,   /* the first EIO was here: nothing is accepted any more */
};

/* Lower-case words for logs: "ok", "conflict", ... */
const char *store_outcome_name(enum store_outcome outcome);

typedef void store_done_fn(void *context, enum store_outcome outcome, uint64_t number);

/* --- life ------------------------------------------------------------------------------------ */

/* A field left 0 takes the default in its comment. */
struct store_options {
    size_t inline_max_bytes;       /* 16 KiB: bodies up to this may live in their row */
    size_t inline_batch_max_bytes; /* 256 KiB: ... while the batch's sum is no more than this */
    size_t memory_body_max_bytes;  /* 256 KiB: longer bodies stream to disk, and are lent from it */
    size_t recent_bodies_bytes;    /* 32 MiB of bodies kept for lending right after accept */
    size_t batch_max_messages;     /* 256 */
    size_t batch_max_bytes;        /* 8 MiB */
    uint64_t segment_bytes;        /* 64 MiB */
    size_t segments_kept_free;     /* 16 */
    uint64_t max_body_bytes;       /* 150 MiB */
    uint64_t ballast_bytes;        /* 256 MiB; less for tests */
    int log_pages_max;             /* 4000: then the writer moves the log into its database */
    unsigned finish_delay_ms;      /* 20: the longest that a finish waits for company */
    unsigned compaction_pause_ms;  /* an hour: between two looks for sparse segments */
    unsigned node;                 /* 0-1023, in message ids */
    uint64_t revisions_max;        /* 10,000 of the configuration are kept, ... */
    int64_t revision_age_max_ms;   /* ... of the last 366 days, ... */
    uint64_t history_max_bytes;    /* ... in 512 MiB; the newest is kept in any case */
    /* Back pressure; see store_pressure. */
    uint64_t free_medium_bytes, free_high_bytes;     /* max(10 %, 2 GiB), max(5 %, 1 GiB) */
    uint64_t memory_medium_bytes, memory_high_bytes; /* 25 %, 40 % of RAM, for bodies */
    uint64_t recipients_medium, recipients_high;     /* 1,000,000 and 4,000,000 in the queue */
    int64_t calm_ms; /* 30,000 under 80 % of a threshold, and its level ends */
    /* Called before each change of the disk; a negative result makes it fail so. For tests; NULL
     * otherwise. Runs in any of the store's threads. See store/disk.h. */
    int (*disk_hook)(void *context, const struct store_disk_event *event);
    void *disk_context;
};

/* `folder` must exist, belong to the caller and be writable by nobody else (-EPERM). Files are made
 * with mode 0600. Starts the store's threads; blocks while SQLite recovers. */
MUST_USE int store_open(const char *folder, const struct store_options *options,
                        struct store **out_store);
/* Writes what was handed in, runs the callbacks of it, ends the threads. Loans and bodies must have
 * been given back. Accepts NULL. */
void store_close(struct store *store);

int store_event_fd(const struct store *store); /* readable: call store_dispatch */
void store_dispatch(struct store *store);

/* False after two deaths by EIO within ten minutes: deliver only, accept nothing, raise the alarm.
 */
bool store_accepting(const struct store *store);
bool store_stopped(struct store *store);
const char *store_stop_reason(struct store *store); /* for the log; "" while it runs */

enum store_pressure_level { STORE_PRESSURE_NONE, STORE_PRESSURE_MEDIUM, STORE_PRESSURE_HIGH };

/* One of the measures, as it is at this moment. */
struct store_measure {
    const char *cause; /* "free space" */
    bool scarce;       /* less is worse */
    uint64_t now, medium, high;
    enum store_pressure_level level; /* by this measure alone */
};
enum { STORE_MEASURES_MAX = 8 };

struct store_pressure {
    enum store_pressure_level level;
    const char *cause; /* of the level: "free space", "commit latency", ...; "" when none */
    uint64_t free_bytes, volume_bytes;
    size_t writer_messages, writer_bytes; /* handed in and not yet durable */
    unsigned commit_p99_ms;               /* over the last ten seconds */
    uint64_t log_bytes;                   /* write-ahead log of the queue */
    uint64_t body_memory_bytes;
    uint64_t queued_recipients;
    struct store_measure measures[STORE_MEASURES_MAX];
    size_t measure_count;
};

/* The level rises at once and falls again after calm_ms under 80 % of its threshold. MEDIUM: slow
 * down and refuse the anonymous; HIGH: accept nothing, deliver. Cheap enough for once a second. */
MUST_USE int store_pressure(struct store *store, int64_t now_ms,
                            struct store_pressure *out_pressure);

/* --- configuration --------------------------------------------------------------------------- */

enum config_operation {
    CONFIG_PUT,           /* create or replace an object */
    CONFIG_DELETE,        /* the object and its secret */
    CONFIG_PUT_SECRET,    /* body is the sealed bytes, key_name the key that seals them */
    CONFIG_DELETE_SECRET, /* no error when there is none */
};

enum {
    CONFIG_VERSION_NEW = 0, /* expected: the object does not exist yet */
};
#define CONFIG_VERSION_ANY UINT64_MAX /* whatever is there, or nothing */

struct config_change {
    enum config_operation operation;
    struct slice kind;
    struct object_id id;
    struct slice name; /* of PUT: unique in its kind, ASCII case ignored; else only for the log */
    struct slice body; /* JSON text (PUT), sealed bytes (PUT_SECRET) */
    struct slice key_name;
    uint64_t expected_version; /* PUT and DELETE; the new version is the old one plus 1 */
};

struct config_batch {
    const struct config_change *changes;
    size_t count;
    struct slice actor;   /* who, for the audit trail */
    struct slice command; /* what was typed, for the audit trail */
    int64_t at_ms;
};

struct config_object {
    struct slice kind;
    struct object_id id;
    struct slice name;
    struct slice body;
    uint64_t version;
};

struct config_entry {
    uint64_t sequence; /* one per batch: the revision */
    int64_t at_ms;
    struct slice actor, command;
    enum config_operation operation;
    struct slice kind;
    struct object_id id;
    struct slice name;
    uint64_t version; /* 0 for secrets and deletions */
};

/* Callbacks return false to stop; the call then still answers STORE_OK. */
typedef bool config_each_fn(void *context, const struct config_object *object);
typedef bool config_entry_fn(void *context, const struct config_entry *entry);
typedef void config_hint_fn(void *context, uint64_t sequence);

/* All changes or none. done: STORE_OK with the new sequence, or STORE_CONFLICT / STORE_NOT_FOUND
 * with the index of the offending change. */
MUST_USE int config_apply(struct store *store, const struct config_batch *batch,
                          store_done_fn *done, void *context);
/* An empty kind lists all; ordered by kind, then name. */
MUST_USE int config_list(struct store *store, struct slice kind, config_each_fn *each,
                         void *context);
MUST_USE int config_get(struct store *store, struct slice kind, struct object_id id,
                        config_each_fn *each, void *context); /* STORE_NOT_FOUND */
/* The log after `sequence`, oldest first. */
MUST_USE int config_since(struct store *store, uint64_t sequence, config_entry_fn *each,
                          void *context);
MUST_USE int config_sequence(struct store *store, uint64_t *out_sequence); /* of the last batch */
/* One watcher: called from store_dispatch after each batch that changed something. */
void config_watch(struct store *store, config_hint_fn *hint, void *context);
/* Appends to both texts; STORE_NOT_FOUND. The bytes are sealed: only the vault can open them. */
MUST_USE int config_secret_get(struct store *store, struct slice kind, struct object_id id,
                               struct text *out_sealed, struct text *out_key_name);

/* --- the history of the configuration -------------------------------------------------------- */

/* A body or a secret as it was: `kept` is false when nobody knows (an older release wrote it),
 * `exists` when there was one. */
struct config_state {
    bool kept, exists;
    struct slice name; /* of the object */
    struct slice body; /* JSON text, or sealed bytes */
    struct slice key_name;
};

struct config_revision_entry {
    struct config_entry entry; /* its name is the one before when the object went */
    bool of_secret;
    struct config_state before, after; /* of the object; of the secret when it is of one */
};

struct config_history_filter {
    int64_t from_ms, until_ms; /* both included */
};

typedef bool config_revision_fn(void *context, const struct config_revision_entry *entry);

/* The log, newest revision first, its entries in their order; without bodies: `before` says only
 * whether something was there. */
MUST_USE int config_history(struct store *store, const struct config_history_filter *filter,
                            config_revision_fn *each, void *context);
/* One revision with everything before and after; STORE_NOT_FOUND. */
MUST_USE int config_revision(struct store *store, uint64_t sequence, config_revision_fn *each,
                             void *context);
/* Each object and each secret that revisions first ... last changed, once: what it was before the
 * first of them, in `before`. An object that goes with its secret is there twice. */
MUST_USE int config_before(struct store *store, uint64_t first, uint64_t last,
                           config_revision_fn *each, void *context);
/* The later entries about the objects of this revision, oldest first. */
MUST_USE int config_later(struct store *store, uint64_t sequence, config_entry_fn *each,
                          void *context);
/* The oldest revision that is not forgotten; 0: there is none. */
MUST_USE int config_oldest(struct store *store, uint64_t *out_sequence);

/* --- bodies ---------------------------------------------------------------------------------- */

/* STORE_OK, STORE_BUSY (body memory), STORE_TOO_LARGE (by the hint; 0 = not known), STORE_STOPPED.
 */
MUST_USE int body_begin(struct store *store, uint64_t size_hint_bytes, struct body **out_body);
/* STORE_OK, STORE_TOO_LARGE, STORE_FULL, STORE_STOPPED. After any other than STORE_OK the body is
 * only good for body_abandon. */
MUST_USE int body_write(struct body *body, struct slice bytes);
uint64_t body_size(const struct body *body);
/* The next bytes behind `offset`, `size` of them at most: in `buffer` or in the body itself, good
 * until it is written to; empty at its end. STORE_OK, STORE_STOPPED, and -EINVAL when there is no
 * such offset. */
MUST_USE int body_read(struct body *body, uint64_t offset, char *buffer, size_t size,
                       struct slice *out_bytes);
/* Writes what `from` holds behind `offset` to the end of `body`; results of body_write, and -EINVAL
 * when there is no such offset. */
MUST_USE int body_write_from(struct body *body, struct body *from, uint64_t offset);
void body_abandon(struct body *body); /* accepts NULL */

struct body_loan {
    int fd; /* read-only; close it only by these functions; duplicates may travel */
    uint64_t offset, length;
    uint32_t checksum; /* CRC32C of the body */
    uint32_t segment;  /* the store's own: what the loan keeps alive, 0 = nothing */
};

/* STORE_OK, STORE_NOT_FOUND, STORE_DAMAGED. Bodies up to memory_body_max_bytes come as a sealed
 * memfd and were checked; larger ones as their segment file, which is not reused before the loan is
 * returned, and whose bytes the reader may check. */
MUST_USE int body_lend(struct store *store, uint64_t message, struct body_loan *out_loan);
/* Closes the descriptor; what a duplicate of it reads stays what it is until the loan is returned.
 */
void body_loan_close(struct body_loan *loan);
/* Closes; twice is harmless. NULL: the store has been closed. */
void body_loan_return(struct store *store, struct body_loan *loan);

/* Once a second: carries some bodies out of a segment of which less than a quarter is live, so that
 * it can be reused; a small piece of it. True: a piece is on its way. */
bool store_compact(struct store *store);

/* --- queue ----------------------------------------------------------------------------------- */

struct envelope_recipient {
    struct slice address;
    struct slice destination; /* key of the next hop; "" is a key too */
    int64_t next_at_ms;       /* when it is due; the accepting hub schedules it by itself */
    struct slice data;
};

struct envelope {
    uint64_t message; /* from store_message_id */
    struct slice sender;
    struct slice envelope;
    int64_t received_at_ms, expires_at_ms;
    const struct envelope_recipient *recipients; /* at least one; numbered from 0 */
    size_t recipient_count;
    bool suspended; /* nobody's until message_set lets it go on */
};

/* Unique and growing: 41 bits of milliseconds since 2020, 6 of shard, 10 of node, 6 counted. Ask
 * before queue_accept, so that a repeated accept is the same message. */
uint64_t store_message_id(struct store *store, int64_t now_ms);

/* Takes the body, whatever the result. done gets the message id, and STORE_OK only when the message
 * is durable: it is then queued and, unless it is suspended, owned by this caller, who knows its
 * recipients and need not claim them. An id that is already queued answers STORE_OK and changes
 * nothing. */
MUST_USE int queue_accept(struct store *store, struct body *body_take,
                          const struct envelope *envelope, store_done_fn *done, void *context);

enum delivery_verdict {
    DELIVERY_DONE,     /* delivered, expanded or relayed: the recipient goes */
    DELIVERY_FAILED,   /* given up: the recipient goes; the notice is a new message */
    DELIVERY_DEFERRED, /* ownership ends; due again at next_at_ms; counts as an attempt */
    DELIVERY_RELEASED, /* ownership ends without an attempt; due again at next_at_ms */
};

struct delivery_outcome {
    uint64_t message;
    uint32_t recipient;
    enum delivery_verdict verdict;
    int64_t next_at_ms;
    struct slice last_error; /* deferred: shown with recipient and destination */
};

/* Not urgent: rides on the next batch, or goes after finish_delay_ms. done: STORE_OK, or STORE_LOST
 * with the number of outcomes that found no owned recipient; the others are written. STORE_FULL or
 * STORE_FAILED: nothing is written, hand it in again later. */
MUST_USE int queue_finish(struct store *store, const struct delivery_outcome *outcomes,
                          size_t count, store_done_fn *done, void *context);

struct recipient_move {
    uint64_t message;
    uint32_t recipient;
    struct slice destination; /* where it waits from now on */
    int64_t next_at_ms;       /* when it is due, if it is not before */
};

/* Sends recipients another way: they wait for the other destination, suspended if that is, with
 * the attempts they have behind them. What the hub has in hand stays where it is: finish it first.
 * done: STORE_OK with the number of recipients that have moved. */
MUST_USE int queue_move(struct store *store, const struct recipient_move *moves, size_t count,
                        store_done_fn *done, void *context);

/* Other recipients in the place of some. Either of one recipient that the hub has in hand, or
 * (not `owned`) of all that nobody has in hand, of a message that message_set has suspended. */
struct recipient_exchange {
    uint64_t message;
    bool owned;
    uint32_t recipient;    /* of `owned` */
    uint32_t first_number; /* the new ones are numbered from here, or from where there is room */
    const struct envelope_recipient *recipients; /* at least one; due as they say, in no hand */
    size_t recipient_count;
};

/* All of it or nothing. done: STORE_OK with the number of recipients that went, or STORE_LOST:
 * there was none of these. */
MUST_USE int queue_exchange(struct store *store, const struct recipient_exchange *exchange,
                            store_done_fn *done, void *context);

/* One recipient as it stands in the queue. */
struct queue_item {
    uint64_t message;
    uint32_t recipient;
    struct slice sender, envelope;
    int64_t received_at_ms, expires_at_ms;
    uint64_t size_bytes;
    struct slice address, destination, data;
    int64_t next_at_ms;
    uint32_t attempts;
    struct slice last_error;
    bool owned;                 /* the hub has it in hand */
    bool message_suspended;     /* by message_set */
    bool destination_suspended; /* by destination_set */
    bool damaged;
    uint32_t deaths; /* how often QUEUE_SUSPECT was said of the message, since it was resumed */
};

typedef bool queue_each_fn(void *context, const struct queue_item *item);

struct queue_claim {
    struct slice destination; /* all when at == NULL */
    int64_t now_ms;
    size_t limit; /* recipients */
};

/* Hands out due recipients, the longest due first, and makes the caller their owner: each is to be
 * finished once. All ownership ends with the store: what was owned is due after store_open,
 * the rest can be claimed when due (use now_ms = INT64_MAX to have all of it). What is handed out
 * is the caller's when the call returns: a queue_finish from inside `each` would come too early.
 * STORE_BUSY: too many claims under way, dispatch first. */
MUST_USE int queue_claim(struct store *store, const struct queue_claim *claim, queue_each_fn *each,
                         void *context);
/* When queue_claim will next find something: STORE_OK, or STORE_NOT_FOUND. */
MUST_USE int queue_next_due(struct store *store, int64_t *out_due_at_ms);

/* What is read of an item beside the number of its message; the rest of it stays empty. */
enum queue_field {
    QUEUE_SENDER = 1 << 0, /* of the message */
    QUEUE_ENVELOPE = 1 << 1,
    QUEUE_RECEIVED = 1 << 2,
    QUEUE_EXPIRES = 1 << 3,
    QUEUE_SIZE = 1 << 4,
    QUEUE_DEATHS = 1 << 5,
    QUEUE_NUMBER = 1 << 6, /* of the recipient */
    QUEUE_ADDRESS = 1 << 7,
    QUEUE_DATA = 1 << 8,
    QUEUE_NEXT = 1 << 9,
    QUEUE_ATTEMPTS = 1 << 10,
    QUEUE_LAST_ERROR = 1 << 11,
    QUEUE_OWNED = 1 << 12,
    QUEUE_STATE = 1 << 13, /* suspended, damaged */
    QUEUE_DESTINATION = 1 << 14,
};

struct queue_filter {
    uint64_t message;         /* this one alone, whatever stands below; 0: all */
    struct slice destination; /* all when at == NULL */
    uint64_t after_message;   /* for paging: messages with a greater id, ... */
    uint64_t until_message;   /* ... up to this one; 0: to the end */
    size_t limit;             /* items; 0: no limit */
    unsigned fields;          /* 0: all; the fewer, the sooner */
};

/* Ordered by message, then recipient. When nothing of recipients is asked for, neither fields nor
 * a destination, there is one item for each message. */
MUST_USE int queue_list(struct store *store, const struct queue_filter *filter, queue_each_fn *each,
                        void *context);

/* The message that ends a page of about so many recipients, for until_message; STORE_NOT_FOUND:
 * there are no more than that. Costs much less than a look at the page. */
MUST_USE int queue_page_end(struct store *store, uint64_t after_message, size_t recipients,
                            uint64_t *out_message);

struct queue_statistic {
    struct slice destination;
    bool suspended;
    uint64_t recipients; /* queued, in any state */
    uint64_t owned;      /* of these in the hub's hand */
    uint64_t deferred;   /* of these tried at least once */
    int64_t oldest_ms;   /* the oldest message's received_at_ms */
    int64_t next_at_ms;  /* the earliest next_at_ms not owned; INT64_MAX: none */
    uint32_t failures;   /* deferrals since the last delivery */
    struct slice last_error;
};

typedef bool queue_statistic_fn(void *context, const struct queue_statistic *statistic);

/* A row for each destination that has recipients or is suspended, ordered by key: those behind
 * `after`, or all when after.at == NULL. A row costs as much as its destination holds, some 0.1 us
 * a recipient: who has others to think of stops, and goes on behind the key he has come to. */
MUST_USE int queue_statistics(struct store *store, struct slice after, queue_statistic_fn *each,
                              void *context);

/* Whether destination_set has suspended it; one that does not exist is not. */
MUST_USE int destination_is_suspended(struct store *store, struct slice destination,
                                      bool *out_suspended);

enum queue_order {
    QUEUE_SUSPEND, /* not claimed any more; what is owned runs on */
    QUEUE_RESUME,
    QUEUE_RETRY,   /* what is not owned becomes due at at_ms, if it is not before */
    QUEUE_REMOVE,  /* messages only: gone without notice; a finish under way will be STORE_LOST */
    QUEUE_SUSPECT, /* messages only: who had it in hand has died; counted until it is resumed */
};

/* done: STORE_OK with the number of recipients concerned, or STORE_NOT_FOUND. Suspending a
 * destination that does not exist yet creates it. */
MUST_USE int destination_set(struct store *store, struct slice destination, enum queue_order order,
                             int64_t at_ms, store_done_fn *done, void *context);
/* Suspends the message; its recipients that nobody has in hand wait for `destination` from now on.
 * done: STORE_OK with their number, or STORE_NOT_FOUND. */
MUST_USE int message_set_aside(struct store *store, uint64_t message, struct slice destination,
                               store_done_fn *done, void *context);
MUST_USE int message_set(struct store *store, uint64_t message, enum queue_order order,
                         int64_t at_ms, store_done_fn *done, void *context);

#endif
