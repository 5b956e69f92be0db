/* SPDX-License-Identifier: Apache-2.0 */
/* descriptor - file descriptors that close themselves, and the few calls every owner needs.
 *
 * -1 is "none". Results below zero are -errno.
 */
#ifndef OS_DESCRIPTOR_H
#define OS_DESCRIPTOR_H

#include "base/attributes.h"
#include "base/slice.h"
#include "base/text.h"

void close_fd(int *fd); /* for CLEANUP; leaves -1 behind, keeps errno */
int fd_take(int *fd);   /* ownership moves to the caller */

MUST_USE int fd_set_nonblocking(int fd, bool nonblocking);
MUST_USE int fd_set_inherited(int fd, bool inherited); /* survives exec or not */
MUST_USE int fd_write_all(int fd, struct slice bytes); /* a blocking descriptor */
/* All of a regular file below `folder_fd` (AT_FDCWD allowed), at most out's ceiling (-EFBIG
 * beyond). */
MUST_USE int file_read(int folder_fd, const char *path, struct text *out);
/* Creates or replaces a file so that after a crash it is the old one or the new one. */
MUST_USE int file_replace(int folder_fd, const char *name, unsigned mode, struct slice bytes);

/* A sealed, read-only memory file with these bytes: it can be mapped by whoever is handed it, and
 * changed by nobody. */
MUST_USE int memory_file_sealed(const char *label, struct slice bytes, int *out_fd);
/* The same in steps: an empty one, which is written to, then sealed. */
MUST_USE int memory_file_new(const char *label, int *out_fd);
MUST_USE int memory_file_seal(int fd);
/* Maps a sealed memory file; refuses one that is not sealed against writing and shrinking. */
MUST_USE int memory_file_map(int fd, struct slice *out_bytes);
void memory_file_unmap(struct slice bytes);

/* Zeroed memory of a fixed size that its writer shares with readers: one descriptor for either. */
MUST_USE int memory_file_shared(const char *label, size_t size, int *out_writer, int *out_reader);
/* Maps it; -EPERM for a file of another size, or one that could be cut short under us. Never
 * unmapped. */
MUST_USE int memory_file_map_shared(int fd, size_t size, bool writable, void **out_memory);

#endif
