/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/https.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct https {
    CURLM *multi;
    struct loop *loop;
    struct resolver *resolver;
    struct root_store *roots;
    struct watch timer;
    unsigned port;
    size_t under_way;
};

struct https_socket { /* one that libcurl waits for */
    struct https *https;
    int fd;
    struct watch watch;
};

/* --- the end of a request --- */

static void close_request(struct https_request *request)
{
    struct https *https = request->https;
    for (size_t i = 0; i < COUNT_OF(request->queries); i++)
        dns_query_cancel(&request->queries[i]);
    loop_defer_cancel(https->loop, &request->done);
    if (request->easy) {
        curl_multi_remove_handle(https->multi, request->easy);
        curl_easy_cleanup(request->easy);
    }
    curl_slist_free_all(request->resolve);
    curl_slist_free_all(request->headers);
    request->easy = request->resolve = request->headers = NULL;
    text_deinit(&request->addresses);
    https->under_way--;
    request->https = NULL;
}

/* The request may be gone when the callback returns: what it holds is moved here first. */
static void deliver(struct https_request *request)
{
    static const char *const phrases[] = {
        [HTTPS_OK] = "",
        [HTTPS_BUSY] = "too much is fetched at the moment",
        [HTTPS_BAD_URL] = "the address is not one that can be asked",
        [HTTPS_NO_ADDRESS] = "DNS has no address of the host",
        [HTTPS_PRIVATE] = "the host is on this machine or in a private network",
        [HTTPS_FAILED] = "no answer",
        [HTTPS_NOT_TRUSTED] = "the certificate of the host does not hold",
        [HTTPS_STATUS] = "the status of the answer is not 200",
        [HTTPS_KIND] = "the answer is not of the type ",
        [HTTPS_TOO_LONG] = "the answer is longer than 64 KB",
    };
    _Static_assert(COUNT_OF(phrases) == HTTPS_OUTCOMES, "each outcome has its phrase");
    CLEANUP(text_deinit) struct text body = request->body;
    char storage[512];
    struct text why = text_over(storage, sizeof storage);
    text_append_c(&why, phrases[request->outcome]);
    if (request->outcome == HTTPS_KIND)
        text_append_c(&why, request->question.kind);
    if (request->error[0]) {
        text_append_c(&why, ": ");
        text_append_c(&why, request->error);
    }
    struct https_result result = {
        .outcome = request->outcome, .body = text_slice(&body), .why = text_slice(&why)};
    request->body = (struct text){0};
    close_request(request);
    request->run(request->context, &result);
}

static void on_done(void *context)
{
    deliver(context);
}

static void finish(struct https_request *request, enum https_outcome outcome)
{
    request->outcome = outcome;
    loop_defer(request->https->loop, &request->done);
}

/* --- libcurl --- */

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
        finish(ended, outcome_of(ended, message->data.result));
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

/* --- the beginning of a request --- */

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
        curl_easy_setopt(easy, CURLOPT_URL, request->url),
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
    text_append_format(&line, "+%s:%u:", request->host, request->port);
    text_append(&line, text_slice(&request->addresses));
    const char *written = text_c_string(&line);
    request->resolve = written && !line.truncated ? curl_slist_append(NULL, written) : NULL;
    return request->resolve != NULL;
}

static bool start_fetch(struct https_request *request)
{
    request->easy = name_addresses(request) ? curl_easy_init() : NULL;
    return request->easy && set_numbers(request->easy) && set_options(request, request->easy) &&
           set_post(request, request->easy) &&
           curl_multi_add_handle(request->https->multi, request->easy) == CURLM_OK;
}

static void add_address(struct https_request *request, struct ip_address address)
{
    if (request->question.public_only && !ip_is_public(address)) {
        request->private_seen = true;
        return;
    }
    text_append_c(&request->addresses, request->addresses.len ? "," : "");
    ip_append(&request->addresses, address);
}

static void end_addresses(struct https_request *request)
{
    if (!request->addresses.len)
        finish(request, request->private_seen ? HTTPS_PRIVATE : HTTPS_NO_ADDRESS);
    else if (!start_fetch(request))
        finish(request, HTTPS_BUSY);
}

static void on_address(void *context, const struct dns_result *result)
{
    struct https_request *request = context;
    for (size_t i = 0; i < result->answer.count && i < HTTPS_ADDRESSES_MAX; i++)
        add_address(request, result->answer.records[i].address);
    if (--request->open == 0)
        end_addresses(request);
}

static void ask_addresses(struct https_request *request)
{
    static const enum dns_type types[] = {DNS_A, DNS_AAAA};
    for (size_t i = 0; i < COUNT_OF(types); i++)
        request->open +=
            dns_query_start(&request->queries[i], request->https->resolver, slice_of(request->host),
                            types[i], HTTPS_DNS_LIMIT_MS, on_address, request) == 0;
    if (!request->open)
        finish(request, HTTPS_NO_ADDRESS);
}

