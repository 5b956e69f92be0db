/* SPDX-License-Identifier: Apache-2.0 */
/* transport_config - what holds for the whole organization. A model has at most one; without it the
 * fallbacks hold (a store of an earlier release has none until somebody sets something).
 */
#ifndef MODEL_TRANSPORT_CONFIG_H
#define MODEL_TRANSPORT_CONFIG_H

#include "model/object.h"

struct transport_config {
    struct object_id id;
    uint64_t version;
    int64_t created_ms, changed_ms;
    struct slice name;
    struct slice_list tls_receive_domain_secure_list; /* domains, or *.domain */
    struct slice_list tls_send_domain_secure_list;    /* the same */
};

extern const struct setting transport_config_settings[];

struct model;
/* Whether mail of this domain must come from a peer that proves to be it. */
bool transport_config_secures(const struct model *model, struct slice domain);
/* Whether mail to this domain must go to a peer that proves to be it. */
bool transport_config_secures_sending(const struct model *model, struct slice domain);

#endif
