/* SPDX-License-Identifier: Apache-2.0 */
#include "scale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void scale_give_up(const char *what, struct slice why)
{
    fprintf(stderr, "bench-scale: %s: %.*s\n", what, SLICE_ARG(why));
    exit(1);
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "populate") == 0)
        return scale_populate(argv[2], argv[3], argv[4]);
    if (argc == 3 && strcmp(argv[1], "measure") == 0)
        return scale_measure(argv[2]);
    fputs("usage: bench-scale populate DATA COUNT PORT\n"
          "       bench-scale measure COUNT\n",
          stderr);
    return 2;
}
