/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/paste.h"

#include "base/attributes.h"

struct form {
    const char *bytes;
    char means;
};

/* clang-format off */
static const struct form quotes[] = {
    {"\"", '"'}, {"'", '\''},
    {"\xe2\x80\x9c", '"'},  {"\xe2\x80\x9d", '"'},  {"\xe2\x80\x9e", '"'},  {"\xe2\x80\x9f", '"'},
    {"\xe2\x80\x98", '\''}, {"\xe2\x80\x99", '\''}, {"\xe2\x80\x9a", '\''}, {"\xe2\x80\x9b", '\''},
};
static const struct form dashes[] = {
    {"-", '-'},
    {"\xe2\x80\x90", '-'}, {"\xe2\x80\x91", '-'}, {"\xe2\x80\x92", '-'}, {"\xe2\x80\x93", '-'},
    {"\xe2\x80\x94", '-'}, {"\xe2\x80\x95", '-'}, {"\xe2\x88\x92", '-'},
};
static const struct form blanks[] = {
    {" ", ' '}, {"\t", ' '}, {"\r", ' '}, {"\f", ' '}, {"\v", ' '},
    {"\xc2\xa0", ' '},     /* no-break space */
    {"\xe2\x80\x82", ' '}, {"\xe2\x80\x83", ' '}, {"\xe2\x80\x87", ' '}, {"\xe2\x80\x89", ' '}, {"\xe2\x80\xaf", ' '},
    {"\xe2\x80\x8b", ' '}, /* zero width */
    {"\xe2\x80\x8e", ' '}, {"\xe2\x80\x8f", ' '}, /* marks of direction */
    {"\xef\xbb\xbf", ' '}, /* byte order mark */
};
/* clang-format on */

static size_t form_of(const struct form *forms, size_t count, struct slice rest, char *out_means)
{
    for (size_t i = 0; i < count; i++) {
        if (rest.len == 0 || rest.at[0] != forms[i].bytes[0]) /* asked for every byte of a script */
            continue;
        struct slice form = slice_of(forms[i].bytes);
        if (!slice_starts(rest, form))
            continue;
        *out_means = forms[i].means;
        return form.len;
    }
    return 0;
}

size_t paste_quote(struct slice rest, char *out_quote)
{
    return form_of(quotes, COUNT_OF(quotes), rest, out_quote);
}

size_t paste_dash(struct slice rest)
{
    char means;
    return form_of(dashes, COUNT_OF(dashes), rest, &means);
}

size_t paste_blank(struct slice rest)
{
    char means;
    return form_of(blanks, COUNT_OF(blanks), rest, &means);
}

/* The path of the prompt and its ">". */
static bool take_path(struct slice *rest)
{
    struct slice line = *rest, path;
    size_t end;
    if (slice_find(line, '\n', &end))
        line = slice_first(line, end);
    if (!slice_take_until(&line, '>', &path))
        return false;
    path = slice_trim(path);
    bool drive = path.len >= 2 && ascii_is_alpha(path.at[0]) && path.at[1] == ':';
    if (!drive && path.len > 0 && path.at[0] != '/')
        return false;
    *rest = slice_after(*rest, (size_t)(line.at - rest->at));
    return true;
}

size_t paste_prompt(struct slice rest)
{
    static const char *const names[] = {"[PS]", "[Postern]", "PS "};
    struct slice after = rest;
    if (slice_take_prefix(&after, SLICE(">>")))
        return rest.len - after.len;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        after = rest;
        if (slice_take_prefix(&after, slice_of(names[i])) && take_path(&after))
            return rest.len - after.len;
    }
    return 0;
}
