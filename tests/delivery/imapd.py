"""A real IMAP server on this machine (pymap), with one login and its mailbox in memory."""

from __future__ import annotations

import asyncio
import ssl
import threading
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
