"""Sign-up: a visitor asks, and only the owner of the mailbox can tell that it was answered.

`record_sign_ups` writes down what a visitor asked for without looking whose address it is, so that
nothing about its answer (words, status, time) depends on that. `process_sign_ups`, in the
background, looks, and plans the mail that asks for confirmation where one is due.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from digest.email_address import mailbox_key, mailbox_keys, mailbox_keys_if_any
from digest.errors import ConfigurationError, TemporaryError
from digest.model import (
    EventKind,
    Preferences,
    ServiceMailKind,
    SignUp,
    SignUpRule,
    Subscriber,
    SubscriberState,
)
from digest.store import Store, UnitOfWork
from digest.subscriptions.sign_up_rules import OPEN, ORIGIN, find_refusal

CONSENT_VERSION = "2026-11"
"""Version of what a visitor reads when they ask and when they confirm; kept as proof."""

MIN_INTERVAL = timedelta(days=1)
"""A mailbox is sent at most one mail that asks for confirmation in this time."""
CONFIRM_MAIL_LASTS = timedelta(days=3)
UNCONFIRMED_LASTS = timedelta(days=7)
"""Who has not confirmed after this time is forgotten, unless the operator sets another."""
MAX_UNANSWERED = 3
"""Mails that ask a mailbox to confirm; if none is answered, the next waits for
`UNANSWERED_PAUSE`.
"""
UNANSWERED_PAUSE = timedelta(days=90)
DECLINED = "asked never to be asked again"
DECLINED_BY_OPERATOR = "declined by the operator"
"""The reason of whom the operator did not let in; the operator may still add them."""
BATCH_SIZE = 100
MAX_CLOCK_SKEW = timedelta(hours=1)
"""How far machines' clocks may be apart; what was asked later than that was asked by a wrong
one.
"""

log = logging.getLogger(__name__)


class SignUpResult(StrEnum):
    """The outcome of a request. A visitor is told of ``TOO_MANY`` only."""

    RECORDED = "kept"
    REPEATED = "repeated"
    TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class SignUpLimits:
    """The number of mailboxes that may be asked in an hour. What exceeds it waits its turn, up to
    a day.

    ``per_network`` counts one visitor's network, ``in_all`` everyone. The first of a network in an
    hour waits only for the firsts of other networks, half as many as ``in_all``: whoever fills the
    queue from many addresses keeps no newcomer waiting.
    """

    per_network: int = 20
    in_all: int = 1_000
    window: timedelta = timedelta(hours=1)
    backlog: int = 24

    def wait(self, load: int, limit: int) -> timedelta | None:
        """The time that the next one waits under that load; ``None`` if the queue is full."""
        if load >= limit * self.backlog:
            return None
        return self.window * max(load - limit + 1, 0) / limit


def record_sign_ups(
    store: Store,
    requested: Sequence[SignUp],
    *,
    now: datetime,
    rates: SignUpLimits = SignUpLimits(),
) -> tuple[SignUpResult, ...]:
    """Keep what visitors asked for, all in one transaction; one result for each, in order.

    A mailbox that was asked less than a day ago is not asked again. A request for it counts against
    the limits all the same, now and as long as it would wait, so that neither its own answer nor
    any later one tells that it was asked.
    """
    with store.begin() as unit:
        load = _load(unit, requested, now - rates.window)
        results = []
        for request in requested:
            wait = load.wait(rates, request.network)
            if wait is None:
                results.append(SignUpResult.TOO_MANY)
                continue
            sign_up = replace(request, due_at=now + wait)
            recorded = unit.sign_ups.add(sign_up, now, not_since=now - MIN_INTERVAL)
            if not recorded:
                unit.sign_ups.add(_stand_in(sign_up), now, not_since=now - MIN_INTERVAL)
            results.append(SignUpResult.RECORDED if recorded else SignUpResult.REPEATED)
            load.add(sign_up.network)
    return tuple(results)


@dataclass(slots=True)
class _Load:
    """The requests of the last window: in all, by network, and the networks that are new in it."""

    in_all: int
    networks: dict[str, int]
    firsts: int

    def wait(self, rates: SignUpLimits, network: str) -> timedelta | None:
        """The time that a request from there waits; ``None`` if it is one too many."""
        if self._is_first(network):
            return rates.wait(self.firsts, max(rates.in_all // 2, 1))
        waits = [rates.wait(self.in_all, rates.in_all)]
        if network:
            waits.append(rates.wait(self.networks[network], rates.per_network))
        known = [wait for wait in waits if wait is not None]
        return max(known) if len(known) == len(waits) else None

    def add(self, network: str) -> None:
        """Count one request more."""
        self.in_all += 1
        self.firsts += self._is_first(network)
        if network:
            self.networks[network] += 1

    def _is_first(self, network: str) -> bool:
        return bool(network) and not self.networks[network]


def _load(unit: UnitOfWork, requested: Sequence[SignUp], since: datetime) -> _Load:
    networks = {sign_up.network for sign_up in requested if sign_up.network}
    return _Load(
        unit.sign_ups.count_recent(since),
        dict(unit.sign_ups.count_recent_by_network(networks, since)),
        unit.sign_ups.count_recent_networks(since),
    )


def _stand_in(sign_up: SignUp) -> SignUp:
    """A sign-up that takes the place of one which is not kept, of nobody's mailbox."""
    return replace(sign_up, mailbox=secrets.token_hex(32), email="", preferences=Preferences())


