/* SPDX-License-Identifier: Apache-2.0 */
#include "store/segment.h"

#include "base/checksum.h"
#include "base/number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char head_magic[8] = {'P', 'S', 'T', 'B', 'O', 'D', 'Y', '1'};

void segment_name(uint32_t number, char out_name[SEGMENT_NAME_BYTES])
{
    snprintf(out_name, SEGMENT_NAME_BYTES, "segments/%08u.seg", number);
}

uint64_t segment_record_bytes(uint64_t body_bytes, uint64_t envelope_bytes)
{
    return (SEGMENT_HEAD_BYTES + body_bytes + envelope_bytes + 7) & ~UINT64_C(7);
}

/* magic, message, body bytes, envelope bytes, segment, two checksums, reserved, checksum of all */
void segment_head_write(const struct segment_head *head,
                        unsigned char out_bytes[SEGMENT_HEAD_BYTES])
{
    uint64_t wide[] = {head->message, head->body_bytes, head->envelope_bytes};
    uint32_t narrow[] = {head->segment, head->body_checksum, head->envelope_checksum};
    memset(out_bytes, 0, SEGMENT_HEAD_BYTES);
    memcpy(out_bytes, head_magic, sizeof head_magic);
    memcpy(out_bytes + 8, wide, sizeof wide);
    memcpy(out_bytes + 32, narrow, sizeof narrow);
    uint32_t checksum = checksum_crc32c(0, slice_bytes(out_bytes, SEGMENT_HEAD_BYTES - 4));
    memcpy(out_bytes + SEGMENT_HEAD_BYTES - 4, &checksum, sizeof checksum);
}

bool segment_head_read(const unsigned char bytes[SEGMENT_HEAD_BYTES], struct segment_head *out_head)
{
    uint64_t wide[3];
    uint32_t narrow[3];
    uint32_t checksum;
    memcpy(wide, bytes + 8, sizeof wide);
    memcpy(narrow, bytes + 32, sizeof narrow);
    memcpy(&checksum, bytes + SEGMENT_HEAD_BYTES - 4, sizeof checksum);
    *out_head = (struct segment_head){wide[0], wide[1], wide[2], narrow[0], narrow[1], narrow[2]};
    return memcmp(bytes, head_magic, sizeof head_magic) == 0 &&
           checksum == checksum_crc32c(0, slice_bytes(bytes, SEGMENT_HEAD_BYTES - 4));
}

/* Where the number stands, or would stand. */
static size_t place_of(const struct segment_table *table, uint32_t number)
{
    size_t low = 0;
    size_t high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->items[middle]->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct segment *find(const struct segment_table *table, uint32_t number)
{
    size_t place = place_of(table, number);
    bool found = place < table->count && table->items[place]->number == number;
    return found ? table->items[place] : NULL;
}

static struct segment *find_state(const struct segment_table *table, enum segment_state state)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->items[i]->state == state)
            return table->items[i];
    return NULL;
}

static void drop(struct segment_table *table, struct segment *segment)
{
    size_t place = place_of(table, segment->number);
    memmove(table->items + place, table->items + place + 1,
            (table->count - place - 1) * sizeof(struct segment *));
    table->count--;
    disk_close(&segment->fd);
    free(segment);
}

static struct segment *add(struct segment_table *table, uint32_t number, enum segment_state state)
{
    if (table->count == table->capacity) {
        size_t capacity = table->capacity ? table->capacity * 2 : 64;
        struct segment **grown = realloc(table->items, capacity * sizeof(struct segment *));
        if (!grown)
            return NULL;
        table->items = grown;
        table->capacity = capacity;
    }
    struct segment *segment = calloc(1, sizeof *segment);
    if (!segment)
        return NULL;
    *segment = (struct segment){.number = number, .state = state, .fd = -1};
    size_t place = place_of(table, number);
    memmove(table->items + place + 1, table->items + place,
            (table->count - place) * sizeof(struct segment *));
    table->items[place] = segment;
    table->count++;
    if (number > table->newest)
        table->newest = number;
    return segment;
}

static void free_when_unused(struct segment *segment)
{
    if (segment->state == SEGMENT_SEALED && segment->messages == 0 && segment->loans == 0)
        segment->state = SEGMENT_FREE;
}

