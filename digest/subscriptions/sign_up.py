"""Sign-up: a visitor asks, and only the owner of the mailbox can tell that it was answered.

`ask` writes down what a visitor asked for without looking whose address it is, so that nothing
about its answer (words, status, time) depends on that. `settle`, in the background, looks, and
plans the mail that asks for confirmation where one is due.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from digest.errors import ConfigurationError, TemporaryError
from digest.model import Preferences, SignUp, SubscriberState
from digest.store import Store, Unit

WORDING = "2026-11"
"""Version of what a visitor reads when they ask and when they confirm; kept as proof."""

ORIGIN = "web"
ASKED = "asked"
CONFIRM = "confirm"
ONCE_PER = timedelta(days=1)
"""A mailbox is sent at most one mail that asks for confirmation in this time."""
LETTER_LASTS = timedelta(days=3)
UNCONFIRMED_LASTS = timedelta(days=7)
"""Who has not confirmed after this time is forgotten."""
BATCH = 100
CLOCKS_DIFFER = timedelta(hours=1)
"""How far machines' clocks may be apart; what was asked later than that was asked by a wrong one."""

log = logging.getLogger(__name__)


class Taken(StrEnum):
    """What became of a request. A visitor is told of ``TOO_MANY`` only."""

    KEPT = "kept"
    REPEATED = "repeated"
    TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class Rates:
    """How many mailboxes may be asked in an hour. What exceeds it waits its turn, up to a day.

    ``per_network`` counts one visitor's network, ``in_all`` everyone.
    """

    per_network: int = 20
    in_all: int = 1_000
    window: timedelta = timedelta(hours=1)
    backlog: int = 24

    def wait(self, load: int, limit: int) -> timedelta | None:
        """How long the next one waits under that load; ``None`` if the queue is full."""
        if load >= limit * self.backlog:
            return None
        return self.window * max(load - limit + 1, 0) / limit


def ask(
    store: Store,
    asked: Sequence[SignUp],
    *,
    now: datetime,
    rates: Rates = Rates(),
) -> tuple[Taken, ...]:
    """Keep what visitors asked for, all in one transaction; one `Taken` for each, in order.

    A mailbox that was asked less than a day ago is not asked again.
    """
    with store.begin() as unit:
        since = now - rates.window
        in_all = unit.sign_ups.load(since)
        networks = dict(
            unit.sign_ups.load_by_network({one.network for one in asked if one.network}, since)
        )
        taken = []
        for one in asked:
            wait = _wait(rates, in_all, networks, one.network)
            if wait is None:
                taken.append(Taken.TOO_MANY)
                continue
            kept = unit.sign_ups.ask(replace(one, due_at=now + wait), now, not_since=now - ONCE_PER)
            taken.append(Taken.KEPT if kept else Taken.REPEATED)
            if kept:
                in_all += 1
                if one.network:
                    networks[one.network] += 1
    return tuple(taken)


def _wait(rates: Rates, in_all: int, networks: Mapping[str, int], network: str) -> timedelta | None:
    waits = [rates.wait(in_all, rates.in_all)]
    if network:
        waits.append(rates.wait(networks[network], rates.per_network))
    known = [wait for wait in waits if wait is not None]
    return max(known) if len(known) == len(waits) else None


def settle(store: Store, *, now: datetime) -> int:
    """Look at what visitors asked for and plan the mails that are due; how many were looked at.

    Each is settled once, whatever happens: looking and planning are one transaction. One that
    cannot be used costs nobody else anything.
    """
    with store.begin() as unit:
        moved = unit.sign_ups.bring_back(now, CLOCKS_DIFFER)
        if moved:
            log.warning("%d sign-ups were dated in the future; they count as asked now", moved)
        due = unit.sign_ups.due(now, BATCH)
        for asked in due:
            try:
                with unit.part():
                    _settle(unit, asked, now)
            except (TemporaryError, ConfigurationError):
                raise
            except Exception as error:
                # Its words may hold the address.
                log.error("a sign-up cannot be used and is dropped: %s", type(error).__name__)
            unit.sign_ups.settle(asked.mailbox)
        unit.sign_ups.forget(now - ONCE_PER)
        unit.subscribers.forget_unconfirmed(ORIGIN, now - UNCONFIRMED_LASTS)
    return len(due)


def _settle(unit: Unit, asked: SignUp, now: datetime) -> None:
    known = unit.subscribers.by_email(asked.email)
    if known is None:
        known = unit.subscribers.add(
            asked.email,
            state=SubscriberState.PENDING,
            preferences=asked.preferences,
            now=now,
            origin=ORIGIN,
        )
    elif known.state is SubscriberState.PENDING and asked.preferences != Preferences():
        unit.subscribers.set_preferences(known.id, asked.preferences)
    waits = known.state in (SubscriberState.PENDING, SubscriberState.UNSUBSCRIBED)
    # A mailbox that took no mail may be mended: if this mail arrives, its link shows that.
    if not waits and not known.came_back:
        return
    unit.subscribers.set_consent(known.id, network=asked.network, wording=asked.wording)
    unit.subscribers.note(
        known.id, ASKED, now, {"network": asked.network, "wording": asked.wording}
    )
    ask_to_confirm(unit, known.id, now)


def ask_to_confirm(unit: Unit, subscriber_id: int, now: datetime) -> bool:
    """Plan the mail that asks a reader to confirm, once a day; whether it was planned."""
    return unit.letters.plan(
        subscriber_id,
        CONFIRM,
        now=now,
        not_since=now - ONCE_PER,
        expires_at=now + LETTER_LASTS,
    )
