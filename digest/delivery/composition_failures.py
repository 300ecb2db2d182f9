"""Mails that could not be composed: whose fault it is, and what becomes of them."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

from digest.errors import (
    InputError,
    error_location,
)
from digest.model import DeliveryState, LeasedDelivery, SetAsideCause

log = logging.getLogger("digest.delivery")

IN_A_ROW = 10
"""Failures without a mail that left between them, after which the edition itself is looked at."""
TRACES = 5
"""Mails whose whole trace a run logs; of the rest only the place."""


class CompositionFailures:
    """Failures of one run to compose a mail.

    ``sample`` makes a mail for nobody in particular. Where it fails, so does every mail; where it
    does not, a row of failures is those subscribers' own, however many they are. Without it a
    row of failures counts as the edition's.
    """

    def __init__(self, sample: Callable[[], object] | None) -> None:
        self._sample = sample
        self._in_a_row = 0
        self._logged_traces = 0
        self.defect: Exception | None = None

    def clear(self) -> None:
        """Start counting anew: a mail has left, so the edition is sound."""
        self._in_a_row = 0

    def classify(self, delivery: LeasedDelivery, error: Exception) -> tuple[DeliveryState, str]:
        """Decide the state of that mail, and the reason. `defect` is set if no mail can be made.

        A mail that the subscriber's own record keeps from being made is excluded; a defect may be mended before the
        edition is stale, so that mail is tried again.
        """
        ids = (delivery.id, delivery.subscriber.id)
        if isinstance(error, InputError):
            reason = SetAsideCause.RECORD.reason(error.what)
            log.warning("delivery %d to subscriber %d: %s", *ids, reason)
            return DeliveryState.EXCLUDED, reason
        reason = SetAsideCause.DEFECT.reason(type(error).__name__)
        # Where, but not with which words: these may hold an address.
        where = error_location(error) if self._logged_traces >= TRACES else _trace(error)
        self._logged_traces += 1
        log.error("delivery %d to subscriber %d %s at %s", *ids, reason, where)
        self._in_a_row += 1
        if self._in_a_row >= IN_A_ROW:
            self._in_a_row = 0
            self.defect = self.defect or self._edition_defect(error)
        return DeliveryState.DEFERRED, reason

    def _edition_defect(self, error: Exception) -> Exception | None:
        if self._sample is None:
            return error
        try:
            self._sample()
        except Exception as defect:
            return defect
        return None


def _trace(error: Exception) -> str:
    return "\n" + "".join(traceback.format_tb(error.__traceback__))
