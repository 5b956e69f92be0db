/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/said.h"

#include "base/calendar.h"

enum { REPLY_SHOWN_MAX = 1024, NAME_SHOWN_MAX = 255 };

/* One line: what a server wrote over several is joined. */
static void append_line(struct text *text, struct slice reply)
{
    struct slice rest = slice_first(reply, REPLY_SHOWN_MAX), line;
    bool first = true;
    while (slice_take_field(&rest, '\n', &line)) {
        text_append_c(text, first ? "" : " ");
        text_append_escaped(text, line, REPLY_SHOWN_MAX);
        first = false;
    }
}

bool said_append(struct text *text, const struct said *said, int64_t at_ms)
{
    static const struct ip_address none = {{0}};
    struct slice name = said->remote_name.len ? said->remote_name : said->sent.next_hop;
    if (!said->remote_name.len && !said->sent.connector.len) {
        append_line(text, said->reply);
        return !text->truncated;
    }
    text_append_c(text, "[{LED=");
    append_line(text, said->reply);
    text_append_c(text, "};{MSG=};{FQDN=");
    text_append_escaped(text, name, NAME_SHOWN_MAX);
    text_append_c(text, "};{IP=");
    if (!ip_equal(said->remote_address, none))
        ip_append(text, said->remote_address);
    text_append_c(text, "};{LRT=");
    calendar_append_rfc3339(text, at_ms);
    text_append_c(text, "}]");
    return !text->truncated;
}

int64_t said_moment_ms(struct slice shown)
{
    static const struct slice before = SLICE_INIT("{LRT="), behind = SLICE_INIT("}]");
    enum { MOMENT_BYTES = sizeof "1970-01-01T00:00:00.000Z" - 1 };
    size_t len = before.len + MOMENT_BYTES + behind.len;
    struct slice end = slice_after(shown, shown.len < len ? shown.len : shown.len - len);
    int64_t at_ms;
    bool good = slice_take_prefix(&end, before) &&
                slice_equal(slice_after(end, MOMENT_BYTES), behind) &&
                calendar_parse_rfc3339(slice_first(end, MOMENT_BYTES), &at_ms);
    return good ? at_ms : 0;
}
