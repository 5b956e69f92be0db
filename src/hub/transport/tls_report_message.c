/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/tls_report_message.h"

#include "base/base64.h"
#include "base/calendar.h"

#include <jansson.h>

enum { BASE64_LINE_BYTES = 57 /* 76 characters */, MS_PER_S = 1000 };

/* --- JSON --- */

/* What is no UTF-8 is of nobody who keeps to the rules. */
static json_t *string(struct slice bytes)
{
    json_t *written = json_stringn(bytes.len ? bytes.at : "", bytes.len);
    return written ? written : json_string("?");
}

static json_t *moment(int64_t at_ms)
{
    char storage[64];
    struct text text = text_over(storage, sizeof storage);
    calendar_append_rfc3339(&text, at_ms);
    return string(text_slice(&text));
}

static json_t *lines(struct slice text)
{
    json_t *list = json_array();
    for (struct slice line; slice_take_field(&text, '\n', &line);)
        json_array_append_new(list, string(line));
    return list;
}

static json_t *failure(const struct tls_failure_sum *sum)
{
    char storage[64];
    struct text address = text_over(storage, sizeof storage);
    json_t *json = json_object();
    json_object_set_new(json, "result-type", json_string(tls_result_name(sum->result)));
    if (sum->host.len)
        json_object_set_new(json, "receiving-mx-hostname", string(sum->host));
    if (!ip_is_any(sum->address) && ip_append(&address, sum->address))
        json_object_set_new(json, "receiving-ip", string(text_slice(&address)));
    json_object_set_new(json, "failed-session-count", json_integer((json_int_t)sum->count));
    return json;
}

static json_t *described(const struct tls_policy_sum *sum, struct slice domain)
{
    json_t *json = json_object();
    json_object_set_new(json, "policy-type", json_string(tls_policy_kind_name(sum->kind)));
    if (sum->text.len)
        json_object_set_new(json, "policy-string", lines(sum->text));
    json_object_set_new(json, "policy-domain", string(domain));
    if (sum->hosts.len)
        json_object_set_new(json, "mx-host", lines(sum->hosts));
    return json;
}

static json_t *policy(const struct tls_policy_sum *sum, struct slice domain)
{
    json_t *json = json_object(), *summary = json_object(), *failures = json_array();
    json_object_set_new(summary, "total-successful-session-count",
                        json_integer((json_int_t)sum->good));
    json_object_set_new(summary, "total-failure-session-count", json_integer((json_int_t)sum->bad));
    for (size_t i = 0; i < sum->failure_count; i++)
        json_array_append_new(failures, failure(&sum->failures[i]));
    json_object_set_new(json, "policy", described(sum, domain));
    json_object_set_new(json, "summary", summary);
    if (sum->failure_count)
        json_object_set_new(json, "failure-details", failures);
    else
        json_decref(failures);
    return json;
}

static json_t *whole(const struct tls_report *report)
{
    json_t *json = json_object(), *range = json_object(), *policies = json_array();
    json_object_set_new(range, "start-datetime", moment(report->begin_ms));
    json_object_set_new(range, "end-datetime", moment(report->end_ms));
    for (size_t i = 0; i < report->sum->policy_count; i++)
        json_array_append_new(policies, policy(&report->sum->policies[i], report->sum->domain));
    json_object_set_new(json, "organization-name", string(report->submitter));
    json_object_set_new(json, "date-range", range);
    json_object_set_new(json, "contact-info", string(report->from));
    json_object_set_new(json, "report-id", string(report->id));
    json_object_set_new(json, "policies", policies);
    return json;
}

static int on_dumped(const char *bytes, size_t len, void *context)
{
    return text_append(context, slice_bytes(bytes, len)) ? 0 : -1;
}

bool tls_report_append_json(struct text *out, const struct tls_report *report)
{
    json_t *json = whole(report);
    bool good = json && json_dump_callback(json, on_dumped, out, JSON_INDENT(1)) == 0;
    json_decref(json);
    return good && text_append_byte(out, '\n');
}

/* --- the mail --- */

static void append_header(struct text *out, const struct tls_report *report)
{
    text_append_format(out, "From: <%.*s>\r\nTo: %.*s\r\nDate: ", SLICE_ARG(report->from),
                       SLICE_ARG(report->to));
    calendar_append_rfc5322(out, report->now_ms, 0);
    text_append_format(out,
                       "\r\nSubject: Report Domain: %.*s Submitter: %.*s Report-ID: <%.*s>\r\n"
                       "Message-ID: <%.*s@%.*s>\r\n",
                       SLICE_ARG(report->sum->domain), SLICE_ARG(report->submitter),
                       SLICE_ARG(report->id), SLICE_ARG(report->id), SLICE_ARG(report->submitter));
    text_append_format(out, "TLS-Report-Domain: %.*s\r\nTLS-Report-Submitter: %.*s\r\n",
                       SLICE_ARG(report->sum->domain), SLICE_ARG(report->submitter));
    text_append_format(out,
                       "TLS-Required: No\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                       "Content-Type: multipart/report; report-type=\"tlsrpt\";\r\n"
                       " boundary=\"=_%.*s\"\r\n\r\n",
                       SLICE_ARG(report->id));
}

static void append_words(struct text *out, const struct tls_report *report)
{
    text_append_format(out,
                       "--=_%.*s\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
                       "%.*s reports how its connections to the mail servers of %.*s\r\n"
                       "fared with TLS (RFC 8460). The report is attached.\r\n",
                       SLICE_ARG(report->id), SLICE_ARG(report->submitter),
                       SLICE_ARG(report->sum->domain));
}

/* RFC 8460 5.1 has the name of the file. */
static void append_part(struct text *out, const struct tls_report *report, struct slice json)
{
    text_append_format(out,
                       "\r\n--=_%.*s\r\nContent-Type: application/tlsrpt+json\r\n"
                       "Content-Transfer-Encoding: base64\r\n"
                       "Content-Disposition: attachment;\r\n"
                       " filename=\"%.*s!%.*s!%lld!%lld!%.*s.json\"\r\n\r\n",
                       SLICE_ARG(report->id), SLICE_ARG(report->submitter),
                       SLICE_ARG(report->sum->domain), (long long)(report->begin_ms / MS_PER_S),
                       (long long)(report->end_ms / MS_PER_S), SLICE_ARG(report->id));
    for (; json.len; json = slice_after(json, BASE64_LINE_BYTES)) {
        base64_append(out, slice_first(json, BASE64_LINE_BYTES));
        text_append_c(out, "\r\n");
    }
    text_append_format(out, "\r\n--=_%.*s--\r\n", SLICE_ARG(report->id));
}

bool tls_report_append_message(struct text *out, const struct tls_report *report)
{
    CLEANUP(text_deinit) struct text json = text_with_ceiling(TLS_REPORT_JSON_MAX);
    if (!tls_report_append_json(&json, report))
        return false;
    append_header(out, report);
    append_words(out, report);
    append_part(out, report, text_slice(&json));
    return !out->truncated;
}
