/* SPDX-License-Identifier: Apache-2.0 */
/* simulate - the hub and its store against power cuts, deaths, lost answers and clocks that jump.
 *
 *     simulate [FIRST [COUNT]]    seeds, from 1 and 20 of them when nothing is said
 *
 * Each seed is a small history: messages arrive, couriers carry them, until the hub dies by what
 * the seed chose; it is started again on the disk that is left, several times. Then it is calm, and
 * everything must come to its end: each message that was acknowledged is delivered, or its sender
 * told; twice only when somebody died or fell silent at that. What a disk may hold after a power
 * cut is in tests/unit/store/power_model.h. Processes are real, so a seed chooses the faults but
 * not each interleaving; a seed that failed is played again with: simulate SEED 1. Its folder
 * stays; with SIMULATE_KEEP in the environment those of its earlier lives, too.
 */
#include "simulate/hub_life.h"
#include "simulate/world.h"

#include "hub/configuration/record.h"
#include "hub/handlers/queue_identity.h"
#include "unit/model/fixture.h"
#include "unit/store/harness.h"

#include <signal.h>
#include <sys/wait.h>

enum {
    LIVES = 4,
    STEPS = 60, /* of a life with faults */
    QUIET_US = 700,
    START_REAL_SECONDS = 20,
    CALM_STEPS = 1000, /* without a delivery: three weeks; a clock may have gone back nine days */
    CALM_STEP_MS = 1800000,
    CHANGES_MAX = 900, /* of the disk, before the fate comes */
};

struct history {
    struct world world;
    uint64_t seed;
    char folder[256];
    char lives[LIVES + 1][300];
    size_t life;
    pid_t hub;
    unsigned long power_cuts, kills, disk_errors, full, jumps;
};

/* --- the disk of the first life --- */

static void put_kind(struct harness *h, const struct model *model, enum model_kind kind)
{
    for (size_t i = 0; i < model_count(model, kind); i++) {
        struct object *object = model_object(model, kind, i);
        struct text body = text_with_ceiling(1 << 20);
        char name[64];
        snprintf(name, sizeof name, "%d-%zu", (int)kind, i);
        assert_true(record_write(kind, object, &body));
        struct config_change change = {.operation = CONFIG_PUT,
                                       .kind = slice_of(model_kind_facts(kind)->noun),
                                       .id = object->id,
                                       .name = slice_of(name),
                                       .body = text_slice(&body),
                                       .expected_version = CONFIG_VERSION_ANY};
        struct config_batch batch = {&change, 1, SLICE("simulation"), SLICE("New"), 1};
        struct answer answer = {.calls = 0};
        assert_int_equal(config_apply(h->store, &batch, answer_done, &answer), STORE_OK);
        assert_int_equal(harness_wait(h, &answer), STORE_OK);
        text_deinit(&body);
    }
}

static void make_disk(const char *folder)
{
    struct harness h = {.options = harness_options()};
    struct model *model = fixture_model();
    assert_true(strlen(folder) < sizeof h.folder);
    memcpy(h.folder, folder, strlen(folder) + 1);
    fixture_mailbox(model, 1, "Name=alice|PrimarySmtpAddress=alice@contoso.com");
    fixture_mailbox(model, 2, "Name=bob|PrimarySmtpAddress=bob@contoso.com");
    fixture_send_connector(
        model, "Smart",
        "AddressSpaces=far.example|DNSRoutingEnabled=$false|SmartHosts=[192.0.2.1]");
    fixture_send_connector(model, "World", "AddressSpaces=*");
    harness_open(&h);
    for (int kind = 0; kind < MODEL_KINDS; kind++)
        put_kind(&h, model, (enum model_kind)kind);
    store_close(h.store);
    model_free(model);
}

