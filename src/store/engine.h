/* SPDX-License-Identifier: Apache-2.0 */
/* engine - the embedded engine from inside: SQLite for truth, segments for long bodies.
 *
 * Three threads: the caller's (the hub), the writer, who alone changes both databases, and the
 * keeper, who prepares segments and moves the write-ahead log into its database. The parts of
 * struct store say whose they are; what is shared is under `lock`.
 */
#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H

#include "store/compaction.h"
#include "store/database.h"
#include "store/disk_vfs.h"
#include "store/recent.h"
#include "store/request.h"
#include "store/segment.h"

#include <pthread.h>

enum {
    CLAIMS_MAX = 1024,
    LATENCIES_MAX = 1024,
    DESTINATIONS_CACHED = 1024,
    PENDING_MESSAGES_MAX = 16384,
    REASON_BYTES = 160,
};

#define PENDING_BYTES_MAX (UINT64_C(1) << 30)

/* Bits of recipient.state, message.state and destination.state. */
enum {
    STATE_DESTINATION_SUSPENDED = 1,
    STATE_MESSAGE_SUSPENDED = 2,
    STATE_DAMAGED = 4,
    STATE_ONE_DEATH = 256, /* of a message alone: how often QUEUE_SUSPECT was said, up to 255 */
    STATE_DEATHS = 255 * STATE_ONE_DEATH,
};

struct destination_entry {
    char *key;
    size_t key_len;
    int64_t id; /* 0: empty */
    int state;
};

struct latency {
    int64_t at_ms;
    unsigned took_ms;
};

struct pressure_memory {
    enum store_pressure_level level;
    const char *cause;
    int64_t calm_since_ms; /* 0: not calm */
};

struct store {
    struct store_options options; /* defaults filled in; fixed once open */
    char *folder_path;
    struct disk disk;
    struct disk_vfs *vfs;
    struct database_place place;
    int64_t incarnation;
    bool accepting;
    int event_fd;
    struct segment_table segments; /* locks itself */

    /* the caller's thread */
    struct database queue_reader, config_reader;
    struct recent recent;
    struct compaction compaction;
    struct own_row claims[CLAIMS_MAX]; /* handed out, not yet written */
    size_t claim_count;
    uint64_t body_memory_bytes;
    uint64_t queued_recipients;
    uint64_t last_message_id;
    config_hint_fn *hint;
    void *hint_context;
    struct pressure_memory pressure;

    /* the writer's thread */
    struct database queue_writer, config_writer;
    struct segment *filling;
    struct segment *carried; /* takes what is carried out of sparse segments; NULL: none yet */
    struct destination_entry destinations[DESTINATIONS_CACHED];
    bool some_destination_failing;
    int log_pages; /* since the writer last moved them */
    int config_log_pages;

    /* the keeper's thread */
    struct database queue_keeper;

    /* under lock */
    pthread_mutex_t lock;
    pthread_cond_t work, keeping;
    struct request_list pending, finished;
    size_t pending_urgent, pending_messages, pending_bytes, pending_count;
    bool closing, stopped, ballast_released, spare_wanted, threads_started;
    char stop_reason[REASON_BYTES];
    struct latency latencies[LATENCIES_MAX];
    size_t latency_count; /* ever */
    uint64_t log_bytes;
    pthread_t writer, keeper;
};

/* store.c */
int64_t store_clock_ms(void);      /* since 1970 */
uint64_t store_monotonic_ms(void); /* for durations */
/* The first call counts: nothing is written from here on, and the death is remembered. */
void store_stop(struct store *store, const char *what, int code);
/* The request is done (or refused when stopped: then STORE_STOPPED and the request is freed). */
MUST_USE int store_submit(struct store *store, struct request *request);

/* writer.c, keeper.c */
void *writer_main(void *store);
void *keeper_main(void *store);
/* Moves what can be moved without making anybody wait. */
void store_checkpoint(struct store *store, struct database *database);

/* sqlite_queue.c, sqlite_set.c: run in the writer's transaction; SQLite's code */
extern const char *const queue_write_texts[];
MUST_USE int queue_write_accept(struct store *store, struct request *request);
MUST_USE int queue_write_finish(struct store *store, struct request *request);
MUST_USE int queue_write_own(struct store *store, struct request *request);
MUST_USE int queue_write_move(struct store *store, struct request *request);
MUST_USE int queue_write_aside(struct store *store, struct request *request);
MUST_USE int queue_write_exchange(struct store *store, struct request *request);
MUST_USE int queue_write_destination(struct store *store, struct request *request);
MUST_USE int queue_write_message(struct store *store, struct request *request);
MUST_USE int queue_write_damaged(struct store *store, struct request *request);
/* sqlite_destination.c */
MUST_USE int destination_find(struct store *store, struct slice key, bool create,
                              struct destination_entry *out_entry);
void destination_forget(struct store *store); /* all that is cached: after a rollback */

/* sqlite_config.c */
extern const char *const config_texts[];
void config_write(struct store *store, struct request *request); /* sets the outcome */

/* sqlite_read.c */
extern const char *const queue_read_texts[];
MUST_USE int queue_read_totals(struct store *store); /* at open: segments, recipients, last id */
struct queue_body_place {
    uint64_t size;
    uint32_t checksum;
    uint32_t segment;
    uint64_t offset;
    char *memory; /* the body when it is in its row: free it */
};
MUST_USE int queue_read_body_place(struct store *store, uint64_t message,
                                   struct queue_body_place *out_place);

/* body.c */
struct body {
    struct store *store;
    char *memory; /* NULL once it streams */
    size_t capacity;
    uint64_t size;
    uint32_t checksum;
    struct segment *segment; /* held while it streams */
    uint64_t record_at;
    uint64_t pushed; /* bytes already on their way to the disk */
    bool failed;
};

/* ballast.c, deaths.c */
MUST_USE int ballast_make(struct store *store); /* no space for it is not an error */
void ballast_release(struct store *store);
void deaths_record(const struct disk *disk, int64_t now_ms);
unsigned deaths_recent(const struct disk *disk, int64_t now_ms); /* within ten minutes */

#endif
