/* SPDX-License-Identifier: Apache-2.0 */
/* send_session: what becomes of a message and of each of its recipients, as scripts. */
#include "support/rows.h"
#include "support/send_play.h"

#define HELLO "S 220 mx\nC EHLO us\nS 250 mx\n"
#define OFFERS(words) "S 220 mx\nC EHLO us\nS 250-mx\n" words
#define MAIL "C MAIL FROM:<s@x>\nS 250 ok\n"
#define RCPT "C RCPT TO:<a@y>\nS 250 ok\n"
#define DATA "C DATA\nS 354 go\nC Hi\nC .\n"
#define QUIT "C QUIT\nS 221 bye"
#define END " the end of the message: "
#define GONE "421 4.4.2 Connection dropped due to SocketError*"
#define LATE "421 4.4.2 Connection dropped due to Timeout*"

/* clang-format off */
static const struct send_play plays[] = {
    /* --- one by one --- */
    {.name = "two recipients", .recipients = "a@y b@y", .script = HELLO MAIL RCPT "C RCPT TO:<b@y>\nS 251 will forward\n" DATA "S 250 2.0.0 taken\n" QUIT,
     .fates = "D" END "250 2.0.0 taken; D" END "250 2.0.0 taken", .ending = "quit"},
    {.name = "one of two recipients", .recipients = "a@y b@y", .script = HELLO MAIL "C RCPT TO:<a@y>\nS 550-5.1.1 no\nS 550 5.1.1 such\nC RCPT TO:<b@y>\nS 250 ok\n" DATA "S 250 taken\n" QUIT,
     .fates = "F RCPT TO: 550 5.1.1 no/5.1.1 such; D" END "250 taken", .ending = "quit"},
    {.name = "nobody", .recipients = "a@y b@y", .script = HELLO MAIL "C RCPT TO:<a@y>\nS 550 no\nC RCPT TO:<b@y>\nS 450 wait\n" QUIT,
     .fates = "F RCPT TO: 550 no; T RCPT TO: 450 wait", .ending = "quit"},
    {.name = "no recipient at all", .recipients = "", .script = HELLO QUIT, .fates = "", .ending = "quit"},
    {.name = "a null sender", .message = {.sender = {"", 0}}, .script = HELLO "C MAIL FROM:<>\nS 250 ok\n" RCPT DATA "S 250 taken\n" QUIT,
     .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "the sender refused", .script = HELLO "C MAIL FROM:<s@x>\nS 550 no\n" QUIT, .fates = "F MAIL FROM: 550 no", .ending = "quit"},
    {.name = "the sender refused for now", .script = HELLO "C MAIL FROM:<s@x>\nS 452 4.3.1 full\n" QUIT, .fates = "T MAIL FROM: 452 4.3.1 full", .ending = "quit"},
    {.name = "too large, says the server", .message = {.size_bytes = 4}, .script = OFFERS("S 250 SIZE\n") "C MAIL FROM:<s@x> SIZE=4\nS 552 5.3.4 big\n" QUIT,
     .fates = "F MAIL FROM: 552 5.3.4 big", .ending = "quit"},
    {.name = "MAIL answered 354", .script = HELLO "C MAIL FROM:<s@x>\nS 354 go", .fates = "T MAIL FROM: 451 4.5.0 The server's reply to MAIL FROM is none*",
     .ending = "fault MAIL FROM: 451 4.5.0 The server's reply to MAIL FROM is none*"},
    {.name = "RCPT answered 334", .script = HELLO MAIL "C RCPT TO:<a@y>\nS 334 go", .fates = "T RCPT TO: 451 4.5.0 The server's reply to RCPT TO is none*",
     .ending = "fault RCPT TO: 451 4.5.0 The server's reply to RCPT TO is none*"},
    {.name = "DATA refused", .script = HELLO MAIL RCPT "C DATA\nS 451 wait\n" QUIT, .fates = "T DATA: 451 wait", .ending = "quit"},
    {.name = "DATA answered 250", .script = HELLO MAIL RCPT "C DATA\nS 250 ok", .fates = "T DATA: 451 4.5.0 The server's reply to DATA is none*",
     .ending = "fault DATA: 451 4.5.0 The server's reply to DATA is none*"},
    {.name = "the message refused", .script = HELLO MAIL RCPT DATA "S 554 5.6.0 spam\n" QUIT, .fates = "F" END "554 5.6.0 spam", .ending = "quit"},
    {.name = "the message refused for now", .script = HELLO MAIL RCPT DATA "S 451 4.3.0 wait\n" QUIT, .fates = "T" END "451 4.3.0 wait", .ending = "quit"},
    {.name = "the message answered 354", .script = HELLO MAIL RCPT DATA "S 354 go", .fates = "U" END "451 4.5.0 The server's reply to the message is none*",
     .ending = "fault" END "451 4.5.0 The server's reply to the message is none*"},

    /* --- too many recipients --- */
    {.name = "too many", .recipients = "a@y b@y c@y", .script = HELLO MAIL RCPT "C RCPT TO:<b@y>\nS 452 4.5.3 many\nC RCPT TO:<c@y>\nS 452 many\n" DATA "S 250 taken\n" QUIT,
     .fates = "D" END "250 taken; L RCPT TO: 452 4.5.3 many; L RCPT TO: 452 many", .ending = "quit"},
    {.name = "too many, as old servers say it", .recipients = "a@y b@y c@y", .script = HELLO MAIL RCPT "C RCPT TO:<b@y>\nS 552 many\nC RCPT TO:<c@y>\nS 552 5.5.3 many\n" DATA "S 250 taken\n" QUIT,
     .fates = "D" END "250 taken; L RCPT TO: 552 many; L RCPT TO: 552 5.5.3 many", .ending = "quit"},
    {.name = "a full mailbox is none too many", .recipients = "a@y b@y c@y", .script = HELLO MAIL RCPT "C RCPT TO:<b@y>\nS 452 4.2.2 full\nC RCPT TO:<c@y>\nS 552 5.2.2 full\n" DATA "S 250 taken\n" QUIT,
     .fates = "D" END "250 taken; T RCPT TO: 452 4.2.2 full; F RCPT TO: 552 5.2.2 full", .ending = "quit"},
    {.name = "one is too many", .script = HELLO MAIL "C RCPT TO:<a@y>\nS 452 4.5.3 many\n" QUIT, .fates = "T RCPT TO: 452 4.5.3 many", .ending = "quit"},

    /* --- groups --- */
    {.name = "a group", .recipients = "a@y b@y", .script = OFFERS("S 250 PIPELINING\n") "C MAIL FROM:<s@x>\nC RCPT TO:<a@y>\nC RCPT TO:<b@y>\nC DATA\nS 250 ok\nS 250 ok\nS 550 no\nS 354 go\nC Hi\nC .\nS 250 taken\n" QUIT,
     .fates = "D" END "250 taken; F RCPT TO: 550 no", .ending = "quit"},
    {.name = "a group nobody of which is wanted", .script = OFFERS("S 250 PIPELINING\n") "C MAIL FROM:<s@x>\nC RCPT TO:<a@y>\nC DATA\nS 250 ok\nS 550 no\nS 503 need rcpt\n" QUIT,
     .fates = "F RCPT TO: 550 no", .ending = "quit"},
    {.name = "a group nobody of which is wanted, and 354", .script = OFFERS("S 250 PIPELINING\n") "C MAIL FROM:<s@x>\nC RCPT TO:<a@y>\nC DATA\nS 250 ok\nS 550 no\nS 354 go\nC .\nS 250 taken\n" QUIT,
     .fates = "F RCPT TO: 550 no", .ending = "quit"},
    {.name = "a group whose sender is refused", .script = OFFERS("S 250 PIPELINING\n") "C MAIL FROM:<s@x>\nC RCPT TO:<a@y>\nC DATA\nS 451 wait\nS 503 need mail\nS 503 need mail\n" QUIT,
     .fates = "T MAIL FROM: 451 wait", .ending = "quit"},
    {.name = "a group whose sender is refused, and the rest is not", .script = OFFERS("S 250 PIPELINING\n") "C MAIL FROM:<s@x>\nC RCPT TO:<a@y>\nC DATA\nS 550 no\nS 250 ok\nS 354 go\nC .\nS 554 no\n" QUIT,
     .fates = "F MAIL FROM: 550 no", .ending = "quit"},
    {.name = "a group cut off", .recipients = "a@y b@y c@y", .script = OFFERS("S 250 PIPELINING\n") "C MAIL FROM:<s@x>\nC RCPT TO:<a@y>\nC RCPT TO:<b@y>\nC RCPT TO:<c@y>\nC DATA\nS 250 ok\nS 550 no\nS 250 ok\nS 421 enough",
     .fates = "F RCPT TO: 550 no; T RCPT TO: 421 enough; T RCPT TO: 421 enough", .ending = "closing RCPT TO: 421 enough"},
    {.name = "a group and chunks", .script = OFFERS("S 250-PIPELINING\nS 250 CHUNKING\n") "C MAIL FROM:<s@x>\nC RCPT TO:<a@y>\nS 250 ok\nS 250 ok\nC BDAT 4 LAST\nC Hi\nS 250 taken\n" QUIT,
     .fates = "D" END "250 taken", .ending = "quit"},

    /* --- only asked for --- */
    {.name = "who would be taken", .message = {.verifies = true}, .recipients = "a@y b@y", .script = HELLO MAIL RCPT "C RCPT TO:<b@y>\nS 550 no\n" QUIT,
     .fates = "D RCPT TO: 250 ok; F RCPT TO: 550 no", .ending = "quit"},
    {.name = "who would be taken, in a group", .message = {.verifies = true}, .recipients = "a@y b@y",
     .script = OFFERS("S 250 PIPELINING\n") "C MAIL FROM:<s@x>\nC RCPT TO:<a@y>\nC RCPT TO:<b@y>\nS 250 ok\nS 450 wait\nS 251 will forward\n" QUIT,
     .fates = "T RCPT TO: 450 wait; D RCPT TO: 251 will forward", .ending = "quit"},
    {.name = "who would be taken in chunks", .message = {.verifies = true}, .script = OFFERS("S 250 CHUNKING\n") MAIL RCPT QUIT, .fates = "D RCPT TO: 250 ok", .ending = "quit"},
    {.name = "who would be taken from a sender who is not", .message = {.verifies = true}, .script = HELLO "C MAIL FROM:<s@x>\nS 550 no\n" QUIT, .fates = "F MAIL FROM: 550 no", .ending = "quit"},
    {.name = "asked for twice", .message = {.verifies = true}, .messages = 2, .script = HELLO MAIL RCPT "C RSET\nS 250 ok\n" MAIL "C RCPT TO:<a@y>\nS 550 no\n" QUIT, .fates = "F RCPT TO: 550 no", .ending = "quit"},

    /* --- the body --- */
    {.name = "dots and line ends", .body = ".\r\n..x\nbare\rx", .script = HELLO MAIL RCPT "C DATA\nS 354 go\nC ..\nC ...x\nC bare\nC x\nC .\nS 250 taken\n" QUIT, .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "byte by byte", .body = ".\r\n..x\nbare\rx", .piece = 1, .script = HELLO MAIL RCPT "C DATA\nS 354 go\nC ..\nC ...x\nC bare\nC x\nC .\nS 250 taken\n" QUIT, .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "no end of another kind", .body = "a\n.\nb\r.\rc\n.\r\nMAIL FROM:<>", .script = HELLO MAIL RCPT "C DATA\nS 354 go\nC a\nC ..\nC b\nC ..\nC c\nC ..\nC MAIL FROM:<>\nC .\nS 250 taken\n" QUIT, .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "an empty message", .body = "", .script = HELLO MAIL RCPT "C DATA\nS 354 go\nC .\nS 250 taken\n" QUIT, .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "an empty message in chunks", .body = "", .script = OFFERS("S 250 CHUNKING\n") MAIL RCPT "C BDAT 0 LAST\nS 250 taken\n" QUIT, .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "chunks of lines", .piece = 3, .body = "a\r\nb\r\n.\r\n", .script = OFFERS("S 250 CHUNKING\n") MAIL RCPT "C BDAT 3\nC a\nS 250 ok\nC BDAT 3\nC b\nS 250 ok\nC BDAT 3 LAST\nC .\nS 250 taken\n" QUIT,
     .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "chunks in a row", .piece = 3, .body = "a\r\nb\r\n.\r\n", .script = OFFERS("S 250-CHUNKING\nS 250 PIPELINING\n") "C MAIL FROM:<s@x>\nC RCPT TO:<a@y>\nS 250 ok\nS 250 ok\nC BDAT 3\nC a\nC BDAT 3\nC b\nC BDAT 3 LAST\nC .\nS 250 ok\nS 250 ok\nS 250 taken\n" QUIT,
     .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "a piece of nothing is no chunk", .piece = 1, .body = "\r\n\r\n", .script = OFFERS("S 250 CHUNKING\n") MAIL RCPT "C BDAT 2\nC\nS 250 ok\nC BDAT 2\nC\nS 250 ok\nC BDAT 0 LAST\nS 250 taken\n" QUIT,
     .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "a chunk refused", .piece = 3, .body = "a\r\nb\r\n", .messages = 2, .script = OFFERS("S 250 CHUNKING\n") MAIL RCPT "C BDAT 3\nC a\nS 552 big\nC RSET\nS 250 ok\n" MAIL RCPT "C BDAT 3\nC a\nS 250 ok\nC BDAT 3 LAST\nC b\nS 250 taken\n" QUIT,
     .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "a chunk of a row refused", .piece = 3, .body = "a\r\nb\r\n", .script = OFFERS("S 250-CHUNKING\nS 250 PIPELINING\n") "C MAIL FROM:<s@x>\nC RCPT TO:<a@y>\nS 250 ok\nS 250 ok\nC BDAT 3\nC a\nC BDAT 3 LAST\nC b\nS 451 wait\nS 503 no\n" QUIT,
     .fates = "T BDAT: 451 wait", .ending = "quit"},
    {.name = "a chunk answered 354", .piece = 3, .body = "a\r\nb\r\n", .script = OFFERS("S 250 CHUNKING\n") MAIL RCPT "C BDAT 3\nC a\nS 354 go", .fates = "T BDAT: 451 4.5.0 The server's reply to BDAT is none*",
     .ending = "fault BDAT: 451 4.5.0 The server's reply to BDAT is none*"},
    {.name = "a body that cannot be read", .body_lost = true, .script = HELLO MAIL RCPT "C DATA\nS 354 go", .fates = "T the message: 451 4.3.0 The message could not be read to its end*",
     .ending = "abandoned the message: 451 4.3.0 The message could not be read to its end*"},
    {.name = "a server that has enough", .script = HELLO MAIL RCPT "C DATA\nS 354 go\nS 552 big", .fates = "F the message: 552 big", .ending = "refused the message: 552 big"},
    {.name = "a server that has the message before it is sent", .script = HELLO MAIL RCPT "C DATA\nS 354 go\nS 250 taken", .fates = "T the message: 451 4.5.0 The server answered the message before its end*",
     .ending = "fault the message: 451 4.5.0 The server answered the message before its end*"},

    /* --- what the server must offer --- */
    {.name = "the size fits", .message = {.size_bytes = 100}, .script = OFFERS("S 250 SIZE 100\n") "C MAIL FROM:<s@x> SIZE=100\nS 250 ok\n" RCPT DATA "S 250 taken\n" QUIT, .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "the size does not fit", .message = {.size_bytes = 101}, .script = OFFERS("S 250 SIZE 100\n") QUIT, .fates = "F MAIL FROM: 552 5.3.4 Message size exceeds fixed maximum message size*", .ending = "quit"},
    {.name = "no size is too large", .message = {.size_bytes = 101}, .script = OFFERS("S 250 SIZE 0\n") "C MAIL FROM:<s@x> SIZE=101\nS 250 ok\n" RCPT DATA "S 250 taken\n" QUIT, .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "8BITMIME", .message = {.body = SESSION_BODY_8BITMIME}, .script = OFFERS("S 250 8BITMIME\n") "C MAIL FROM:<s@x> BODY=8BITMIME\nS 250 ok\n" RCPT DATA "S 250 taken\n" QUIT, .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "no 8BITMIME", .message = {.body = SESSION_BODY_8BITMIME}, .script = HELLO QUIT, .fates = "F MAIL FROM: 554 5.6.3 The message needs 8BITMIME, which the server does not offer*", .ending = "quit"},
    {.name = "BINARYMIME without chunks", .message = {.body = SESSION_BODY_BINARYMIME}, .script = OFFERS("S 250 BINARYMIME\n") QUIT, .fates = "F MAIL FROM: 554 5.6.3 The message needs BINARYMIME and CHUNKING, which the server does not offer*", .ending = "quit"},
    {.name = "SMTPUTF8", .message = {.smtp_utf8 = true}, .recipients = "\xc3\xa4@y", .script = OFFERS("S 250 SMTPUTF8\n") "C MAIL FROM:<s@x> SMTPUTF8\nS 250 ok\nC RCPT TO:<\xc3\xa4@y>\nS 250 ok\n" DATA "S 250 taken\n" QUIT, .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "no SMTPUTF8 for the header", .message = {.smtp_utf8 = true}, .script = HELLO QUIT, .fates = "F MAIL FROM: 550 5.6.9 The header needs SMTPUTF8, which the server does not offer*", .ending = "quit"},
    {.name = "no SMTPUTF8 for one of two addresses", .recipients = "\xc3\xa4@y a@y", .script = HELLO MAIL RCPT DATA "S 250 taken\n" QUIT,
     .fates = "F RCPT TO: 553 5.6.7 The address needs SMTPUTF8, which the server does not offer*; D" END "250 taken", .ending = "quit"},
    {.name = "no SMTPUTF8 for the sender", .message = {.sender = SLICE_INIT("\xc3\xa4@x")}, .script = HELLO QUIT,
     .fates = "F MAIL FROM: 553 5.6.7 The sender's address needs SMTPUTF8, which the server does not offer*", .ending = "quit"},
    {.name = "no SMTPUTF8 for an address", .message = {.smtp_utf8 = true}, .recipients = "\xc3\xa4@y", .script = HELLO QUIT, .fates = "F RCPT TO: 553 5.6.7 The address needs SMTPUTF8, which the server does not offer*", .ending = "quit"},
    {.name = "REQUIRETLS", .message = {.require_tls = true}, .tls = true, .script = OFFERS("S 250 REQUIRETLS\n") "C MAIL FROM:<s@x> REQUIRETLS\nS 250 ok\n" RCPT DATA "S 250 taken\n" QUIT, .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "REQUIRETLS in clear", .message = {.require_tls = true}, .script = OFFERS("S 250 REQUIRETLS\n") QUIT, .fates = "F MAIL FROM: 550 5.7.30 REQUIRETLS support required*", .ending = "quit"},
    {.name = "no REQUIRETLS", .message = {.require_tls = true}, .tls = true, .script = HELLO QUIT, .fates = "F MAIL FROM: 550 5.7.30 REQUIRETLS support required*", .ending = "quit"},
    {.name = "DSN", .message = {.ret = 'H', .envid = SLICE_INIT("QQ314")}, .orcpt = SLICE_INIT("rfc822;b@y"), .notify = SESSION_NOTIFY_SUCCESS | SESSION_NOTIFY_DELAY,
     .script = OFFERS("S 250 DSN\n") "C MAIL FROM:<s@x> RET=HDRS ENVID=QQ314\nS 250 ok\nC RCPT TO:<a@y> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b@y\nS 250 ok\n" DATA "S 250 taken\n" QUIT, .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "no DSN", .message = {.ret = 'F', .envid = SLICE_INIT("QQ314")}, .orcpt = SLICE_INIT("rfc822;b@y"), .notify = SESSION_NOTIFY_NEVER, .script = HELLO MAIL RCPT DATA "S 250 taken\n" QUIT,
     .fates = "D" END "250 taken", .ending = "quit"},

    /* --- addresses that are none --- */
    {.name = "a recipient with an escape", .recipients = "a\x1b@y b@y", .script = HELLO MAIL "C RCPT TO:<b@y>\nS 250 ok\n" DATA "S 250 taken\n" QUIT, .fates = "F RCPT TO: 501 5.1.3 Invalid address*; D" END "250 taken", .ending = "quit"},
    {.name = "no recipient is one", .recipients = "a\r\nDATA", .script = OFFERS("S 250 PIPELINING\n") "C MAIL FROM:<s@x>\nS 250 ok\n" QUIT, .fates = "F RCPT TO: 501 5.1.3 Invalid address*", .ending = "quit"},
    {.name = "a sender with a line end", .message = {.sender = SLICE_INIT("s@x>\r\nRCPT TO:<b@y")}, .script = HELLO QUIT, .fates = "F MAIL FROM: 501 5.1.7 Invalid address*", .ending = "quit"},

    /* --- lost --- */
    {.name = "lost at MAIL", .script = HELLO "C MAIL FROM:<s@x>\nS! lost", .fates = "T MAIL FROM: " GONE, .ending = "lost MAIL FROM: " GONE},
    {.name = "lost at RCPT", .recipients = "a@y b@y", .script = HELLO MAIL "C RCPT TO:<a@y>\nS 550 no\nC RCPT TO:<b@y>\nS! lost", .fates = "F RCPT TO: 550 no; T RCPT TO: " GONE, .ending = "lost RCPT TO: " GONE},
    {.name = "lost at DATA", .script = HELLO MAIL RCPT "C DATA\nS! late", .fates = "T DATA: " LATE, .ending = "timed out DATA: " LATE},
    {.name = "lost behind the last dot", .script = HELLO MAIL RCPT DATA "S! lost", .fates = "U" END GONE, .ending = "lost" END GONE},
    {.name = "no answer to the last dot", .script = HELLO MAIL RCPT DATA "S! late", .fates = "U" END LATE, .ending = "timed out" END LATE},
    {.name = "half an answer to the last dot", .script = HELLO MAIL RCPT DATA "S 250-taken\nS! lost", .fates = "U" END GONE, .ending = "lost" END GONE},
    {.name = "noise behind the last dot", .script = HELLO MAIL RCPT DATA "S +OK", .fates = "U" END "451 4.5.0 What the server said is no reply of SMTP*", .ending = "fault" END "451 4.5.0 What the server said is no reply of SMTP*"},
    {.name = "421 behind the last dot", .script = HELLO MAIL RCPT DATA "S 421 enough", .fates = "T" END "421 enough", .ending = "closing" END "421 enough"},
    {.name = "lost behind the last chunk", .script = OFFERS("S 250 CHUNKING\n") MAIL RCPT "C BDAT 4 LAST\nC Hi\nS! lost", .fates = "U" END GONE, .ending = "lost" END GONE},
    {.name = "lost behind a chunk", .piece = 3, .body = "a\r\nb\r\n", .script = OFFERS("S 250 CHUNKING\n") MAIL RCPT "C BDAT 3\nC a\nS! lost", .fates = "T BDAT: " GONE, .ending = "lost BDAT: " GONE},
    {.name = "lost with the last chunk under way", .piece = 3, .body = "a\r\nb\r\n", .script = OFFERS("S 250-CHUNKING\nS 250 PIPELINING\n") "C MAIL FROM:<s@x>\nC RCPT TO:<a@y>\nS 250 ok\nS 250 ok\nC BDAT 3\nC a\nC BDAT 3 LAST\nC b\nS! lost",
     .fates = "U BDAT: " GONE, .ending = "lost BDAT: " GONE},
    {.name = "lost behind a refused sender", .script = OFFERS("S 250 PIPELINING\n") "C MAIL FROM:<s@x>\nC RCPT TO:<a@y>\nC DATA\nS 550 no\nS! lost", .fates = "F MAIL FROM: 550 no", .ending = "lost RCPT TO: " GONE},

    /* --- more than one --- */
    {.name = "two messages", .messages = 2, .script = HELLO MAIL RCPT DATA "S 250 taken\n" MAIL RCPT DATA "S 250 again\n" QUIT, .fates = "D" END "250 again", .ending = "quit"},
    {.name = "two messages, one too many", .messages = 2, .policy = {.messages_max = 1}, .script = HELLO MAIL RCPT DATA "S 250 taken\n" QUIT, .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "behind a refused message", .messages = 2, .script = HELLO MAIL RCPT DATA "S 554 no\n" MAIL RCPT DATA "S 250 taken\n" QUIT, .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "behind a refused sender", .messages = 2, .script = HELLO "C MAIL FROM:<s@x>\nS 550 no\nC RSET\nS 250 ok\n" MAIL RCPT DATA "S 250 taken\n" QUIT, .fates = "D" END "250 taken", .ending = "quit"},
    {.name = "behind a message that cannot be carried", .messages = 2, .message = {.body = SESSION_BODY_8BITMIME}, .script = HELLO QUIT,
     .fates = "F MAIL FROM: 554 5.6.3 The message needs 8BITMIME, which the server does not offer*", .ending = "quit"},
    {.name = "RSET refused", .messages = 2, .script = HELLO "C MAIL FROM:<s@x>\nS 550 no\nC RSET\nS 500 what\n" QUIT, .fates = "T RSET: 500 what", .ending = "refused RSET: 500 what"},
    {.name = "RSET answered 354", .messages = 2, .script = HELLO "C MAIL FROM:<s@x>\nS 550 no\nC RSET\nS 354 go", .fates = "T RSET: 451 4.5.0 The server's reply to RSET is none*",
     .ending = "fault RSET: 451 4.5.0 The server's reply to RSET is none*"},
    {.name = "thrown out in between", .messages = 2, .script = HELLO "C MAIL FROM:<s@x>\nS 550 no\nC RSET\nS 421 idle", .fates = "T RSET: 421 idle", .ending = "closing RSET: 421 idle"},

    /* --- LMTP --- */
    {.name = "LMTP answers for each", .policy = {.lmtp = true}, .recipients = "a@y b@y c@y d@y",
     .script = "S 220 mx\nC LHLO us\nS 250-mx\nS 250 PIPELINING\nC MAIL FROM:<s@x>\nC RCPT TO:<a@y>\nC RCPT TO:<b@y>\nC RCPT TO:<c@y>\nC RCPT TO:<d@y>\nC DATA\nS 250 ok\nS 250 ok\nS 550 no\nS 250 ok\nS 250 ok\nS 354 go\n"
               "C Hi\nC .\nS 250 a\nS 452 4.2.2 c\nS 552 5.2.2 d\n" QUIT,
     .fates = "D" END "250 a; F RCPT TO: 550 no; T" END "452 4.2.2 c; F" END "552 5.2.2 d", .ending = "quit"},
    {.name = "LMTP for nobody", .policy = {.lmtp = true}, .messages = 2, .script = "S 220 mx\nC LHLO us\nS 250-mx\nS 250 PIPELINING\nC MAIL FROM:<s@x>\nC RCPT TO:<a@y>\nC DATA\nS 250 ok\nS 550 no\nS 354 go\nC .\n" QUIT,
     .fates = "F RCPT TO: 550 no", .ending = "quit"},
    {.name = "LMTP lost between answers", .policy = {.lmtp = true}, .recipients = "a@y b@y", .script = "S 220 mx\nC LHLO us\nS 250 mx\n" MAIL RCPT "C RCPT TO:<b@y>\nS 250 ok\n" DATA "S 250 a\nS! lost",
     .fates = "D" END "250 a; U" END GONE, .ending = "lost" END GONE},
    {.name = "LMTP in chunks", .policy = {.lmtp = true}, .recipients = "a@y b@y", .piece = 3, .body = "a\r\nb\r\n", .script = "S 220 mx\nC LHLO us\nS 250-mx\nS 250-PIPELINING\nS 250 CHUNKING\n"
               "C MAIL FROM:<s@x>\nC RCPT TO:<a@y>\nC RCPT TO:<b@y>\nS 250 ok\nS 250 ok\nS 250 ok\nC BDAT 3\nC a\nS 250 ok\nC BDAT 3 LAST\nC b\nS 250 a\nS 451 b\n" QUIT,
     .fates = "D" END "250 a; T" END "451 b", .ending = "quit"},
};
/* clang-format on */

