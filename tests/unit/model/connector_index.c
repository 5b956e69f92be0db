/* SPDX-License-Identifier: Apache-2.0 */
/* connector_index: whatever the connectors, it answers as the scan does. Addresses are drawn from
 * a few values near each other and at the ends of the space, so that borders meet. */
#include "model/connector_index.h"
#include "fixture.h"
#include "model/connector_choice.h"

static uint32_t random_state;

static uint32_t draw(uint32_t below) /* the same numbers in every run */
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % below;
}

static struct ip_address draw_address(bool v4)
{
    static const uint8_t tails[] = {0, 1, 2, 3, 7, 8, 15, 16, 127, 128, 254, 255};
    uint8_t tail = tails[draw(COUNT_OF(tails))];
    uint8_t head = (uint8_t[]){0, 10, 255}[draw(3)];
    uint8_t fill = head == 255 ? 255 : 0;
    if (v4)
        return ip_from_v4((uint8_t[]){head, fill, fill, tail});
    struct ip_address address;
    memset(address.bytes, fill, sizeof address.bytes);
    address.bytes[0] = head;
    address.bytes[15] = tail;
    return address;
}

static struct ip_range draw_span(bool v4)
{
    struct ip_address a = draw_address(v4), b = draw_address(v4);
    return ip_compare(a, b) <= 0 ? (struct ip_range){a, b} : (struct ip_range){b, a};
}

/* Blocks only: of two, one holds the other or they are apart. */
static struct ip_range draw_block(bool v4)
{
    struct ip_range range;
    char storage[64];
    struct text written = text_over(storage, sizeof storage);
    do { /* a block of IPv6 that ends with the IPv4-mapped one is refused */
        text_clear(&written);
        ip_append(&written, draw_address(v4));
        text_append_byte(&written, '/');
        text_append_u64(&written, draw(v4 ? 33 : 129));
    } while (!ip_range_parse(text_slice(&written), &range));
    return range;
}

/* What only a range of IPv6 can do: enclose the IPv4-mapped block. */
static struct ip_range whole_v6(void)
{
    struct ip_range range;
    assert_true(ip_range_parse(SLICE("::/0"), &range));
    return range;
}

static struct ip_range draw_range(bool laminar)
{
    bool v4 = draw(2);
    if (draw(12) == 0)
        return whole_v6();
    return laminar ? draw_block(v4) : draw_span(v4);
}

static struct ip_endpoint draw_endpoint(void)
{
    static const char *const hosts[] = {"0.0.0.0:25",   "[::]:25",      "0.0.0.0:26",
                                        "192.0.2.1:25", "192.0.2.2:25", "[2001:db8::1]:25",
                                        "192.0.2.1:26"};
    struct ip_endpoint endpoint;
    assert_true(ip_endpoint_parse(slice_of(hosts[draw(COUNT_OF(hosts))]), &endpoint));
    return endpoint;
}

static void add_connector(struct model *model, size_t number, bool laminar)
{
    struct receive_connector *connector =
        arena_take(model->arena, sizeof(struct receive_connector));
    char *name = arena_take(model->arena, 2);
    size_t bindings = 1 + draw(3), ranges = draw(5);
    struct ip_endpoint *endpoints = arena_take_array(model->arena, bindings, sizeof *endpoints);
    struct ip_range *spans = arena_take_array(model->arena, ranges, sizeof *spans);
    assert_true(connector && name && endpoints && spans);
    for (size_t i = 0; i < bindings; i++)
        endpoints[i] = draw_endpoint();
    for (size_t i = 0; i < ranges; i++)
        spans[i] = draw_range(laminar);
    name[0] =
        (char)((draw(2) ? 'a' : 'A') + (int)draw(6)); /* equal names too: then the id decides */
    connector->name = (struct slice){name, 1};
    connector->id.bytes[draw(16)] = (uint8_t)number;
    connector->id.bytes[15] = (uint8_t)(number + 1);
    connector->enabled = draw(8) != 0;
    connector->bindings = (struct ip_endpoint_list){endpoints, bindings};
    connector->remote_ip_ranges = (struct ip_range_list){spans, ranges};
    assert_true(model_add(model, MODEL_RECEIVE_CONNECTOR, connector));
}

static void expect_same(const struct model *model, const struct connector_index *index,
                        struct ip_endpoint local, struct ip_address client)
{
    const struct receive_connector *scanned = connector_choose(model, local, client);
    const struct receive_connector *indexed = connector_index_choose(index, local, client);
    if (scanned == indexed)
        return;
    char storage[256];
    struct text text = text_over(storage, sizeof storage);
    ip_append(&text, client);
    text_append_c(&text, " at ");
    ip_endpoint_append(&text, local);
    fail_msg("%s: the index gives %p, the scan %p", text_c_string(&text), (const void *)indexed,
             (const void *)scanned);
}

/* Every border of a range, and its neighbours on both sides. */
static void ask_around(const struct model *model, const struct connector_index *index,
                       struct ip_endpoint local, struct ip_address border)
{
    struct ip_address before = border, behind = border;
    for (size_t i = 16; i-- > 0 && before.bytes[i]-- == 0;) {
    }
    for (size_t i = 16; i-- > 0 && ++behind.bytes[i] == 0;) {
    }
    expect_same(model, index, local, before);
    expect_same(model, index, local, border);
    expect_same(model, index, local, behind);
}

static void play(uint32_t seed, bool laminar)
{
    random_state = seed;
    struct model *model = model_new();
    size_t connectors = draw(24);
    for (size_t i = 0; i < connectors; i++)
        add_connector(model, i, laminar);
    struct connector_index *index = connector_index_new(model);
    assert_non_null(index);
    for (size_t turn = 0; turn < 8; turn++) {
        struct ip_endpoint local = draw_endpoint();
        if (draw(4) == 0)
            local.address = draw_address(draw(2));
        for (size_t i = 0; i < connectors; i++) {
            struct ip_range_list ranges = model_receive_connector(model, i)->remote_ip_ranges;
            for (size_t r = 0; r < ranges.count; r++) {
                ask_around(model, index, local, ranges.at[r].first);
                ask_around(model, index, local, ranges.at[r].last);
            }
        }
        for (size_t i = 0; i < 32; i++)
            expect_same(model, index, local, draw_address(draw(2)));
    }
    connector_index_free(index);
    model_free(model);
}

static void it_answers_as_the_scan_does(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 300; seed++) {
        play(seed, true);
        play(seed, false);
    }
}

static void without_connectors_nobody_is_chosen(void **state)
{
    (void)state;
    struct model *model = model_new();
    struct connector_index *index = connector_index_new(model);
    assert_non_null(index);
    assert_null(connector_index_choose(index, draw_endpoint(), draw_address(true)));
    connector_index_free(index);
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_answers_as_the_scan_does),
        cmocka_unit_test(without_connectors_nobody_is_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
