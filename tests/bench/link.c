/* SPDX-License-Identifier: Apache-2.0 */
#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { RECORD_BYTES = 16384 };

SSL_CTX *link_tls_context(const struct plan *plan)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (!context)
        return NULL;
    int version = TLS1_2_VERSION, highest = 0;
    if (plan->tls_version)
        version = highest = strcmp(plan->tls_version, "1.2") == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, highest);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    return context;
}

static enum link_progress lost(struct link *link, const char *why)
{
    link->why = why;
    return LINK_LOST;
}

static enum link_progress watch(struct link *link, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = link->owner};
    int verb = link->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (events == link->watched)
        return LINK_WAITS;
    if (epoll_ctl(link->epoll_fd, verb, link->fd, &event) < 0)
        return lost(link, "epoll refuses the connection");
    link->watched = events;
    return LINK_WAITS;
}

enum link_progress link_open(struct link *link, const struct plan *plan)
{
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)plan->port)};
    int on = 1;
    link->watched = 0;
    link->sent = 0;
    link->pieces[0].len = link->pieces[1].len = 0;
    link->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (link->fd < 0)
        return lost(link, "no more sockets");
    setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (inet_pton(AF_INET, plan->address, &server.sin_addr) != 1)
        return lost(link, "not an IPv4 address");
    if (connect(link->fd, (struct sockaddr *)&server, sizeof server) < 0 && errno != EINPROGRESS)
        return lost(link, "connection refused");
    return watch(link, plan->security == PLAN_IMPLICIT ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void link_close(struct link *link)
{
    if (link->tls) {
        SSL_shutdown(link->tls);
        SSL_free(link->tls);
        ERR_clear_error();
    }
    if (link->fd >= 0)
        close(link->fd);
    link->tls = NULL;
    link->fd = -1;
}

enum link_progress link_begin_tls(struct link *link, SSL_CTX *context)
{
    link->tls = SSL_new(context);
    if (!link->tls || SSL_set_fd(link->tls, link->fd) != 1)
        return lost(link, "no memory for TLS");
    SSL_set_connect_state(link->tls);
    return link_handshake(link);
}

/* What OpenSSL waits for becomes what epoll watches. */
static enum link_progress tls_waits(struct link *link, int result, const char *why)
{
    int error = SSL_get_error(link->tls, result);
    ERR_clear_error();
    if (error == SSL_ERROR_WANT_READ)
        return watch(link, EPOLLIN);
    if (error == SSL_ERROR_WANT_WRITE)
        return watch(link, EPOLLIN | EPOLLOUT);
    if (error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL)
        SSL_set_quiet_shutdown(link->tls, 1);
    return lost(link, why);
}

enum link_progress link_handshake(struct link *link)
{
    int result = SSL_do_handshake(link->tls);
    if (result != 1)
        return tls_waits(link, result, "TLS handshake failed");
    return watch(link, EPOLLIN) == LINK_LOST ? LINK_LOST : LINK_DONE;
}

void link_thumbprint(const struct link *link, char out_hex[41])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    X509 *certificate = SSL_get0_peer_certificate(link->tls);
    out_hex[0] = '\0';
    if (!certificate || X509_digest(certificate, EVP_sha1(), digest, &length) != 1)
        return;
    for (unsigned i = 0; i < length && i < 20; i++)
        snprintf(out_hex + 2 * i, 3, "%02X", digest[i]);
}

void link_give(struct link *link, struct link_piece first, struct link_piece second)
{
    link->pieces[0] = first;
    link->pieces[1] = second;
    link->sent = 0;
}

/* What is left of the two pieces. */
static int unsent(const struct link *link, struct iovec out[2])
{
    size_t skip = link->sent;
    int count = 0;
    for (int i = 0; i < 2; i++) {
        size_t over = skip < link->pieces[i].len ? skip : link->pieces[i].len;
        skip -= over;
        if (link->pieces[i].len == over)
            continue;
        memcpy(&out[count].iov_base, &(const char *){link->pieces[i].at + over}, sizeof(void *));
        out[count++].iov_len = link->pieces[i].len - over;
    }
    return count;
}

/* One TLS record holds as much of both pieces as fits: a short message is one record, one write. */
static enum link_progress send_sealed(struct link *link, const struct iovec *parts, int count)
{
    static char record[RECORD_BYTES];
    size_t len = 0;
    for (int i = 0; i < count; i++) {
        size_t room = sizeof record - len;
        size_t part = parts[i].iov_len < room ? parts[i].iov_len : room;
        memcpy(record + len, parts[i].iov_base, part);
        len += part;
    }
    int result = SSL_write(link->tls, record, (int)len);
    if (result <= 0)
        return tls_waits(link, result, "connection lost while sending");
    link->sent += (size_t)result;
    return LINK_DONE;
}

static enum link_progress send_clear(struct link *link, struct iovec *parts, int count)
{
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)count};
    ssize_t result = sendmsg(link->fd, &message, MSG_NOSIGNAL);
    if (result < 0 && errno == EAGAIN)
        return watch(link, EPOLLIN | EPOLLOUT);
    if (result < 0)
        return lost(link, "connection lost while sending");
    link->sent += (size_t)result;
    return LINK_DONE;
}

enum link_progress link_send(struct link *link)
{
    struct iovec parts[2];
    for (int count; (count = unsent(link, parts)) > 0;) {
        enum link_progress progress =
            link->tls ? send_sealed(link, parts, count) : send_clear(link, parts, count);
        if (progress != LINK_DONE)
            return progress;
    }
    return watch(link, EPOLLIN) == LINK_LOST ? LINK_LOST : LINK_DONE;
}

int link_receive(struct link *link, char *buffer, size_t size)
{
    if (link->tls) {
        int result = SSL_read(link->tls, buffer, (int)size);
        return result > 0 ? result : (int)tls_waits(link, result, "connection lost");
    }
    ssize_t result = recv(link->fd, buffer, size, 0);
    if (result > 0)
        return (int)result;
    if (result < 0 && errno == EAGAIN)
        return 0;
    return (int)lost(link, result < 0 && errno == ECONNREFUSED ? "connection refused"
                                                               : "connection lost");
}
