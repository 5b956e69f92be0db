/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/limit.h"

#include "os/descriptor.h"

#include <string.h>
#include <sys/mman.h>

enum { IPV6_SOURCE_BYTES = 8, KEY_NAME_MAX = 256 };

bool limits_take(struct limits *limits, size_t index, bool own, int fd)
{
    void *memory;
    int result = index < WIRE_EDGES_MAX
                     ? memory_file_map_shared(fd, sizeof(struct tally), own, &memory)
                     : -1;
    close_fd(&fd);
    if (result < 0)
        return false;
    if (limits->all[index]) /* of an edge that has died */
        munmap((void *)(uintptr_t)limits->all[index], sizeof(struct tally));
    limits->all[index] = memory;
    if (own)
        limits->own = memory;
    return true;
}

/* --- keys --- */

enum key_kind { KEY_CONNECTOR = 'c', KEY_SOURCE = 's', KEY_ADDRESS = 'a', KEY_USER = 'u' };

static uint64_t key_of(const struct limits *limits, enum key_kind kind,
                       const struct receive_connector *connector, struct slice name)
{
    char storage[1 + sizeof connector->id.bytes + KEY_NAME_MAX];
    struct text text = text_over(storage, sizeof storage);
    text_append_byte(&text, (char)kind);
    text_append(&text, slice_bytes(connector->id.bytes, sizeof connector->id.bytes));
    text_append(&text, slice_first(name, KEY_NAME_MAX));
    uint64_t key = siphash(&limits->own->hash, text_slice(&text));
    return key ? key : 1;
}

static struct slice source_of(const struct ip_address *client)
{
    return slice_bytes(client->bytes, ip_is_v4(*client) ? sizeof client->bytes : IPV6_SOURCE_BYTES);
}

/* --- connections --- */

static int64_t open_in_all(const struct limits *limits, uint64_t key)
{
    int64_t sum = 0;
    for (size_t i = 0; i < WIRE_EDGES_MAX; i++)
        if (limits->all[i])
            sum += tally_count(limits->all[i], key);
    return sum;
}

static bool count_in(struct limits *limits, const struct limit_keys *keys, uint64_t now_ms)
{
    if (!tally_open(limits->own, keys->connector, now_ms))
        return false;
    if (tally_open(limits->own, keys->source, now_ms))
        return true;
    tally_close(limits->own, keys->connector);
    return false;
}

/* Counted first and judged after: when two edges take the last place at once, neither gets it. */
struct limit_answer limit_enter(struct limits *limits, const struct receive_connector *connector,
                                struct ip_address client, uint64_t now_ms,
                                struct limit_keys *out_keys)
{
    *out_keys = (struct limit_keys){0};
    if (!limits->own)
        return (struct limit_answer){.verdict = LIMIT_NO_ROOM};
    struct limit_keys keys = {.connector =
                                  key_of(limits, KEY_CONNECTOR, connector, (struct slice){0}),
                              .source = key_of(limits, KEY_SOURCE, connector, source_of(&client))};
    if (!count_in(limits, &keys, now_ms))
        return (struct limit_answer){.verdict = LIMIT_NO_ROOM};
    struct limit_answer answer = limit_check_connection(
        connector, open_in_all(limits, keys.connector) - 1, open_in_all(limits, keys.source) - 1);
    if (answer.verdict == LIMIT_NONE)
        *out_keys = keys;
    else
        limit_leave(limits, &keys);
    return answer;
}

void limit_leave(struct limits *limits, struct limit_keys *keys)
{
    if (keys->connector) {
        tally_close(limits->own, keys->connector);
        tally_close(limits->own, keys->source);
    }
    *keys = (struct limit_keys){0};
}

/* --- messages --- */

static int64_t recent_in_all(const struct limits *limits, uint64_t key, uint64_t now_ms)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < WIRE_EDGES_MAX; i++)
        if (limits->all[i])
            sum += tally_recent(limits->all[i], key, now_ms);
    return (int64_t)(sum / TALLY_MINUTE_MS);
}

bool limit_message(struct limits *limits, const struct receive_connector *connector,
                   struct ip_address client, struct slice account, uint64_t now_ms)
{
    uint64_t keys[2];
    size_t count = 0;
    if (connector->message_rate_limit == INT64_MAX || !limits->own)
        return true;
    if (connector->message_rate_source & RATE_SOURCE_IP_ADDRESS)
        keys[count++] = key_of(limits, KEY_ADDRESS, connector, source_of(&client));
    if (connector->message_rate_source & RATE_SOURCE_USER && account.len)
        keys[count++] = key_of(limits, KEY_USER, connector, account);
    for (size_t i = 0; i < count; i++)
        if (limit_rate_exceeded(connector, recent_in_all(limits, keys[i], now_ms)))
            return false;
    for (size_t i = 0; i < count; i++)
        if (!tally_note(limits->own, keys[i], now_ms))
            return false;
    return true;
}
