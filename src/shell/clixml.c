/* SPDX-License-Identifier: Apache-2.0 */
/* Reading. */
#include "shell/clixml.h"

#include "base/base64.h"
#include "base/calendar.h"
#include "base/number.h"
#include "shell/convert.h"
#include "shell/encoding.h"

enum { TEXT_MAX = 64 << 20 };

struct tag {
    struct slice name, attributes, text; /* text: what stood before it, undecoded */
    bool closes, empty;
};

/* --- tags --- */

static bool skip_to(struct slice *rest, struct slice end)
{
    while (rest->len > 0 && !slice_starts(*rest, end))
        *rest = slice_after(*rest, 1);
    return slice_take_prefix(rest, end);
}

static bool complain(struct clixml *reader, const char *complaint)
{
    reader->complaint = complaint;
    return false;
}

static bool take_tag(struct clixml *reader, struct tag *out)
{
    struct slice inside;
    *out = (struct tag){0};
    for (;;) {
        if (!slice_take_until(&reader->rest, '<', &out->text))
            return false;
        if (slice_take_prefix(&reader->rest, SLICE("!--"))) {
            if (!skip_to(&reader->rest, SLICE("-->")))
                return complain(reader, "a comment has no end");
        } else if (slice_starts(reader->rest, SLICE("?"))) {
            if (!skip_to(&reader->rest, SLICE("?>")))
                return complain(reader, "<? has no end");
        } else
            break;
    }
    if (!slice_take_until(&reader->rest, '>', &inside))
        return complain(reader, "a tag has no end");
    out->closes = slice_take_prefix(&inside, SLICE("/"));
    out->empty = inside.len > 0 && inside.at[inside.len - 1] == '/';
    inside.len -= out->empty ? 1 : 0;
    if (!slice_take_word(&inside, &out->name))
        return complain(reader, "a tag has no name");
    out->attributes = inside;
    return true;
}

static struct slice attribute(const struct tag *tag, struct slice name)
{
    struct slice rest = tag->attributes, key, value;
    while (slice_take_until(&rest, '=', &key)) {
        rest = slice_trim(rest);
        if (rest.len == 0 || (rest.at[0] != '"' && rest.at[0] != '\''))
            break;
        char quote = rest.at[0];
        rest = slice_after(rest, 1);
        if (!slice_take_until(&rest, quote, &value))
            break;
        if (slice_equal(slice_trim(key), name))
            return value;
    }
    return SLICE("");
}

/* --- texts --- */

static bool take_number(struct slice *rest, struct slice prefix, char end, bool hex, uint32_t *out)
{
    struct slice look = *rest, digits;
    uint64_t number;
    if (!slice_take_prefix(&look, prefix) || !slice_take_until(&look, end, &digits) ||
        !(hex ? number_parse_hex(digits, 0x10ffff, &number)
              : number_parse_u64(digits, 0x10ffff, &number)))
        return false;
    *out = (uint32_t)number;
    *rest = look;
    return true;
}

