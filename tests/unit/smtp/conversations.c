/* SPDX-License-Identifier: Apache-2.0 */
/* Every file of tests/conversations against the pure session: in whole blocks, byte by byte, and in
 * pseudo-random pieces. The transcripts must be equal. */
#include "support/rows.h"

#include "support/conversation.h"

#include <dirent.h>
#include <stdlib.h>

enum { TRANSCRIPT_MAX = 1 << 22, RANDOM_CUTS = 20, FILES_LEAST = 25 };

/* Plays once more, cut otherwise. */
static bool same_when_cut(const struct conversation *conversation, uint32_t cut,
                          const struct text *first, struct text *error)
{
    struct text transcript = text_with_ceiling(TRANSCRIPT_MAX);
    bool good = conversation_play(conversation, cut, &transcript, error);
    if (good && !slice_equal(text_slice(first), text_slice(&transcript))) {
        text_append_c(error, "another transcript");
        good = false;
    }
    if (!good)
        text_append_format(error, " (cut %u)", cut);
    text_deinit(&transcript);
    return good;
}

static bool play_file(const char *path, struct conversation *conversation)
{
    struct text first = text_with_ceiling(TRANSCRIPT_MAX);
    struct text error = text_with_ceiling(TRANSCRIPT_MAX);
    bool good = conversation_load(conversation, path, &error) &&
                conversation_play(conversation, CONVERSATION_WHOLE, &first, &error);
    for (uint32_t cut = CONVERSATION_BYTES; good && cut <= RANDOM_CUTS; cut++)
        good = same_when_cut(conversation, cut, &first, &error);
    if (!good)
        print_error("%s: %.*s\n%.*s\n", path, SLICE_ARG(text_slice(&error)),
                    SLICE_ARG(text_slice(&first)));
    text_deinit(&error);
    text_deinit(&first);
    conversation_free(conversation);
    return good;
}

static void every_conversation_goes_as_written(void **state)
{
    (void)state;
    struct conversation *conversation = calloc(1, sizeof *conversation);
    DIR *folder = opendir("tests/conversations");
    struct dirent *entry;
    int files = 0, failed = 0;
    assert_non_null(conversation);
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        char storage[400];
        struct text path = text_over(storage, sizeof storage);
        if (!slice_ends_nocase(slice_of(entry->d_name), SLICE(".smtp")))
            continue;
        text_append_format(&path, "tests/conversations/%s", entry->d_name);
        failed += !play_file(text_c_string(&path), conversation);
        files++;
    }
    closedir(folder);
    free(conversation);
    assert_true(files >= FILES_LEAST);
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_conversation_goes_as_written)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
