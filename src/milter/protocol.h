/* SPDX-License-Identifier: Apache-2.0 */
/* protocol - the letters and bits of the milter protocol, version 6.
 *
 * Commands go to the filter, replies come back; both are packets (milter/packet.h). A bit of
 * enum milter_step_bit is set by a filter that does not want a command at all (NO_...), or that
 * takes it without a reply (SILENT_...).
 */
#ifndef MILTER_PROTOCOL_H
#define MILTER_PROTOCOL_H

enum milter_command {
    MILTER_ABORT = 'A',
    MILTER_BODY = 'B',
    MILTER_CONNECT = 'C',
    MILTER_MACROS = 'D',
    MILTER_END = 'E',
    MILTER_HELLO = 'H',
    MILTER_HEADER = 'L',
    MILTER_MAIL = 'M',
    MILTER_HEADER_END = 'N',
    MILTER_NEGOTIATE = 'O',
    MILTER_QUIT = 'Q',
    MILTER_RECIPIENT = 'R',
    MILTER_DATA = 'T',
};

enum milter_reply {
    MILTER_ADD_RECIPIENT = '+',
    MILTER_DELETE_RECIPIENT = '-',
    MILTER_ADD_RECIPIENT_WITH = '2',
    MILTER_SHUTDOWN = '4',
    MILTER_SAYS_ACCEPT = 'a',
    MILTER_REPLACE_BODY = 'b',
    MILTER_SAYS_CONTINUE = 'c',
    MILTER_SAYS_DISCARD = 'd',
    MILTER_CHANGE_SENDER = 'e',
    MILTER_CONNECTION_FAILED = 'f',
    MILTER_ADD_HEADER = 'h',
    MILTER_INSERT_HEADER = 'i',
    MILTER_CHANGE_HEADER = 'm',
    MILTER_SAYS_PROGRESS = 'p',
    MILTER_QUARANTINE = 'q',
    MILTER_SAYS_REJECT = 'r',
    MILTER_SAYS_SKIP = 's',
    MILTER_SAYS_TEMPFAIL = 't',
    MILTER_SAYS_REPLY = 'y',
};

enum milter_action_bit { /* what a filter may do to a message */
                         MILTER_MAY_ADD_HEADERS = 0x01,
                         MILTER_MAY_CHANGE_BODY = 0x02,
                         MILTER_MAY_ADD_RECIPIENTS = 0x04,
                         MILTER_MAY_DELETE_RECIPIENTS = 0x08,
                         MILTER_MAY_CHANGE_HEADERS = 0x10,
                         MILTER_MAY_QUARANTINE = 0x20,
                         MILTER_MAY_CHANGE_SENDER = 0x40,
                         MILTER_MAY_ADD_RECIPIENTS_WITH = 0x80,
                         MILTER_MAY_CHOOSE_MACROS = 0x100,
                         MILTER_MAY_ALL = 0x1ff,
};

enum milter_step_bit {
    MILTER_NO_CONNECT = 0x01,
    MILTER_NO_HELLO = 0x02,
    MILTER_NO_MAIL = 0x04,
    MILTER_NO_RECIPIENT = 0x08,
    MILTER_NO_BODY = 0x10,
    MILTER_NO_HEADERS = 0x20,
    MILTER_NO_HEADER_END = 0x40,
    MILTER_SILENT_HEADER = 0x80,
    MILTER_NO_UNKNOWN = 0x100,
    MILTER_NO_DATA = 0x200,
    MILTER_MAY_SKIP = 0x400,
    MILTER_SILENT_CONNECT = 0x1000,
    MILTER_SILENT_HELLO = 0x2000,
    MILTER_SILENT_MAIL = 0x4000,
    MILTER_SILENT_RECIPIENT = 0x8000,
    MILTER_SILENT_DATA = 0x10000,
    MILTER_SILENT_UNKNOWN = 0x20000,
    MILTER_SILENT_HEADER_END = 0x40000,
    MILTER_SILENT_BODY = 0x80000,
    MILTER_LEADING_SPACE = 0x100000, /* of header values stays as it is */
    MILTER_STEPS_ALL = 0x1ff7ff,     /* what is offered: all but refused recipients */
};

enum milter_versions {
    MILTER_VERSION = 6,
    MILTER_VERSION_OLDEST = 2,
    MILTER_VERSION_DATA = 4, /* older ones do not know DATA, and would not answer it */
    MILTER_CHUNK_MAX = 65535,
};

#endif