/* &lt; &#10; &#xA; and _x000A_ */
static void decode(struct text *text, struct slice raw)
{
    static const struct {
        const char *written;
        char means;
    } entities[] = {
        {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
    while (raw.len > 0) {
        uint32_t character;
        size_t i = 0;
        if (take_number(&raw, SLICE("&#x"), ';', true, &character) ||
            take_number(&raw, SLICE("&#"), ';', false, &character) ||
            take_number(&raw, SLICE("_x"), '_', true, &character)) {
            encoding_append_character(text, character);
            continue;
        }
        while (i < COUNT_OF(entities) && !slice_take_prefix(&raw, slice_of(entities[i].written)))
            i++;
        text_append_byte(text, i < COUNT_OF(entities) ? entities[i].means : raw.at[0]);
        raw = i < COUNT_OF(entities) ? raw : slice_after(raw, 1);
    }
}

static struct datum text_datum(struct clixml *reader, struct slice raw)
{
    struct text text = text_with_ceiling(TEXT_MAX);
    decode(&text, raw);
    struct datum datum = heap_text(&reader->machine->heap, text_slice(&text));
    text_deinit(&text);
    return datum;
}

/* PT10M, P1DT2H3.5S: a duration as XML writes it. */
static bool parse_duration(struct slice written, int64_t *out_ms)
{
    static const struct {
        char letter;
        double ms;
    } units[] = {{'D', 86400000}, {'H', 3600000}, {'M', 60000}, {'S', 1000}};
    double sum = 0, number = 0, scale = 1;
    bool fraction = false;
    if (!slice_take_prefix(&written, SLICE("P")))
        return false;
    for (size_t i = 0; i < written.len; i++) {
        char byte = written.at[i];
        scale = ascii_is_digit(byte) && fraction ? scale / 10 : scale;
        if (ascii_is_digit(byte))
            number = fraction ? number + (byte - '0') * scale : number * 10 + (byte - '0');
        else if (byte == '.')
            fraction = true;
        else if (byte != 'T') {
            for (size_t j = 0; j < COUNT_OF(units); j++)
                sum += units[j].letter == byte ? number * units[j].ms : 0;
            number = 0;
            scale = 1;
            fraction = false;
        }
    }
    *out_ms = sum < 1e15 ? (int64_t)(sum + 0.5) : INT64_MAX;
    return true;
}

/* --- values --- */

static struct datum simple(struct clixml *reader, struct slice kind, struct slice raw)
{
    struct machine *m = reader->machine;
    struct datum text = text_datum(reader, raw);
    int64_t number;
    double real;
    struct text bytes = text_with_ceiling(TEXT_MAX);
    struct datum result = text;
    if (text.kind != DATUM_TEXT)
        return text;
    struct slice written = datum_slice(text);
    if (slice_equal(kind, SLICE("B")))
        result = datum_bool(slice_equal_nocase(written, SLICE("true")));
    else if (slice_equal(kind, SLICE("DT")) && datum_to_date(text, &number))
        result = datum_number(DATUM_DATE, number);
    else if (slice_equal(kind, SLICE("TS")) && parse_duration(written, &number))
        result = datum_number(DATUM_SPAN, number);
    else if (slice_equal(kind, SLICE("BA")) && base64_decode(written, &bytes))
        result = heap_bytes(&m->heap, DATUM_BYTES, text_slice(&bytes));
    else if ((slice_equal(kind, SLICE("Db")) || slice_equal(kind, SLICE("Sg")) ||
              slice_equal(kind, SLICE("D"))) &&
             datum_to_real(text, &real))
        result = datum_real(real);
    else if ((kind.at[0] == 'I' || kind.at[0] == 'U' || slice_equal(kind, SLICE("By"))) &&
             kind.len > 1 && datum_to_integer(text, &number))
        result = datum_integer(number);
    text_deinit(&bytes);
    return result;
}

static bool take_value(struct clixml *reader, const struct tag *tag, size_t depth,
                       struct datum *out);

static bool skip_element(struct clixml *reader, const struct tag *tag)
{
    struct tag inner;
    size_t open = tag->empty ? 0 : 1;
    while (open > 0) {
        if (!take_tag(reader, &inner))
            return complain(reader, "an element has no end");
        open += inner.closes ? 0 : inner.empty ? 0 : 1;
        open -= inner.closes ? 1 : 0;
    }
    return true;
}

/* The children of Props, MS or En by their names; those of LST in their order. */
static bool take_children(struct clixml *reader, const struct tag *parent, size_t depth,
                          struct datum into)
{
    struct heap *heap = &reader->machine->heap;
    struct tag tag;
    if (parent->empty)
        return true;
    while (take_tag(reader, &tag)) {
        struct datum value = datum_null();
        if (tag.closes)
            return true;
        if (!take_value(reader, &tag, depth + 1, &value))
            return false;
        struct datum name = text_datum(reader, attribute(&tag, SLICE("N")));
        if (into.kind == DATUM_LIST)
            heap_append(heap, into, value);
        else if (into.kind == DATUM_OBJECT && name.kind == DATUM_TEXT)
            map_set(heap, into.map, datum_slice(name), value);
    }
    return complain(reader, "the file ends too early");
}

static bool take_dictionary(struct clixml *reader, const struct tag *parent, size_t depth,
                            struct datum table)
{
    struct heap *heap = &reader->machine->heap;
    struct tag tag;
    if (parent->empty)
        return true;
    while (take_tag(reader, &tag)) {
        struct datum entry = heap_map(heap, DATUM_OBJECT, SLICE(""));
        if (tag.closes)
            return true;
        if (!take_children(reader, &tag, depth, entry))
            return false;
        const struct datum *key =
            entry.kind == DATUM_OBJECT ? map_find(heap, entry.map, SLICE("Key")) : NULL;
        const struct datum *value = key ? map_find(heap, entry.map, SLICE("Value")) : NULL;
        struct datum name = key ? datum_to_text(reader->machine, *key) : datum_null();
        if (name.kind == DATUM_TEXT && table.kind == DATUM_TABLE)
            map_set(heap, table.map, datum_slice(name), value ? *value : datum_null());
    }
    return complain(reader, "the file ends too early");
}

static bool is_one_of(struct slice name, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(name, slice_of(words[i])))
            return true;
    return false;
}

/* What an Obj is made of. */
struct parts {
    struct datum properties, list, table, written, base;
};

static bool take_part(struct clixml *reader, const struct tag *tag, size_t depth,
                      struct parts *parts)
{
    static const char *const bags[] = {"Props", "MS"};
    static const char *const lists[] = {"LST", "IE", "STK", "QUE"};
    static const char *const skipped[] = {"TN", "TNRef"};
    struct heap *heap = &reader->machine->heap;
    if (is_one_of(tag->name, skipped, COUNT_OF(skipped)))
        return skip_element(reader, tag);
    if (slice_equal(tag->name, SLICE("ToString"))) /* Props may hold one, too, with a name */
        return take_value(reader, tag, depth + 1, &parts->written);
    if (is_one_of(tag->name, bags, COUNT_OF(bags)))
        return take_children(reader, tag, depth, parts->properties);
    if (is_one_of(tag->name, lists, COUNT_OF(lists))) {
        parts->list = heap_list(heap, 0);
        return take_children(reader, tag, depth, parts->list);
    }
    if (slice_equal(tag->name, SLICE("DCT"))) {
        parts->table = heap_map(heap, DATUM_TABLE, SLICE(""));
        return take_dictionary(reader, tag, depth, parts->table);
    }
    return take_value(reader, tag, depth + 1, &parts->base);
}

static struct datum whole_of(const struct parts *parts, size_t depth)
{
    bool has_properties =
        parts->properties.kind == DATUM_OBJECT && parts->properties.map->count > 0;
    if (parts->list.kind == DATUM_LIST)
        return parts->list;
    if (parts->table.kind == DATUM_TABLE)
        return parts->table;
    if (parts->written.kind == DATUM_TEXT && (depth > 0 || !has_properties))
        return parts->written;
    return has_properties || parts->base.kind == DATUM_NULL ? parts->properties : parts->base;
}

static bool take_object(struct clixml *reader, const struct tag *tag, size_t depth,
                        struct datum *out)
{
    struct heap *heap = &reader->machine->heap;
    struct parts parts = {.properties = heap_map(heap, DATUM_OBJECT, SLICE(""))};
    struct tag inner;
    while (!tag->empty) {
        if (!take_tag(reader, &inner))
            return complain(reader, "the file ends too early");
        if (inner.closes)
            break;
        if (!take_part(reader, &inner, depth, &parts))
            return false;
    }
    *out = whole_of(&parts, depth);
    struct slice number = attribute(tag, SLICE("RefId"));
    if (number.len > 0 && reader->references.kind == DATUM_TABLE)
        map_set(heap, reader->references.map, number, *out);
    return true;
}

static bool take_value(struct clixml *reader, const struct tag *tag, size_t depth,
                       struct datum *out)
{
    struct tag end;
    *out = datum_null();
    if (depth > DATUM_DEPTH_MAX)
        return complain(reader, "it is nested too deeply");
    if (tag->closes)
        return complain(reader, "a tag closes that was not open");
    if (slice_equal(tag->name, SLICE("Obj")))
        return take_object(reader, tag, depth, out);
    if (slice_equal(tag->name, SLICE("Ref"))) {
        const struct datum *found = reader->references.kind == DATUM_TABLE
                                        ? map_find(&reader->machine->heap, reader->references.map,
                                                   attribute(tag, SLICE("RefId")))
                                        : NULL;
        *out = found ? *found : datum_null();
        return skip_element(reader, tag);
    }
    if (slice_equal(tag->name, SLICE("Nil")) || slice_equal(tag->name, SLICE("SS")))
        return skip_element(reader, tag);
    if (tag->empty) {
        *out = simple(reader, tag->name, SLICE(""));
        return true;
    }
    if (!take_tag(reader, &end) || !end.closes)
        return complain(reader, "a simple value holds a tag");
    *out = simple(reader, tag->name, end.text);
    return true;
}

struct clixml clixml_over(struct machine *machine, struct slice text)
{
    return (struct clixml){.machine = machine,
                           .rest = text,
                           .references = heap_map(&machine->heap, DATUM_TABLE, SLICE(""))};
}

bool clixml_next(struct clixml *reader, struct datum *out)
{
    struct tag tag;
    while (take_tag(reader, &tag)) {
        if (slice_equal(tag.name, SLICE("Objs")))
            continue;
        return take_value(reader, &tag, 0, out);
    }
    return false;
}
