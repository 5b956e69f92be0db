/* SPDX-License-Identifier: Apache-2.0 */
#include "model/mailbox_transport.h"

#include "base/number.h"
#include "mail/address.h"
#include "milter/endpoint.h"
#include "model/model.h"

static const char bad_form[] =
    "must look like unix:/run/dovecot/lmtp, inet:127.0.0.1:24 or inet:store.contoso.com.";
static const char bad_path[] =
    "is no path of a socket: one begins with / and has at most 107 bytes.";
static const char bad_host[] =
    "names no host: behind inet: is a name, or an address; one of IPv6 in brackets.";
static const char bad_port[] = "has no port from 1 to 65535 behind the colon.";

/* In brackets there is an address of whatever family, without them none of IPv6. */
static bool take_host(struct slice *rest, struct slice *out_host)
{
    struct ip_address address;
    size_t len;
    if (slice_take_prefix(rest, SLICE("[")))
        return slice_take_until(rest, ']', out_host) && ip_parse(*out_host, &address);
    if (ip_parse(*rest, &address) && !ip_is_v4(address))
        return false;
    if (!slice_find(*rest, ':', &len))
        len = rest->len;
    *out_host = slice_first(*rest, len);
    *rest = slice_after(*rest, len);
    return ip_parse(*out_host, &address) || address_domain_valid(*out_host, false);
}

static const char *parse_inet(struct slice rest, struct mailbox_target *out)
{
    uint64_t port = MAILBOX_TRANSPORT_PORT;
    if (!take_host(&rest, &out->host))
        return bad_host;
    if (rest.len && !(slice_take_prefix(&rest, SLICE(":")) &&
                      number_parse_u64(rest, UINT16_MAX, &port) && port))
        return bad_port;
    out->port = (uint16_t)port;
    return NULL;
}

static const char *parse(struct slice written, struct mailbox_target *out)
{
    struct milter_endpoint socket;
    *out = (struct mailbox_target){0};
    if (slice_starts_nocase(written, SLICE("unix:"))) {
        bool good = milter_endpoint_parse(written, &socket);
        out->path = socket.path;
        return good ? NULL : bad_path;
    }
    return slice_take_prefix_nocase(&written, SLICE("inet:")) ? parse_inet(written, out) : bad_form;
}

bool mailbox_target_parse(struct slice written, struct mailbox_target *out, const char **out_wrong)
{
    *out_wrong = parse(written, out);
    return !*out_wrong;
}

struct slice mailbox_transport_of(const struct model *model)
{
    const struct transport_service *service = model ? model_transport_service(model) : NULL;
    return service ? service->mailbox_transport : SLICE("");
}
