"""A real mail server that somebody else wrote (aiosmtpd), with mailboxes for everyone behind it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from processes import free_port


class Mailboxes:
    """Keeps every mail, unless told to refuse; ``pause`` seconds for each, so that a kill finds work."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.sessions: set[int] = set()
        self.refusal: str | None = None
        self.refuse_rcpt: dict[str, str] = {}
        self.refuse_data: dict[str, str] = {}
        self.pause = 0.0
        self._arrived = threading.Condition()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse_rcpt:
            return self.refuse_rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        refusal = self.refuse_data.get(envelope.rcpt_tos[0], self.refusal)
        if refusal is not None:
            return refusal
        with self._arrived:
            self.sessions.add(id(session))
            self.envelopes.append(envelope)
            self._arrived.notify_all()
        if self.pause:
            await asyncio.sleep(self.pause)
        return "250 2.0.0 kept"

    @property
    def recipients(self) -> list[str]:
        """Whose mail came, in order; twice in the list is two mails."""
        return [address for envelope in self.envelopes for address in envelope.rcpt_tos]

    def wait_for(self, count: int) -> Envelope:
        """The mail with that number, counted from 1; fails if it does not come in 20 seconds."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.envelopes) >= count, 20)
        return self.envelopes[count - 1]


@contextmanager
def serve(mailboxes: Mailboxes, *, host: str = "127.0.0.1", **options: Any) -> Iterator[int]:
    """Serve those mailboxes on a free port, which is given; options are aiosmtpd's."""
    controller = Controller(mailboxes, hostname=host, port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()