static void plays_go_as_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(plays); i++)
        send_play_run(&plays[i], SIZE_MAX);
}

static void no_cut_matters(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(plays); i++)
        for (size_t cut = 1; cut < 20; cut += 3)
            send_play_run(&plays[i], cut);
}

/* --- groups are bounded --- */

static struct send_session session;

static void hello(const struct send_policy *policy, const char *offers)
{
    send_session_begin(&session, policy, false);
    send_session_feed(&session, SLICE("220 mx\r\n"));
    send_session_output_sent(&session, session.output.len);
    send_session_feed(&session, slice_of(offers));
    assert_int_equal(session.want, SEND_WANT_TRANSACTION);
}

static size_t commands_said(void)
{
    size_t lines = 0;
    for (size_t i = 0; i < session.output.len; i++)
        lines += session.output.at[i] == '\n';
    send_session_output_sent(&session, session.output.len);
    return lines;
}

/* 120 recipients: MAIL and 49 of them, 50, and 21 with DATA. */
static void groups_are_no_greater_than_they_may_be(void **state)
{
    (void)state;
    static const struct send_policy policy = {.hello_name = SLICE_INIT("us")};
    static const size_t groups[] = {50, 50, 22};
    static struct send_recipient recipients[120];
    struct send_transaction t = {.sender = SLICE("s@x"),
                                 .size_bytes = -1,
                                 .recipients = recipients,
                                 .recipients_count = 120};
    for (size_t i = 0; i < 120; i++)
        recipients[i].mailbox = SLICE("a@y");
    hello(&policy, "250-mx\r\n250 PIPELINING\r\n");
    send_session_transaction(&session, &t);
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        assert_int_equal(commands_said(), groups[i]);
        for (size_t j = i == 2; j < groups[i]; j++)
            send_session_feed(&session, SLICE("250 ok\r\n"));
    }
    send_session_feed(&session, SLICE("354 go\r\n"));
    assert_int_equal(session.want, SEND_WANT_BODY);
    assert_int_equal(session.flow.accepted, 120);
    send_session_end(&session);
    send_transaction_end(&t);
}

