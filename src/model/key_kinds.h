/* SPDX-License-Identifier: Apache-2.0 */
/* key_kinds - the kinds of keys a client can verify, as choices ask (CERTIFICATE_KEY_BIT each) and
 * as TLS says them (enum tls_verifiable). */
#ifndef MODEL_KEY_KINDS_H
#define MODEL_KEY_KINDS_H

#include <stdint.h>

unsigned key_kinds_to_tls(uint32_t kinds);
uint32_t key_kinds_from_tls(unsigned verifies);

#endif
