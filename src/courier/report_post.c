/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/report_post.h"

#include "courier/gzip.h"
#include "wire/role.h"

#include <stdlib.h>
#include <string.h>

enum { POSTS_MAX = 1000, TOGETHER_MAX = 4, GZIP_MAX = 1 << 20, HOST_SHOWN_MAX = 255 };

struct report_post {
    struct report_post *next;
    struct report_posts *posts;
    struct https_request request;
    struct text body;
    struct slice host;
    const char *path;
    char texts[]; /* the host, then the path with its NUL */
};

static void complain(struct report_posts *posts, struct slice host, struct slice why)
{
    char storage[4 * HOST_SHOWN_MAX];
    struct text shown = text_over(storage, sizeof storage);
    text_append_escaped(&shown, host, HOST_SHOWN_MAX);
    role_event(posts->hub, WIRE_LEVEL_WARNING, 0,
               "courier: a report of TLS cannot be posted to https://%.*s: %.*s",
               SLICE_ARG(text_slice(&shown)), SLICE_ARG(why));
}

static void post_free(struct report_post *post)
{
    post->posts->count--;
    https_cancel(&post->request);
    text_deinit(&post->body);
    free(post);
}

static struct report_post *post_new(struct report_posts *posts,
                                    const struct wire_report_post *order)
{
    struct report_post *post = posts->https && posts->count < POSTS_MAX
                                   ? calloc(1, sizeof *post + order->host.len + order->path.len + 1)
                                   : NULL;
    if (!post)
        return NULL;
    posts->count++;
    post->posts = posts;
    post->body = text_with_ceiling(GZIP_MAX);
    if (order->host.len)
        memcpy(post->texts, order->host.at, order->host.len);
    if (order->path.len)
        memcpy(post->texts + order->host.len, order->path.at, order->path.len);
    post->host = (struct slice){post->texts, order->host.len};
    post->path = post->texts + order->host.len;
    if (!gzip_append(&post->body, order->json)) {
        post_free(post);
        return NULL;
    }
    return post;
}

static void run(struct report_posts *posts);

static void on_done(void *context, const struct https_result *result)
{
    struct report_post *post = context, **link = &post->posts->under_way;
    struct report_posts *posts = post->posts;
    if (result->outcome != HTTPS_OK)
        complain(posts, post->host, result->why);
    while (*link != post)
        link = &(*link)->next;
    *link = post->next;
    posts->under_way_count--;
    post_free(post);
    run(posts);
}

static void run(struct report_posts *posts)
{
    while (posts->waiting && posts->under_way_count < TOGETHER_MAX) {
        struct report_post *post = posts->waiting;
        posts->waiting = post->next;
        post->next = posts->under_way;
        posts->under_way = post;
        posts->under_way_count++;
        https_post(&post->request, posts->https, post->host, post->path, "application/tlsrpt+gzip",
                   text_slice(&post->body), on_done, post);
    }
}

void report_post_start(struct report_posts *posts, const struct wire_report_post *order)
{
    struct report_post *post = post_new(posts, order);
    if (!post) {
        complain(posts, order->host, SLICE("the courier has no room"));
        return;
    }
    post->next = posts->waiting;
    posts->waiting = post;
    run(posts);
}

static void drop(struct report_post **list)
{
    while (*list) {
        struct report_post *post = *list;
        *list = post->next;
        post_free(post);
    }
}

void report_posts_drop(struct report_posts *posts)
{
    drop(&posts->waiting);
    drop(&posts->under_way);
    posts->under_way_count = 0;
}
