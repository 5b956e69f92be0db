/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/https_state.h"

#include <stdio.h>
#include <stdlib.h>

struct https_socket { /* one that libcurl waits for */
    struct https *https;
    int fd;
    struct watch watch;
};

/* --- what came --- */

static bool is_of_kind(const struct https_request *request)
{
    char *type = NULL;
    curl_easy_getinfo(request->easy, CURLINFO_CONTENT_TYPE, &type);
    struct slice kind = slice_of(type), word = kind;
    (void)!slice_take_until(&kind, ';', &word);
    return slice_equal_nocase(slice_trim(word), slice_of(request->question.kind));
}

static enum https_outcome outcome_of(struct https_request *request, CURLcode code)
{
    long status = 0;
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        return HTTPS_NOT_TRUSTED;
    if (request->too_long || code == CURLE_FILESIZE_EXCEEDED)
        return HTTPS_TOO_LONG;
    if (code != CURLE_OK)
        return HTTPS_FAILED;
    curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
    if (!request->question.kind)
        return status / 100 == 2 ? HTTPS_OK : HTTPS_STATUS;
    if (status != 200)
        return HTTPS_STATUS;
    return is_of_kind(request) ? HTTPS_OK : HTTPS_KIND;
}

static void take_ends(struct https *https)
{
    const CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(https->multi, &left))) {
        char *request = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &request);
        struct https_request *ended = (void *)request;
        https_finish(ended, outcome_of(ended, message->data.result));
    }
}

static void on_timer(void *context, unsigned events)
{
    struct https *https = context;
    int running;
    (void)events;
    curl_multi_socket_action(https->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    take_ends(https);
}

/* The socket may be gone behind the call. */
static void on_socket(void *context, unsigned events)
{
    const struct https_socket *socket = context;
    struct https *https = socket->https;
    int running, mask = (events & LOOP_READ ? CURL_CSELECT_IN : 0) |
                        (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0);
    curl_multi_socket_action(https->multi, socket->fd, mask, &running);
    take_ends(https);
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *known)
{
    struct https *https = context;
    struct https_socket *socket = known;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (socket)
            watch_stop(&socket->watch);
        free(socket);
        curl_multi_assign(https->multi, fd, NULL);
        return 0;
    }
    if (!socket) {
        socket = calloc(1, sizeof *socket);
        if (!socket)
            return -1;
        socket->https = https;
        socket->fd = fd;
        watch_init(&socket->watch, https->loop, fd, on_socket, socket);
        curl_multi_assign(https->multi, fd, socket);
    }
    watch_set(&socket->watch,
              (what & CURL_POLL_IN ? LOOP_READ : 0u) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0u));
    return 0;
}

static int on_curl_timer(CURLM *multi, long after_ms, void *context)
{
    struct https *https = context;
    (void)multi;
    if (after_ms < 0)
        timer_stop(&https->timer);
    else
        timer_set(&https->timer, (uint64_t)after_ms);
    return 0;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct https_request *request = context;
    if (text_append(&request->body, slice_bytes(bytes, size * count)))
        return size * count;
    request->too_long = true;
    return 0;
}

static CURLcode on_tls(CURL *easy, void *tls, void *context)
{
    struct https_request *request = context;
    const struct tls_trust *roots = root_store_roots(request->https->roots);
    (void)easy;
    return roots && tls_trust_give(roots, tls) ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

/* --- beginning and end --- */

/* clang-format off */
static const struct {
    CURLoption option;
    long value;
} numbers[] = {
    {CURLOPT_HTTP_VERSION,   CURL_HTTP_VERSION_1_1},
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_NETRC,          CURL_NETRC_IGNORED},
    {CURLOPT_NOSIGNAL,       1},
    {CURLOPT_FORBID_REUSE,   1},
    {CURLOPT_TIMEOUT_MS,     HTTPS_LIMIT_MS},
    {CURLOPT_MAXFILESIZE,    HTTPS_BODY_MAX},
    {CURLOPT_SSLVERSION,     CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},
};
/* clang-format on */

static bool set_numbers(CURL *easy)
{
    bool good = true;
    for (size_t i = 0; good && i < COUNT_OF(numbers); i++)
        good = curl_easy_setopt(easy, numbers[i].option, numbers[i].value) == CURLE_OK;
    return good;
}

static bool set_options(struct https_request *request, CURL *easy)
{
    struct curl_slist *resolve = request->resolve;
    const char *protocols = request->question.may_be_clear ? "http,https" : "https";
    CURLcode results[] = {
        curl_easy_setopt(easy, CURLOPT_URL, request->url.written),
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols),
        curl_easy_setopt(easy, CURLOPT_PROXY, ""), /* whatever the environment says */
        curl_easy_setopt(easy, CURLOPT_RESOLVE, resolve),
        curl_easy_setopt(easy, CURLOPT_PRIVATE, request),
        curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->error),
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body),
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, request),
        curl_easy_setopt(easy, CURLOPT_CAINFO, NULL), /* no file can be read here */
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL),
        curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls),
        curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, request),
    };
    for (size_t i = 0; i < COUNT_OF(results); i++)
        if (results[i] != CURLE_OK)
            return false;
    return true;
}

/* No word in between: a server that wants none of it says so behind it. */
static bool set_post(struct https_request *request, CURL *easy)
{
    struct slice post = request->question.post;
    char header[128];
    if (!post.len)
        return true;
    snprintf(header, sizeof header, "Content-Type: %s", request->question.post_kind);
    struct curl_slist *first = curl_slist_append(NULL, header);
    struct curl_slist *headers = first ? curl_slist_append(first, "Expect:") : NULL;
    request->headers = first;
    return headers && curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)post.len) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDS, post.at) == CURLE_OK;
}

/* What a name leads to is told beforehand, for a moment ('+'), and then libcurl looks up nothing.
 */
static bool name_addresses(struct https_request *request)
{
    CLEANUP(text_deinit) struct text line = text_with_ceiling(4096);
    text_append_format(&line, "+%s:%u:", request->url.host, request->url.port);
    text_append(&line, text_slice(&request->addresses));
    const char *written = text_c_string(&line);
    request->resolve = written && !line.truncated ? curl_slist_append(NULL, written) : NULL;
    return request->resolve != NULL;
}

bool https_fetch_start(struct https_request *request)
{
    request->easy = name_addresses(request) ? curl_easy_init() : NULL;
    return request->easy && set_numbers(request->easy) && set_options(request, request->easy) &&
           set_post(request, request->easy) &&
           curl_multi_add_handle(request->https->multi, request->easy) == CURLM_OK;
}

void https_fetch_stop(struct https_request *request)
{
    if (request->easy) {
        curl_multi_remove_handle(request->https->multi, request->easy);
        curl_easy_cleanup(request->easy);
    }
    curl_slist_free_all(request->resolve);
    curl_slist_free_all(request->headers);
    request->easy = request->resolve = request->headers = NULL;
}

/* --- life --- */

bool https_fetch_open(struct https *https)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return false;
    https->multi = curl_multi_init();
    if (!https->multi) {
        curl_global_cleanup();
        return false;
    }
    timer_init(&https->timer, https->loop, on_timer, https);
    curl_multi_setopt(https->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
    curl_multi_setopt(https->multi, CURLMOPT_SOCKETDATA, https);
    curl_multi_setopt(https->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    curl_multi_setopt(https->multi, CURLMOPT_TIMERDATA, https);
    return true;
}

void https_fetch_close(struct https *https)
{
    curl_multi_cleanup(https->multi);
    timer_stop(&https->timer);
    curl_global_cleanup();
}
