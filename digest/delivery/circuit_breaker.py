"""What is not a reader's fault, counted: when enough has gone wrong to pause, or to end the run."""

from __future__ import annotations

from digest.delivery.retry import FailureOrigin, Reply, RetryPolicy


class CircuitBreaker:
    """The failures in a row of one run.

    ``paused`` says why the relay refuses us, so that a person must say go on; ``halted`` why it
    could not be reached, so that the next run may try again.
    """

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._sender = self._relay = self._refusals = 0
        self._last_words = ""
        self.paused: str | None = None
        self.halted: str | None = None

    def clear(self) -> None:
        """A mail was accepted."""
        self._sender = self._relay = self._refusals = 0

    def count(self, reply: Reply, fault: FailureOrigin, *, pause: bool = False) -> None:
        """Something failed, and whose fault it was; ``pause`` does not wait for more of it."""
        words = f"at {reply.place}: {reply.words}"
        if fault is FailureOrigin.SENDER:
            self._last_words = f"the relay refuses this sender {words}"
            self._sender += 1
            if pause or self._sender >= self._policy.sender_strikes:
                self.paused = self.paused or self._last_words
        elif fault is FailureOrigin.RELAY:
            self._relay += 1
            if self._relay >= self._policy.relay_strikes:
                self.halted = self.halted or f"the relay is out of reach {words}"
        elif reply.code is not None and reply.code >= 500:
            self._refusals += 1
            if self._refusals >= self._policy.refusals_in_a_row:
                self.paused = self.paused or f"{self._refusals} refusals in a row, the last {words}"

    def close(self, accepted: int) -> None:
        """The run is over: where the relay refused us and took nothing at all, pause."""
        if self._sender and not accepted and not self.paused:
            self.paused = self._last_words
