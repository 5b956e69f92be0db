/* SPDX-License-Identifier: Apache-2.0 */
/* What a status code means to somebody who has only written a letter. */
#include "mail/notice.h"

#include "base/attributes.h"

struct words {
    struct slice status; /* a whole code, or the beginning of one up to a dot */
    struct slice words;
};

/* The first row that fits: whole codes in front of their subject, that in front of its class. */
/* clang-format off */
static const struct words rows[] = {
    {SLICE_INIT("4.2.2"),  SLICE_INIT("The mailbox is full at the moment.")},
    {SLICE_INIT("4.3.1"),  SLICE_INIT("The other server has no room for the message at the moment.")},
    {SLICE_INIT("4.4.7"),  SLICE_INIT("The message could not be delivered in the time it had. Please send it again, or reach the recipient in another way.")},
    {SLICE_INIT("4.7.5"),  SLICE_INIT("The other server could not prove who it is. The message was not given to it.")},
    {SLICE_INIT("5.1.1"),  SLICE_INIT("There is no such recipient. Please check the address for a typing error, and whether the recipient has moved.")},
    {SLICE_INIT("5.1.2"),  SLICE_INIT("The part of the address behind the @ does not exist. Please check it for a typing error.")},
    {SLICE_INIT("5.1.3"),  SLICE_INIT("The address is not written as an address must be. Please check it for a typing error.")},
    {SLICE_INIT("5.1.6"),  SLICE_INIT("The recipient has moved and has left no new address.")},
    {SLICE_INIT("5.1.8"),  SLICE_INIT("Your own address was not accepted as that of a sender.")},
    {SLICE_INIT("5.1.10"), SLICE_INIT("The domain of the recipient says that it takes no mail at all.")},
    {SLICE_INIT("5.1."),   SLICE_INIT("The address was not accepted. Please check it for a typing error.")},
    {SLICE_INIT("5.2.1"),  SLICE_INIT("The mailbox exists but takes no mail.")},
    {SLICE_INIT("5.2.2"),  SLICE_INIT("The mailbox is full.")},
    {SLICE_INIT("5.2.3"),  SLICE_INIT("The message is larger than this recipient may get.")},
    {SLICE_INIT("5.2."),   SLICE_INIT("The mailbox of the recipient did not take the message.")},
    {SLICE_INIT("5.3.4"),  SLICE_INIT("The message is too large. Please send it in parts, or its files in another way.")},
    {SLICE_INIT("5.3."),   SLICE_INIT("The mail system of the recipient did not take the message.")},
    {SLICE_INIT("5.4.4"),  SLICE_INIT("No server could be found that takes mail for this domain. Please check the part of the address behind the @.")},
    {SLICE_INIT("5.4.6"),  SLICE_INIT("The message went round in a circle and was stopped. The administrator of the recipient's domain has to mend that.")},
    {SLICE_INIT("5.4.7"),  SLICE_INIT("The message could not be delivered in the time it had. Please send it again, or reach the recipient in another way.")},
    {SLICE_INIT("5.4."),   SLICE_INIT("There was no way to the server of the recipient.")},
    {SLICE_INIT("5.5.3"),  SLICE_INIT("The message has too many recipients. Please send it to fewer at a time.")},
    {SLICE_INIT("5.6.7"),  SLICE_INIT("The address has letters that the other server does not understand.")},
    {SLICE_INIT("5.6."),   SLICE_INIT("The other server cannot take what is in the message, or the way it is written.")},
    {SLICE_INIT("5.7.1"),  SLICE_INIT("You are not allowed to write to this recipient, or by this way.")},
    {SLICE_INIT("5.7.5"),  SLICE_INIT("The other server could not prove who it is. The message was not given to it.")},
    {SLICE_INIT("5.7.30"), SLICE_INIT("The message was to travel over protected connections only, and the other server does not offer one.")},
    {SLICE_INIT("5.7."),   SLICE_INIT("The message was refused for reasons of security or policy.")},
    {SLICE_INIT("2."),     SLICE_INIT("The message has been handed over.")},
    {SLICE_INIT("4."),     SLICE_INIT("The message could not be delivered yet. It is tried again; you need not send it once more.")},
    {SLICE_INIT(""),       SLICE_INIT("The message could not be delivered.")},
};
/* clang-format on */

static bool fits(struct slice status, struct slice row)
{
    bool begins = row.len == 0 || row.at[row.len - 1] == '.';
    return begins ? slice_starts(status, row) : slice_equal(status, row);
}

/* Takes one to `most` digits. */
static bool take_digits(struct slice *rest, size_t most)
{
    size_t count = 0;
    while (count < most && count < rest->len && ascii_is_digit(rest->at[count]))
        count++;
    *rest = slice_after(*rest, count);
    return count > 0;
}

/* class "." subject "." detail (RFC 3463 2) */
static bool take_status(struct slice *rest)
{
    return take_digits(rest, 1) && slice_take_prefix(rest, SLICE(".")) && take_digits(rest, 3) &&
           slice_take_prefix(rest, SLICE(".")) && take_digits(rest, 3);
}

struct slice notice_status_of(struct slice reply)
{
    static const struct slice classes[] = {
        ['2'] = SLICE_INIT("2.0.0"), ['4'] = SLICE_INIT("4.0.0"), ['5'] = SLICE_INIT("5.0.0")};
    size_t class = reply.len ? (unsigned char)reply.at[0] : 0;
    struct slice status = slice_after(reply, 4), rest = status; /* "550 ", "550-" */
    if (take_status(&rest) && (rest.len == 0 || !ascii_is_alnum(rest.at[0])))
        return slice_first(status, status.len - rest.len);
    return class < COUNT_OF(classes) && classes[class].len ? classes[class] : classes['5'];
}

struct slice notice_words_of(struct slice status)
{
    size_t at = 0;
    while (at + 1 < COUNT_OF(rows) && !fits(status, rows[at].status))
        at++;
    return rows[at].words;
}
