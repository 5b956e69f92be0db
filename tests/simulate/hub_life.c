/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/hub_life.h"

#include "hub/hub.h"
#include "unit/store/power_model.h"

#include <sys/socket.h>

enum { FULL_CHANGES = 30 };

static struct hub_life life;
static struct record record;
static struct model start_of_life;
static uint64_t changes;

static _Noreturn void cut_power(void)
{
    char store[512];
    snprintf(store, sizeof store, "%s/store", life.next);
    for (size_t i = 0; i < record.count; i++)
        model_step(&start_of_life, &record.events[i]);
    model_build_image(&start_of_life, store, (enum image_kind)(life.seed % 3), life.seed | 1);
    _exit(HUB_EXIT_POWER_CUT);
}

static int on_change(void *context, const struct store_disk_event *event)
{
    pthread_mutex_lock(&record.lock);
    uint64_t number = ++changes;
    if (life.fate == HUB_FATE_POWER_CUT && number >= life.change)
        cut_power(); /* with the lock: nobody else changes anything */
    pthread_mutex_unlock(&record.lock);
    if (life.fate == HUB_FATE_DISK_ERROR && number == life.change)
        return -EIO;
    if (life.fate == HUB_FATE_DISK_FULL && event->operation == STORE_DISK_WRITE &&
        number >= life.change && number < life.change + FULL_CHANGES)
        return -ENOSPC;
    return record_event(context, event);
}

int __real_store_open(const char *folder, const struct store_options *options, struct store **out);
int __wrap_store_open(const char *folder, const struct store_options *options, struct store **out);

/* Small files, and every change shown. */
int __wrap_store_open(const char *folder, const struct store_options *options, struct store **out)
{
    struct store_options own = harness_options();
    (void)options;
    own.finish_delay_ms = 1;
    own.disk_hook = on_change;
    own.disk_context = &record;
    record_init(&record);
    model_load(&start_of_life, folder);
    return __real_store_open(folder, &own, out);
}

static _Noreturn void live(int wire)
{
    char path[512];
    snprintf(path, sizeof path, "%s/standard-error", life.folder);
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(log, STDERR_FILENO);
    if (wire != ROLE_SUPERVISOR_FD) {
        dup2(wire, ROLE_SUPERVISOR_FD);
        close(wire);
    }
    for (int fd = ROLE_SUPERVISOR_FD + 1; fd < 256; fd++)
        close(fd);
    struct role_start start = {.self = ROLE_HUB, .data = life.folder};
    int result = hub_run(&start);
    _exit(result < 0 ? 1 : 0);
}

pid_t hub_life_start(const struct hub_life *given, int *out_wire)
{
    int pair[2];
    life = *given;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        live(pair[1]);
    close(pair[1]);
    *out_wire = pair[0];
    return pid;
}