static void chunks_under_way_are_counted(void **state)
{
    (void)state;
    static const struct send_policy policy = {.hello_name = SLICE_INIT("us")};
    struct send_recipient r = {.mailbox = SLICE("a@y")};
    struct send_transaction t = {
        .sender = SLICE("s@x"), .size_bytes = -1, .recipients = &r, .recipients_count = 1};
    hello(&policy, "250-mx\r\n250-CHUNKING\r\n250 PIPELINING\r\n");
    send_session_transaction(&session, &t);
    commands_said();
    send_session_feed(&session, SLICE("250 ok\r\n250 ok\r\n"));
    for (size_t i = 0; i < SEND_CHUNKS_MAX; i++) {
        assert_int_equal(session.want, SEND_WANT_BODY);
        send_session_body(&session, SLICE("x\r\n"), false);
    }
    assert_int_equal(session.want, SEND_WANT_REPLY);
    send_session_output_sent(&session, session.output.len);
    send_session_feed(&session, SLICE("250 ok\r\n"));
    assert_int_equal(session.want, SEND_WANT_BODY);
    send_session_end(&session);
    send_transaction_end(&t);
}

/* --- what another connection may do at once --- */

static void only_a_message_nobody_heard_of_is_untried(void **state)
{
    (void)state;
    static const struct send_policy policy = {.hello_name = SLICE_INIT("us")};
    static const struct {
        const char *reply;
        bool untried;
    } rows[] = {{"", true}, {"2", true}, {"421 no\r\n", false}, {"250 ok\r\n", false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct send_recipient r = {.mailbox = SLICE("a@y")};
        struct send_transaction t = {
            .sender = SLICE("s@x"), .size_bytes = -1, .recipients = &r, .recipients_count = 1};
        hello(&policy, "250-mx\r\n250 DSN\r\n");
        send_session_transaction(&session, &t);
        commands_said();
        send_session_feed(&session, slice_of(rows[i].reply));
        send_session_closed(&session);
        row_expect(rows[i].reply, "untried", t.untried, rows[i].untried);
        row_expect(rows[i].reply, "DSN not passed", t.dsn_not_passed, false);
        row_expect(rows[i].reply, "fate", (long long)r.fate, SEND_DEFERRED);
        send_session_end(&session);
        send_transaction_end(&t);
    }
}

/* The end of the message still waits in our output, or has left. */
static void a_message_is_complete_when_its_end_has_left(void **state)
{
    (void)state;
    static const struct send_policy policy = {.hello_name = SLICE_INIT("us")};
    static const struct {
        const char *name, *offers, *reply; /* an empty reply: the connection is lost */
        size_t kept;                       /* bytes of the output that have not left */
        enum send_fate fate;
        enum send_end end;
    } rows[] = {
        /* clang-format off */
        {"lost before the end", "250 mx\r\n", "", 1, SEND_DEFERRED, SEND_END_LOST},
        {"lost behind it", "250 mx\r\n", "", 0, SEND_UNCERTAIN, SEND_END_LOST},
        {"refused before the end", "250 mx\r\n", "552 big\r\n", 1, SEND_FAILED, SEND_END_REFUSED},
        {"taken before the end", "250 mx\r\n", "250 ok\r\n", 1, SEND_DEFERRED, SEND_END_FAULT},
        {"a chunk, lost before its end", "250-mx\r\n250 CHUNKING\r\n", "", 1, SEND_DEFERRED, SEND_END_LOST},
        {"a chunk, lost behind it", "250-mx\r\n250 CHUNKING\r\n", "", 0, SEND_UNCERTAIN, SEND_END_LOST},
        {"a chunk, refused before its end", "250-mx\r\n250 CHUNKING\r\n", "451 wait\r\n", 1, SEND_DEFERRED, SEND_END_REFUSED},
        {"a chunk, taken before its end", "250-mx\r\n250 CHUNKING\r\n", "250 ok\r\n", 1, SEND_DEFERRED, SEND_END_FAULT},
        /* clang-format on */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct send_recipient r = {.mailbox = SLICE("a@y")};
        struct send_transaction t = {
            .sender = SLICE("s@x"), .size_bytes = -1, .recipients = &r, .recipients_count = 1};
        hello(&policy, rows[i].offers);
        send_session_transaction(&session, &t);
        for (size_t j = 0; j < 3 && session.want == SEND_WANT_REPLY; j++) {
            commands_said();
            send_session_feed(&session, j < 2 ? SLICE("250 ok\r\n") : SLICE("354 go\r\n"));
        }
        send_session_output_sent(&session, session.output.len);
        send_session_body(&session, SLICE("Hi\r\n"), true);
        send_session_output_sent(&session, session.output.len - rows[i].kept);
        if (rows[i].reply[0])
            send_session_feed(&session, slice_of(rows[i].reply));
        else
            send_session_closed(&session);
        row_expect(rows[i].name, "fate", (long long)r.fate, (long long)rows[i].fate);
        row_expect(rows[i].name, "end", (long long)session.ending.end, (long long)rows[i].end);
        send_session_end(&session);
        send_transaction_end(&t);
    }
}

/* One reply too many behind the first chunk is not the last one's. */
static void the_last_chunk_is_not_taken_before_it_has_left(void **state)
{
    (void)state;
    static const struct send_policy policy = {.hello_name = SLICE_INIT("us")};
    struct send_recipient r = {.mailbox = SLICE("a@y")};
    struct send_transaction t = {
        .sender = SLICE("s@x"), .size_bytes = -1, .recipients = &r, .recipients_count = 1};
    hello(&policy, "250-mx\r\n250-CHUNKING\r\n250 PIPELINING\r\n");
    send_session_transaction(&session, &t);
    commands_said();
    send_session_feed(&session, SLICE("250 ok\r\n250 ok\r\n"));
    send_session_body(&session, SLICE("a\r\n"), false);
    send_session_output_sent(&session, session.output.len);
    send_session_body(&session, SLICE("b\r\n"), true);
    send_session_feed(&session, SLICE("250 ok\r\n250 ok\r\n"));
    assert_int_equal(session.ending.end, SEND_END_FAULT);
    assert_int_equal(r.fate, SEND_DEFERRED);
    send_session_end(&session);
    send_transaction_end(&t);
}

static void what_dsn_is_not_passed_is_ours(void **state)
{
    (void)state;
    static const struct send_policy policy = {.hello_name = SLICE_INIT("us")};
    struct send_recipient r = {.mailbox = SLICE("a@y")};
    struct send_transaction t = {
        .sender = SLICE("s@x"), .size_bytes = -1, .recipients = &r, .recipients_count = 1};
    hello(&policy, "250 mx\r\n");
    send_session_transaction(&session, &t);
    assert_true(t.dsn_not_passed);
    send_session_end(&session);
    send_transaction_end(&t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_go_as_written),
        cmocka_unit_test(no_cut_matters),
        cmocka_unit_test(groups_are_no_greater_than_they_may_be),
        cmocka_unit_test(chunks_under_way_are_counted),
        cmocka_unit_test(only_a_message_nobody_heard_of_is_untried),
        cmocka_unit_test(a_message_is_complete_when_its_end_has_left),
        cmocka_unit_test(the_last_chunk_is_not_taken_before_it_has_left),
        cmocka_unit_test(what_dsn_is_not_passed_is_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
