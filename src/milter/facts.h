/* SPDX-License-Identifier: Apache-2.0 */
/* facts - what a filter is told of a session and its message, and the macros by which it asks.
 *
 * Slices are the caller's and must stay in place as long as the conversation lives; what is not
 * known is empty, and then its macro is not sent.
 */
#ifndef MILTER_FACTS_H
#define MILTER_FACTS_H

#include "base/ip.h"
#include "base/text.h"

enum milter_macro {
    MACRO_SERVER,      /* j: this server's name */
    MACRO_RELAY,       /* _: "name [address]" of the client */
    MACRO_PROGRAM,     /* v */
    MACRO_DAEMON_NAME, /* of the connector */
    MACRO_DAEMON_ADDRESS,
    MACRO_DAEMON_PORT,
    MACRO_CLIENT_NAME,
    MACRO_CLIENT_ADDRESS,
    MACRO_CLIENT_PORT,
    MACRO_TLS_VERSION,
    MACRO_CIPHER,
    MACRO_CERTIFICATE_SUBJECT,
    MACRO_AUTH_TYPE,
    MACRO_AUTH_ACCOUNT,
    MACRO_ID, /* i: of the transaction */
    MACRO_SENDER,
    MACRO_SENDER_HOST,
    MACRO_SENDER_MAILER,
    MACRO_RECIPIENT,
    MACRO_RECIPIENT_HOST,
    MACRO_RECIPIENT_MAILER,
    MACRO_COUNT
};

enum milter_stage { /* as filters number them when they choose their macros */
                    STAGE_CONNECT,
                    STAGE_HELLO,
                    STAGE_MAIL,
                    STAGE_RECIPIENT,
                    STAGE_DATA,
                    STAGE_END,
                    STAGE_HEADER_END,
                    STAGE_COUNT
};

struct milter_facts {
    struct slice host; /* the client's name, or its address in brackets */
    struct ip_endpoint client;
    struct slice hello;             /* what it calls itself */
    struct slice sender, recipient; /* "<address>" and parameters, each with a NUL behind it */
    struct slice macros[MACRO_COUNT];
};

/* A bit per macro that is sent at a stage when the filter has not chosen. */
uint32_t facts_usual_macros(enum milter_stage stage);
/* The bits of a list of names with blanks or commas between them; unknown ones are passed over. */
uint32_t facts_macros_of(struct slice list);
/* Names and values, each with a NUL behind it; nothing when none of them is known. */
void facts_append_macros(const struct milter_facts *facts, uint32_t macros, struct text *out);

#endif
