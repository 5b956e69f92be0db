/* SPDX-License-Identifier: Apache-2.0 */
/* socket - TCP and UNIX sockets, and descriptors sent through them.
 *
 * All sockets are close-on-exec; those that listen or were accepted are non-blocking.
 */
#ifndef OS_SOCKET_H
#define OS_SOCKET_H

#include "base/attributes.h"
#include "base/ip.h"

#include <sys/types.h>

MUST_USE int socket_listen(struct ip_endpoint endpoint, int *out_fd);
MUST_USE int socket_listen_unix(const char *path, unsigned mode,
                                int *out_fd); /* replaces a dead one */
/* Accepts one connection: 0 and its descriptor, or -EAGAIN, -EMFILE ... */
MUST_USE int socket_accept(int listener, int *out_fd, struct ip_endpoint *out_peer);
MUST_USE int socket_local(int fd, struct ip_endpoint *out_local);
MUST_USE int socket_connect(struct ip_endpoint endpoint, unsigned timeout_ms,
                            int *out_fd); /* blocking */
/* Begins; the descriptor does not block and can be written to when it is known how it went. */
MUST_USE int socket_connect_begin(struct ip_endpoint endpoint, int *out_fd);
/* The same from an address of ours; :: is whichever the system takes. */
MUST_USE int socket_connect_begin_from(struct ip_address source, struct ip_endpoint endpoint,
                                       int *out_fd);
MUST_USE int socket_connect_result(int fd); /* 0: connected */
MUST_USE int socket_connect_unix(const char *path, int *out_fd);
/* Without waiting: connected or not. The descriptor does not block. */
MUST_USE int socket_connect_unix_at_once(const char *path, int *out_fd);
MUST_USE int socket_pair(bool packets, int out_fds[2]); /* a byte stream, or SOCK_SEQPACKET */
MUST_USE int socket_peer_user(int fd, uid_t *out_uid, gid_t *out_gid, pid_t *out_pid);
/* The supplementary groups of the peer of a UNIX socket. 0: free(*out_groups). */
MUST_USE int socket_peer_groups(int fd, gid_t **out_groups, size_t *out_count);
void socket_set_timeout(int fd, unsigned timeout_ms); /* of a blocking socket, both directions */

enum { SOCKET_FDS_MAX = 16 };

/* Sends bytes and, with the first of them, descriptors; returns how many bytes left, or -errno. */
ssize_t socket_send_with_fds(int fd, struct slice bytes, const int *fds, size_t fd_count);
/* Receives bytes and descriptors (close-on-exec); 0: the peer has closed. -EMSGSIZE when more
 * descriptors came than fit: they are closed. */
ssize_t socket_receive_with_fds(int fd, char *buffer, size_t capacity, int *out_fds,
                                size_t fd_capacity, size_t *out_fd_count);

#endif
