/* SPDX-License-Identifier: Apache-2.0 */
/* posternd - the server: one program, started once as supervisor and by it once for every role. */
#include "courier/courier.h"
#include "edge/edge.h"
#include "hub/hub.h"
#include "os/process.h"
#include "programs/posternd/sandbox_report.h"
#include "supervisor/supervisor.h"
#include "vault/vault.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ip.h"
#include "base/number.h"

static const char usage[] =
    "usage: posternd --data DIR [options]\n"
    "\n"
    "  --data DIR          everything the server keeps; created at the first start\n"
    "  --server NAME       its name in SERVER\\Connector (first start; default: the host's name)\n"
    "  --bind ADDRESS      listen on this address only (first start; default: all)\n"
    "  --port-offset N     add N to every port, to run without privileges (first start)\n"
    "  --edges N           processes that talk to clients (default: one per core)\n"
    "  --trust PATH        a PEM file, or a folder of them, with roots that are trusted besides "
    "those of\n"
    "                      the system when an imported certificate is judged\n"
    "  --name-server A:P   ask this name server for the hosts that mail goes to (default: those "
    "of\n"
    "                      the system)\n"
    "  --dns-anchor FILE   DS or DNSKEY records from which DNSSEC is trusted (default: those of "
    "the "
    "root)\n"
    "  --policy-port N     fetch policies of MTA-STS from this port, for tests (default: 443)\n"
    "  --sandbox-report    start each role's sandbox, try what it forbids, say what happened\n"
    "  --version           print the version\n"
    "\n"
    "POSTERN_BALLAST_MIB in the environment sets the size of the ballast file that keeps deletes "
    "possible\n"
    "on a full disk (default: 256). POSTERN_TLS_REPORT_SECONDS, for tests, is the time a report of "
    "TLS\n"
    "is about instead of a day.\n"
    "\n"
    "It runs in the foreground, prints a line beginning with \"ready\" once it listens, and ends\n"
    "cleanly on SIGTERM: no new connections, sessions finish, exit 0.\n";

enum option_code {
    OPTION_DATA = 256,
    OPTION_SERVER,
    OPTION_BIND,
    OPTION_OFFSET,
    OPTION_EDGES,
    OPTION_TRUST,
    OPTION_NAME_SERVER,
    OPTION_DNS_ANCHOR,
    OPTION_POLICY_PORT,
    OPTION_SANDBOX,
    OPTION_VERSION,
    OPTION_HELP,
    OPTION_ROLE,
    OPTION_INDEX
};

static const struct option options[] = {
    {"data", required_argument, NULL, OPTION_DATA},
    {"server", required_argument, NULL, OPTION_SERVER},
    {"bind", required_argument, NULL, OPTION_BIND},
    {"port-offset", required_argument, NULL, OPTION_OFFSET},
    {"edges", required_argument, NULL, OPTION_EDGES},
    {"trust", required_argument, NULL, OPTION_TRUST},
    {"name-server", required_argument, NULL, OPTION_NAME_SERVER},
    {"dns-anchor", required_argument, NULL, OPTION_DNS_ANCHOR},
    {"policy-port", required_argument, NULL, OPTION_POLICY_PORT},
    {"sandbox-report", no_argument, NULL, OPTION_SANDBOX},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, OPTION_HELP},
    {"role", required_argument, NULL, OPTION_ROLE},   /* the supervisor's to use */
    {"index", required_argument, NULL, OPTION_INDEX}, /* likewise */
    {0},
};

enum { EXIT_USAGE = 2 };

struct arguments {
    const char *data, *server, *bind, *port_offset, *role, *index, *edges, *trust, *name_server;
    const char *dns_anchor, *policy_port;
    bool sandbox_report;
};

static _Noreturn void refuse(const char *option, const char *value, const char *form)
{
    fprintf(stderr, "posternd: %s %s: it takes %s\n", option, value, form);
    exit(EXIT_USAGE);
}

static unsigned number(const char *option, const char *value, unsigned max)
{
    uint64_t parsed;
    char form[64];
    snprintf(form, sizeof form, "a number from 0 to %u", max);
    if (!number_parse_u64(slice_of(value), max, &parsed))
        refuse(option, value, form);
    return (unsigned)parsed;
}

