/* SPDX-License-Identifier: Apache-2.0 */
/* library - OpenSSL started once, before any sandbox closes the file system.
 *
 * No configuration file is read. The default provider and our own (tls/remote_key) are loaded,
 * error strings and the random generator are warmed up and the algorithms a handshake needs are
 * fetched, so that afterwards no file has to be opened: of the kernel only getpid and getrandom are
 * needed.
 */
#ifndef TLS_LIBRARY_H
#define TLS_LIBRARY_H

#include "base/attributes.h"
#include "base/text.h"

/* 0, also when called again; -EIO when OpenSSL lacks something it needs. */
MUST_USE int tls_library_start(void);
/* For processes that hold keys, before tls_library_start: what OpenSSL frees is overwritten first,
 * since its decoders leave private numbers behind. Again true when asked again; false when OpenSSL
 * had allocated before the first time. */
MUST_USE bool tls_library_wipe_freed(void);

/* The newest error OpenSSL holds, in one line of its own words ("no error" when it holds none);
 * the error queue is empty afterwards. */
void tls_library_error(struct text *out_reason);

#endif
