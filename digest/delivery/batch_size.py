"""Batch size: as many mails are taken at once as leave in half a second."""

from __future__ import annotations

import time

from digest.delivery.send_limits import SendLimits

_IN_HAND_SECONDS = 0.5


class BatchSize:
    """Number of mails to take at once, which follows the speed of the relay.

    Little is committed ahead while sending is slow, so that an unsubscription counts before the
    next mail; a fast relay gets large transactions.
    """

    def __init__(self, limits: SendLimits) -> None:
        self._least = self.current = max(4 * limits.connections, 8)
        self._most = limits.chunk
        self._adapted_at = time.monotonic()
        self.answered = 0
        """Mails that the relay answered since the size was last adapted."""

    @property
    def age(self) -> float:
        """Seconds since the size was last adapted."""
        return time.monotonic() - self._adapted_at

    @property
    def low_water(self) -> int:
        """Mails left in the queue at which the next batch should be taken."""
        return (self.current - self._least) // 2

    def adapt(self, seconds: float) -> None:
        """Follow the speed of the last ``seconds``, in which `answered` mails were answered."""
        fitting = int(self.answered / max(seconds, 1e-3) * _IN_HAND_SECONDS)
        self.current = min(max(fitting, self._least), self._most, 4 * self.current)
        self.answered = 0
        self._adapted_at = time.monotonic()
