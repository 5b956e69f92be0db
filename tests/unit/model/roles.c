/* SPDX-License-Identifier: Apache-2.0 */
/* Who may manage the server: members by number, tokens by their form, and the rules of both. */
#include "fixture.h"

#include "model/role_group.h"

static void members_are_written_in_one_way(void **state)
{
    (void)state;
    static const struct {
        const char *written;
        bool good, is_group;
        uint32_t number;
    } rows[] = {
        {"uid:0", true, false, 0},
        {"uid:1000", true, false, 1000},
        {"gid:4294967294", true, true, 4294967294},
        {"gid:4294967295", false, false, 0},
        {"uid:4294968296", false, false, 0}, /* 1000 when cut to 32 bits */
        {"uid:01000", false, false, 0},
        {"uid:", false, false, 0},
        {"uid: 1000", false, false, 0},
        {"uid:1000 ", false, false, 0},
        {"uid:+1000", false, false, 0},
        {"uid:-1", false, false, 0},
        {"UID:1000", false, false, 0},
        {"uid:gid:1", false, false, 0},
        {"1000", false, false, 0},
        {"alice", false, false, 0},
        {"token:alice", false, false, 0},
        {"", false, false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool is_group = false;
        uint32_t number = 0;
        row_expect(rows[i].written, "parsed",
                   role_member_parse(slice_of(rows[i].written), &is_group, &number), rows[i].good);
        row_expect(rows[i].written, "is a group", is_group, rows[i].is_group);
        row_expect(rows[i].written, "number", number, rows[i].number);
    }
}

static void *add(struct model *model, enum model_kind kind, const char *assignments)
{
    struct object *object = model_object_new(model, kind);
    assert_non_null(object);
    fixture_set_all(model, kind, object, assignments);
    assert_true(model_add(model, kind, object));
    return object;
}

static void a_peer_has_the_groups_of_all_it_is(void **state)
{
    (void)state;
    struct model *model = fixture_model();
    add(model, MODEL_ROLE_MEMBER, "Member=gid:2000|Label=mailops|RoleGroups=Queue Management");
    add(model, MODEL_ROLE_MEMBER, "Member=uid:1000|Label=an\"na|RoleGroups=Certificate Management");
    add(model, MODEL_ROLE_MEMBER, "Member=gid:1000|RoleGroups=View-Only Organization Management");
    static const uint32_t many[] = {5, 1001, 2000};
    static const struct {
        const char *name, *label;
        struct role_peer peer;
        uint32_t groups;
    } rows[] = {
        {"nobody we know", "", {.uid = 1, .gid = 1}, 0},
        {"a user", "an\\x22na", {.uid = 1000, .gid = 9}, ROLE_GROUP_CERTIFICATES},
        {"a user is no group", "", {.uid = 2000, .gid = 9}, 0},
        {"a group of the same number", "group gid:1000", {.uid = 7, .gid = 1000}, ROLE_GROUP_VIEW},
        {"by a group beside the first", "group mailops", {7, 9, many, 3}, ROLE_GROUP_QUEUES},
        {"only the groups that are counted", "", {7, 9, many, 2}, 0},
        {"user, first group and another",
         "an\\x22na",
         {1000, 1000, many, 3},
         ROLE_GROUP_CERTIFICATES | ROLE_GROUP_VIEW | ROLE_GROUP_QUEUES},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[300];
        struct text label = text_over(storage, sizeof storage);
        row_expect(rows[i].name, "role groups", role_groups_of_peer(model, &rows[i].peer, &label),
                   rows[i].groups);
        row_expect_slice(rows[i].name, text_slice(&label), slice_of(rows[i].label));
    }
    model_free(model);
}

static void groups_have_names(void **state)
{
    (void)state;
    enum role_group group;
    char storage[200];
    struct text text = text_over(storage, sizeof storage);
    assert_true(role_group_parse(SLICE("QUEUE management"), &group));
    row_expect("queue", "group", group, ROLE_GROUP_QUEUES);
    assert_false(role_group_parse(SLICE("None"), &group));
    assert_false(role_group_parse(SLICE("Organization"), &group));
    role_groups_append(&text, 0);
    text_append_c(&text, "; ");
    role_groups_append(&text, ROLE_GROUP_VIEW | ROLE_GROUP_CERTIFICATES);
    row_expect_slice(
        "names", text_slice(&text),
        SLICE("no role; \"Certificate Management\", \"View-Only Organization Management\""));
}

static void a_token_is_known_by_its_form(void **state)
{
    (void)state;
    unsigned char id[TOKEN_ID_BYTES], secret[TOKEN_SECRET_BYTES], back[TOKEN_ID_BYTES];
    char storage[TOKEN_TEXT_BYTES + 1];
    unsigned seed = 1;
    struct text text = text_over(storage, sizeof storage);
    fixture_random(&seed, id, sizeof id);
    fixture_random(&seed, secret, sizeof secret);
    assert_true(token_append(&text, id, secret));
    row_expect("token", "length", (long long)text.len, TOKEN_TEXT_BYTES);
    assert_true(slice_starts(text_slice(&text), SLICE("postern_")));
    assert_true(token_parse(text_slice(&text), back));
    assert_memory_equal(id, back, sizeof id);
    for (size_t i = 0; i < text.len; i++) { /* any one character that was mistyped */
        char was = storage[i];
        storage[i] = was == '0' ? '1' : '0';
        row_expect("a wrong character", "at", token_parse(text_slice(&text), back) ? (int)i : -1,
                   -1);
        storage[i] = was;
    }
    for (size_t len = 0; len < text.len; len++)
        assert_false(token_parse(slice_first(text_slice(&text), len), back));
    storage[text.len] = 'f';
    assert_false(token_parse(slice_bytes(storage, text.len + 1), back));
}

static void rules(void **state)
{
    (void)state;
    static const struct {
        enum model_kind kind;
        const char *assignments, *broken; /* NULL: none */
    } rows[] = {
        {MODEL_ROLE_MEMBER, "Member=uid:1001|RoleGroups=Queue Management", NULL},
        {MODEL_ROLE_MEMBER, "Member=uid:1001", "at least one role group"},
        {MODEL_ROLE_MEMBER, "Member=uid:65534|RoleGroups=Queue Management", "nobody"},
        {MODEL_ROLE_MEMBER, "Member=gid:65534|RoleGroups=Queue Management", "nobody"},
        {MODEL_ROLE_MEMBER, "RoleGroups=Queue Management", "uid:NUMBER"},
        {MODEL_ROLE_MEMBER, "Member=uid:1000|RoleGroups=Queue Management", "there already"},
        {MODEL_MANAGEMENT_TOKEN, "Name=new|TokenId=000000000001|Digest=D", NULL},
        {MODEL_MANAGEMENT_TOKEN, "Name=OLD|TokenId=000000000001|Digest=D", "already"},
        {MODEL_MANAGEMENT_TOKEN, "Name=new|TokenId=000000000000|Digest=D", "taken"},
        {MODEL_MANAGEMENT_TOKEN, "Name=new|TokenId=0001|Digest=D", "New-ManagementToken"},
        {MODEL_MANAGEMENT_TOKEN, "Name=new|TokenId=000000000001", "New-ManagementToken"},
    };
    static const unsigned char digest[TOKEN_DIGEST_BYTES], id[TOKEN_ID_BYTES];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct model *model = fixture_model();
        char storage[512], written[256];
        struct text error = text_over(storage, sizeof storage);
        add(model, MODEL_ROLE_MEMBER, "Member=uid:1000|RoleGroups=Queue Management");
        struct management_token *old = add(model, MODEL_MANAGEMENT_TOKEN, "Name=old");
        old->token_id = slice_bytes(id, sizeof id);
        old->digest = slice_bytes(digest, sizeof digest);
        struct text assignments = text_over(written, sizeof written);
        struct slice all = slice_of(rows[i].assignments), without = all;
        bool with_digest = slice_ends_nocase(all, SLICE("|Digest=D"));
        if (with_digest)
            without = slice_first(all, all.len - 9);
        text_append(&assignments, without);
        void *object = add(model, rows[i].kind, text_c_string(&assignments));
        if (with_digest)
            ((struct management_token *)object)->digest = slice_bytes(digest, sizeof digest);
        bool good = model_validate(model, rows[i].kind, object, &error);
        row_expect(rows[i].assignments, "good", good, rows[i].broken == NULL);
        if (rows[i].broken && !slice_contains(text_slice(&error), slice_of(rows[i].broken)))
            fail_msg("%s: %.*s", rows[i].assignments, SLICE_ARG(text_slice(&error)));
        model_free(model);
    }
}

static void an_end_is_an_end(void **state)
{
    (void)state;
    struct management_token token = {.expires_ms = 1000};
    assert_false(management_token_is_expired(&token, 999));
    assert_true(management_token_is_expired(&token, 1000));
    token.expires_ms = 0;
    assert_false(management_token_is_expired(&token, INT64_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_written_in_one_way),
        cmocka_unit_test(a_peer_has_the_groups_of_all_it_is),
        cmocka_unit_test(groups_have_names),
        cmocka_unit_test(a_token_is_known_by_its_form),
        cmocka_unit_test(rules),
        cmocka_unit_test(an_end_is_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
