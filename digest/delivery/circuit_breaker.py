"""Circuit breaker: failures in a row that are no subscriber's fault pause sending or end the run."""

from __future__ import annotations

from digest.delivery.retry import FailureOrigin, Reply, RetryPolicy


class CircuitBreaker:
    """Counter of the failures in a row of one run.

    ``paused`` says why the relay refuses us, so that a person must say go on; ``halted`` why it
    could not be reached, so that the next run may try again.

    Refusals at one recipient domain prove nothing about us: anybody can sign up with mailboxes of a
    domain that makes the relay refuse them. Only refusals at several domains in a row pause.
    """

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._sender_refusals = self._relay_failures = self._refusals = 0
        self._refused_domains: set[str] = set()
        self._last_refusal = ""
        self.paused: str | None = None
        self.halted: str | None = None

    def clear(self) -> None:
        """Start counting anew: a mail was accepted."""
        self._sender_refusals = self._relay_failures = self._refusals = 0
        self._refused_domains.clear()

    def count_failure(
        self, reply: Reply, fault: FailureOrigin, *, domain: str = "", pause: bool = False
    ) -> None:
        """Count a failure against the party at fault; ``pause`` does not wait for more of it.

        ``domain`` is the recipient's, ``""`` where no recipient was named yet.
        """
        what = f"at {reply.stage}: {reply.summary}"
        if fault is not FailureOrigin.RELAY:
            self._refused_domains.add(domain)
        if fault is FailureOrigin.SENDER:
            self._last_refusal = f"the relay refuses this sender {what}"
            self._sender_refusals += 1
            enough = self._sender_refusals >= self._policy.sender_refusals
            if pause or (enough and self._widespread):
                self.paused = self.paused or self._last_refusal
        elif fault is FailureOrigin.RELAY:
            self._relay_failures += 1
            if self._relay_failures >= self._policy.relay_failures:
                self.halted = self.halted or f"the relay is out of reach {what}"
        elif reply.code is not None and reply.code >= 500:
            self._refusals += 1
            if self._refusals >= self._policy.refusals_in_a_row and self._widespread:
                self.paused = self.paused or f"{self._refusals} refusals in a row, the last {what}"

    def close(self, accepted: int) -> None:
        """End the run: pause where the relay refused us and took nothing at all."""
        if self._sender_refusals and not accepted and self._widespread:
            self.paused = self.paused or self._last_refusal

    @property
    def _widespread(self) -> bool:
        """True if so many recipient domains were refused in a row that it must be about us."""
        return "" in self._refused_domains or (
            len(self._refused_domains) >= self._policy.domains_to_pause
        )
