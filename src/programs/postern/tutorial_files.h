/* SPDX-License-Identifier: Apache-2.0 */
/* tutorial_files - certificates for trying things out, in a folder of their own, and the names by
 * which a script speaks of them.
 *
 *   {folder}       where they are          {server}       the server's name
 *   {connector}    Client Frontend         {implicit}     Client Implicit
 *   {mail}         thumbprint of mail.pfx (mail.contoso.com, without its issuer)
 *   {renewed}      of renewed.pfx, the same names, newer
 *   {wildcard}     of wildcard.pfx (*.contoso.com)
 *
 * ca.crt is their authority's certificate. The password of each file is "tutorial".
 */
#ifndef PROGRAMS_POSTERN_TUTORIAL_FILES_H
#define PROGRAMS_POSTERN_TUTORIAL_FILES_H

#include "programs/postern/place.h"

enum { TUTORIAL_NAMES_MAX = 8 };

struct tutorial_files {
    struct {
        const char *name;
        struct text value;
    } names[TUTORIAL_NAMES_MAX];
    size_t count;
};

/* Makes the files below the data folder's parent, or the data folder. False: `error` says why. */
bool tutorial_files_make(const struct place *place, struct slice server, struct tutorial_files *out,
                         struct text *error);
void tutorial_files_deinit(struct tutorial_files *files);
/* The script with its {names} put in; other braces stay. */
bool tutorial_files_fill(const struct tutorial_files *files, const char *script, struct text *out);

#endif
