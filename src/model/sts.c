/* SPDX-License-Identifier: Apache-2.0 */
#include "model/sts.h"

#include "base/attributes.h"
#include "base/number.h"
#include "tls/host_name.h"

enum { AGE_DIGITS_MAX = 10 };

static bool id_ok(struct slice id)
{
    for (size_t i = 0; i < id.len; i++)
        if (!ascii_is_alnum(id.at[i]))
            return false;
    return id.len && id.len <= STS_ID_MAX;
}

enum tag_list_outcome sts_record_read(const struct slice *records, size_t count,
                                      struct slice *out_id)
{
    struct slice rest, id = {0};
    struct tag tag;
    enum tag_list_outcome outcome = tag_list_choose(records, count, SLICE("v=STSv1;"), &rest);
    if (outcome != TAG_LIST_OK)
        return outcome;
    while ((outcome = tag_list_next(&rest, &tag)) == TAG_LIST_OK)
        if (!id.len && slice_equal(tag.name, SLICE("id")))
            id = tag.value;
    if (outcome == TAG_LIST_MALFORMED || !id_ok(id))
        return TAG_LIST_MALFORMED;
    *out_id = id;
    return TAG_LIST_OK;
}

/* --- the policy --- */

struct reading {
    struct sts_policy *policy;
    bool version, mode, max_age;
};

typedef enum sts_policy_outcome field_fn(struct reading *reading, struct slice value);

static enum sts_policy_outcome read_version(struct reading *reading, struct slice value)
{
    reading->version = true;
    return slice_equal(value, SLICE("STSv1")) ? STS_POLICY_OK : STS_POLICY_VERSION;
}

static enum sts_policy_outcome read_mode(struct reading *reading, struct slice value)
{
    static const struct slice modes[] = {
        [STS_MODE_NONE] = SLICE_INIT("none"),
        [STS_MODE_TESTING] = SLICE_INIT("testing"),
        [STS_MODE_ENFORCE] = SLICE_INIT("enforce"),
    };
    reading->mode = true;
    for (size_t i = 0; i < COUNT_OF(modes); i++)
        if (slice_equal(value, modes[i])) {
            reading->policy->mode = (enum sts_mode)i;
            return STS_POLICY_OK;
        }
    return STS_POLICY_MODE;
}

static enum sts_policy_outcome read_max_age(struct reading *reading, struct slice value)
{
    uint64_t age;
    reading->max_age = true;
    if (value.len > AGE_DIGITS_MAX || !number_parse_u64(value, UINT64_MAX, &age))
        return STS_POLICY_MAX_AGE;
    reading->policy->max_age_s = age < STS_AGE_MAX_S ? (uint32_t)age : STS_AGE_MAX_S;
    return STS_POLICY_OK;
}

static enum sts_policy_outcome read_mx(struct reading *reading, struct slice value)
{
    struct sts_policy *policy = reading->policy;
    if (policy->mx_count == STS_MX_MAX || !host_name_ok(value, true))
        return STS_POLICY_MX;
    policy->mx[policy->mx_count++] = value;
    return STS_POLICY_OK;
}

/* RFC 8461 3.2: of fields but mx the first one counts; unknown ones are left alone. */
static enum sts_policy_outcome read_field(struct reading *reading, struct slice name,
                                          struct slice value)
{
    const struct {
        struct slice name;
        field_fn *read;
        bool seen;
    } fields[] = {
        {SLICE("version"), read_version, reading->version},
        {SLICE("mode"), read_mode, reading->mode},
        {SLICE("max_age"), read_max_age, reading->max_age},
        {SLICE("mx"), read_mx, false},
    };
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (slice_equal(name, fields[i].name))
            return fields[i].seen ? STS_POLICY_OK : fields[i].read(reading, value);
    return STS_POLICY_OK;
}

static enum sts_policy_outcome read_line(struct reading *reading, struct slice line)
{
    struct slice name;
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    if (!slice_trim(line).len) /* more than the grammar grants; many policies end so */
        return STS_POLICY_OK;
    if (!slice_take_until(&line, ':', &name) || !name.len)
        return STS_POLICY_MALFORMED;
    for (size_t i = 0; i < line.len; i++)
        if (line.at[i] == 0 || line.at[i] == '\r')
            return STS_POLICY_MALFORMED;
    return read_field(reading, name, slice_trim(line));
}

enum sts_policy_outcome sts_policy_read(struct slice written, struct sts_policy *out_policy)
{
    struct reading reading = {.policy = out_policy};
    *out_policy = (struct sts_policy){0};
    if (written.len > STS_POLICY_MAX_BYTES)
        return STS_POLICY_TOO_LONG;
    for (struct slice line; slice_take_field(&written, '\n', &line);) {
        enum sts_policy_outcome outcome = read_line(&reading, line);
        if (outcome != STS_POLICY_OK)
            return outcome;
    }
    if (!reading.version)
        return STS_POLICY_VERSION;
    if (!reading.mode)
        return STS_POLICY_MODE;
    if (!reading.max_age)
        return STS_POLICY_MAX_AGE;
    bool named = out_policy->mx_count || out_policy->mode == STS_MODE_NONE;
    return named ? STS_POLICY_OK : STS_POLICY_MX;
}

const char *sts_policy_outcome_text(enum sts_policy_outcome outcome)
{
    static const char *const texts[] = {
        [STS_POLICY_OK] = "the policy is good",
        [STS_POLICY_TOO_LONG] = "the policy is longer than 64 KB",
        [STS_POLICY_MALFORMED] = "a line of the policy is not \"name: value\"",
        [STS_POLICY_VERSION] = "the policy has no \"version: STSv1\"",
        [STS_POLICY_MODE] = "the policy's mode is not enforce, testing or none",
        [STS_POLICY_MAX_AGE] = "the policy's max_age is no number of seconds",
        [STS_POLICY_MX] = "the policy names no host, a host that is none, or more than 100",
    };
    _Static_assert(COUNT_OF(texts) == STS_POLICY_OUTCOMES, "each outcome has a phrase");
    return texts[outcome];
}

bool sts_policy_allows(const struct sts_policy *policy, struct slice host)
{
    for (size_t i = 0; i < policy->mx_count; i++)
        if (host_name_matches(policy->mx[i], host))
            return true;
    return false;
}

enum sts_step sts_next_step(const struct sts_cached *cached, struct slice id, int64_t now_ms)
{
    int64_t age_ms = now_ms - cached->fetched_ms;
    bool valid = cached->id.len && age_ms >= 0 && age_ms < (int64_t)cached->max_age_s * 1000;
    if (!id.len)
        return valid ? STS_STEP_CACHED : STS_STEP_WITHOUT;
    if (!valid)
        return STS_STEP_FETCH;
    bool current = slice_equal(id, cached->id) && age_ms < STS_REFRESH_AFTER_MS;
    return current ? STS_STEP_CACHED : STS_STEP_FETCH_ELSE_CACHED;
}
