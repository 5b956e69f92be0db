/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/certificates/events.h"

#include "base/calendar.h"
#include "base/hex.h"
#include "hub/handlers/object.h"
#include "hub/logs.h"
#include "model/certificate_news.h"
#include "model/certificate_staple.h"
#include "os/clock.h"
#include "os/descriptor.h"

#include <string.h>

enum {
    LINE_MAX_BYTES = 1600,
    SUBJECT_SHOWN = 240,
    MOMENT_MAX_BYTES = 40,
    LOOK_WITHIN_MS = 3600 * 1000, /* the clock on the wall may be set meanwhile */
    HOUR_MS = 3600 * 1000,
};

static const char moment_file[] = "certificates.said";

/* --- words --- */

struct saying {
    int64_t at_ms;
    bool said;
};

static void append_certificate(struct text *line, const struct certificate *certificate)
{
    text_append_c(line, "\"");
    append_clean(line, slice_first(certificate_title(certificate), SUBJECT_SHOWN));
    text_append_c(line, "\" thumbprint=");
    hex_append_upper(line, certificate->thumbprint);
}

static void append_connector(struct text *line, const struct receive_connector *connector)
{
    text_append_format(line, "connector=\"%.*s\"", SLICE_ARG(connector->identity));
}

/* To be pasted: in double quotes shells expand $ and `. No name holds double quotes. */
static char quote_for(struct slice name)
{
    size_t at;
    bool expands = slice_find(name, '$', &at) || slice_find(name, '`', &at);
    return expands && !slice_find(name, '\'', &at) ? '\'' : '"';
}

static void append_cure(struct text *line, const struct receive_connector *connector)
{
    char quote = quote_for(connector->identity);
    text_append_format(line, "; postern explain %c%.*s%c shows why and what mends it", quote,
                       SLICE_ARG(connector->identity), quote);
}

static void append_not_offered(struct text *line, const struct certificate_news *news,
                               int64_t at_ms)
{
    (void)at_ms;
    append_connector(line, news->connector);
    text_append_c(line, " no certificate for \"");
    append_clean(line, slice_first(news->key, SUBJECT_SHOWN));
    text_append_c(line, "\": STARTTLS is NOT offered");
    append_cure(line, news->connector);
}

static void append_named_missing(struct text *line, const struct certificate_news *news,
                                 int64_t at_ms)
{
    (void)at_ms;
    append_connector(line, news->connector);
    text_append_c(line, " its TlsCertificateName fits no certificate: ");
    append_certificate(line, news->certificate);
    text_append_c(line, " is presented instead");
    append_cure(line, news->connector);
}

static void append_renewal(struct text *line, const struct certificate *certificate)
{
    text_append_c(line, "; renew it where it comes from, or: ");
    certificate_renewal_command(certificate, line);
}

static void append_expired(struct text *line, const struct certificate_news *news, int64_t at_ms)
{
    bool itself = at_ms > news->certificate->not_after_ms;
    append_connector(line, news->connector);
    text_append_c(line, " the certificate ");
    append_certificate(line, news->certificate);
    if (itself) {
        text_append_c(line, " it presents has expired");
        append_renewal(line, news->certificate);
    } else {
        text_append_c(line,
                      " it presents has an issuer that expired; import it with the chain that "
                      "its authority gives out now: Import-ExchangeCertificate -FileName "
                      "fullchain.pem");
    }
}

static void append_expires_soon(struct text *line, const struct certificate_news *news,
                                int64_t at_ms)
{
    int64_t hours = (certificate_ends_ms(news->certificate) - at_ms) / HOUR_MS;
    int64_t days = certificate_days_left(news->certificate, at_ms);
    text_append_c(line, "the certificate ");
    append_certificate(line, news->certificate);
    text_append_format(line, " expires in %lld day%s (%lld hours): ", (long long)days,
                       days == 1 ? "" : "s", (long long)hours);
    append_connector(line, news->connector);
    if (news->connectors > 1)
        text_append_format(line, " and %zu more present it", news->connectors - 1);
    else
        text_append_c(line, " presents it");
    if (news->seldom)
        text_append_c(line, ", to clients alone that ask for its name or verify no other kind of "
                            "key");
    append_renewal(line, news->certificate);
}

static void append_well(struct text *line, const struct certificate_news *news, int64_t at_ms)
{
    (void)at_ms;
    text_append_format(line, "%s ",
                       news->was == NEWS_EXPIRED ? "resolved=12016" : "resolved=12014");
    append_connector(line, news->connector);
    text_append_c(line, news->certificate ? " presents " : " does not want TLS any more");
    if (news->certificate)
        append_certificate(line, news->certificate);
}

