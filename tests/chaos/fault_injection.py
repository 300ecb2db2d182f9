"""Faults of the SMTP server, drawn at random for each connection and each mail on it."""

from __future__ import annotations

import random
import ssl
import threading
import time
from dataclasses import dataclass, replace

from smtp_server.behaviours import Behaviour

NEVER = 1 << 60
"""One in so many is none."""


@dataclass(frozen=True)
class FaultOdds:
    """Odds of each fault: one mail or one step in so many."""

    deferred: int = 60
    rejected: int = 200
    shut_down: int = 700
    disconnected: int = 500
    silent: int = 3000
    sender_refused: int = 3000


CONNECTION_BEHAVIOURS: dict[str, tuple[int, Behaviour]] = {
    "polite": (100, Behaviour()),
    "no pipelining": (20, Behaviour(features=("8BITMIME", "SMTPUTF8"))),
    "few mails each": (14, Behaviour()),
    "data without recipient": (8, Behaviour(accepts_data_without_recipient=True)),
    "slow": (6, Behaviour(delay=0.02)),
    "reads slowly": (20, Behaviour(reads_slowly=True)),
    "broken pipelining": (4, Behaviour(drops_pipelined_commands=True)),
    "refuses": (5, Behaviour(refuses_connections=True)),
    "another protocol": (4, Behaviour(greeting="HTTP/1.1 400 Bad Request")),
    "busy": (4, Behaviour(greeting="421 4.3.2 too busy")),
    "refuses for good": (3, Behaviour(greeting="554 5.3.2 no mail here")),
    "silent": (1, Behaviour()),
    "hides STARTTLS": (8, Behaviour(hides_starttls=True)),
    "other certificate": (8, Behaviour()),
    "unreachable": (4, Behaviour(refuses_connections=True)),
    "refuses our sender": (2, Behaviour()),
}
"""Weight and behaviour of each kind of connection; `FaultInjector` adds the rest."""

FAULTS = (
    "refused the connection",
    "greeted with HTT",
    "greeted with 421",
    "greeted with 554",
    "fell silent at greeting",
    "dropped pipelined commands",
    "took a body without a recipient",
    "answered slowly",
    "read slowly",
    "hid STARTTLS",
    "showed another certificate",
    *(f"{code} at {step}" for step in ("mail", "rcpt", "data", "final") for code in (421, 451)),
    "550 at mail",
    "450 at rcpt",
    "452 at final",
    "550 at rcpt",
    "554 at data",
    "552 at final",
    *(f"hung up at {step}" for step in ("mail", "rcpt", "data", "body", "final")),
    "hung up and lost the mail at final",
    *(f"fell silent at {step}" for step in ("mail", "rcpt", "data", "body", "final")),
)
"""Every fault that a long campaign must have seen."""

SENDER_REFUSED = "550 5.7.1 not from you"
TRY_LATER = "451 4.3.0 later"
SHUTTING_DOWN = "421 4.3.2 going down"


OUTAGE_SECONDS = 1.2
"""Length of an outage, in seconds: the server is unreachable or refuses our sender."""


class FaultInjector:
    """Draws the behaviour of each connection, and the faults of each mail on it."""

    def __init__(
        self,
        random_source: random.Random,
        *,
        odds: FaultOdds | None = None,
        other_certificate: ssl.SSLContext,
    ) -> None:
        self._random = random_source
        self._odds = odds or FaultOdds()
        self._other_certificate = other_certificate
        self._lock = threading.Lock()
        self._outage = ""
        self._outage_until = 0.0

    def behaviour(self) -> Behaviour:
        """Draw the behaviour of the next connection."""
        with self._lock:
            weights = [weight for weight, _ in CONNECTION_BEHAVIOURS.values()]
            name = self._random.choices(list(CONNECTION_BEHAVIOURS), weights)[0]
            if time.monotonic() < self._outage_until:
                name = self._outage
            elif name in ("unreachable", "refuses our sender"):
                self._outage, self._outage_until = name, time.monotonic() + OUTAGE_SECONDS
            few = self._random.randint(3, 60) if name == "few mails each" else None
        return replace(
            CONNECTION_BEHAVIOURS[name][1],
            name=name,
            mails_per_connection=few,
            other_certificate=self._other_certificate if name == "other certificate" else None,
            silent_at="greeting" if name == "silent" else None,
            mail=lambda _: SENDER_REFUSED if name == "refuses our sender" else self._mail(),
            rcpt=self._rcpt,
            data=lambda _: self._data(),
            final=lambda _: self._final(),
            fault_at=self._fault_at,
        )

    def _one_in(self, number: int) -> bool:
        return self._random.randrange(number) == 0

    def _mail(self) -> str | None:
        with self._lock:
            if self._one_in(self._odds.shut_down):
                return SHUTTING_DOWN
            return TRY_LATER if self._one_in(4 * self._odds.deferred) else None

    def _rcpt(self, address: str) -> str | None:
        if is_refused_recipient(address):
            return "550 5.1.1 nobody of that name"
        odds = self._odds
        with self._lock:
            if self._one_in(odds.shut_down):
                return SHUTTING_DOWN
            if self._one_in(odds.sender_refused):
                return SENDER_REFUSED
            if self._one_in(odds.deferred):
                return self._random.choice(["450 4.2.1 later", "451 4.7.1 greylisted"])
            return None

    def _data(self) -> str | None:
        with self._lock:
            if self._one_in(self._odds.shut_down):
                return SHUTTING_DOWN
            if self._one_in(2 * self._odds.rejected):
                return "554 5.6.0 never"
            return TRY_LATER if self._one_in(4 * self._odds.deferred) else None

    def _final(self) -> str | None:
        with self._lock:
            if self._one_in(self._odds.shut_down):
                return SHUTTING_DOWN
            if self._one_in(self._odds.rejected):
                return "552 5.2.2 mailbox full"
            if self._one_in(2 * self._odds.deferred):
                return self._random.choice(["452 4.2.2 mailbox full", TRY_LATER])
            return None

    def _fault_at(self, step: str, _: str) -> str | None:
        if step not in ("mail", "rcpt", "data", "body", "final"):
            return None
        with self._lock:
            if self._one_in(self._odds.silent):
                return "silence"
            if self._one_in(self._odds.disconnected):
                return self._random.choice(["cut", "lose"]) if step == "final" else "cut"
            return None


def is_refused_recipient(address: str) -> bool:
    """True for one recipient in a thousand, whom the server never accepts."""
    number = "".join(
        message_for for message_for in address.partition("@")[0] if message_for.isdigit()
    )
    return int(number) % 1000 == 500
