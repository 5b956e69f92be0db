/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_bundle - the files of a folder, or of a command, told apart by their private keys.
 *
 * A folder may hold several certificates with their keys: RSA and ECDSA for one name, or all that
 * lego keeps. An import takes one of them, the one whose key it is given; so each key gets a file
 * of its own, with all certificates: the server finds out which of them belong to it.
 */
#ifndef PROGRAMS_POSTERN_CERTIFICATE_BUNDLE_H
#define PROGRAMS_POSTERN_CERTIFICATE_BUNDLE_H

#include "base/text.h"

/* How many private keys there are in PEM (RFC 7468); 0 for other formats, too. */
size_t certificate_bundle_keys(struct slice files);
/* The files without the keys other than the one of this number, from 0. */
bool certificate_bundle_append(struct slice files, size_t number, struct text *text);

#endif
