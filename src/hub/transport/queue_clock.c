/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/queue_clock.h"

#include "hub/logs.h"
#include "os/clock.h"
#include "os/descriptor.h"

#include <fcntl.h>
#include <string.h>

static const char kept_file[] = "clock.jumps";

void queue_clock_find_boot(struct hub *hub)
{
    struct text id = text_over(hub->boot_id, sizeof hub->boot_id - 1);
    (void)!file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", &id);
    hub->boot_id[strcspn(hub->boot_id, " \n")] = 0;
}

static void keep(struct hub *hub)
{
    char storage[CLOCK_JUMPS_TEXT];
    struct text text = text_over(storage, sizeof storage);
    clock_jumps_append(&text, &hub->clock_jumps);
    int result = file_replace(logs_folder_fd(hub, LOG_EVENTS), kept_file, 0600, text_slice(&text));
    if (result < 0)
        role_event(NULL, WIRE_LEVEL_WARNING, 0,
                   "hub: logs/%s cannot be written (%s): a restart does not know by how much the "
                   "clock has jumped, and mail may expire early",
                   kept_file, strerror(-result));
}

void queue_clock_begin(struct hub *hub)
{
    char storage[CLOCK_JUMPS_TEXT];
    struct text kept = text_over(storage, sizeof storage);
    if (file_read(logs_folder_fd(hub, LOG_EVENTS), kept_file, &kept) < 0)
        text_clear(&kept);
    clock_jumps_begin(&hub->clock_jumps, text_slice(&kept), hub->boot_id, clock_wall_ms(),
                      clock_uptime_ms());
    queue_clock_look(hub);
    keep(hub);
}

void queue_clock_look(struct hub *hub)
{
    int64_t by_ms = clock_jumps_look(&hub->clock_jumps, clock_wall_ms(), clock_uptime_ms());
    if (by_ms)
        role_event(NULL, WIRE_LEVEL_WARNING, 0,
                   "hub: the clock has jumped by %lld s; mail that waits grows no older by it",
                   (long long)(by_ms / 1000));
    if (by_ms || clock_jumps_drifted(&hub->clock_jumps))
        keep(hub);
}

int64_t queue_clock_late_ms(struct hub *hub, int64_t since_ms)
{
    queue_clock_look(hub);
    return clock_jumps_between(&hub->clock_jumps, since_ms, clock_wall_ms());
}