static void read_arguments(int count, char **values, struct arguments *out)
{
    *out = (struct arguments){.port_offset = "0"};
    int code;
    while ((code = getopt_long(count, values, "", options, NULL)) != -1) {
        switch (code) {
        case OPTION_DATA:
            out->data = optarg;
            break;
        case OPTION_SERVER:
            out->server = optarg;
            break;
        case OPTION_BIND:
            out->bind = optarg;
            break;
        case OPTION_OFFSET:
            out->port_offset = optarg;
            break;
        case OPTION_EDGES:
            out->edges = optarg;
            break;
        case OPTION_TRUST:
            out->trust = optarg;
            break;
        case OPTION_NAME_SERVER:
            out->name_server = optarg;
            break;
        case OPTION_DNS_ANCHOR:
            out->dns_anchor = optarg;
            break;
        case OPTION_POLICY_PORT:
            out->policy_port = optarg;
            break;
        case OPTION_ROLE:
            out->role = optarg;
            break;
        case OPTION_INDEX:
            out->index = optarg;
            break;
        case OPTION_SANDBOX:
            out->sandbox_report = true;
            break;
        case OPTION_VERSION:
            puts("posternd " POSTERN_VERSION);
            exit(EXIT_SUCCESS);
        case OPTION_HELP:
            fputs(usage, stdout);
            exit(EXIT_SUCCESS);
        default:
            fputs(usage, stderr);
            exit(EXIT_USAGE);
        }
    }
    if (optind < count)
        refuse("argument", values[optind], "options only; see --help");
}

static unsigned policy_port(const struct arguments *arguments)
{
    return number("--policy-port", arguments->policy_port ? arguments->policy_port : "443", 65535);
}

static int run_role(const struct arguments *arguments)
{
    struct role_start start = {
        .self = (enum wire_role)number("--role", arguments->role, ROLE_COUNT - 1),
        .index = number("--index", arguments->index ? arguments->index : "0", 1023),
        .data = arguments->data,
        .server = arguments->server,
        .bind = arguments->bind,
        .trust = arguments->trust,
        .name_server = arguments->name_server,
        .dns_anchor = arguments->dns_anchor,
        .policy_port = policy_port(arguments),
        .port_offset = number("--port-offset", arguments->port_offset, 60000),
        .drop_privileges = geteuid() == 0};
    static int (*const runs[ROLE_COUNT])(const struct role_start *) = {
        [ROLE_EDGE] = edge_run,
        [ROLE_SIGNER] = vault_run_signer,
        [ROLE_CHECKER] = vault_run_checker,
        [ROLE_HUB] = hub_run,
        [ROLE_COURIER] = courier_run,
    };
    if (!runs[start.self])
        refuse("--role", arguments->role, "a role the supervisor starts");
    int result = runs[start.self](&start);
    if (result < 0)
        fprintf(stderr, "%s %u: %s\n", wire_role_names[start.self], start.index, strerror(-result));
    return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int count, char **values)
{
    struct arguments arguments;
    read_arguments(count, values, &arguments);
    if (arguments.sandbox_report)
        return sandbox_report();
    if (!arguments.data) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (arguments.role)
        return run_role(&arguments);
    struct ip_address address;
    if (arguments.bind && !ip_parse(slice_of(arguments.bind), &address))
        refuse("--bind", arguments.bind, "an IP address");
    if (arguments.trust && access(arguments.trust, R_OK) < 0)
        refuse("--trust", arguments.trust, "a file or folder that can be read");
    struct ip_endpoint endpoint;
    if (arguments.name_server && !ip_endpoint_parse(slice_of(arguments.name_server), &endpoint))
        refuse("--name-server", arguments.name_server, "an IP address and a port: 192.0.2.1:53");
    if (arguments.dns_anchor && access(arguments.dns_anchor, R_OK) < 0)
        refuse("--dns-anchor", arguments.dns_anchor, "a file that can be read");
    number("--port-offset", arguments.port_offset, 60000);
    policy_port(&arguments);
    unsigned cores = process_cores();
    if (cores > WIRE_EDGES_MAX)
        cores = WIRE_EDGES_MAX;
    struct supervisor_options settings = {
        .program = values[0],
        .data = arguments.data,
        .server = arguments.server,
        .bind = arguments.bind,
        .trust = arguments.trust,
        .name_server = arguments.name_server,
        .dns_anchor = arguments.dns_anchor,
        .policy_port = arguments.policy_port,
        .port_offset = arguments.port_offset,
        .couriers = cores,
        .edges = arguments.edges ? number("--edges", arguments.edges, WIRE_EDGES_MAX) : cores};
    if (settings.edges == 0)
        refuse("--edges", arguments.edges, "a number from 1 to 64");
    return supervisor_run(&settings);
}
