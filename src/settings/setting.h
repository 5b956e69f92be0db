/* SPDX-License-Identifier: Apache-2.0 */
/* setting - one parameter of one kind of object, as a row of a table.
 *
 * A table is an array of rows ended by {0}. Each row says where in the object the value lives, what
 * it may be, what it is when nobody says anything, and what it does. Parsing, printing, comparing,
 * storing and documenting an object need nothing but its table.
 *
 * It refuses to know what the objects are, and rules that join two parameters (model/validate).
 *
 * Ownership: parsed text and lists live in the arena that is passed in; settings_decode lends:
 * texts point into the decoded bytes, only lists are taken from the arena.
 * Errors: false means the value was refused (or no memory was left), the object is as it was, and
 * `error` says what is wrong and what the right form is. `error` may be NULL.
 */
#ifndef SETTINGS_SETTING_H
#define SETTINGS_SETTING_H

#include "base/arena.h"
#include "base/ip.h"
#include "base/text.h"

/* Lists as they lie in an object; the elements are never changed in place. */
struct slice_list {
    const struct slice *at;
    size_t count;
};
struct ip_endpoint_list {
    const struct ip_endpoint *at;
    size_t count;
};
struct ip_range_list {
    const struct ip_range *at;
    size_t count;
};

/* Domains mail is carried to: "contoso.com", "*.contoso.com", "*" or "--", as it was written. */
struct address_space {
    struct slice space;
    uint32_t cost; /* ADDRESS_SPACE_COST_MIN to _MAX; the least is the cheapest */
};
enum { ADDRESS_SPACE_COST_MIN = 1, ADDRESS_SPACE_COST_MAX = 100 };
struct address_space_list {
    const struct address_space *at;
    size_t count;
};

/* kind                      in the object            written */
enum setting_kind {
    SETTING_BOOL = 1,  /* bool                    $true $false true false 1 0, printed True False */
    SETTING_INTEGER,   /* int64_t                 decimal digits */
    SETTING_UNLIMITED, /* int64_t                 the same, or Unlimited = INT64_MAX */
    SETTING_BYTES,     /* int64_t                 36MB, 36 MB (37,748,736 bytes), 37748736 */
    SETTING_TIME_SPAN, /* int64_t, milliseconds   [d.]hh:mm:ss[.fff]; also 30s 5m 2h 1d */
    SETTING_TEXT,      /* struct slice            as it is; min and max count bytes */
    SETTING_ENUM,      /* uint32_t                one word; 0 is empty where there is no fallback */
    SETTING_FLAGS,     /* uint32_t, a mask        words with commas: Tls, Integrated, BasicAuth */
    SETTING_BINDINGS,  /* struct ip_endpoint_list 0.0.0.0:25, [::]:25 */
    SETTING_IP_RANGES, /* struct ip_range_list    a, a-b, a/length, a(mask) */
    SETTING_TEXT_LIST, /* struct slice_list       texts with commas; min and max count elements */
    SETTING_HEX,       /* struct slice, bytes     hexadecimal digits; min and max count bytes */
    SETTING_HEX_LIST,  /* struct slice_list       the same with commas */
    SETTING_TIME,      /* int64_t, ms since 1970  RFC 3339; 0 = never, printed as nothing */
    SETTING_UUID,      /* uint8_t[16]             xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx */
    SETTING_UNLIMITED_BYTES, /* int64_t           as BYTES, or Unlimited = INT64_MAX */
    SETTING_ADDRESS_SPACES,  /* struct address_space_list  [SMTP:]space[;cost] with commas */
    SETTING_HOSTS, /* struct slice_list           names, and addresses, which are kept as [address]
                    */
};

enum setting_flag {
    SETTING_READ_ONLY = 1,   /* shown and stored, never set by an operator */
    SETTING_ONLY_NEW = 4,    /* a parameter of New- only */
    SETTING_ONLY_SET = 8,    /* a parameter of Set- only */
    SETTING_REQUIRED = 16,   /* may not be empty; New- must give it when the fallback is NULL */
    SETTING_HIDDEN = 32,     /* stored, never shown and never found by name */
    SETTING_SEMICOLONS = 64, /* a list whose elements hold commas: split and joined by ';' */
    SETTING_NOT_IN_SNAPSHOT = 128, /* the edges do without it */
    SETTING_INERT = 256, /* kept for scripts; there is nothing here it could act on, as help says */
};

struct setting_word {
    const char *word;
    uint32_t value;
};

