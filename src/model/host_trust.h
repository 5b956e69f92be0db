/* SPDX-License-Identifier: Apache-2.0 */
/* host_trust - whether a mail host is proven well enough to be given a message.
 *
 * Four may demand a proof: the administrator (TlsAuthLevel, TlsDomain, RequireTLS of a send
 * connector), the receiving domain by DANE (RFC 7672) and by MTA-STS (RFC 8461), and the sender by
 * REQUIRETLS (RFC 8689). All that demand must be content, but where DANE speaks MTA-STS is not
 * asked (RFC 8461 2). Nothing demanded: TLS is taken where it is offered, with whatever
 * certificate, and clear text where it is not.
 *
 * Pure. It refuses to know how a chain is judged; see tls/verify and tls/dane.
 */
#ifndef MODEL_HOST_TRUST_H
#define MODEL_HOST_TRUST_H

#include "model/sts.h"
#include "settings/setting.h"
#include "tls/dane.h"

enum host_level {                         /* TlsAuthLevel */
                  HOST_LEVEL_NONE,        /* take what is offered */
                  HOST_LEVEL_ENCRYPTION,  /* EncryptionOnly, or RequireTLS alone */
                  HOST_LEVEL_CERTIFICATE, /* CertificateValidation: the chain holds */
                  HOST_LEVEL_DOMAIN,      /* DomainValidation: and a name is of the domain */
};

struct host_demands {
    enum host_level level;
    struct slice
        domain; /* DOMAIN: TlsDomain ("*.x.example": a name below it), or the recipients' */
    bool dane;  /* secure TLSA records exist */
    const struct sts_policy *sts; /* NULL: none; of mode none or testing it demands nothing */
    bool sender;                  /* REQUIRETLS */
};

struct host_shown { /* what the handshake showed */
    struct slice host;
    bool tls;
    bool shown;              /* a certificate */
    bool valid;              /* its chain holds, names aside */
    bool vouched;            /* the host is the one of the domain: by DNSSEC, by its own name, or by
                                the administrator's word */
    struct slice_list names; /* its DNS names */
    enum dane_outcome dane;  /* with demands.dane */
};

enum host_verdict {
    HOST_MAY_RECEIVE,
    HOST_IN_CLEAR,    /* TLS is demanded, and there is none */
    HOST_NOT_SHOWN,   /* no certificate */
    HOST_NOT_VALID,   /* its chain does not hold */
    HOST_OTHER,       /* a good certificate, but of another name than demanded */
    HOST_NOT_DANE,    /* not the one the TLSA records speak of */
    HOST_NOT_NAMED,   /* the policy of MTA-STS does not name the host */
    HOST_NOT_VOUCHED, /* nobody vouches that it is a host of the domain */
    HOST_VERDICTS
};

enum host_demander { HOST_DEMAND_CONNECTOR, HOST_DEMAND_DANE, HOST_DEMAND_STS, HOST_DEMAND_SENDER };

struct host_answer {
    enum host_verdict verdict;
    enum host_demander demander; /* who is not content */
    /* A policy of MTA-STS in mode testing would have refused for this; else HOST_MAY_RECEIVE. It
     * is told in reports only. */
    enum host_verdict testing;
};

struct host_answer host_judge(const struct host_demands *demands, const struct host_shown *shown);
/* Whether anybody demands TLS: then STARTTLS that is missing or fails ends the attempt. */
bool host_needs_tls(const struct host_demands *demands);
/* The reply to keep with a deferred message, "451 5.7.3 ...". Nothing for HOST_MAY_RECEIVE. */
bool host_answer_explain(const struct host_answer *answer, const struct host_demands *demands,
                         const struct host_shown *shown, struct text *out);

#endif
