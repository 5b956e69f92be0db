# SPDX-License-Identifier: Apache-2.0
# A room may include only rooms on lower floors. awk -v floors="base os,mail ..." -f tools/check_floors.awk FILES
BEGIN {
    count = split(floors, floor, " ")
    for (i = 1; i <= count; i++) {
        rooms = split(floor[i], room, ",")
        for (j = 1; j <= rooms; j++)
            height[room[j]] = i
    }
}
FNR == 1 {
    here = FILENAME
    sub(/^(.*\/)?src\//, "", here)
    sub(/\/.*/, "", here)
    if (!(here in height)) {
        printf "%s: room %s stands on no floor\n", FILENAME, here
        bad = 1
    }
}
/^#[ \t]*include[ \t]+"[^"\/]+\// {
    split($0, quoted, "\"")
    there = quoted[2]
    sub(/\/.*/, "", there)
    if (!(there in height)) {
        printf "%s:%d: no such room: %s\n", FILENAME, FNR, there
        bad = 1
    } else if (there != here && height[there] >= height[here]) {
        printf "%s:%d: %s may not reach %s\n", FILENAME, FNR, here, there
        bad = 1
    }
}
END { exit bad }
