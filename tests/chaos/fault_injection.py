"""A relay in changing moods: every fault of the laboratory by chance, on one server."""

from __future__ import annotations

import random
import ssl
import threading
import time
from dataclasses import dataclass, replace

from smtp_server.behaviours import Manners

NEVER = 1 << 60
"""One in so many is none."""


@dataclass(frozen=True)
class Odds:
    """How often a fault happens: one mail or one step in so many."""

    put_off: int = 60
    turned_away: int = 200
    thrown_out: int = 700
    cut: int = 500
    silent: int = 3000
    against_us: int = 3000


MOODS: dict[str, tuple[int, Manners]] = {
    "polite": (100, Manners()),
    "stepwise": (20, Manners(features=("8BITMIME", "SMTPUTF8"))),
    "a few mails and out": (14, Manners()),
    "body of nobody": (8, Manners(takes_body_of_nobody=True)),
    "slow": (6, Manners(delay=0.02)),
    "sips": (20, Manners(sips=True)),
    "broken pipelining": (4, Manners(drops_rest_of_group=True)),
    "refuses": (5, Manners(refuses_connections=True)),
    "another protocol": (4, Manners(greeting="HTTP/1.1 400 Bad Request")),
    "busy": (4, Manners(greeting="421 4.3.2 too busy")),
    "unwelcoming": (3, Manners(greeting="554 5.3.2 no mail here")),
    "mute": (1, Manners()),
    "stripped": (8, Manners(strips_starttls=True)),
    "impostor": (8, Manners()),
    "out of reach": (4, Manners(refuses_connections=True)),
    "against us": (2, Manners()),
}
"""How often a connection meets which mood, and its manners beside what `Mischief` adds."""

DEEDS = (
    "refused the connection",
    "greeted with HTT",
    "greeted with 421",
    "greeted with 554",
    "fell silent at greeting",
    "offered pipelining and dropped a group",
    "waited for the body of nobody",
    "answered slowly",
    "read slowly",
    "stripped STARTTLS",
    "showed a stranger's certificate",
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
"""What a long campaign must have seen its relay do."""

AGAINST_US = "550 5.7.1 not from you"
LATER = "451 4.3.0 later"
OUT = "421 4.3.2 going down"


SPELL = 1.2
"""Seconds for which nobody reaches the relay, or it takes nothing from us."""


class Mischief:
    """Draws the manners of each connection, and the faults of each mail on it."""

    def __init__(
        self, chance: random.Random, *, odds: Odds | None = None, stranger: ssl.SSLContext
    ) -> None:
        self._chance = chance
        self._odds = odds or Odds()
        self._stranger = stranger
        self._lock = threading.Lock()
        self._spell = ""
        self._until = 0.0

    def manners(self) -> Manners:
        """How to treat the next connection."""
        with self._lock:
            weights = [weight for weight, _ in MOODS.values()]
            mood = self._chance.choices(list(MOODS), weights)[0]
            if time.monotonic() < self._until:
                mood = self._spell
            elif mood in ("out of reach", "against us"):
                self._spell, self._until = mood, time.monotonic() + SPELL
            few = self._chance.randint(3, 60) if mood == "a few mails and out" else None
        return replace(
            MOODS[mood][1],
            mood=mood,
            mails_per_connection=few,
            stranger=self._stranger if mood == "impostor" else None,
            silent_at="greeting" if mood == "mute" else None,
            mail=lambda _: AGAINST_US if mood == "against us" else self._mail(),
            rcpt=self._rcpt,
            data=lambda _: self._data(),
            final=lambda _: self._final(),
            whim=self._whim,
        )

    def _one_in(self, number: int) -> bool:
        return self._chance.randrange(number) == 0

    def _mail(self) -> str | None:
        with self._lock:
            if self._one_in(self._odds.thrown_out):
                return OUT
            return LATER if self._one_in(4 * self._odds.put_off) else None

    def _rcpt(self, address: str) -> str | None:
        if is_bad(address):
            return "550 5.1.1 nobody of that name"
        odds = self._odds
        with self._lock:
            if self._one_in(odds.thrown_out):
                return OUT
            if self._one_in(odds.against_us):
                return AGAINST_US
            if self._one_in(odds.put_off):
                return self._chance.choice(["450 4.2.1 later", "451 4.7.1 greylisted"])
            return None

    def _data(self) -> str | None:
        with self._lock:
            if self._one_in(self._odds.thrown_out):
                return OUT
            if self._one_in(2 * self._odds.turned_away):
                return "554 5.6.0 never"
            return LATER if self._one_in(4 * self._odds.put_off) else None

    def _final(self) -> str | None:
        with self._lock:
            if self._one_in(self._odds.thrown_out):
                return OUT
            if self._one_in(self._odds.turned_away):
                return "552 5.2.2 mailbox full"
            if self._one_in(2 * self._odds.put_off):
                return self._chance.choice(["452 4.2.2 mailbox full", LATER])
            return None

    def _whim(self, step: str, _: str) -> str | None:
        if step not in ("mail", "rcpt", "data", "body", "final"):
            return None
        with self._lock:
            if self._one_in(self._odds.silent):
                return "silence"
            if self._one_in(self._odds.cut):
                return self._chance.choice(["cut", "lose"]) if step == "final" else "cut"
            return None


def is_bad(address: str) -> bool:
    """Whether it is one of the bad recipients, one in a thousand."""
    number = "".join(letter for letter in address.partition("@")[0] if letter.isdigit())
    return int(number) % 1000 == 500