def process_sign_ups(
    store: Store,
    *,
    now: datetime,
    unconfirmed_lasts: timedelta = UNCONFIRMED_LASTS,
    rule: SignUpRule = OPEN,
) -> int:
    """Look at what visitors asked for and plan the mails that are due; how many were looked at.

    Each is settled once, whatever happens: looking and planning are one transaction. One that
    cannot be used costs nobody else anything. What ``rule`` does not allow (any more) is dropped.
    """
    with store.begin() as unit:
        moved = unit.sign_ups.redate_future(now, MAX_CLOCK_SKEW)
        if moved:
            log.warning("%d sign-ups were dated in the future; they count as asked now", moved)
        due = unit.sign_ups.due(now, BATCH_SIZE)
        for sign_up in due:
            try:
                with unit.part():
                    if sign_up.email:
                        _process(unit, sign_up, rule, now)
            except (TemporaryError, ConfigurationError):
                raise
            except Exception as error:
                # Its words may hold the address.
                log.error("a sign-up cannot be used and is dropped: %s", type(error).__name__)
            unit.sign_ups.mark_processed(sign_up.mailbox)
        unit.sign_ups.forget(now - MIN_INTERVAL)
        unit.subscribers.forget_unconfirmed(ORIGIN, now - unconfirmed_lasts)
    return len(due)


def _process(unit: UnitOfWork, sign_up: SignUp, rule: SignUpRule, now: datetime) -> None:
    if not _is_allowed(unit, sign_up, rule, now) or not _may_ask(unit, sign_up.email, now):
        return
    subscriber = unit.subscribers.by_email(sign_up.email)
    if subscriber is None:
        subscriber = unit.subscribers.add(
            sign_up.email,
            state=SubscriberState.PENDING,
            preferences=sign_up.preferences,
            now=now,
            origin=ORIGIN,
        )
    elif subscriber.state is SubscriberState.PENDING and sign_up.preferences != Preferences():
        unit.subscribers.set_preferences(subscriber.id, sign_up.preferences)
    if not _may_come(unit, subscriber):
        return
    unit.arrivals.set_invitation(subscriber.id, sign_up.invitation)
    if sign_up.name:
        unit.arrivals.set_name(subscriber.id, sign_up.name)
    unit.subscribers.set_consent(subscriber.id, network=sign_up.network, wording=sign_up.wording)
    unit.subscribers.note(
        subscriber.id,
        EventKind.ASKED,
        now,
        {"network": sign_up.network, "wording": sign_up.wording},
    )
    plan_confirmation_mail(unit, subscriber, now)


