/* SPDX-License-Identifier: Apache-2.0 */
/* Get-SmtpSessionLogging and Set-SmtpSessionLogging. */
#include "hub/session_logging.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "os/clock.h"

enum { DURATION_DEFAULT_MS = 600000, DURATION_MAX_MS = 86400000 };

static json_t *json_of_raised(const struct raised *raised)
{
    char storage[64];
    struct text text = text_over(storage, sizeof storage);
    json_t *json = json_object();
    ip_append(&text, raised->address);
    json_object_set_new(json, "RemoteIPAddress", json_of_slice(text_slice(&text)));
    json_object_set_new(json, "Until", json_of_time(raised->until_ms));
    return json;
}

void smtp_session_logging_get(struct call *call)
{
    struct raised raised;
    for (size_t i = 0; session_logging_at(call->hub, i, &raised); i++)
        call_emit(call, json_of_raised(&raised));
    call_done(call);
}

struct span {
    int64_t ms;
};

/* Written as every time span of a setting is. */
static bool read_duration(struct call *call, int64_t *out_ms)
{
    static const struct setting row = {.name = "Duration",
                                       .offset = offsetof(struct span, ms),
                                       .kind = SETTING_TIME_SPAN,
                                       .max = DURATION_MAX_MS};
    char storage[256];
    struct text error = text_over(storage, sizeof storage);
    struct arena arena = arena_with_ceiling(1024);
    struct slice written = call_text(call, "Duration");
    struct span span = {.ms = DURATION_DEFAULT_MS};
    bool good = written.len == 0 || setting_parse(&row, &span, &arena, &written, 1, &error);
    arena_deinit(&arena);
    *out_ms = span.ms;
    if (!good)
        call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
    return good;
}

void smtp_session_logging_set(struct call *call)
{
    struct raised raised = {.until_ms = clock_wall_ms()};
    int64_t for_ms;
    if (!ip_parse(call_text(call, "RemoteIPAddress"), &raised.address)) {
        call_fail(call, OPERATION_USAGE,
                  "-RemoteIPAddress is one address without a port: 192.0.2.1 or 2001:db8::1");
        return;
    }
    if (!read_duration(call, &for_ms))
        return;
    raised.until_ms += for_ms;
    if (operation_is_dry(call)) {
        call_inform(call, "What if: the sessions of this client would be logged.");
    } else if (!session_logging_raise(call->hub, raised.address, for_ms)) {
        call->fix = "Get-SmtpSessionLogging";
        call_fail(call, OPERATION_FAILED,
                  "%d clients are logged already; end one of them with -Duration 0s",
                  WIRE_SESSION_LOGGING_MAX);
        return;
    }
    if (for_ms)
        call_emit(call, json_of_raised(&raised));
    call_done(call);
}
