"""Where sign-ups come in: many at once are written together, and each is answered in its time.

A sign-up is in the store before its visitor is answered. The answer comes a fixed time after the
question, or a multiple of it, so that its time says nothing either.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass

from anyio import to_thread
from starlette.exceptions import HTTPException

from digest.model import SignUp
from digest.subscriptions import Taken, ask
from digest.web.site import Site

MOST_WAITING = 5_000
"""Sign-ups that wait to be written; a flood beyond that is told to come back."""
MOST_IN_A_BATCH = 500
REMEMBERED = 20_000
"""Mailboxes that this process remembers to have asked, so that a flood for one costs no write."""
REMEMBER_FOR = 600.0


@dataclass(frozen=True, slots=True)
class _Waiting:
    asked: SignUp
    answer: asyncio.Future[Taken]


class Intake:
    """Takes sign-ups of one process. Belongs to its event loop."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        self._asked: OrderedDict[str, float] = OrderedDict()

    async def take(self, asked: SignUp) -> Taken:
        """What became of that sign-up, once it is written.

        Raises `digest.errors.StoreBusyError` if the store is, a 503 if too many wait.
        """
        if self._known(asked.mailbox):
            return Taken.REPEATED
        if len(self._waiting) >= MOST_WAITING:
            raise HTTPException(503)
        waiting = _Waiting(asked, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        return await waiting.answer

    def _known(self, mailbox: str) -> bool:
        """Whether that mailbox was asked just now. True of the second while the first is written."""
        now = time.monotonic()
        asked = self._asked.get(mailbox)
        return asked is not None and now < asked + REMEMBER_FOR

    def _remember(self, mailbox: str) -> None:
        self._asked[mailbox] = time.monotonic()
        self._asked.move_to_end(mailbox)
        if len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)

    async def _write_all(self) -> None:
        while self._waiting:
            batch = self._waiting[:MOST_IN_A_BATCH]
            del self._waiting[: len(batch)]
            first: dict[str, SignUp] = {}
            for one in batch:
                first.setdefault(one.asked.mailbox, one.asked)
            try:
                taken = await to_thread.run_sync(self._write, list(first.values()))
            except Exception as error:
                for one in batch:
                    if not one.answer.done():
                        one.answer.set_exception(error)
                continue
            became = dict(zip(first, taken, strict=True))
            for one in batch:
                if became[one.asked.mailbox] is not Taken.TOO_MANY:
                    self._remember(one.asked.mailbox)
                if not one.answer.done():
                    one.answer.set_result(became[one.asked.mailbox])

    def _write(self, asked: list[SignUp]) -> tuple[Taken, ...]:
        taken = ask(self._site.store, asked, now=self._site.clock(), rates=self._site.rates)
        if Taken.KEPT in taken:
            self._site.ring()
        return taken


async def rest_until(begun: float, step: float) -> None:
    """Sleep until a whole number of steps, at least one, has passed since ``begun``."""
    if step <= 0:
        return
    passed = asyncio.get_running_loop().time() - begun
    await asyncio.sleep((passed // step + 1) * step - passed)
