/* SPDX-License-Identifier: Apache-2.0 */
/* presented - the certificate a server showed us, judged as a mail client would. */
#ifndef PROGRAMS_POSTERN_PRESENTED_H
#define PROGRAMS_POSTERN_PRESENTED_H

#include "base/text.h"
#include "model/client_kind.h"
#include "tls/engine.h"

struct presented {
    struct text subject, thumbprint; /* printed; thumbprint as 40 digits */
    struct text warnings;            /* a sentence a line; empty: a client is content */
    uint32_t findings;               /* the same for model/client_kind: CLIENT_BIT each */
    enum certificate_key_kind key_kind;
    bool self_signed;
    int64_t days_left;
};

/* False: the server showed none, or one that cannot be read. Free with presented_deinit. */
bool presented_read(const struct tls_engine *engine, int64_t now_ms, struct presented *out);
void presented_deinit(struct presented *presented);

#endif
