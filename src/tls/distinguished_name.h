/* SPDX-License-Identifier: Apache-2.0 */
/* distinguished_name - X.501 names as .NET and Exchange write them, and as bytes to compare.
 *
 * Written: the last RDN of the encoding first, ", " between them, " + " within one; S= T= E= G= SN=
 * STREET= SERIALNUMBER= and so on; OID.1.2.3= for what has no letters; "..." with doubled quotes
 * when a value is empty, begins or ends with a blank, or holds one of , + = " < > # ; or a newline.
 * A backslash is an ordinary character. A value that is no text, or holds control characters,
 * prints as #hex of its DER: what is printed can be shown, kept and typed.
 *
 * Canonical: DER of the name with every value a UTF8String in lower case (ASCII letters only),
 * blanks collapsed to one and cut at both ends, the members of an RDN sorted. Two names are equal
 * exactly when their canonical bytes are.
 */
#ifndef TLS_DISTINGUISHED_NAME_H
#define TLS_DISTINGUISHED_NAME_H

#include "base/text.h"

/* All append to `out`, and false leaves it as it was: damaged DER or text, or no room. */
bool distinguished_name_print(struct slice der, struct text *out);
bool distinguished_name_canonical(struct slice der, struct text *out);
/* Reads the written form: case of attribute types and blanks around separators do not matter; ; is
 * as good as ,. Also taken: ST SP EMAIL EMAILADDRESS GIVENNAME SURNAME TITLE INITIALS
 * STREETADDRESS, and dotted numbers with or without OID. before them. Empty text is the empty name.
 */
bool distinguished_name_parse(struct slice written, struct text *out_canonical);
/* The same form as the DER of a new certificate's subject: nothing is folded. False also for an
 * empty value, and a country that is not two letters. */
bool distinguished_name_encode(struct slice written, struct text *out_der);
/* The last, most specific CN of a name as UTF-8; false when it has none. */
bool distinguished_name_common_name(struct slice der, struct text *out);

#endif
