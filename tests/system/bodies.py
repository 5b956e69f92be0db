# SPDX-License-Identifier: Apache-2.0
"""What is acknowledged arrives byte for byte; what is ambiguous is refused and arrives nowhere."""
import hashlib
import itertools
import os

from harness import (DOMAIN, Client, Server, check, equal, header, new_token, run, stuff, test, text_of,
                     without_trace)

server = Server()
server.refused = []
RECIPIENT = f"bob@{DOMAIN}"
SENDER = f"alice@{DOMAIN}"


def session():
    client = Client(server.port(25), timeout_s=60)
    client.ehlo()
    return client


def arrives(token, content):
    delivered = without_trace(server.find(token.encode(), 60))
    if delivered != content:
        at = next((i for i, (a, b) in enumerate(zip(delivered, content)) if a != b), min(len(delivered), len(content)))
        check(False, f"{len(delivered)} bytes instead of {len(content)}, the first difference at {at}: "
                     f"{delivered[at:at + 40]!r} instead of {content[at:at + 40]!r}")


def by_data(body, step=None):
    """Through DATA, in segments of `step` bytes."""
    token = new_token()
    content = header(token) + body
    with session() as client:
        client.envelope(SENDER, [RECIPIENT], " BODY=8BITMIME")
        client.expect("DATA", 354)
        stream = stuff(content) + b".\r\n"
        for at in range(0, len(stream), step or len(stream)):
            client.send(stream[at:at + (step or len(stream))])
        reply = client.reply()
        equal(reply.code, 250, f"end of {body[:40]!r}: {text_of(reply)}")
    arrives(token, content)


def by_chunks(body, sizes, last_empty=False, kind="8BITMIME"):
    """Through BDAT, the chunk sizes taken in turn."""
    token = new_token()
    content = header(token) + body
    with session() as client:
        client.envelope(SENDER, [RECIPIENT], f" BODY={kind}")
        rest, turn = content, itertools.cycle(sizes)
        while rest:
            chunk = rest[:next(turn)]
            rest = rest[len(chunk):]
            last = b" LAST" if not rest and not last_empty else b""
            client.send(b"BDAT %d%s\r\n" % (len(chunk), last) + chunk)
            reply = client.reply()
            equal(reply.code, 250, "BDAT: " + text_of(reply))
        if last_empty:
            client.expect("BDAT 0 LAST", 250)
    arrives(token, content)


DOTS = b".\r\n..\r\n...\r\n.x\r\n. \r\n\r\n.\r\nx.\r\n.\r\n"


@test
def users(_):
    server.add_user("alice")
    server.add_user("bob")


@test
def dots(_):
    by_data(DOTS)


@test
def dots_byte_by_byte(_):
    by_data(DOTS + b"end\r\n", step=1)


@test
def empty_body(_):
    by_data(b"")


@test
def eight_bits(_):
    by_data(b"".join(bytes([byte]) * 3 + b"\r\n" for byte in range(1, 256) if byte not in (10, 13)))


@test
def line_lengths(_):
    by_data(b"".join(b"x" * length + b"\r\n" for length in (76, 510, 511, 512, 996, 997, 998)))


@test
def one_very_long_line_ends_no_message(_):
    """The rest of a cut line must not look like a lone dot: all is accepted as it is, or the message is refused."""
    for length in (999, 1000, 4095, 4096, 8191, 8192, 16384, 65535, 65536, 131072, 1 << 20):
        token = new_token()
        content = header(token) + b"A" * length + b".\r\n" + b"MAIL FROM:<evil@example.org>\r\n"
        with session() as client:
            client.envelope(SENDER, [RECIPIENT])
            reply = client.data(content)
            check(reply.code in (250, 500, 550, 552, 554), f"{length}: {text_of(reply)}")
            client.expect("NOOP", 250)
        if reply.code == 250:
            arrives(token, content)


@test
def chunks_without_a_final_newline(_):
    by_chunks(b"The last line has no end", [1 << 16])
    by_chunks(b"\r\n.\r\nnot the end", [7, 1, 13], last_empty=True)


@test
def chunks_of_every_size(_):
    body = DOTS + b"".join(bytes([65 + i % 26]) * (i % 998) + b"\r\n" for i in range(300))
    by_chunks(body, [1, 2, 3, 5, 8, 13, 21, 4096, 65536])
    by_chunks(body, [65537, 131072])


@test
def chunk_that_looks_like_commands(_):
    by_chunks(b"\r\n.\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\nQUIT\r\n", [1 << 16])


@test
def binary_is_kept(_):
    by_chunks(bytes(range(256)) * 64, [1000], kind="BINARYMIME")


@test
def pipelined_chunks(_):
    token = new_token()
    content = header(token) + b"pipelined\r\n"
    with session() as client:
        client.send(b"MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nBDAT %d\r\n%sBDAT 0 LAST\r\nNOOP\r\n"
                    % (SENDER.encode(), RECIPIENT.encode(), len(content), content))
        equal([client.reply().code for _ in range(5)], [250] * 5, "codes")
    arrives(token, content)


