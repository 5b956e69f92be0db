/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts of the management language, from the lexer to the operations they call. The first byte
 * picks whether memory is given back at every step. Whatever the text is, the session must answer
 * afterwards. */
#include "../support/fake_world.h"

#include <stdlib.h>

enum { OUTPUT_MAX = 1 << 18, MEMORY_MAX = 4 << 20, STEPS_MAX = 600 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fake_world fake;
    struct world world;
    if (size < 1)
        return 0;
    struct shell_limits limits = {
        .memory_max = MEMORY_MAX, .steps_max = STEPS_MAX, .always_collect = data[0] % 2 == 0};
    fake_world_init(&fake, &world, OUTPUT_MAX);
    struct shell *shell = shell_new(&world, &limits);
    if (!shell)
        abort();
    shell_run(shell, slice_bytes(data + 1, size - 1), data[0] & 2);
    text_clear(&fake.output);
    fake.output.truncated = false;
    shell_run(shell, SLICE("1 + 1"), false);
    if (!slice_equal(text_slice(&fake.output), SLICE("2\n")))
        abort();
    shell_free(shell);
    fake_world_deinit(&fake);
    return 0;
}
