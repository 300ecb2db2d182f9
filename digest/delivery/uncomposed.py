"""Mails that could not be made: whose fault it is, and what becomes of them."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

from digest.errors import InputError, place_of
from digest.model import SET_ASIDE, UNCOMPOSABLE, DeliveryState, LeasedDelivery

log = logging.getLogger("digest.delivery")

IN_A_ROW = 10
"""Failures without a mail that left between them, after which the edition itself is looked at."""
TRACES = 5
"""Mails whose whole trace a run logs; of the rest only the place."""


class Uncomposed:
    """The failures of one run.

    ``sample`` makes a mail for nobody in particular. Where it fails, so does every mail; where it
    does not, a row of failures is those readers' own affair, however many they are. Without it a
    row of failures counts as the edition's.
    """

    def __init__(self, sample: Callable[[], object] | None) -> None:
        self._sample = sample
        self._row = 0
        self._traced = 0
        self.fault: Exception | None = None

    def clear(self) -> None:
        """A mail has left: the edition is sound."""
        self._row = 0

    def judge(self, delivery: LeasedDelivery, error: Exception) -> tuple[DeliveryState, str]:
        """The state of that mail, and the reason. `fault` is set if no mail can be made.

        What the reader's own record is to blame for is settled; a defect may be mended before the
        edition is stale, so that mail is tried again.
        """
        where = (delivery.id, delivery.subscriber.id)
        if isinstance(error, InputError):
            reason = f"{SET_ASIDE}{error.what}"
            log.warning("delivery %d to subscriber %d: %s", *where, reason)
            return DeliveryState.EXCLUDED, reason
        reason = f"{UNCOMPOSABLE}{type(error).__name__}"
        # Where, but not with which words: these may hold an address.
        at = place_of(error) if self._traced >= TRACES else _trace(error)
        self._traced += 1
        log.error("delivery %d to subscriber %d %s at %s", *where, reason, at)
        self._row += 1
        if self._row >= IN_A_ROW:
            self._row = 0
            self.fault = self.fault or self._edition_fault(error)
        return DeliveryState.DEFERRED, reason

    def _edition_fault(self, error: Exception) -> Exception | None:
        if self._sample is None:
            return error
        try:
            self._sample()
        except Exception as fault:
            return fault
        return None


def _trace(error: Exception) -> str:
    return "\n" + "".join(traceback.format_tb(error.__traceback__))
