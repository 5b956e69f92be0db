/* SPDX-License-Identifier: Apache-2.0 */
/* certificate - renewed certificates from files into the server: once, for the hooks of certbot,
 * acme.sh and lego, or whenever the files of a folder change.
 *
 * Both import with -Replace, so a renewal takes over the services of what it renews. What is
 * refused (a key that does not fit, a file that is half written) changes nothing.
 */
#ifndef PROGRAMS_POSTERN_CERTIFICATE_H
#define PROGRAMS_POSTERN_CERTIFICATE_H

#include "base/text.h"
#include "programs/postern/place.h"

extern const char certificate_usage[];

/* `postern certificate`: words behind it. Returns the exit code. */
int certificate_run(const struct place *place, const char *const *words, size_t count);

/* For the files of this command: imports these bytes, once for each private key in them; they are
 * wiped. Returns the exit code. */
int certificate_import_bytes(const struct place *place, struct text *bytes_taken);
/* NAME.ocsp, NAME.ocsp.der: an OCSP response, imported by itself behind the certificates. */
bool certificate_is_response(const char *name);
/* Looks at the folder every so many seconds; returns only when it cannot go on. */
int certificate_watch(const struct place *place, const char *folder, unsigned every_s);

#endif
