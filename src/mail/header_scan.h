/* SPDX-License-Identifier: Apache-2.0 */
/* header_scan - reads the header section of a message while it streams by, in pieces of any size.
 *
 * It counts Received fields (and those in which one of `our_names` took the message in) and octets,
 * remembers the Message-ID and the first From, Sender, Subject and TLS-Required values (unfolded),
 * and finds where the section ends: at the blank line, or before the first line that is no field.
 * Fields of the families in `removes` are left out with all their lines; they count like the
 * others. Those in `promotes` and `demotes` come out under another name, with the value they had.
 * Fields that are missing can be put in exactly where the section ends:
 *
 *     while ((outcome = header_scan_take(&scan, &input, &piece)) != HEADER_SCAN_MORE) {
 *         if (outcome == HEADER_SCAN_END)
 *             ... write the missing fields, and a blank line when !scan.blank_line ...
 *         ... write piece ...
 *     }
 *     at the end of the message: if (header_scan_finish(&scan, &piece)) ... the same, once ...
 *                                (a line end first, when scan.open_line)
 *
 * Everything else that was put in comes out in the pieces, in order, and nothing more; after the
 * end all input is one piece. The start of a line (at most HEADER_SCAN_NAME_MAX bytes) is held back
 * until it is clear whether the line is a field. The same bytes in any cut give the same result. No
 * allocation.
 *
 * A piece is good until the next call. Zero is the start.
 */
#ifndef MAIL_HEADER_SCAN_H
#define MAIL_HEADER_SCAN_H

#include "mail/header_family.h"
#include "mail/received_by.h"

enum header_scan_limits {
    HEADER_SCAN_NAME_MAX = 128, /* a longer field name is no field */
    HEADER_SCAN_LONGER = 1,     /* the other name of a field of the organization */
    HEADER_SCAN_MESSAGE_ID_MAX = 255,
    HEADER_SCAN_FROM_MAX = 998,
    HEADER_SCAN_SENDER_MAX = 512,
    HEADER_SCAN_SUBJECT_MAX = 255, /* of what is shown to administrators; more is cut */
    HEADER_SCAN_TLS_REQUIRED_MAX = 8,
};

enum header_scan_outcome {
    HEADER_SCAN_MORE,  /* the input is used up */
    HEADER_SCAN_PIECE, /* out_piece is to be passed on */
    HEADER_SCAN_END,   /* the section ends here: put fields in, then pass out_piece (maybe empty) on
                        */
};

enum header_scan_state {
    HEADER_SCAN_LINE_START,
    HEADER_SCAN_NAME,
    HEADER_SCAN_NAME_BLANK,
    HEADER_SCAN_VALUE,
    HEADER_SCAN_VALUE_CR,
    HEADER_SCAN_BLANK_CR,
    HEADER_SCAN_BODY
};
enum header_scan_field {
    HEADER_SCAN_OTHER,
    HEADER_SCAN_RECEIVED,
    HEADER_SCAN_MESSAGE_ID,
    HEADER_SCAN_DATE,
    HEADER_SCAN_FROM,
    HEADER_SCAN_SENDER,
    HEADER_SCAN_SUBJECT,
    HEADER_SCAN_TLS_REQUIRED,
    HEADER_SCAN_FIELDS
};

struct header_scan {
    /* set by the caller before the first byte */
    unsigned removes;  /* enum header_family bits */
    unsigned promotes; /* HEADER_FAMILY_CROSS_PREMISES: they become fields of the organization */
    unsigned demotes; /* HEADER_FAMILY_ORGANIZATION: they become fields that cross premises, whether
                         it is in `removes` or not */
    const struct slice *our_names; /* of this server, borrowed; at most RECEIVED_BY_NAMES_MAX */
    size_t our_name_count;
    /* to be read */
    uint64_t header_bytes;              /* of the section, without its blank line */
    uint32_t count[HEADER_SCAN_FIELDS]; /* how many fields of each kind; more than one From is an
                                           error */
    uint32_t local_hops;                /* Received fields with one of our names behind "by" */
    bool bare_byte;                     /* a bare CR, a bare LF or a NUL in a field */
    bool blank_line;                    /* the section was ended by a blank line */
    bool open_line; /* after header_scan_finish: the last field has no line end */
    bool from_cut, sender_cut, message_id_cut, subject_cut,
        tls_required_cut; /* longer than what is kept */
    /* private */
    bool in_field, capturing, removing;
    struct received_by received_by;
    enum header_scan_state state;
    enum header_scan_field field;
    uint16_t held_len, message_id_len, from_len, sender_len, subject_len, tls_required_len;
    char held[HEADER_SCAN_NAME_MAX + HEADER_SCAN_LONGER];
    char message_id[HEADER_SCAN_MESSAGE_ID_MAX];
    char from[HEADER_SCAN_FROM_MAX];
    char sender[HEADER_SCAN_SENDER_MAX];
    char subject[HEADER_SCAN_SUBJECT_MAX];
    char tls_required[HEADER_SCAN_TLS_REQUIRED_MAX];
};
_Static_assert(sizeof(struct header_scan) <= 2304, "one for each message in flight");

enum header_scan_outcome header_scan_take(struct header_scan *scan, struct slice *input,
                                          struct slice *out_piece);
/* The message has ended. True when it ended inside the header section: put fields in, then pass
 * out_piece on (maybe empty). */
bool header_scan_finish(struct header_scan *scan, struct slice *out_piece);

bool header_scan_ended(const struct header_scan *scan);
/* "<...>" of the first Message-ID field; empty when there is none or it is no message id: at most
 * 255 printable bytes, no blanks, one pair of angle brackets. */
struct slice header_scan_message_id(const struct header_scan *scan);
/* Unfolded value of the first field, without blanks at both ends; see from_cut and sender_cut. */
struct slice header_scan_from(const struct header_scan *scan);
struct slice header_scan_sender(const struct header_scan *scan);
struct slice header_scan_subject(
    const struct header_scan *scan); /* its first bytes, encoded words as they are */
/* "TLS-Required: No" (RFC 8689 3): one field, and nothing else in it. */
bool header_scan_tls_is_optional(const struct header_scan *scan);

#endif
