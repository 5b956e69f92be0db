/* SPDX-License-Identifier: Apache-2.0 */
#include "os/socket.h"

#include "os/descriptor.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
};

static socklen_t address_from(struct ip_endpoint endpoint, union address *out)
{
    memset(out, 0, sizeof *out);
    if (ip_is_v4(endpoint.address)) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(endpoint.port);
        memcpy(&out->v4.sin_addr, endpoint.address.bytes + 12, 4);
        return sizeof out->v4;
    }
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons(endpoint.port);
    memcpy(&out->v6.sin6_addr, endpoint.address.bytes, 16);
    return sizeof out->v6;
}

static struct ip_endpoint address_to(const union address *from)
{
    struct ip_endpoint endpoint = {0};
    if (from->any.sa_family == AF_INET) {
        uint8_t bytes[4];
        memcpy(bytes, &from->v4.sin_addr, sizeof bytes);
        endpoint.address = ip_from_v4(bytes);
        endpoint.port = ntohs(from->v4.sin_port);
    } else if (from->any.sa_family == AF_INET6) {
        memcpy(endpoint.address.bytes, &from->v6.sin6_addr, 16);
        endpoint.port = ntohs(from->v6.sin6_port);
    }
    return endpoint;
}

static void turn_on(int fd, int level, int option)
{
    int on = 1;
    setsockopt(fd, level, option, &on, sizeof on);
}

int socket_listen(struct ip_endpoint endpoint, int *out_fd)
{
    union address address;
    socklen_t len = address_from(endpoint, &address);
    CLEANUP(close_fd)
    int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    turn_on(fd, SOL_SOCKET, SO_REUSEADDR);
    turn_on(fd, IPPROTO_TCP, TCP_NODELAY);
    if (address.any.sa_family == AF_INET6)
        turn_on(fd, IPPROTO_IPV6, IPV6_V6ONLY);
    if (bind(fd, &address.any, len) < 0 || listen(fd, SOMAXCONN) < 0)
        return -errno;
    *out_fd = fd_take(&fd);
    return 0;
}

static bool unix_address(const char *path, union address *out)
{
    memset(out, 0, sizeof *out);
    out->local.sun_family = AF_UNIX;
    size_t len = strlen(path);
    if (len >= sizeof out->local.sun_path)
        return false;
    memcpy(out->local.sun_path, path, len + 1);
    return true;
}

