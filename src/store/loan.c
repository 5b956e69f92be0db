/* SPDX-License-Identifier: Apache-2.0 */
#include "base/checksum.h"
#include "store/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int write_all(int fd, struct slice bytes)
{
    while (bytes.len > 0) {
        ssize_t written = write(fd, bytes.at, bytes.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        bytes = slice_after(bytes, (size_t)written);
    }
    return 0;
}

static int lend_memory(const char *memory, uint64_t size, uint32_t checksum,
                       struct body_loan *out_loan)
{
    CLEANUP(disk_close) int fd = memfd_create("body", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -errno;
    int result = write_all(fd, (struct slice){memory, (size_t)size});
    int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    if (result == 0 && fcntl(fd, F_ADD_SEALS, seals) < 0)
        result = -errno;
    if (result == 0) {
        *out_loan = (struct body_loan){.fd = fd, .length = size, .checksum = checksum};
        fd = -1;
    }
    return result;
}

static int lend_segment(struct store *store, const struct queue_body_place *place,
                        struct body_loan *out_loan)
{
    int fd = -1;
    int result = segment_lend(&store->segments, place->segment, &fd);
    if (result == -ENOENT)
        return STORE_DAMAGED;
    if (result < 0)
        return result;
    *out_loan = (struct body_loan){
        .fd = fd,
        .offset = place->offset,
        .length = place->size,
        .checksum = place->checksum,
        .segment = place->segment,
    };
    return STORE_OK;
}

static int load(struct store *store, struct queue_body_place *place)
{
    struct body_loan loan;
    int result = lend_segment(store, place, &loan);
    if (result != STORE_OK)
        return result;
    place->memory = malloc(place->size ? (size_t)place->size : 1);
    result = place->memory ? disk_read(loan.fd, place->memory, (size_t)place->size, place->offset)
                           : -ENOMEM;
    body_loan_return(store, &loan);
    return result == -EIO ? STORE_DAMAGED : result;
}

/* Lends a short body from its row or its segment, once its checksum is right. */
static int lend_checked(struct store *store, struct queue_body_place *place,
                        struct body_loan *out_loan)
{
    int result = place->segment ? load(store, place) : STORE_OK;
    if (result != STORE_OK)
        return result;
    struct slice bytes = {place->memory, (size_t)place->size};
    if (checksum_crc32c(0, bytes) != place->checksum)
        return STORE_DAMAGED;
    return lend_memory(place->memory, place->size, place->checksum, out_loan);
}

static int lend_from_disk(struct store *store, uint64_t message, struct body_loan *out_loan)
{
    struct queue_body_place place = {0};
    int result = queue_read_body_place(store, message, &place);
    if (result == STORE_OK)
        result = place.segment && place.size > store->options.memory_body_max_bytes
                     ? lend_segment(store, &place, out_loan)
                     : lend_checked(store, &place, out_loan);
    free(place.memory);
    return result;
}

static void mark_damaged(struct store *store, uint64_t message)
{
    struct request *request =
        request_new_set(REQUEST_DAMAGED, &(struct set_request){.message = message});
    if (request && store_submit(store, request) != STORE_OK)
        return; /* a stopped store writes nothing; the damage will be found again */
}

int body_lend(struct store *store, uint64_t message, struct body_loan *out_loan)
{
    const struct recent_body *recent = recent_find(&store->recent, message);
    *out_loan = (struct body_loan){.fd = -1};
    if (recent && recent->memory)
        return lend_memory(recent->memory, recent->size, recent->checksum, out_loan);
    int result;
    if (recent && recent->size > store->options.memory_body_max_bytes) {
        struct queue_body_place place = {recent->size, recent->checksum, recent->segment,
                                         recent->offset, NULL};
        result = lend_segment(store, &place, out_loan);
    } else {
        result = lend_from_disk(store, message, out_loan);
    }
    if (result == STORE_DAMAGED)
        mark_damaged(store, message);
    return result;
}

void body_loan_close(struct body_loan *loan)
{
    if (loan->fd >= 0)
        disk_close(&loan->fd);
}

void body_loan_return(struct store *store, struct body_loan *loan)
{
    body_loan_close(loan);
    if (store && loan->segment)
        segment_loan_ended(&store->segments, loan->segment);
    loan->segment = 0;
}