static int found(void *context, const char *name)
{
    uint64_t number;
    bool ours = slice_equal(slice_after(slice_of(name), 8), SLICE(".seg")) &&
                number_parse_u64(slice_first(slice_of(name), 8), UINT32_MAX, &number);
    return ours && !add(context, (uint32_t)number, SEGMENT_SEALED) ? -ENOMEM : 0;
}

int segment_table_init(struct segment_table *table, const struct disk *disk, uint64_t segment_bytes,
                       size_t kept_free)
{
    *table = (struct segment_table){
        .disk = disk, .segment_bytes = segment_bytes, .kept_free = kept_free};
    pthread_mutex_init(&table->lock, NULL);
    return disk_list(disk, "segments", found, table);
}

void segment_table_deinit(struct segment_table *table)
{
    if (!table->disk)
        return;
    for (size_t i = 0; i < table->count; i++) {
        disk_close(&table->items[i]->fd);
        free(table->items[i]);
    }
    free(table->items);
    pthread_mutex_destroy(&table->lock);
    *table = (struct segment_table){0};
}

void segment_adopt(struct segment_table *table, uint32_t number, uint64_t messages)
{
    struct segment *segment = find(table, number);
    if (segment)
        segment->messages = messages;
    if (number > table->newest)
        table->newest = number;
}

void segment_settle(struct segment_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        table->items[i]->named = true;
        free_when_unused(table->items[i]);
    }
}

/* A free file under the next number, or a new one; -1 in fd until it is opened. */
static int renew(struct segment_table *table, bool *out_fresh, struct segment **out_segment)
{
    uint32_t number = table->newest + 1;
    char name[SEGMENT_NAME_BYTES];
    segment_name(number, name);
    struct segment *old = find_state(table, SEGMENT_FREE);
    if (old) {
        char old_name[SEGMENT_NAME_BYTES];
        segment_name(old->number, old_name);
        int renamed = disk_rename(table->disk, old_name, name);
        if (renamed < 0)
            return renamed;
        drop(table, old);
    }
    struct segment *segment = add(table, number, SEGMENT_TAKEN);
    if (!segment)
        return -ENOMEM;
    int result = disk_create(table->disk, name, &segment->fd);
    if (result < 0) {
        drop(table, segment);
        return result;
    }
    *out_fresh = !old;
    *out_segment = segment;
    return 0;
}

int segment_take(struct segment_table *table, struct segment **out_segment)
{
    bool fresh;
    int result = 0;
    pthread_mutex_lock(&table->lock);
    struct segment *spare = find_state(table, SEGMENT_SPARE);
    if (spare) {
        spare->state = SEGMENT_TAKEN;
        *out_segment = spare;
    } else {
        result = renew(table, &fresh, out_segment);
    }
    pthread_mutex_unlock(&table->lock);
    return result;
}

int segment_take_large(struct segment_table *table, struct segment **out_segment)
{
    pthread_mutex_lock(&table->lock);
    struct segment *open = find_state(table, SEGMENT_OPEN);
    if (open) {
        open->state = SEGMENT_TAKEN;
        *out_segment = open;
    }
    pthread_mutex_unlock(&table->lock);
    return open ? 0 : segment_take(table, out_segment);
}

int segment_names_sync(struct segment_table *table, struct segment *segment)
{
    if (segment->named)
        return 0;
    int result = disk_sync_folder(table->disk, "segments");
    segment->named = result == 0;
    return result;
}

void segment_seal(struct segment_table *table, struct segment *segment)
{
    pthread_mutex_lock(&table->lock);
    disk_close(&segment->fd);
    segment->state = SEGMENT_SEALED;
    free_when_unused(segment);
    pthread_mutex_unlock(&table->lock);
}

void segment_put_back(struct segment_table *table, struct segment *segment)
{
    if (segment->tail > table->segment_bytes / 4 * 3) {
        segment_seal(table, segment);
        return;
    }
    pthread_mutex_lock(&table->lock);
    segment->state = SEGMENT_OPEN;
    pthread_mutex_unlock(&table->lock);
}

void segment_row_added(struct segment_table *table, uint32_t number)
{
    pthread_mutex_lock(&table->lock);
    struct segment *segment = find(table, number);
    if (segment)
        segment->messages++;
    pthread_mutex_unlock(&table->lock);
}