def _is_allowed(unit: UnitOfWork, sign_up: SignUp, rule: SignUpRule, now: datetime) -> bool:
    number = sign_up.invitation
    invitation = None if number is None else unit.invitations.by_id(number)
    return find_refusal(rule, sign_up.email, invitation, now=now) is None


def _may_come(unit: UnitOfWork, subscriber: Subscriber) -> bool:
    """True if a mail may ask a subscriber to confirm.

    Not who has confirmed and waits for the operator, nor whom the operator declined.
    """
    if subscriber.state is SubscriberState.PENDING:
        return not unit.arrivals.awaits(subscriber.id)
    if subscriber.state is SubscriberState.UNSUBSCRIBED:
        return subscriber.state_reason != DECLINED_BY_OPERATOR
    # A mailbox that took no mail may be mended: if this mail arrives, its link shows that.
    return subscriber.suppressed_by_bounce


def plan_confirmation_mail(unit: UnitOfWork, subscriber: Subscriber, now: datetime) -> bool:
    """Plan the mail that asks a subscriber to confirm, once a day; tell if it was planned.

    None is where their mailbox never wants one again, or left `MAX_UNANSWERED` unanswered lately:
    who types somebody else's address into the form, day after day, must not fill their mailbox.
    """
    if not _may_ask(unit, subscriber.email, now):
        return False
    key = mailbox_key(subscriber.email)
    planned = unit.service_mails.plan(
        subscriber.id,
        ServiceMailKind.CONFIRM,
        now=now,
        not_since=now - MIN_INTERVAL,
        expires_at=now + CONFIRM_MAIL_LASTS,
    )
    if planned:
        before = unit.confirmation_requests.of(key)
        afresh = before is not None and before.asked_at <= now - UNANSWERED_PAUSE
        unit.confirmation_requests.add(key, subscriber.id, now, afresh=afresh)
    return planned


def _may_ask(unit: UnitOfWork, address: str, now: datetime) -> bool:
    if has_declined(unit, address) is not None:
        return False
    request = unit.confirmation_requests.of(mailbox_key(address))
    if request is None:
        return True
    return request.asked < MAX_UNANSWERED or request.asked_at <= now - UNANSWERED_PAUSE


def has_declined(unit: UnitOfWork, address: str) -> datetime | None:
    """The moment at which the owner of that mailbox said never again; ``None`` if they did not."""
    requests = (unit.confirmation_requests.of(key) for key in mailbox_keys(address))
    return next(
        (
            request.declined_at
            for request in requests
            if request is not None and request.declined_at
        ),
        None,
    )


def confirmation_request_id(store: Store, subscriber_id: int) -> int | None:
    """The number by which a reader's mailbox may decline to be asked; ``None`` if it was not."""
    with store.read() as unit:
        subscriber = unit.subscribers.by_id(subscriber_id)
        keys = () if subscriber is None else mailbox_keys_if_any(subscriber.email)
        request = unit.confirmation_requests.of(keys[0]) if keys else None
    return None if request is None else request.id


def decline_confirmation(store: Store, request_id: int, *, now: datetime) -> bool:
    """Never ask that mailbox to confirm again; false if nothing is known of it (any more).

    Who has not confirmed is deleted at once; who had is unsubscribed. Again changes nothing.
    """
    with store.begin() as unit:
        request = unit.confirmation_requests.by_id(request_id)
        if request is None:
            return False
        unit.confirmation_requests.decline(request_id, now)
        subscriber = unit.subscribers.by_id(request.subscriber_id or 0, lock=True)
        if subscriber is not None:
            for key in mailbox_keys_if_any(subscriber.email):
                unit.confirmation_requests.decline_mailbox(key, now)
        if subscriber is not None and subscriber.state is SubscriberState.PENDING:
            for key in mailbox_keys_if_any(subscriber.email):
                unit.personal_data.forget_sign_up(key)
            unit.subscribers.erase(subscriber.id)
        elif subscriber is not None and subscriber.state is SubscriberState.ACTIVE:
            unit.subscribers.set_state(subscriber.id, SubscriberState.UNSUBSCRIBED, DECLINED, now)
    store.clear_log()
    return True
