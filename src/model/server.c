/* SPDX-License-Identifier: Apache-2.0 */
#include "model/server.h"

#include "model/check.h"

/* clang-format off */
#define ROW(written, member, ...) SETTING_ROW(server, written, member, __VA_ARGS__)

const struct setting server_settings[] = {
    ROW("Name", name, .kind = SETTING_TEXT, .flags = SETTING_REQUIRED | SETTING_READ_ONLY, .min = 1, .max = 63, .check = check_server_name, .fallback = "SERVER", .help = "What stands before the backslash in the identity of its objects."),
    ROW("Fqdn", fqdn, .kind = SETTING_TEXT, .flags = SETTING_REQUIRED, .max = 255, .check = check_host_name, .fallback = "localhost", .help = "The name of the machine, for connectors that name none."),
    ROW("PortOffset", port_offset, .kind = SETTING_INTEGER, .flags = SETTING_READ_ONLY, .min = 0, .max = 60000, .fallback = "0", .help = "Added to the ports of the default connectors, for running without privileges."),
    ROW("BindAddresses", bind_addresses, .kind = SETTING_TEXT_LIST, .flags = SETTING_READ_ONLY, .max = 64, .check = check_ip_address, .help = "Where the default connectors listen; empty: everywhere."),
    ROW("Guid", id, .kind = SETTING_UUID, .flags = SETTING_READ_ONLY, .help = "An id that never changes."),
    ROW("WhenChanged", changed_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "The last change."),
    ROW("WhenCreated", created_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "When it was made."),
    ROW("Version", version, .kind = SETTING_INTEGER, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .help = "Counts the changes."),
    ROW("JudgedBy", judged_by, .kind = SETTING_HEX, .max = 32, .flags = SETTING_READ_ONLY | SETTING_HIDDEN | SETTING_NOT_IN_SNAPSHOT, .help = "By which roots all certificates were judged last."),
    {0},
};
/* clang-format on */