void segment_row_removed(struct segment_table *table, uint32_t number)
{
    pthread_mutex_lock(&table->lock);
    struct segment *segment = find(table, number);
    if (segment && segment->messages > 0) {
        segment->messages--;
        free_when_unused(segment);
    }
    pthread_mutex_unlock(&table->lock);
}

int segment_lend(struct segment_table *table, uint32_t number, int *out_fd)
{
    char name[SEGMENT_NAME_BYTES];
    segment_name(number, name);
    pthread_mutex_lock(&table->lock);
    struct segment *segment = find(table, number);
    int result = segment ? disk_open_read(table->disk, name, out_fd) : -ENOENT;
    if (result == 0)
        segment->loans++;
    pthread_mutex_unlock(&table->lock);
    return result;
}

void segment_loan_ended(struct segment_table *table, uint32_t number)
{
    pthread_mutex_lock(&table->lock);
    struct segment *segment = find(table, number);
    if (segment && segment->loans > 0) {
        segment->loans--;
        free_when_unused(segment);
    }
    pthread_mutex_unlock(&table->lock);
}

uint32_t segment_next_sealed(struct segment_table *table, uint32_t after, uint64_t messages_max)
{
    uint32_t number = 0;
    pthread_mutex_lock(&table->lock);
    for (size_t i = place_of(table, after + 1); !number && i < table->count; i++) {
        const struct segment *segment = table->items[i];
        if (segment->state == SEGMENT_SEALED && segment->loans == 0 && segment->messages > 0 &&
            segment->messages <= messages_max)
            number = segment->number;
    }
    pthread_mutex_unlock(&table->lock);
    return number;
}

static int fill_with_zeros(const struct segment_table *table, const struct segment *segment)
{
    static const char zeros[256 << 10];
    char name[SEGMENT_NAME_BYTES];
    segment_name(segment->number, name);
    int result = 0;
    for (uint64_t at = 0; result == 0 && at < table->segment_bytes; at += sizeof zeros) {
        uint64_t left = table->segment_bytes - at;
        struct iovec vector = {.iov_len = left < sizeof zeros ? (size_t)left : sizeof zeros};
        memcpy(&vector.iov_base, &(const char *){zeros}, sizeof(void *));
        result = disk_write(table->disk, segment->fd, name, &vector, 1, at);
    }
    return result < 0 ? result : disk_sync(table->disk, segment->fd, name);
}

int segment_prepare_spare(struct segment_table *table)
{
    struct segment *segment = NULL;
    bool fresh = false;
    pthread_mutex_lock(&table->lock);
    int result = find_state(table, SEGMENT_SPARE) ? 0 : renew(table, &fresh, &segment);
    pthread_mutex_unlock(&table->lock);
    if (result < 0 || !segment)
        return result;
    if (fresh)
        result = fill_with_zeros(table, segment);
    if (result == 0)
        result = segment_names_sync(table, segment);
    pthread_mutex_lock(&table->lock);
    segment->state = result == 0 ? SEGMENT_SPARE : SEGMENT_FREE;
    if (result < 0)
        disk_close(&segment->fd);
    pthread_mutex_unlock(&table->lock);
    return result;
}

/* One that is over the limit, taken out of the table. */
static uint32_t take_surplus(struct segment_table *table)
{
    size_t free_count = 0;
    struct segment *surplus = NULL;
    pthread_mutex_lock(&table->lock);
    for (size_t i = 0; i < table->count; i++) {
        if (table->items[i]->state != SEGMENT_FREE)
            continue;
        free_count++;
        if (free_count > table->kept_free || table->items[i]->tail > table->segment_bytes)
            surplus = table->items[i];
    }
    uint32_t number = surplus ? surplus->number : 0;
    if (surplus)
        drop(table, surplus);
    pthread_mutex_unlock(&table->lock);
    return number;
}

int segment_trim(struct segment_table *table)
{
    uint32_t number;
    int result = 0;
    while (result == 0 && (number = take_surplus(table)) != 0) {
        char name[SEGMENT_NAME_BYTES];
        segment_name(number, name);
        result = disk_unlink(table->disk, name);
    }
    return result;
}
