/* SPDX-License-Identifier: Apache-2.0 */
/* Every file of tests/conversations against the pure session: in whole blocks, byte by byte, and in
 * pseudo-random pieces. The transcripts must be equal. */
#include "support/rows.h"

#include "support/conversation.h"

#include <dirent.h>
#include <stdlib.h>

enum { TRANSCRIPT_MAX = 1 << 22, RANDOM_CUTS = 20, FILES_LEAST = 25 };

static void play(const char *path, const struct conversation *conversation, uint32_t cut,
                 const struct text *first)
{
    struct text transcript = text_with_ceiling(TRANSCRIPT_MAX);
    struct text error = text_with_ceiling(TRANSCRIPT_MAX);
    if (!conversation_play(conversation, cut, &transcript, &error))
        fail_msg("%s (cut %u): %.*s", path, cut, SLICE_ARG(text_slice(&error)));
    if (!slice_equal(text_slice(first), text_slice(&transcript)))
        fail_msg("%s: cut %u gives another transcript", path, cut);
    text_deinit(&error);
    text_deinit(&transcript);
}

static void play_file(const char *path)
{
    struct conversation *conversation = calloc(1, sizeof *conversation);
    struct text first = text_with_ceiling(TRANSCRIPT_MAX);
    struct text error = text_with_ceiling(TRANSCRIPT_MAX);
    assert_non_null(conversation);
    if (!conversation_load(conversation, path, &error) ||
        !conversation_play(conversation, CONVERSATION_WHOLE, &first, &error))
        fail_msg("%s: %.*s\n%.*s", path, SLICE_ARG(text_slice(&error)),
                 SLICE_ARG(text_slice(&first)));
    for (uint32_t cut = CONVERSATION_BYTES; cut < CONVERSATION_BYTES + RANDOM_CUTS; cut++)
        play(path, conversation, cut, &first);
    text_deinit(&error);
    text_deinit(&first);
    conversation_free(conversation);
    free(conversation);
}

static void every_conversation_goes_as_written(void **state)
{
    (void)state;
    DIR *folder = opendir("tests/conversations");
    struct dirent *entry;
    size_t files = 0;
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        char storage[400];
        struct text path = text_over(storage, sizeof storage);
        if (!slice_ends_nocase(slice_of(entry->d_name), SLICE(".smtp")))
            continue;
        text_append_format(&path, "tests/conversations/%s", entry->d_name);
        play_file(text_c_string(&path));
        files++;
    }
    closedir(folder);
    assert_true(files >= FILES_LEAST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_conversation_goes_as_written)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
