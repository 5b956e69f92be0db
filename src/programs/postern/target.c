/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/target.h"

#include "programs/postern/command.h"
#include "shell/format.h"
#include "shell/value.h"

#include <stdio.h>
#include <string.h>

/* The address to connect to: a wildcard binding is reached over loopback. */
static struct ip_address reachable(struct ip_address bound)
{
    struct ip_address loopback = bound;
    if (ip_is_any(bound))
        (void)ip_parse(ip_is_v4(bound) ? SLICE("127.0.0.1") : SLICE("::1"), &loopback);
    return loopback;
}

static bool find_endpoint(struct target *target)
{
    size_t index;
    json_t *binding;
    json_array_foreach(value_at(target->explained, "Bindings"), index, binding)
    {
        if (!ip_endpoint_parse(slice_of(json_string_value(binding)), &target->endpoint))
            continue;
        target->endpoint.address = reachable(target->endpoint.address);
        return true;
    }
    return false;
}

static int describe(struct target *target)
{
    struct slice mechanisms = value_text(target->explained, "AuthMechanism");
    struct slice groups = value_text(target->explained, "PermissionGroups");
    struct slice mode = value_text(target->explained, "TlsMode");
    target->implicit_tls = slice_equal(mode, SLICE("Implicit"));
    target->offers_tls = json_is_true(value_at(target->explained, "OffersTls"));
    target->takes_login = slice_contains(mechanisms, SLICE("BasicAuth")) &&
                          slice_contains(groups, SLICE("ExchangeUsers"));
    if (find_endpoint(target))
        return OPERATION_OK;
    fprintf(stderr, "postern: the connector has no binding to connect to\n");
    return OPERATION_FAILED;
}

/* As -ClientKeys takes them. */
static json_t *names_of_keys(uint32_t keys)
{
    static const struct {
        enum certificate_key_kind kind;
        const char *name;
    } kinds[] = {{CERTIFICATE_KEY_RSA, "RSA"},
                 {CERTIFICATE_KEY_RSA_PSS, "RSA_PSS"},
                 {CERTIFICATE_KEY_ECDSA, "ECDSA"},
                 {CERTIFICATE_KEY_ED25519, "Ed25519"}};
    json_t *names = json_array();
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (keys & CERTIFICATE_KEY_BIT(kinds[i].kind))
            json_array_append_new(names, json_string(kinds[i].name));
    return names;
}

int target_find(const struct place *place, const char *name, const struct client_kind *kind,
                struct target *out)
{
    int exit_code;
    *out = (struct target){0};
    json_t *parameters = json_pack("{s:s}", "Identity", name ? name : "Client Frontend");
    if (kind)
        json_object_set_new(parameters, "ClientKeys", names_of_keys(kind->keys));
    json_t *reply = command_ask_named(place, OPERATION_TEST_RECEIVE_CONNECTOR_CERTIFICATE,
                                      parameters, &exit_code);
    json_decref(parameters);
    out->explained = json_incref(json_array_get(json_object_get(reply, "objects"), 0));
    if (reply && exit_code != OPERATION_OK) {
        struct text error = text_with_ceiling(4096);
        format_error(&error, reply, SLICE("postern test"));
        fprintf(stderr, "%.*s", SLICE_ARG(text_slice(&error)));
        text_deinit(&error);
    }
    json_decref(reply);
    return exit_code != OPERATION_OK ? exit_code : describe(out);
}

void target_deinit(struct target *target)
{
    json_decref(target->explained);
    target->explained = NULL;
}

static json_t *first_object(const struct place *place, enum operation_id operation,
                            json_t *parameters_taken)
{
    int exit_code;
    json_t *reply = command_ask(place, operation, parameters_taken, &exit_code);
    json_t *object = json_incref(json_array_get(json_object_get(reply, "objects"), 0));
    json_decref(parameters_taken);
    json_decref(reply);
    return object;
}

json_t *target_mailbox(const struct place *place, const char *identity)
{
    return first_object(place, OPERATION_GET_MAILBOX, json_pack("{s:s}", "Identity", identity));
}

json_t *target_transport_service(const struct place *place)
{
    return first_object(place, OPERATION_GET_TRANSPORT_SERVICE, json_object());
}

bool target_still_queued(const struct place *place, struct slice number)
{
    int exit_code;
    json_t *parameters = json_pack("{s:s%}", "Identity", number.at, number.len);
    json_t *reply = command_ask(place, OPERATION_GET_MESSAGE, parameters, &exit_code);
    json_decref(parameters);
    json_decref(reply);
    return exit_code == OPERATION_OK;
}
