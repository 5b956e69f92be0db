/* SPDX-License-Identifier: Apache-2.0 */
/* Files of Export-Clixml from anywhere: what was read must be writable, and read again. */
#include "../support/fake_world.h"

#include "shell/clixml.h"

enum { TEXT_MAX = 4 << 20, MEMORY_MAX = 32 << 20 };

static struct datum read_all(struct machine *machine, struct slice text)
{
    struct clixml reader = clixml_over(machine, text);
    struct datum list = heap_list(&machine->heap, 0), object;
    while (!machine->heap.exhausted && clixml_next(&reader, &object))
        heap_append(&machine->heap, list, object);
    return list;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fake_world fake;
    struct world world;
    struct machine machine;
    struct text written = text_with_ceiling(TEXT_MAX);
    fake_world_init(&fake, &world, TEXT_MAX);
    if (!machine_init(&machine, &world, MEMORY_MAX, 1000))
        abort();
    struct datum first = read_all(&machine, slice_bytes(data, size));
    if (!machine.heap.exhausted && clixml_append(&written, first)) {
        struct datum again = read_all(&machine, text_slice(&written));
        if (!machine.heap.exhausted && again.list->count != first.list->count)
            abort();
    }
    text_deinit(&written);
    machine_deinit(&machine);
    fake_world_deinit(&fake);
    return 0;
}
