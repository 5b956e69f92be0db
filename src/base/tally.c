/* SPDX-License-Identifier: Apache-2.0 */
#include "base/tally.h"

#include <stdatomic.h>
#include <stddef.h>

static uint32_t minute_of(uint64_t now_ms)
{
    return (uint32_t)(now_ms / TALLY_MINUTE_MS) + 2; /* a zeroed slot is of a minute long gone */
}

static uint32_t load(const _Atomic uint32_t *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

static void store(_Atomic uint32_t *count, uint32_t value)
{
    atomic_store_explicit(count, value, memory_order_relaxed);
}

static bool says_nothing(const struct tally_slot *slot, uint32_t minute)
{
    return load(&slot->open) == 0 && load(&slot->minute) + 1 < minute;
}

static size_t place(uint64_t key, size_t probe)
{
    return (size_t)(key + probe) % TALLY_SLOTS;
}

/* A slot that was used once never becomes empty again, so a search may end at an empty one. */
static const struct tally_slot *find(const struct tally *tally, uint64_t key)
{
    for (size_t probe = 0; probe < TALLY_PROBES; probe++) {
        const struct tally_slot *slot = &tally->slots[place(key, probe)];
        uint64_t found = atomic_load_explicit(&slot->key, memory_order_acquire);
        if (found == key)
            return slot;
        if (found == 0)
            return NULL;
    }
    return NULL;
}

static struct tally_slot *find_free(struct tally *tally, uint64_t key, uint32_t minute)
{
    for (size_t probe = 0; probe < TALLY_PROBES; probe++) {
        struct tally_slot *slot = &tally->slots[place(key, probe)];
        if (says_nothing(slot, minute))
            return slot;
    }
    return NULL;
}

static struct tally_slot *take(struct tally *tally, uint64_t key, uint32_t minute)
{
    struct tally_slot *slot = (struct tally_slot *)(uintptr_t)find(tally, key);
    if (slot)
        return slot;
    slot = find_free(tally, key, minute);
    if (!slot)
        return NULL;
    store(&slot->now, 0);
    store(&slot->before, 0);
    store(&slot->minute, 0);
    atomic_store_explicit(&slot->key, key, memory_order_release);
    return slot;
}

bool tally_open(struct tally *tally, uint64_t key, uint64_t now_ms)
{
    struct tally_slot *slot = take(tally, key, minute_of(now_ms));
    if (!slot)
        return false;
    store(&slot->open, load(&slot->open) + 1);
    return true;
}

void tally_close(struct tally *tally, uint64_t key)
{
    struct tally_slot *slot = (struct tally_slot *)(uintptr_t)find(tally, key);
    if (slot && load(&slot->open))
        store(&slot->open, load(&slot->open) - 1);
}

uint32_t tally_count(const struct tally *tally, uint64_t key)
{
    const struct tally_slot *slot = find(tally, key);
    return slot ? load(&slot->open) : 0;
}

/* What a slot says of `minute` and of the one before it. */
static void read_minutes(const struct tally_slot *slot, uint32_t minute, uint32_t *out_now,
                         uint32_t *out_before)
{
    uint32_t of = load(&slot->minute);
    *out_now = of == minute ? load(&slot->now) : 0;
    *out_before = of == minute ? load(&slot->before) : of + 1 == minute ? load(&slot->now) : 0;
}

bool tally_note(struct tally *tally, uint64_t key, uint64_t now_ms)
{
    uint32_t minute = minute_of(now_ms), now, before;
    struct tally_slot *slot = take(tally, key, minute);
    if (!slot)
        return false;
    read_minutes(slot, minute, &now, &before);
    store(&slot->before, before);
    store(&slot->minute, minute);
    store(&slot->now, now + 1);
    return true;
}

uint64_t tally_recent(const struct tally *tally, uint64_t key, uint64_t now_ms)
{
    const struct tally_slot *slot = find(tally, key);
    if (!slot)
        return 0;
    uint32_t now, before;
    read_minutes(slot, minute_of(now_ms), &now, &before);
    uint64_t left_ms = TALLY_MINUTE_MS - now_ms % TALLY_MINUTE_MS;
    return (uint64_t)now * TALLY_MINUTE_MS + before * left_ms;
}
