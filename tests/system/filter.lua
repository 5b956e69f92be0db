-- SPDX-License-Identifier: Apache-2.0
-- What miltertest, in the place of a mail server, asks of the filter that the tests use: miltertest -D port=N -s filter.lua
-- The filter makes one change of each kind in the first message, refuses the recipient refused@ of the next, and that itself.

local function hold(truth, what)
    if not truth then
        mt.echo("not so: " .. what)
        error(what)
    end
end

local function went_on(conn, failure, what)
    hold(failure == nil, what .. ": " .. tostring(failure))
    hold(mt.getreply(conn) == SMFIR_CONTINUE, what .. ": the reply is not 'continue'")
end

local conn = mt.connect("inet:" .. port .. "@127.0.0.1", 50, 0.1)
hold(conn, "nobody listens")
hold(mt.negotiate(conn, 6, nil, nil) == nil, "negotiation")
for name, action in pairs({add = SMFIF_ADDHDRS, change = SMFIF_CHGHDRS, body = SMFIF_CHGBODY, recipients = SMFIF_ADDRCPT,
                           removal = SMFIF_DELRCPT, quarantine = SMFIF_QUARANTINE, sender = SMFIF_CHGFROM}) do
    hold(mt.test_action(conn, action), "it did not ask for " .. name)
end

went_on(conn, mt.conninfo(conn, "client.example.org", "192.0.2.1"), "connect")
went_on(conn, mt.helo(conn, "client.example.org"), "hello")
mt.macro(conn, SMFIC_MAIL, "i", "test-id", "{mail_addr}", "alice@example.test")
went_on(conn, mt.mailfrom(conn, "<alice@example.test>", "SIZE=100"), "sender")
went_on(conn, mt.rcptto(conn, "<bob@example.test>"), "recipient")
went_on(conn, mt.data(conn), "data")
went_on(conn, mt.header(conn, "From", "alice@example.test"), "field")
went_on(conn, mt.header(conn, "Subject", "one\n two"), "folded field")
went_on(conn, mt.eoh(conn), "end of the header")
went_on(conn, mt.bodystring(conn, "first\r\n"), "body")
went_on(conn, mt.bodystring(conn, "second\r\n"), "more of the body")
went_on(conn, mt.eom(conn), "end of the message")

local wanted = {
    {"a field is added", MT_HDRADD, "X-Added", "added"},
    {"a field is inserted", MT_HDRINSERT, "X-Inserted", "inserted", 1},
    {"a field is changed", MT_HDRCHANGE, "Subject", "changed"},
    {"a field is taken away", MT_HDRDELETE, "X-Gone"},
    {"a recipient comes", MT_RCPTADD, "<carol@example.test>"},
    {"a recipient goes", MT_RCPTDELETE, "<bob@example.test>"},
    {"there is a new body", MT_BODYCHANGE, "new body\r\n"},
    {"it is put aside", MT_QUARANTINE, "looks odd"},
}
for _, check in ipairs(wanted) do
    hold(mt.eom_check(conn, table.unpack(check, 2)), check[1])
end
hold(not mt.eom_check(conn, MT_HDRADD, "X-Other"), "a field is there that was not added")
hold(mt.getheader(conn, "X-Added", 0) == "added", "the value of the added field")

-- a second message on the same connection, and one that is given up
went_on(conn, mt.mailfrom(conn, "<alice@example.test>"), "the next sender")
hold(mt.abort(conn) == nil, "abort")
went_on(conn, mt.mailfrom(conn, "<alice@example.test>"), "the sender behind an abort")
hold(mt.rcptto(conn, "<refused@example.test>") == nil, "a refused recipient")
hold(mt.getreply(conn) == SMFIR_REPLYCODE, "the reply to a refused recipient")
went_on(conn, mt.rcptto(conn, "<bob@example.test>"), "another recipient")
hold(mt.eom(conn) == nil, "the end of a refused message")
hold(mt.getreply(conn) == SMFIR_REPLYCODE, "the reply to a refused message")
hold(mt.eom_check(conn, MT_SMTPREPLY, "554", "5.7.9", "own words"), "the words of a refusal")
hold(mt.disconnect(conn) == nil, "goodbye")
mt.echo("all of it")