int socket_listen_unix(const char *path, unsigned mode, int *out_fd)
{
    union address address;
    if (!unix_address(path, &address))
        return -ENAMETOOLONG;
    CLEANUP(close_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    struct stat facts;
    if (lstat(path, &facts) == 0) {
        if (!S_ISSOCK(facts.st_mode))
            return -EEXIST;
        unlink(path);
    }
    if (bind(fd, &address.any, sizeof address.local) < 0 || chmod(path, mode) < 0 ||
        listen(fd, 128) < 0)
        return -errno;
    *out_fd = fd_take(&fd);
    return 0;
}

int socket_accept(int listener, int *out_fd, struct ip_endpoint *out_peer)
{
    union address address = {0};
    socklen_t len = sizeof address;
    int fd = accept4(listener, &address.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return -errno;
    *out_peer = address_to(&address);
    *out_fd = fd;
    return 0;
}

int socket_local(int fd, struct ip_endpoint *out_local)
{
    union address address = {0};
    socklen_t len = sizeof address;
    if (getsockname(fd, &address.any, &len) < 0)
        return -errno;
    *out_local = address_to(&address);
    return 0;
}

void socket_set_timeout(int fd, unsigned timeout_ms)
{
    struct timeval limit = {.tv_sec = timeout_ms / 1000,
                            .tv_usec = (suseconds_t)(timeout_ms % 1000 * 1000)};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

int socket_connect(struct ip_endpoint endpoint, unsigned timeout_ms, int *out_fd)
{
    union address address;
    socklen_t len = address_from(endpoint, &address);
    CLEANUP(close_fd) int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    socket_set_timeout(fd, timeout_ms);
    turn_on(fd, IPPROTO_TCP, TCP_NODELAY);
    if (connect(fd, &address.any, len) < 0)
        return errno == EINPROGRESS ? -ETIMEDOUT : -errno;
    *out_fd = fd_take(&fd);
    return 0;
}

int socket_connect_begin(struct ip_endpoint endpoint, int *out_fd)
{
    return socket_connect_begin_from((struct ip_address){{0}}, endpoint, out_fd);
}

int socket_connect_begin_from(struct ip_address source, struct ip_endpoint endpoint, int *out_fd)
{
    union address address, own;
    socklen_t len = address_from(endpoint, &address);
    socklen_t own_len = address_from((struct ip_endpoint){.address = source}, &own);
    CLEANUP(close_fd)
    int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    turn_on(fd, IPPROTO_TCP, TCP_NODELAY);
    if (!ip_is_any(source) && bind(fd, &own.any, own_len) < 0)
        return -errno;
    if (connect(fd, &address.any, len) < 0 && errno != EINPROGRESS)
        return -errno;
    *out_fd = fd_take(&fd);
    return 0;
}

int socket_connect_result(int fd)
{
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
        return -errno;
    return -error;
}

int socket_connect_unix(const char *path, int *out_fd)
{
    union address address;
    if (!unix_address(path, &address))
        return -ENAMETOOLONG;
    CLEANUP(close_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, &address.any, sizeof address.local) < 0)
        return -errno;
    *out_fd = fd_take(&fd);
    return 0;
}

int socket_connect_unix_at_once(const char *path, int *out_fd)
{
    union address address;
    if (!unix_address(path, &address))
        return -ENAMETOOLONG;
    CLEANUP(close_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, &address.any, sizeof address.local) < 0)
        return -errno;
    *out_fd = fd_take(&fd);
    return 0;
}

int socket_pair(bool packets, int out_fds[2])
{
    int type = (packets ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_CLOEXEC;
    return socketpair(AF_UNIX, type, 0, out_fds) < 0 ? -errno : 0;
}

int socket_peer_user(int fd, uid_t *out_uid, gid_t *out_gid, pid_t *out_pid)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
        return -errno;
    *out_uid = peer.uid;
    *out_gid = peer.gid;
    *out_pid = peer.pid;
    return 0;
}

/* The kernel says how much room they need when there is none. */
int socket_peer_groups(int fd, gid_t **out_groups, size_t *out_count)
{
    socklen_t len = 0;
    *out_groups = NULL;
    *out_count = 0;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) == 0)
        return 0;
    if (errno != ERANGE)
        return -errno;
    gid_t *groups = malloc(len);
    if (!groups)
        return -ENOMEM;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0) {
        int error = errno;
        free(groups);
        return -error;
    }
    *out_groups = groups;
    *out_count = len / sizeof *groups;
    return 0;
}

union control {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(SOCKET_FDS_MAX * sizeof(int))];
};

ssize_t socket_send_with_fds(int fd, struct slice bytes, const int *fds, size_t fd_count)
{
    struct iovec vector = {.iov_base = (void *)(uintptr_t)bytes.at, .iov_len = bytes.len};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    union control control = {0};
    if (fd_count > SOCKET_FDS_MAX)
        return -E2BIG;
    if (fd_count) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
        control.head.cmsg_level = SOL_SOCKET;
        control.head.cmsg_type = SCM_RIGHTS;
        control.head.cmsg_len = CMSG_LEN(fd_count * sizeof(int));
        memcpy(CMSG_DATA(&control.head), fds, fd_count * sizeof(int));
    }
    ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 ? -errno : sent;
}

static size_t collect_fds(struct msghdr *message, int *out_fds, size_t fd_capacity,
                          bool *out_excess)
{
    size_t count = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t received = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < received; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
            if (count < fd_capacity) {
                out_fds[count++] = fd;
            } else {
                close(fd);
                *out_excess = true;
            }
        }
    }
    return count;
}

ssize_t socket_receive_with_fds(int fd, char *buffer, size_t capacity, int *out_fds,
                                size_t fd_capacity, size_t *out_fd_count)
{
    struct iovec vector = {.iov_base = buffer, .iov_len = capacity};
    union control control;
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    *out_fd_count = 0;
    ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (got < 0)
        return -errno;
    bool excess = (message.msg_flags & MSG_CTRUNC) != 0;
    *out_fd_count = collect_fds(&message, out_fds, fd_capacity, &excess);
    return excess ? -EMSGSIZE : got;
}