/* --- what is asked, and whom --- */

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

static bool read_parts(struct https_request *request, CURLU *parts)
{
    char scheme[sizeof "https"], port[sizeof "65535"];
    if (!take_part(parts, CURLUPART_SCHEME, scheme, sizeof scheme) ||
        !take_part(parts, CURLUPART_PORT, port, sizeof port) ||
        !take_part(parts, CURLUPART_HOST, request->host, sizeof request->host))
        return false;
    request->port = (unsigned)strtoul(port, NULL, 10);
    bool spoken = strcmp(scheme, "https") == 0 ||
                  (strcmp(scheme, "http") == 0 && request->question.may_be_clear);
    return spoken && !has_part(parts, CURLUPART_USER) && !has_part(parts, CURLUPART_PASSWORD) &&
           !has_part(parts, CURLUPART_FRAGMENT);
}

static bool read_url(struct https_request *request, struct slice url)
{
    if (!url.len || url.len > HTTPS_URL_MAX)
        return false;
    memcpy(request->url, url.at, url.len);
    request->question.url = slice_of(request->url);
    CURLU *parts = curl_url();
    bool good = parts && curl_url_set(parts, CURLUPART_URL, request->url, 0) == CURLUE_OK &&
                read_parts(request, parts);
    curl_url_cleanup(parts);
    return good;
}

/* "192.0.2.1" or "[2001:db8::1]" needs no looking up. */
static bool is_address(const struct https_request *request, struct ip_address *out_address)
{
    struct slice host = slice_of(request->host);
    if (slice_starts(host, SLICE("[")))
        host = slice_first(slice_after(host, 1), host.len - 2);
    return ip_parse(host, out_address);
}

void https_ask(struct https_request *request, struct https *https,
               const struct https_question *question, https_done_fn *run, void *context)
{
    struct ip_address address;
    *request = (struct https_request){.https = https,
                                      .question = *question,
                                      .addresses = text_with_ceiling(2048),
                                      .body = text_with_ceiling(HTTPS_BODY_MAX),
                                      .done = {.run = on_done, .context = request},
                                      .run = run,
                                      .context = context};
    _Static_assert(sizeof request->error >= CURL_ERROR_SIZE, "libcurl writes its error there");
    if (https->under_way++ >= HTTPS_UNDER_WAY_MAX) {
        finish(request, HTTPS_BUSY);
    } else if (!read_url(request, question->url)) {
        finish(request, HTTPS_BAD_URL);
    } else if (is_address(request, &address)) {
        add_address(request, address);
        end_addresses(request);
    } else {
        ask_addresses(request);
    }
}

/* At the port of https_open. */
static void ask_there(struct https_request *request, struct https *https, struct slice host,
                      const char *path, struct https_question question, https_done_fn *run,
                      void *context)
{
    char storage[HTTPS_URL_MAX];
    struct text url = text_over(storage, sizeof storage);
    text_append_format(&url, "https://%.*s:%u%s", SLICE_ARG(host), https->port, path);
    question.url = url.truncated ? (struct slice){0} : text_slice(&url);
    https_ask(request, https, &question, run, context);
}

void https_get(struct https_request *request, struct https *https, struct slice host,
               const char *path, https_done_fn *run, void *context)
{
    struct https_question question = {.kind = "text/plain"};
    ask_there(request, https, host, path, question, run, context);
}

void https_post(struct https_request *request, struct https *https, struct slice host,
                const char *path, const char *kind, struct slice bytes, https_done_fn *run,
                void *context)
{
    struct https_question question = {.post = bytes, .post_kind = kind};
    ask_there(request, https, host, path, question, run, context);
}

void https_cancel(struct https_request *request)
{
    if (!request->https)
        return;
    close_request(request);
    text_deinit(&request->body);
}

/* --- life --- */

struct https *https_open(struct loop *loop, struct resolver *resolver, struct root_store *roots,
                         unsigned port)
{
    struct https *https = calloc(1, sizeof *https);
    if (https && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        https->multi = curl_multi_init();
    if (!https || !https->multi) {
        free(https);
        return NULL;
    }
    https->loop = loop;
    https->resolver = resolver;
    https->roots = roots;
    https->port = port;
    timer_init(&https->timer, loop, on_timer, https);
    curl_multi_setopt(https->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
    curl_multi_setopt(https->multi, CURLMOPT_SOCKETDATA, https);
    curl_multi_setopt(https->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    curl_multi_setopt(https->multi, CURLMOPT_TIMERDATA, https);
    return https;
}

void https_close(struct https *https)
{
    if (!https)
        return;
    curl_multi_cleanup(https->multi);
    timer_stop(&https->timer);
    curl_global_cleanup();
    free(https);
}
