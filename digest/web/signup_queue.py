"""Queue of sign-ups: many at once are written together, and each is answered in its time.

A sign-up is in the store before its visitor is answered. The answer comes a fixed time after the
question, or a multiple of it, so that its time says nothing either.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.exceptions import HTTPException

from digest.model import SignUp
from digest.subscriptions import (
    SignUpResult,
    record_sign_ups,
)
from digest.web.site import Site
from digest.web.thread_pools import RequestThreads

MOST_WAITING = 5_000
"""Sign-ups that wait to be written; a flood beyond that is told to come back."""
MOST_IN_A_BATCH = 500


@dataclass(frozen=True, slots=True)
class _Waiting:
    sign_up: SignUp
    answer: asyncio.Future[SignUpResult]


class SignUpQueue:
    """Takes sign-ups of one process. Belongs to its event loop."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._waiting: list[_Waiting] = []
        self._threads = RequestThreads(1)
        self._writer: asyncio.Task[None] | None = None

    async def take(self, sign_up: SignUp) -> SignUpResult:
        """Queue a sign-up, and return its result once it is written.

        A mailbox that was just asked is no shortcut: its sign-up counts against the limits like any
        other, or "too many" would tell the one from the other.

        Raises `digest.errors.StoreBusyError` if the store is, a 503 if too many wait.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise HTTPException(503)
        waiting = _Waiting(sign_up, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        return await waiting.answer

    async def _write_all(self) -> None:
        while self._waiting:
            batch = self._waiting[:MOST_IN_A_BATCH]
            del self._waiting[: len(batch)]
            try:
                results = await self._threads.run(
                    self._write, [waiting.sign_up for waiting in batch]
                )
            except Exception as error:
                for waiting in batch:
                    if not waiting.answer.done():
                        waiting.answer.set_exception(error)
                continue
            for waiting, result in zip(batch, results, strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(result)

    def _write(self, sign_ups: list[SignUp]) -> tuple[SignUpResult, ...]:
        results = record_sign_ups(
            self._site.store, sign_ups, now=self._site.clock(), rates=self._site.sign_up_limits
        )
        if SignUpResult.RECORDED in results:
            self._site.wake()
        return results


async def wait_for_step(begun: float, step: float) -> None:
    """Sleep until a whole number of steps, at least one, has passed since ``begun``."""
    if step <= 0:
        return
    passed = asyncio.get_running_loop().time() - begun
    await asyncio.sleep((passed // step + 1) * step - passed)
