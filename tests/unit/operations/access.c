/* SPDX-License-Identifier: Apache-2.0 */
/* Which role group has which right, and what a refusal says. */
#include "operations/access.h"
#include "support/rows.h"

enum {
    O = ROLE_GROUP_ORGANIZATION,
    C = ROLE_GROUP_CERTIFICATES,
    Q = ROLE_GROUP_QUEUES,
    V = ROLE_GROUP_VIEW,
    R = ROLE_GROUP_RECIPIENTS
};

static void rights_add_up(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t groups;
        bool views, certificates, queues, recipients, administers;
    } rows[] = {
        {"none", 0, false, false, false, false, false},
        {"a group that is not", 1024, false, false, false, false, false},
        {"viewers", V, true, false, false, false, false},
        {"certificates", C, true, true, false, false, false},
        {"queues", Q, true, false, true, false, false},
        {"recipients", R, true, false, false, true, false},
        {"both", C | Q, true, true, true, false, false},
        {"everything", O, true, true, true, true, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint32_t groups = rows[i].groups;
        row_expect(rows[i].name, "views", access_allowed(groups, OPERATION_VIEW), rows[i].views);
        row_expect(rows[i].name, "certificates", access_allowed(groups, OPERATION_CERTIFICATES),
                   rows[i].certificates);
        row_expect(rows[i].name, "queues", access_allowed(groups, OPERATION_QUEUE), rows[i].queues);
        row_expect(rows[i].name, "recipients", access_allowed(groups, OPERATION_RECIPIENTS),
                   rows[i].recipients);
        row_expect(rows[i].name, "administers", access_allowed(groups, OPERATION_ADMINISTER),
                   rows[i].administers);
    }
}

static void the_least_group_is_asked_for(void **state)
{
    (void)state;
    row_expect("view", "group", access_needed(OPERATION_VIEW), V);
    row_expect("certificates", "group", access_needed(OPERATION_CERTIFICATES), C);
    row_expect("queue", "group", access_needed(OPERATION_QUEUE), Q);
    row_expect("recipients", "group", access_needed(OPERATION_RECIPIENTS), R);
    row_expect("administer", "group", access_needed(OPERATION_ADMINISTER), O);
}

static void a_refusal_names_both(void **state)
{
    (void)state;
    char storage[300];
    struct text text = text_over(storage, sizeof storage);
    access_append_refusal(&text, SLICE("Set-ReceiveConnector"), OPERATION_ADMINISTER, V,
                          SLICE("uid 1000 (alice)"));
    row_expect_slice("refusal", text_slice(&text),
                     SLICE("Set-ReceiveConnector needs the role group \"Organization Management\"; "
                           "uid 1000 (alice) has \"View-Only Organization Management\""));
}

/* What only looks may be asked for by viewers, what changes something by nobody else's leave; the
 * key of a certificate and the text of a message are more than a look, and so is a login at another
 * server. */
static void every_operation_asks_for_a_sensible_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPERATION_COUNT; i++) {
        const struct operation *row = &operations[i];
        bool views = row->right == OPERATION_VIEW;
        bool exports = row == &operations[OPERATION_EXPORT_CERTIFICATE] ||
                       row == &operations[OPERATION_EXPORT_MESSAGE];
        bool goes_out = row == &operations[OPERATION_TEST_SEND_CONNECTOR];
        row_expect(row->example, "a viewer may run it", views,
                   !row->changes && !exports && !goes_out);
        row_expect(row->example, "one right of five",
                   row->right == OPERATION_VIEW || row->right == OPERATION_CERTIFICATES ||
                       row->right == OPERATION_QUEUE || row->right == OPERATION_RECIPIENTS ||
                       row->right == OPERATION_ADMINISTER,
                   true);
        bool of_roles = slice_equal(slice_of(row->noun), SLICE("RoleGroupMember")) ||
                        slice_equal(slice_of(row->noun), SLICE("ManagementToken"));
        if (of_roles && row->changes)
            row_expect(row->example, "needs all rights", row->right, OPERATION_ADMINISTER);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rights_add_up),
        cmocka_unit_test(the_least_group_is_asked_for),
        cmocka_unit_test(a_refusal_names_both),
        cmocka_unit_test(every_operation_asks_for_a_sensible_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
