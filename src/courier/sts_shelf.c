/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/sts_shelf.h"

#include "base/number.h"
#include "os/descriptor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { FILE_MAX = STS_POLICY_MAX_BYTES + 256, NAME_MAX_BYTES = 300, FILE_MODE = 0600 };

static const struct slice version = SLICE_INIT("STSv1"), ending = SLICE_INIT(".policy");

/* --- one file --- */

static bool take_number(struct slice *line, int64_t *out)
{
    struct slice word;
    return slice_take_word(line, &word) && number_parse_i64(word, 0, INT64_MAX, out);
}

bool sts_shelved_parse(struct slice file, struct sts_shelved *out)
{
    struct slice line, word;
    int64_t length;
    *out = (struct sts_shelved){0};
    if (!slice_take_until(&file, '\n', &line) || !slice_take_word(&line, &word) ||
        !slice_equal(word, version) || !slice_take_word(&line, &out->id) ||
        out->id.len > STS_ID_MAX)
        return false;
    out->policy = file;
    return take_number(&line, &out->fetched_ms) && take_number(&line, &out->until_ms) &&
           take_number(&line, &length) && !line.len && (uint64_t)length == file.len;
}

static const char *name_of(struct slice domain, struct text *storage)
{
    text_append_lower(storage, domain);
    text_append(storage, ending);
    return storage->truncated ? NULL : text_c_string(storage);
}

bool sts_shelf_read(const struct sts_shelf *shelf, struct slice domain, int64_t now_ms,
                    struct text *storage, struct sts_shelved *out)
{
    char bytes[NAME_MAX_BYTES];
    struct text written = text_over(bytes, sizeof bytes);
    const char *name = shelf->folder_fd < 0 ? NULL : name_of(domain, &written);
    *storage = text_with_ceiling(FILE_MAX);
    return name && file_read(shelf->folder_fd, name, storage) >= 0 &&
           sts_shelved_parse(text_slice(storage), out) && out->until_ms > now_ms;
}

void sts_shelf_write(struct sts_shelf *shelf, struct slice domain, const struct sts_shelved *policy)
{
    char bytes[NAME_MAX_BYTES];
    struct text written = text_over(bytes, sizeof bytes);
    CLEANUP(text_deinit) struct text file = text_with_ceiling(FILE_MAX);
    const char *name = shelf->folder_fd < 0 ? NULL : name_of(domain, &written);
    if (!name || shelf->count >= STS_SHELF_MAX)
        return;
    bool is_new = faccessat(shelf->folder_fd, name, F_OK, 0) < 0;
    text_append_format(&file, "STSv1 %.*s %lld %lld %zu\n", SLICE_ARG(policy->id),
                       (long long)policy->fetched_ms, (long long)policy->until_ms,
                       policy->policy.len);
    text_append(&file, policy->policy);
    if (!file.truncated && file_replace(shelf->folder_fd, name, FILE_MODE, text_slice(&file)) == 0)
        shelf->count += is_new;
}

/* --- all of them --- */

/* What no policy of ours has a name like was left by a write that was cut short. */
static bool is_over(int folder_fd, const char *name, int64_t now_ms)
{
    CLEANUP(text_deinit) struct text file = text_with_ceiling(FILE_MAX);
    struct sts_shelved policy;
    return !slice_ends_nocase(slice_of(name), ending) || file_read(folder_fd, name, &file) < 0 ||
           !sts_shelved_parse(text_slice(&file), &policy) || policy.until_ms <= now_ms;
}

void sts_shelf_open(struct sts_shelf *shelf, int folder_fd, int64_t now_ms)
{
    *shelf = (struct sts_shelf){.folder_fd = folder_fd};
    int fd = folder_fd < 0 ? -1 : openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        if (is_over(folder_fd, entry->d_name, now_ms))
            unlinkat(folder_fd, entry->d_name, 0);
        else
            shelf->count++;
    }
    if (folder)
        closedir(folder);
}