struct setting;
/* Judges one written value (each element of a list) after the kind has accepted it. */
typedef bool setting_check_fn(const struct setting *row, struct slice written, struct text *error);

struct setting {
    const char *name;
    size_t offset;
    enum setting_kind kind;
    uint32_t flags;       /* enum setting_flag */
    int64_t min, max;     /* both 0: no bounds of its own */
    const char *fallback; /* as written; NULL: empty, zero, false */
    const struct setting_word
        *words;              /* of ENUM and FLAGS, ended by {0}; a FLAGS word of value 0 is None */
    setting_check_fn *check; /* may be NULL */
    const char *help;
};

enum { SETTINGS_MAX = 128 /* rows of one table */, SETTING_ELEMENTS_MAX = 4096 /* of one list */ };

/* --- finding a row --- */
enum setting_found { SETTING_FOUND = 0, SETTING_UNKNOWN, SETTING_AMBIGUOUS };
/* By its name or an abbreviation that only one row begins with; case does not matter. The error
 * lists the rows an ambiguous name may mean, or the nearest name. */
enum setting_found setting_find(const struct setting *rows, struct slice name,
                                const struct setting **out_row, struct text *error);
const struct setting *setting_exact(const struct setting *rows,
                                    struct slice name); /* or NULL; hidden rows too */
size_t settings_count(const struct setting *rows);
bool setting_is_list(const struct setting *row);

/* --- values in --- */
bool setting_reset(const struct setting *row, void *object, struct arena *arena); /* its fallback */
bool settings_reset(const struct setting *rows, void *object, struct arena *arena);
/* Replaces the value. A scalar takes one value; a list (and FLAGS) any number, each of which may
 * hold several with commas. No value, an empty one or `$null` clears what may be empty. */
bool setting_parse(const struct setting *row, void *object, struct arena *arena,
                   const struct slice *values, size_t count, struct text *error);
/* Takes an address space apart, whatever the space is. False when it has another type than SMTP, or
 * no such cost. Points into what was written. */
bool address_space_parse(struct slice written, struct address_space *out_space);
/* @{Add=...;Remove=...} on a list or FLAGS. Adding what is there and removing what is not changes
 * nothing; of an address space that is there the cost is changed, and it goes whatever its cost. */
bool setting_edit(const struct setting *row, void *object, struct arena *arena,
                  struct slice_list add, struct slice_list remove, struct text *error);

/* --- values out --- */
/* The whole value, lists joined by ", ". What is printed can be parsed and gives the same value. */
bool setting_print(const struct setting *row, const void *object, struct text *text);
/* Elements of a list, words of FLAGS (None counts as no word); 1 for a scalar with a value, 0 for
 * one without. */
size_t setting_value_count(const struct setting *row, const void *object);
bool setting_print_value(const struct setting *row, const void *object, size_t index,
                         struct text *text);
/* What may be written, in words: "an integer from 1 to 500". */
bool setting_print_form(const struct setting *row, struct text *text);
bool setting_equal(const struct setting *row, const void *a, const void *b);
bool settings_equal(const struct setting *rows, const void *a, const void *b);
/* Every value of `from` into `to`, with texts and lists of its own in the arena. False without
 * memory. */
MUST_USE bool settings_copy(const struct setting *rows, const void *from, void *to,
                            struct arena *arena);

/* --- bytes for the store and the snapshot --- */
/* Each row is written with a tag made of its name, so that rows may be added, moved and dropped.
 * Rows with a flag in `without_flags` are left out. */
bool settings_encode(const struct setting *rows, const void *object, uint32_t without_flags,
                     struct text *out_bytes);
/* Takes one object from the front of *bytes. Texts of read-only rows may be a stranger's (the
 * subject of a certificate) and hold any byte: escape them where they are shown. Rows that are
 * absent get their fallback; unknown ones are skipped. False on malformed bytes or values outside
 * their kind or bounds. */
bool settings_decode(const struct setting *rows, struct slice *bytes, void *object,
                     struct arena *arena);

/* The tags of a table, computed once by who encodes or decodes thousands of objects. */
struct settings_tags {
    const struct setting *rows;
    size_t count;
    uint32_t at[SETTINGS_MAX];
};
struct settings_tags settings_tags_of(const struct setting *rows);
bool settings_encode_with(const struct settings_tags *tags, const void *object,
                          uint32_t without_flags, struct text *out_bytes);
bool settings_decode_with(const struct settings_tags *tags, struct slice *bytes, void *object,
                          struct arena *arena);

#endif
