/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/https_state.h"

#include <stdlib.h>

/* --- the end of a request --- */

static void close_request(struct https_request *request)
{
    struct https *https = request->https;
    for (size_t i = 0; i < COUNT_OF(request->queries); i++)
        dns_query_cancel(&request->queries[i]);
    loop_defer_cancel(https->loop, &request->done);
    https_fetch_stop(request);
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

void https_finish(struct https_request *request, enum https_outcome outcome)
{
    request->outcome = outcome;
    loop_defer(request->https->loop, &request->done);
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
        https_finish(request, request->private_seen ? HTTPS_PRIVATE : HTTPS_NO_ADDRESS);
    else if (!https_fetch_start(request))
        https_finish(request, HTTPS_BUSY);
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
        request->open += dns_query_start(&request->queries[i], request->https->resolver,
                                         slice_of(request->url.host), types[i], HTTPS_DNS_LIMIT_MS,
                                         on_address, request) == 0;
    if (!request->open)
        https_finish(request, HTTPS_NO_ADDRESS);
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
        https_finish(request, HTTPS_BUSY);
    } else if (!https_url_read(question->url, question->may_be_clear, &request->url)) {
        https_finish(request, HTTPS_BAD_URL);
    } else if (https_url_address(&request->url, &address)) {
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
    if (!https)
        return NULL;
    *https = (struct https){.loop = loop, .resolver = resolver, .roots = roots, .port = port};
    if (https_fetch_open(https))
        return https;
    free(https);
    return NULL;
}

void https_close(struct https *https)
{
    if (!https)
        return;
    https_fetch_close(https);
    free(https);
}
