/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_index - where a search for a certificate has to look, computed once.
 *
 * Certificates lie sorted under everything a search may ask for: the thumbprint, canonical issuer
 * and subject, each host name, the parent of each wildcard. A search gets the few that lie under
 * its key and judges them as it would judge all (certificate_choice): one too many does no harm,
 * and who is not handed out could not have matched. Thumbprints are unique in a model, so the order
 * of handing out decides nothing.
 *
 * It lends the model, which must neither change nor go while the index is in use.
 */
#ifndef MODEL_CERTIFICATE_INDEX_H
#define MODEL_CERTIFICATE_INDEX_H

#include "model/model.h"

struct certificate_index;
struct index_entry;

struct certificate_index *certificate_index_new(const struct model *model); /* or NULL: no memory */
void certificate_index_free(struct certificate_index *index);               /* accepts NULL */

/* Candidates still to be handed out; two runs, because a host has an exact name and a parent. */
struct certificate_lookup {
    struct {
        const struct index_entry *at, *end;
    } runs[2];
};

struct certificate_lookup certificate_index_by_thumbprint(const struct certificate_index *index,
                                                          struct slice thumbprint);
struct certificate_lookup certificate_index_by_name(const struct certificate_index *index,
                                                    struct slice issuer_der,
                                                    struct slice subject_der);
struct certificate_lookup certificate_index_by_host(const struct certificate_index *index,
                                                    struct slice host);
/* The next candidate, some of them twice; NULL: no more. */
const struct certificate *certificate_lookup_next(struct certificate_lookup *lookup);

#endif