@test
def thirty_megabytes(_):
    line = os.urandom(57).hex().encode()[:100] + b"\r\n"
    body = line * ((30 << 20) // len(line))
    by_data(body)
    by_chunks(body, [1 << 20])
    return hashlib.sha256(body).hexdigest()[:16]


@test
def a_message_too_large(_):
    with session() as client:
        limit = int(client.ehlo()["SIZE"])
        client.expect(f"MAIL FROM:<{SENDER}> SIZE={limit + 1}", 552)
        client.envelope(SENDER, [RECIPIENT], " SIZE=1")
        client.expect("DATA", 354)
        token = new_token()
        client.send(header(token))
        line = b"y" * 98 + b"\r\n"
        for _ in range(limit // (len(line) * 10000) + 1):
            client.send(line * 10000)
        client.send(b".\r\n")
        equal(client.reply().code, 552, "one byte too many without a warning")
        client.expect("NOOP", 250)
        server.refused.extend([token])


# --- what is ambiguous ---

ENDINGS = [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\r.\n", b"\n.\r", b"\r\n.\r\r\n",
           b"\n\r.\n\r", b"\r\n.\0\r\n", b"\r\n.\0x\r\n", b"\r\n\0.\r\n", b"\r\0\n.\r\n"]
STARTS = [b".\n", b".\r", b"\n.\n", b"\r.\r\n"]
HARMLESS = [b"\x0b", b"\x0c", b"\x1e", b"\x85", b"\xc2\x85", b"\xe2\x80\xa8", b" ", b"\t", b"\xef\xbc\x8e"]


def smuggled(before, ending):
    """Two messages to a server that takes `ending` for the end of data. Returns the reply to the data."""
    outer, inner = new_token(), new_token()
    evil = b"MAIL FROM:<evil@example.org>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n" + header(inner) + b"smuggled\r\n"
    with session() as client:
        client.envelope(SENDER, [RECIPIENT])
        client.expect("DATA", 354)
        client.send(before.replace(b"TOKEN", outer.encode()) + ending + evil + b".\r\n")
        reply = client.reply()
        check(reply.code != 250, f"{ending!r} was accepted: {text_of(reply)}")
        equal(reply.code // 100, 5, f"{ending!r}: {text_of(reply)}")
        client.send(b"NOOP\r\n")
        check(client.reply().code == 250, "the session is out of step")
    server.refused.extend([outer, inner])


@test
def smuggling_after_a_line(_):
    for ending in ENDINGS:
        smuggled(header("TOKEN") + b"a line", ending)


@test
def smuggling_as_first_bytes(_):
    for ending in STARTS:
        smuggled(b"", ending)


@test
def smuggling_in_segments(_):
    token = new_token()
    for pieces in ((b"x\r", b"\n.", b"\r", b"NOOP\r\n"), (b"x\n", b".", b"\n"), (b"x\r\n.", b"\n", b"NOOP\r\n")):
        with session() as client:
            client.envelope(SENDER, [RECIPIENT])
            client.expect("DATA", 354)
            client.send(header(token))
            for piece in pieces:
                client.send(piece)
                client.raw.settimeout(0.15)
                try:
                    early = client.socket.recv(1)
                    check(False, f"an answer before the end of data: {early!r}")
                except TimeoutError:
                    pass
                client.raw.settimeout(30)
            client.send(b"\r\n.\r\n")
            equal(client.reply().code // 100, 5, f"{pieces}")
    server.refused.extend([token])


@test
def other_line_ends_are_content(_):
    for separator in HARMLESS:
        by_data(b"a" + separator + b".\r\nb\r\n." + separator + b"\r\n" + separator + b".\r\nc\r\n")


@test
def bare_bytes_in_chunks(_):
    for body in (b"bare\nline feed\r\n", b"bare\rreturn\r\n", b"ends in return\r"):
        token = new_token()
        content = header(token) + body
        with session() as client:
            client.envelope(SENDER, [RECIPIENT])
            client.send(b"BDAT %d LAST\r\n" % len(content) + content)
            equal(client.reply().code // 100, 5, f"BDAT with {body!r}")
            client.expect("NOOP", 250)
        server.refused.extend([token])


@test
def bare_bytes_in_commands(_):
    for line in (b"MAIL FROM:<a@example.org>\nRCPT TO:<bob@example.test>\r\n", b"NOOP\rNOOP\r\n", b"NO\0OP\r\n"):
        with session() as client:
            client.send(line)
            check(client.reply().code in (500, 501), f"{line!r}")
            client.expect("NOOP", 250)


@test
def chunk_sizes_that_are_none(_):
    for size in ("", "-1", "+5", "0x10", "1e3", "5 FIRST", "18446744073709551616", "99999999999999999999999"):
        with session() as client:
            client.envelope(SENDER, [RECIPIENT])
            client.expect(f"BDAT {size}".rstrip(), (500, 501, 552, 554))
    with session() as client:
        client.envelope(SENDER, [RECIPIENT])
        client.expect(b"BDAT 3\r\nabc", 250)
        client.expect("DATA", 503)
        client.expect("RSET", 250)
        client.expect(b"BDAT 3\r\nabc", 503)


@test
def commands_behind_refused_content(_):
    """RFC 2920: the body of a pipelined transaction whose DATA is refused must give no message, whatever is written in it."""
    for refused in (b"RCPT TO:<nobody@elsewhere.example>\r\nDATA", b"DATA now", b"BDAT all LAST",
                    f"RCPT TO:<{RECIPIENT}>\r\nBDAT all LAST".encode()):
        token = new_token()
        inner = f"MAIL FROM:<x@example.org>\r\nRCPT TO:<{RECIPIENT}>\r\nDATA\r\n".encode()
        with session() as client:
            client.send(b"MAIL FROM:<a@example.org>\r\n" + refused + b"\r\n" + b"RSET\r\n" + inner + header(token) + b".\r\n")
            codes = [client.reply().code for _ in range(2 + refused.startswith(b"RCPT"))]
            equal((codes[0], codes[-1] // 100), (250, 5), f"{refused!r}: {codes}")
            check(client.closed(), f"{refused!r}: what was behind it was read as commands")
        server.refused.extend([token])


@test
def a_refused_data_alone_ends_nothing(_):
    with session() as client:
        client.send(b"MAIL FROM:<a@example.org>\r\nRCPT TO:<nobody@elsewhere.example>\r\nDATA\r\n")
        equal([client.reply().code // 100 for _ in range(3)], [2, 5, 5], "replies")
        client.expect("RSET", 250)


@test
def cut_off_is_not_delivered(_):
    for ending in ("DATA", "BDAT"):
        token = new_token()
        client = session()
        client.envelope(SENDER, [RECIPIENT])
        if ending == "DATA":
            client.expect("DATA", 354)
            client.send(header(token) + b"half a mess")
        else:
            client.send(b"BDAT 4000 LAST\r\n" + header(token) + b"half a mess")
        client.close()
        server.refused.extend([token])


# --- a connector that mends bare line feeds ---

def mended(send):
    """What `send` hands over under a token arrives with CR LF for each bare LF, once, whatever it looks like."""
    body = b"one\ntwo\n.\nthree\n.\r\nMAIL FROM:<evil@example.org>\r\n\n\n..four\r\n"
    token = new_token()
    content = header(token).replace(b"\r\n", b"\n") + body
    with session() as client:
        client.envelope(SENDER, [RECIPIENT])
        reply = send(client, content)
        equal(reply.code, 250, text_of(reply))
        client.expect("NOOP", 250)
    delivered = without_trace(server.find(token.encode(), 60))
    wanted = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    equal(delivered, wanted, "the content")


@test
def bare_line_feeds_are_mended_where_that_is_allowed(_):
    server.postern("Set-ReceiveConnector", server.connector(25), "-BareLinefeedRejectionEnabled", "$false")

    def data(client, content):
        client.expect("DATA", 354)
        client.send(content + b".\r\n")
        return client.reply()

    def data_in_segments(client, content):
        client.expect("DATA", 354)
        for at in range(0, len(content), 7):
            client.send(content[at:at + 7])
        client.send(b".\r\n")
        return client.reply()

    def chunks(client, content):
        client.expect(b"BDAT %d\r\n" % len(content[:50]) + content[:50], 250)
        return client.command(b"BDAT %d LAST\r\n" % len(content[50:]) + content[50:])
    for send in (data, data_in_segments, chunks):
        mended(send)
    by_token = new_token()  # two million empty lines, each of them a piece of its own
    with session() as client:
        client.envelope(SENDER, [RECIPIENT])
        lines = header(by_token) + b"\n" * (1 << 20)
        client.expect(b"BDAT %d\r\n" % len(lines) + lines, 250)
        equal(client.command(b"BDAT %d LAST\r\n" % (1 << 20) + b"\n" * (1 << 20)).code, 250, "line feeds alone")
    equal(without_trace(server.find(by_token.encode(), 60)), header(by_token) + b"\r\n" * (2 << 20), "the empty lines")
    for bare in (b"bare\rreturn\r\n", b"a\nnul\0\r\n", b"a\r\r\n"):
        token = new_token()
        with session() as client:
            client.envelope(SENDER, [RECIPIENT])
            equal(client.data(header(token) + bare).code, 554, f"{bare!r}")
        server.refused.append(token)
    by_chunks(b"\n\n\r\0binary\n", [5], kind="BINARYMIME")
    server.postern("Set-ReceiveConnector", server.connector(25), "-BareLinefeedRejectionEnabled", "$true")
    smuggled(header("TOKEN") + b"a line", b"\n.\r\n")


@test
def nothing_refused_was_delivered(_):
    server.settle()
    refused = [token.encode() for token in server.refused]
    check(len(refused) > 30, "too few refusals were tried")
    for content in server.messages().values():
        found = [token for token in refused if token in content]
        check(not found, f"{found} was delivered")
        check(b"\nsmuggled" not in content, "a smuggled message was delivered")
    return f"{len(refused)} refused, {len(server.seen)} delivered"


run(240, server)