static void make_folders(const char *life)
{
    char path[512];
    static const char *const inner[] = {"", "/store", "/logs"};
    for (size_t i = 0; i < COUNT_OF(inner); i++) {
        snprintf(path, sizeof path, "%s%s", life, inner[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
}

static void remove_all(const char *folder)
{
    char command[512];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

static void copy_all(const char *from, const char *to)
{
    char command[1024];
    snprintf(command, sizeof command, "cp -r %s/. %s", from, to);
    assert_int_equal(system(command), 0);
}

/* --- a life --- */

static void choose_fate(struct history *history, struct hub_life *life)
{
    static const enum hub_fate fates[] = {HUB_FATE_POWER_CUT,  HUB_FATE_POWER_CUT,
                                          HUB_FATE_POWER_CUT,  HUB_FATE_NONE,
                                          HUB_FATE_DISK_ERROR, HUB_FATE_DISK_FULL};
    struct world *world = &history->world;
    *life = (struct hub_life){.folder = history->lives[history->life],
                              .next = history->lives[history->life + 1],
                              .seed = world_random(world),
                              .change = 1 + world_random(world) % CHANGES_MAX};
    if (!world->calm)
        life->fate = fates[world_random(world) % COUNT_OF(fates)];
    history->disk_errors += life->fate == HUB_FATE_DISK_ERROR;
    history->full += life->fate == HUB_FATE_DISK_FULL;
}

static void start_hub(struct history *history)
{
    struct hub_life life;
    int wire;
    choose_fate(history, &life);
    history->hub = hub_life_start(&life, &wire);
    world_attach(&history->world, wire);
    time_t limit = time(NULL) + START_REAL_SECONDS;
    while (!history->world.serves && !history->world.hub_gone && time(NULL) < limit)
        virtual_loop_turn(history->world.loop, QUIET_US);
}

/* What the hub knew of the clock is on the disk since it saw it (hub/transport/queue_clock). */
static void copy_jumps(const char *from, const char *to)
{
    char command[1024];
    snprintf(command, sizeof command, "cp %s/logs/clock.jumps %s/logs/", from, to);
    assert_int_equal(system(command), 0);
}

/* What it had said before is still heard. */
static void bury_hub(struct history *history, bool kill_it)
{
    int status;
    if (kill_it)
        kill(history->hub, SIGKILL);
    assert_int_equal(waitpid(history->hub, &status, 0), history->hub);
    while (virtual_loop_turn(history->world.loop, 0))
        ;
    world_detach(&history->world);
    ledger_excuse(&history->world.ledger);
    if (WIFEXITED(status) && WEXITSTATUS(status) == HUB_EXIT_POWER_CUT) {
        copy_jumps(history->lives[history->life], history->lives[history->life + 1]);
        history->life++;
        history->power_cuts++;
        if (!getenv("SIMULATE_KEEP"))
            remove_all(history->lives[history->life - 1]);
    } else {
        history->kills += kill_it;
    }
    history->hub = 0;
}

static void jump(struct history *history)
{
    static const int64_t hours[] = {-72, -1, 1, 5, 72}; /* what waits has two days */
    int64_t by = hours[world_random(&history->world) % COUNT_OF(hours)] * 3600000;
    atomic_fetch_add(&virtual_time->wall_offset_ms, by);
    history->jumps++;
}

static void step(struct history *history)
{
    struct world *world = &history->world;
    static const uint64_t passing_ms[] = {1, 10, 100, 1000, 60000, 600000};
    couriers_restart(world);
    for (uint64_t i = world_random(world) % 4; i > 0 && !world->calm; i--)
        world_send_message(world);
    if (world_chance(world, 20))
        world_edge_dies(world);
    if (world_chance(world, 20))
        jump(history);
    for (int turns = 0; turns < 50 && virtual_loop_turn(world->loop, QUIET_US); turns++)
        ;
    virtual_time_pass(1000 * (world->calm ? CALM_STEP_MS : passing_ms[world_random(world) % 6]));
}

static void live(struct history *history)
{
    start_hub(history);
    uint64_t end = 10 + world_random(&history->world) % STEPS;
    for (uint64_t i = 0; i < end && !history->world.hub_gone; i++)
        step(history);
    bury_hub(history, !history->world.hub_gone);
}

/* --- what was set aside --- */

/* The store as it is, without a disk of ours below it. */
int __real_store_open(const char *folder, const struct store_options *options, struct store **out);

struct looking {
    struct ledger *ledger;
    struct store *store;
    uint64_t messages[LEDGER_MESSAGES_MAX];
    char addresses[LEDGER_MESSAGES_MAX][64];
    size_t count;
};

static bool on_left(void *context, const struct queue_item *item)
{
    struct looking *looking = context;
    if (queue_is_poison(item->destination) && looking->count < LEDGER_MESSAGES_MAX) {
        snprintf(looking->addresses[looking->count], sizeof looking->addresses[0], "%.*s",
                 SLICE_ARG(item->address));
        looking->messages[looking->count++] = item->message;
    }
    return true;
}

static void note_aside(struct looking *looking, size_t at)
{
    struct body_loan loan;
    struct text body = text_with_ceiling(1 << 20);
    static char piece[65536];
    assert_int_equal(body_lend(looking->store, looking->messages[at], &loan), STORE_OK);
    size_t wanted = loan.length < sizeof piece ? (size_t)loan.length : sizeof piece;
    assert_int_equal(pread(loan.fd, piece, wanted, (off_t)loan.offset), (ssize_t)wanted);
    text_append(&body, (struct slice){piece, wanted});
    if (ledger_recipient_of(slice_of(looking->addresses[at])) < 0)
        ledger_notice(looking->ledger, text_slice(&body)); /* to a sender */
    else
        ledger_aside(looking->ledger, text_slice(&body), slice_of(looking->addresses[at]));
    body_loan_return(looking->store, &loan);
    text_deinit(&body);
}

/* What took couriers down waits for an administrator, in a queue of its own. */
static void look_aside(struct history *history)
{
    static struct looking looking;
    struct harness h = {.options = harness_options()};
    char store[320];
    snprintf(store, sizeof store, "%s/store", history->lives[history->life]);
    assert_true(strlen(store) < sizeof h.folder);
    memcpy(h.folder, store, strlen(store) + 1);
    assert_int_equal(__real_store_open(h.folder, &h.options, &h.store), STORE_OK);
    looking = (struct looking){.ledger = &history->world.ledger, .store = h.store};
    assert_int_equal(queue_list(h.store, &(struct queue_filter){0}, on_left, &looking), STORE_OK);
    for (size_t i = 0; i < looking.count; i++)
        note_aside(&looking, i);
    store_close(h.store);
}

static void come_to_an_end(struct history *history)
{
    struct world *world = &history->world;
    world->calm = true;
    start_hub(history);
    unsigned long last = 0;
    for (int idle = 0; !ledger_complete(&world->ledger) && idle < CALM_STEPS;) {
        step(history);
        unsigned long now = world->ledger.delivered + world->ledger.notices;
        idle = now == last ? idle + 1 : 0;
        last = now;
        if (world->hub_gone) { /* an error of the disk comes to light late */
            bury_hub(history, false);
            start_hub(history);
        }
    }
    kill(history->hub, SIGKILL);
    waitpid(history->hub, NULL, 0);
    look_aside(history);
}

/* --- a seed --- */

static bool play(uint64_t seed, const char *template, const char *base)
{
    struct history history = {.seed = seed};
    char store[320];
    struct world *world = &history.world;
    atomic_store(&virtual_time->monotonic_us, UINT64_C(3600000000));
    atomic_store(&virtual_time->wall_offset_ms, INT64_C(1790000000000));
    world_begin(world, seed);
    snprintf(history.folder, sizeof history.folder, "%s/%llu", base, (unsigned long long)seed);
    assert_int_equal(mkdir(history.folder, 0700), 0);
    for (size_t i = 0; i <= LIVES; i++) {
        snprintf(history.lives[i], sizeof history.lives[i], "%s/%zu", history.folder, i);
        make_folders(history.lives[i]);
    }
    snprintf(store, sizeof store, "%s/store", history.lives[0]);
    copy_all(template, store);
    for (int i = 0; i < LIVES - 1; i++)
        live(&history);
    come_to_an_end(&history);
    ledger_judge(&world->ledger);
    size_t acknowledged = 0;
    for (size_t i = 0; i < world->ledger.count; i++)
        acknowledged += world->ledger.messages[i].acknowledged;
    bool good = !*world->ledger.wrong;
    printf("%s seed-%llu%s%s # %zu messages, %zu acknowledged; %lu deliveries, %lu repeated, %lu "
           "notices; %lu power cuts, %lu kills, %lu disk errors, %lu full disks, %lu dead "
           "couriers, %lu jumps of the clock\n",
           good ? "ok" : "not ok", (unsigned long long)seed, good ? "" : ": ", world->ledger.wrong,
           world->ledger.count, acknowledged, world->ledger.delivered, world->ledger.repeated,
           world->ledger.notices, history.power_cuts, history.kills, history.disk_errors,
           history.full, world->deaths_of_couriers, history.jumps);
    fflush(stdout);
    if (good)
        remove_all(history.folder);
    world_end(world);
    return good;
}

int main(int count, char **words)
{
    uint64_t first = count > 1 ? strtoull(words[1], NULL, 10) : 1;
    uint64_t seeds = count > 2 ? strtoull(words[2], NULL, 10) : 20;
    char base[128], template[160];
    bool good = true;
    setenv("TZ", "UTC", 1);
    signal(SIGPIPE, SIG_IGN);
    snprintf(base, sizeof base, "%s/postern-simulate-%d",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (int)getpid());
    snprintf(template, sizeof template, "%s/template", base);
    assert_int_equal(mkdir(base, 0700), 0);
    assert_int_equal(mkdir(template, 0700), 0);
    virtual_time_map();
    make_disk(template);
    printf("1..%llu\n", (unsigned long long)seeds);
    for (uint64_t seed = first; seed < first + seeds; seed++)
        good &= play(seed, template, base);
    if (good)
        remove_all(base);
    return good ? 0 : 1;
}
