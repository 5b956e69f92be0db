/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/handlers/host_parameter.h"

#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "mail/ascii_domain.h"
#include "tls/host_name.h"

enum { HOST_SHOWN = 100 };

struct slice host_in_ascii(struct slice written, struct text *storage)
{
    struct slice rest = written;
    text_clear(storage);
    if (rest.len > 1 && rest.at[rest.len - 1] == '.')
        rest.len--;
    if (slice_take_prefix(&rest, SLICE("*.")) && !text_append_c(storage, "*."))
        return written;
    return ascii_domain_append(storage, rest) ? text_slice(storage) : written;
}

bool host_check(struct call *call, const char *parameter, struct slice written, struct slice host,
                bool wildcard)
{
    struct ip_address address;
    char shown_storage[4 * HOST_SHOWN + 1];
    struct text shown = text_over(shown_storage, sizeof shown_storage);
    if (host_name_ok(host, wildcard) || ip_parse(host, &address))
        return true;
    append_clean(&shown, slice_first(written, HOST_SHOWN));
    call_fail(call, OPERATION_USAGE, "-%s: \"%.*s\" is no host name such as mail.contoso.com%s",
              parameter, SLICE_ARG(text_slice(&shown)),
              wildcard ? ", *.contoso.com" : ", nor an address");
    return false;
}

bool host_parameter(struct call *call, const char *name, struct text *storage,
                    struct slice *out_host)
{
    struct slice written = call_text(call, name);
    *out_host = host_in_ascii(written, storage);
    return written.len == 0 || host_check(call, name, written, *out_host, false);
}