static void append_retired(struct text *line, const struct certificate_news *news, int64_t at_ms)
{
    (void)at_ms;
    text_append_c(line, "the certificate ");
    append_certificate(line, news->certificate);
    text_append_c(line, " was to expire soon and is presented no longer");
}

static void append_time(struct text *line, int64_t at_ms)
{
    calendar_append_rfc3339(line, at_ms);
}

static void append_revoked(struct text *line, const struct certificate_news *news, int64_t at_ms)
{
    (void)at_ms;
    text_append_c(line, "the certificate ");
    append_certificate(line, news->certificate);
    text_append_c(line, " is REVOKED by its issuer since ");
    append_time(line, news->certificate->revoked_ms);
    text_append_c(line, " (");
    append_clean(line, news->certificate->revocation_reason);
    text_append_c(line, "): no connector presents it any more");
    if (news->connectors) {
        text_append_c(line, ", ");
        append_connector(line, news->connector);
        text_append_c(line, " did");
        append_cure(line, news->connector);
    }
}

static void append_revoked_no_more(struct text *line, const struct certificate_news *news,
                                   int64_t at_ms)
{
    (void)at_ms;
    text_append_c(line, "the certificate ");
    append_certificate(line, news->certificate);
    text_append_c(line, certificate_is_revoked(news->certificate)
                            ? " that was revoked is here no longer"
                            : " is not revoked any more, says its issuer");
}

static void append_staple_cure(struct text *line, const struct certificate_news *news)
{
    text_append_c(line, ": get a new one from its issuer and import it "
                        "(Import-ExchangeCertificate -FileName mail.ocsp); ");
    append_connector(line, news->connector);
    text_append_c(line, " presents the certificate");
}

static void append_staple_ages(struct text *line, const struct certificate_news *news,
                               int64_t at_ms)
{
    (void)at_ms;
    text_append_c(line, "the OCSP response of ");
    append_certificate(line, news->certificate);
    text_append_c(line, news->kind == NEWS_STAPLE_ENDS ? " ends soon"
                                                       : " is past three quarters of its life");
    text_append_c(line, " and was not replaced; it ends at ");
    append_time(line, news->certificate->ocsp_next_update_ms);
    append_staple_cure(line, news);
}

static void append_staple_over(struct text *line, const struct certificate_news *news,
                               int64_t at_ms)
{
    (void)at_ms;
    bool ended = news->certificate->ocsp_status == RESPONSE_GOOD;
    text_append_c(line, "no OCSP response is stapled to ");
    append_certificate(line, news->certificate);
    text_append_c(line, ended ? ": the one there is ended at " : ": there is none");
    if (ended)
        append_time(line, news->certificate->ocsp_next_update_ms);
    if (news->certificate->must_staple)
        text_append_c(line, ", and the certificate demands one: clients that heed this refuse it");
    append_staple_cure(line, news);
}

static void append_staple_well(struct text *line, const struct certificate_news *news,
                               int64_t at_ms)
{
    text_append_c(line, "the OCSP response of ");
    append_certificate(line, news->certificate);
    if (certificate_staple_state(news->certificate, at_ms) == STAPLE_FRESH) {
        text_append_c(line, " is good until ");
        append_time(line, news->certificate->ocsp_next_update_ms);
    } else {
        text_append_c(line, " does not matter any more");
    }
}

/* clang-format off */
static const struct {
    enum wire_level level;
    unsigned id;
    const char *front;
    void (*append)(struct text *line, const struct certificate_news *news, int64_t at_ms);
} sayings[NEWS_KINDS] = {
    [NEWS_NOT_OFFERED]         = {WIRE_LEVEL_ERROR,       12014, "event=12014 ",      append_not_offered},
    [NEWS_NAMED_MISSING]       = {WIRE_LEVEL_ERROR,       12014, "event=12014 ",      append_named_missing},
    [NEWS_EXPIRED]             = {WIRE_LEVEL_ERROR,       12016, "event=12016 ",      append_expired},
    [NEWS_EXPIRES_SOON]        = {WIRE_LEVEL_ERROR,       12018, "event=12018 ",      append_expires_soon},
    [NEWS_CONNECTOR_IS_WELL]   = {WIRE_LEVEL_INFORMATION, 0,     "",                  append_well},
    [NEWS_CERTIFICATE_RETIRED] = {WIRE_LEVEL_INFORMATION, 0,     "resolved=12018 ",   append_retired},
    [NEWS_REVOKED]             = {WIRE_LEVEL_ERROR,       12110, "event=12110 ",      append_revoked},
    [NEWS_REVOKED_NO_MORE]     = {WIRE_LEVEL_INFORMATION, 0,     "resolved=12110 ",   append_revoked_no_more},
    [NEWS_STAPLE_OLD]         = {WIRE_LEVEL_WARNING,     12111, "event=12111 ",      append_staple_ages},
    [NEWS_STAPLE_ENDS]         = {WIRE_LEVEL_ERROR,       12111, "event=12111 ",      append_staple_ages},
    [NEWS_STAPLE_OVER]         = {WIRE_LEVEL_ERROR,       12111, "event=12111 ",      append_staple_over},
    [NEWS_STAPLE_WELL]         = {WIRE_LEVEL_INFORMATION, 0,     "resolved=12111 ",   append_staple_well},
};
/* clang-format on */

