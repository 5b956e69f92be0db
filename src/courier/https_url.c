/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/https_url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

static bool take_part(CURLU *parts, CURLUPart which, char *storage, size_t size)
{
    char *written = NULL;
    bool good = curl_url_get(parts, which, &written, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                strlen(written) < size;
    if (good)
        memcpy(storage, written, strlen(written) + 1);
    curl_free(written);
    return good;
}

static bool has_part(CURLU *parts, CURLUPart which)
{
    char *written = NULL;
    bool has = curl_url_get(parts, which, &written, 0) == CURLUE_OK;
    curl_free(written);
    return has;
}

static bool read_parts(CURLU *parts, bool may_be_clear, struct https_url *url)
{
    char scheme[sizeof "https"], port[sizeof "65535"];
    if (!take_part(parts, CURLUPART_SCHEME, scheme, sizeof scheme) ||
        !take_part(parts, CURLUPART_PORT, port, sizeof port) ||
        !take_part(parts, CURLUPART_HOST, url->host, sizeof url->host))
        return false;
    url->port = (unsigned)strtoul(port, NULL, 10);
    bool spoken = strcmp(scheme, "https") == 0 || (may_be_clear && strcmp(scheme, "http") == 0);
    return spoken && !has_part(parts, CURLUPART_USER) && !has_part(parts, CURLUPART_PASSWORD) &&
           !has_part(parts, CURLUPART_FRAGMENT);
}

bool https_url_read(struct slice written, bool may_be_clear, struct https_url *out_url)
{
    *out_url = (struct https_url){0};
    if (!written.len || written.len > HTTPS_URL_MAX)
        return false;
    memcpy(out_url->written, written.at, written.len);
    CURLU *parts = curl_url();
    bool good = parts && curl_url_set(parts, CURLUPART_URL, out_url->written, 0) == CURLUE_OK &&
                read_parts(parts, may_be_clear, out_url);
    curl_url_cleanup(parts);
    return good;
}

bool https_url_address(const struct https_url *url, struct ip_address *out_address)
{
    struct slice host = slice_of(url->host);
    if (slice_starts(host, SLICE("[")))
        host = slice_first(slice_after(host, 1), host.len - 2);
    return ip_parse(host, out_address);
}
