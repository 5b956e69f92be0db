/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_news - what there is to say of the certificates that connectors present, between one
 * look at them and the next.
 *
 * A look is a configuration and a moment. News is how two looks differ: whether a change was made
 * between them, or only time has passed, or the server was down, makes no difference. So nothing
 * needs to be kept of what was said but the moment of the last look.
 *
 * Of a connector: no certificate, the named one missing, an expired one; and that it is well again.
 * Of a certificate that is presented: it ends within 30, 14, 7, 1 days, each said once however many
 * connectors present it; and that one of these is presented no longer. Its OCSP response is past
 * three quarters of its life, in its last day, over; and a new one is there. And of any
 * certificate: its issuer has revoked it.
 */
#ifndef MODEL_CERTIFICATE_NEWS_H
#define MODEL_CERTIFICATE_NEWS_H

#include "model/certificate_health.h"

struct certificate_look {
    const struct model *model; /* NULL: nobody has looked yet, everything bad is news */
    int64_t at_ms;
};

enum certificate_news_kind {
    NEWS_NOT_OFFERED,         /* event 12014 */
    NEWS_NAMED_MISSING,       /* event 12014 */
    NEWS_EXPIRED,             /* event 12016 */
    NEWS_EXPIRES_SOON,        /* event 12018 */
    NEWS_CONNECTOR_IS_WELL,   /* what was said of the connector is over */
    NEWS_CERTIFICATE_RETIRED, /* what was to expire soon is presented no longer */
    NEWS_REVOKED,             /* event 12110; the connectors are those that presented it */
    NEWS_REVOKED_NO_MORE,     /* its issuer says so, or it was removed */
    NEWS_STAPLE_OLD,          /* event 12111 */
    NEWS_STAPLE_ENDS,         /* event 12111 */
    NEWS_STAPLE_OVER,         /* event 12111 */
    NEWS_STAPLE_WELL,         /* a new response, or it is presented no longer */
    NEWS_KINDS,
};

struct certificate_news {
    enum certificate_news_kind kind, was; /* was: what is over, when a connector is well again */
    const struct receive_connector *connector; /* the only or first one; NULL: none */
    size_t connectors;                         /* how many present the certificate */
    bool seldom; /* only to clients that ask for its name, or verify no other kind of key */
    const struct certificate *certificate; /* NULL: none is presented */
    struct slice key;                      /* what was searched for */
};
typedef void certificate_news_fn(void *context, const struct certificate_news *news);

/* Both models are borrowed for the call. False: there was no memory to look. */
MUST_USE bool certificate_news(const struct certificate_look *before,
                               const struct certificate_look *now, certificate_news_fn *tell,
                               void *context);
/* The next moment behind the look at which there may be news though nothing is changed; false: no
 * date lies ahead. */
bool certificate_news_next(const struct certificate_look *look, int64_t *out_at_ms);

#endif