static void say(void *context, const struct certificate_news *news)
{
    struct saying *saying = context;
    char storage[LINE_MAX_BYTES];
    struct text line = text_over(storage, sizeof(storage));
    text_append_c(&line, sayings[news->kind].front);
    sayings[news->kind].append(&line, news, saying->at_ms);
    role_event(NULL, sayings[news->kind].level, sayings[news->kind].id, "%.*s",
               SLICE_ARG(text_slice(&line)));
    saying->said = true;
}

/* --- the moment of the last look --- */

static void keep_moment(const struct hub *hub)
{
    char storage[MOMENT_MAX_BYTES];
    struct text moment = text_over(storage, sizeof(storage));
    calendar_append_rfc3339(&moment, hub->certificates_looked_ms);
    int result =
        file_replace(logs_folder_fd(hub, LOG_EVENTS), moment_file, 0600, text_slice(&moment));
    if (result < 0)
        role_event(NULL, WIRE_LEVEL_WARNING, 0,
                   "hub: logs/%s cannot be written (%s): a restart repeats events of certificates",
                   moment_file, strerror(-result));
}

/* 0 when there is none; one from the future (a clock that was set back) would hide what is due. */
static int64_t kept_moment(const struct hub *hub)
{
    char storage[MOMENT_MAX_BYTES];
    struct text written = text_over(storage, sizeof(storage));
    int64_t at_ms;
    bool good = file_read(logs_folder_fd(hub, LOG_EVENTS), moment_file, &written) == 0 &&
                calendar_parse_rfc3339(text_slice(&written), &at_ms);
    return good && at_ms <= clock_wall_ms() ? at_ms : 0;
}

/* --- looking --- */

static void set_timer(struct hub *hub)
{
    struct certificate_look now = {hub->model, hub->certificates_looked_ms};
    int64_t at_ms, wait_ms = LOOK_WITHIN_MS;
    if (certificate_news_next(&now, &at_ms) && at_ms - now.at_ms < wait_ms)
        wait_ms = at_ms - now.at_ms;
    timer_set(&hub->certificates_due, (uint64_t)wait_ms);
}

static void look(struct hub *hub, const struct model *before)
{
    struct certificate_look last = {before, hub->certificates_looked_ms};
    struct certificate_look now = {hub->model, clock_wall_ms()};
    struct saying saying = {.at_ms = now.at_ms};
    if (certificate_news(&last, &now, say, &saying))
        hub->certificates_looked_ms = now.at_ms;
    if (saying.said || last.at_ms == 0)
        keep_moment(hub);
    set_timer(hub);
}

/* Of several changes in a row, the first one's model is what was there at the last look. */
static void on_due(void *context, unsigned events)
{
    (void)events;
    struct hub *hub = context;
    struct model *before = hub->certificates_before;
    hub->certificates_before = NULL;
    look(hub, before || !hub->certificates_looked_ms ? before : hub->model);
    model_free(before);
}

void certificate_events_look_soon(struct hub *hub, struct model *before_take)
{
    if (hub->certificates_before)
        model_free(before_take);
    else
        hub->certificates_before = before_take;
    timer_set(&hub->certificates_due, 0);
}

void certificate_events_begin(struct hub *hub)
{
    timer_init(&hub->certificates_due, hub->role.loop, on_due, hub);
    hub->certificates_looked_ms = kept_moment(hub);
}

void certificate_events_end(struct hub *hub)
{
    timer_stop(&hub->certificates_due);
    model_free(hub->certificates_before);
}
