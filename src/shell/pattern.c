/* SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "shell/pattern.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 2000000, DEPTH_MAX = 5000, HEAP_KIB_MAX = 16384, PATTERN_MAX = 65536 };

/* --- wildcards --- */

static char folded(char byte, bool cased)
{
    return cased ? byte : ascii_lower(byte);
}

/* At "[": whether `byte` is one of the set; steps over it. False and nothing stepped over: it has
 * no end, so it is a plain bracket. */
static bool take_set(struct slice *pattern, char byte, bool cased, bool *out_is_set)
{
    size_t close;
    bool found = false;
    *out_is_set = slice_find(slice_after(*pattern, 1), ']', &close) && close > 0;
    if (!*out_is_set)
        return false;
    struct slice set = slice_first(slice_after(*pattern, 1), close);
    for (size_t i = 0; i < set.len; i++) {
        bool range = i + 2 < set.len && set.at[i + 1] == '-';
        char low = folded(set.at[i], cased), high = folded(set.at[range ? i + 2 : i], cased);
        found = found || (folded(byte, cased) >= low && folded(byte, cased) <= high);
        i += range ? 2 : 0;
    }
    if (found)
        *pattern = slice_after(*pattern, close + 2);
    return found;
}

static size_t character(struct slice text)
{
    size_t i = 1;
    while (i < text.len && ((unsigned char)text.at[i] & 0xc0) == 0x80)
        i++;
    return i;
}

/* One character of the text against the front of the pattern. */
static bool take_one(struct slice *pattern, struct slice *text, bool cased)
{
    bool is_set = false;
    if (pattern->len == 0 || text->len == 0)
        return false;
    if (pattern->at[0] == '?') {
        *pattern = slice_after(*pattern, 1);
        *text = slice_after(*text, character(*text));
        return true;
    }
    if (pattern->at[0] == '[' && take_set(pattern, text->at[0], cased, &is_set)) {
        *text = slice_after(*text, 1);
        return true;
    }
    if (is_set)
        return false;
    size_t escape = pattern->at[0] == '`' && pattern->len > 1 ? 1 : 0;
    if (folded(pattern->at[escape], cased) != folded(text->at[0], cased))
        return false;
    *pattern = slice_after(*pattern, 1 + escape);
    *text = slice_after(*text, 1);
    return true;
}

bool wildcard_match(struct slice pattern, struct slice text, bool cased)
{
    struct slice after_star = {0}, resume = {0};
    bool star = false;
    while (text.len > 0 || pattern.len > 0) {
        if (pattern.len > 0 && pattern.at[0] == '*') {
            pattern = slice_after(pattern, 1);
            after_star = pattern;
            resume = text;
            star = true;
            continue;
        }
        if (take_one(&pattern, &text, cased))
            continue;
        if (!star || resume.len == 0)
            return false;
        resume = slice_after(resume, 1);
        text = resume;
        pattern = after_star;
    }
    return true;
}

bool wildcard_in(struct slice pattern)
{
    size_t at;
    return slice_find(pattern, '*', &at) || slice_find(pattern, '?', &at) ||
           slice_find(pattern, '[', &at);
}

/* --- regular expressions --- */

struct pattern_cache {
    struct text pattern;
    bool cased;
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
};

static void forget(struct pattern_cache *cache)
{
    pcre2_code_free(cache->code);
    pcre2_match_data_free(cache->data);
    cache->code = NULL;
    cache->data = NULL;
}

void pattern_cache_free(struct pattern_cache *cache)
{
    if (!cache)
        return;
    forget(cache);
    pcre2_match_context_free(cache->context);
    text_deinit(&cache->pattern);
    free(cache);
}

static struct pattern_cache *cache_new(void)
{
    struct pattern_cache *cache = calloc(1, sizeof(*cache));
    if (!cache)
        return NULL;
    cache->pattern = text_with_ceiling(PATTERN_MAX);
    cache->context = pcre2_match_context_create(NULL);
    if (cache->context) {
        pcre2_set_match_limit(cache->context, STEPS_MAX);
        pcre2_set_depth_limit(cache->context, DEPTH_MAX);
        pcre2_set_heap_limit(cache->context, HEAP_KIB_MAX);
    }
    return cache;
}

static bool compile(struct pattern_cache *cache, struct slice pattern, bool cased,
                    struct text *error)
{
    int number = 0;
    PCRE2_SIZE at = 0;
    forget(cache);
    text_clear(&cache->pattern);
    if (!text_append(&cache->pattern, pattern)) {
        cache->pattern.truncated = false;
        text_append_c(error, "it is too long");
        return false;
    }
    cache->cased = cased;
    cache->code = pcre2_compile((PCRE2_SPTR)(pattern.len ? pattern.at : ""), pattern.len,
                                PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C |
                                    (cased ? 0u : (uint32_t)PCRE2_CASELESS),
                                &number, &at, NULL);
    if (cache->code) {
        cache->data = pcre2_match_data_create_from_pattern(cache->code, NULL);
        return cache->data != NULL;
    }
    char why[160] = "";
    pcre2_get_error_message(number, (PCRE2_UCHAR *)why, sizeof(why));
    text_append_format(error, "%s, at character %zu", why, (size_t)at + 1);
    return false;
}

static void take_names(const struct pattern_cache *cache, struct pattern_match *out)
{
    uint32_t count = 0, size = 0;
    PCRE2_SPTR table = NULL;
    pcre2_pattern_info(cache->code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(cache->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(cache->code, PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < count; i++) {
        PCRE2_SPTR row = table + (size_t)i * size;
        size_t group = (size_t)row[0] << 8 | row[1];
        if (group < PATTERN_GROUPS_MAX)
            out->names[group] = (const char *)row + 2;
    }
}

static void take_groups(const struct pattern_cache *cache, int groups, struct pattern_match *out)
{
    const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(cache->data);
    *out = (struct pattern_match){.count = (size_t)groups};
    if (out->count > PATTERN_GROUPS_MAX)
        out->count = PATTERN_GROUPS_MAX;
    for (size_t i = 0; i < out->count; i++) {
        bool set = offsets[2 * i] != PCRE2_UNSET && offsets[2 * i] <= offsets[2 * i + 1];
        out->begin[i] = set ? offsets[2 * i] : 1;
        out->end[i] = set ? offsets[2 * i + 1] : 0;
    }
    take_names(cache, out);
}

enum pattern_outcome pattern_find(struct pattern_cache **cache, struct slice pattern, bool cased,
                                  struct slice text, size_t from, struct pattern_match *out,
                                  struct text *error)
{
    if (!*cache)
        *cache = cache_new();
    struct pattern_cache *c = *cache;
    if (!c || !c->context)
        return PATTERN_EXPLODES;
    bool same = c->code && c->cased == cased && slice_equal(text_slice(&c->pattern), pattern);
    if (!same && !compile(c, pattern, cased, error))
        return PATTERN_BAD;
    int groups = pcre2_match(c->code, (PCRE2_SPTR)(text.len ? text.at : ""), text.len, from, 0,
                             c->data, c->context);
    if (groups == PCRE2_ERROR_NOMATCH)
        return PATTERN_NO_MATCH;
    if (groups <= 0)
        return PATTERN_EXPLODES;
    take_groups(c, groups, out);
    return PATTERN_MATCH;
}
