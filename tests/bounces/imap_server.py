"""IMAP servers on this machine: a real one (pymap) with its mailbox in memory, and one that misbehaves.

The second answers a command as a test wants it, which no real one does on request.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from imapclient import IMAPClient
from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.version import ProxyProtocolVersion
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer

USER, PASSWORD = "bounces", 'a "quoted" \\ password'


@dataclass
class Imapd:
    """Where it listens, and what is in it."""

    port: int
    context: ssl.SSLContext | None = None
    implicit: bool = False

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        client = IMAPClient("127.0.0.1", self.port, ssl=self.implicit, ssl_context=self.context)
        if self.context is not None and not self.implicit:
            client.starttls(self.context)
        client.login(USER, PASSWORD)
        client.select_folder("INBOX")
        try:
            yield client
        finally:
            client.logout()

    def put(self, *messages: bytes, flags: Sequence[bytes] = ()) -> None:
        with self.client() as client:
            for message in messages:
                client.append("INBOX", message, flags=flags)

    def left(self) -> dict[bytes, tuple[bytes, ...]]:
        """The messages that are still there, by their subject, with their flags."""
        with self.client() as client:
            found = client.fetch(client.search(["ALL"]), ["BODY.PEEK[HEADER]", "FLAGS"])
        return {
            one[b"BODY[HEADER]"].partition(b"Subject: ")[2].split(b"\r\n")[0]: tuple(
                flag for flag in one[b"FLAGS"] if flag != b"\\Recent"
            )
            for one in found.values()
        }


@contextmanager
def imapd(
    server: ssl.SSLContext | None = None,
    client: ssl.SSLContext | None = None,
    *,
    implicit: bool = False,
) -> Iterator[Imapd]:
    """The server, running: in the clear, with STARTTLS, or (``implicit``) encrypted throughout."""
    loop, ready, port = asyncio.new_event_loop(), threading.Event(), 0

    async def serve() -> asyncio.Server:
        nonlocal port
        offers_starttls = server is not None and not implicit
        arguments = Namespace(
            host="127.0.0.1", port=0, debug=False, cert=None, key=None, tls=offers_starttls,
            passlib_cfg=None, proxy_protocol=None, demo_data=False, demo_user=USER,
            demo_password=PASSWORD,
        )  # fmt: skip
        backend, config = await DictBackend.init(
            arguments, ssl_context=server or ssl.create_default_context(), invalid_user_sleep=0.0
        )
        config.apply_context()
        protocol = ProxyProtocolReader(ProxyProtocolVersion.get(None))
        listening = await asyncio.start_server(
            protocol.get_callback(IMAPServer(backend.login, config)),
            "127.0.0.1",
            0,
            ssl=server if implicit else None,
        )
        port = listening.sockets[0].getsockname()[1]
        ready.set()
        return listening

    async def finish(listening: asyncio.Server) -> None:
        listening.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def run() -> None:
        asyncio.set_event_loop(loop)
        task = loop.create_task(serve())
        loop.run_forever()
        loop.run_until_complete(finish(task.result()))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    thread = threading.Thread(target=run, name="imapd", daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield Imapd(port, client, implicit)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)


@contextmanager
def misbehaving(
    answers: Callable[[bytes], bytes | Iterator[bytes] | None],
    tls: ssl.SSLContext | None = None,
) -> Iterator[tuple[int, list[bytes]]]:
    """A server that answers each command with what ``answers`` makes of it; ``None``: never.

    With ``tls``, what comes after the answer to STARTTLS is encrypted.
    """
    heard: list[bytes] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                converse(listening.accept()[0])

        def converse(connection: socket.socket) -> None:
            with connection, connection.makefile("rb") as lines:
                say(connection, b"", answers(b""))
                for line in lines:
                    heard.append(line)
                    tag, _, command = line.partition(b" ")
                    say(connection, tag, answers(command))
                    if tls is not None and command.upper().startswith(b"STARTTLS"):
                        converse(tls.wrap_socket(connection, server_side=True))
                        return

        def say(
            connection: socket.socket, tag: bytes, answer: bytes | Iterator[bytes] | None
        ) -> None:
            for piece in [answer] if isinstance(answer, bytes) else answer or ():
                connection.sendall(piece.replace(b"TAG", tag))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], heard
    thread.join(10)


def sound(command: bytes) -> bytes | None:
    """What a sound server with one message says."""
    if not command:
        return b"* OK [CAPABILITY IMAP4rev1] ready\r\n"
    verb = b" ".join(command.split()[:2]).upper()
    before = {
        b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
        b"UID SEARCH": b"* SEARCH 7\r\n",
        b"SELECT INBOX": b"* 1 EXISTS\r\n",
        b'SELECT "INBOX"': b"* 1 EXISTS\r\n",
        b"UID FETCH": b'* 1 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (UID 7 BODY[]<0> "Subject: x")\r\n',
        b"LOGOUT": b"* BYE\r\n",
    }.get(verb, b"")
    return before + b"TAG OK done\r\n"


def _for_ever(
    piece: bytes, start: bytes = b"", pause: float = 0.0
) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        yield start
        while True:
            yield piece
            if pause:
                time.sleep(pause)

    return pieces


_FETCH = b"* 1 FETCH (UID 7 BODY[]<0> "
ENDLESS: dict[str, tuple[bytes, Callable[[], Iterator[bytes]]]] = {
    "greeting": (b"", _for_ever(b"x" * 60_000, b"* OK ")),
    "capabilities": (b"CAPABILITY", _for_ever(b"* CAPABILITY IMAP4rev1\r\n" * 500)),
    "login": (b"LOGIN", _for_ever(b"* OK wait\r\n" * 500)),
    "continuations": (b"SELECT", _for_ever(b"+ go on\r\n" * 500)),
    "news": (b"SELECT", _for_ever(b"* 5 EXISTS\r\n" * 500)),
    "lists of messages": (b"UID SEARCH", _for_ever(b"* SEARCH 1 2 3 4 5\r\n" * 500)),
    "list of messages": (b"UID SEARCH", _for_ever(b"1 2 3 4 5 6 7 8 " * 500, b"* SEARCH ")),
    "literal": (b"UID FETCH", _for_ever(b"x" * 60_000, _FETCH + b"{9000000000}\r\n")),
    "literals": (b"UID FETCH", _for_ever(b"x" * 60_000 + b" {60000}\r\n", _FETCH + b"{60000}\r\n")),
    "slow greeting": (b"", _for_ever(b"x", b"* OK ", pause=0.05)),
    "slow list": (b"UID SEARCH", _for_ever(b"1 ", b"* SEARCH ", pause=0.05)),
    "slow literal": (b"UID FETCH", _for_ever(b"x", _FETCH + b"{200000}\r\n", pause=0.05)),
}
"""By name: at which command a server begins to say something that never ends, and what."""

SENSELESS: dict[str, tuple[bytes, bytes]] = {
    "more messages than there are": (b"SELECT", b"* 4294967295 EXISTS\r\nTAG OK done\r\n"),
    "a number of 6,000 digits": (b"SELECT", b"* %b EXISTS\r\nTAG OK done\r\n" % (b"9" * 6000)),
    "a message of 6,000 digits": (b"UID SEARCH", b"* SEARCH %b\r\nTAG OK done\r\n" % (b"9" * 6000)),
    "words for numbers": (b"UID SEARCH", b"* SEARCH one two\r\nTAG OK done\r\n"),
    "a size of 6,000 digits": (b"UID FETCH", b"* 1 FETCH (X {%b}\r\n" % (b"9" * 6000)),
    "nested lists": (b"UID FETCH", b"* 1 FETCH %b\r\nTAG OK done\r\n" % (b"(" * 100_000)),
    "a list that does not end": (b"UID FETCH", b"* 1 FETCH (UID 7\r\nTAG OK done\r\n"),
    "a text that does not end": (b"UID FETCH", b'* 1 FETCH (UID "\r\nTAG OK done\r\n'),
    "nothing in pairs": (b"UID FETCH", b"* 1 FETCH (UID)\r\nTAG OK done\r\n"),
    "bytes": (b"UID FETCH", b"\xff\x00\xfe\r\n"),
}
"""By name: what a server answers to that command, of which nothing can be made."""
