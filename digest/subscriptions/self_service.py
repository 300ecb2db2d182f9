"""Do what a subscriber asks by the links that only they have: confirm, choose, pause, leave."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from digest.email_address import mailbox_keys_if_any
from digest.model import (
    EventKind,
    Preferences,
    ServiceMailKind,
    SignUpRule,
    Subscriber,
    SubscriberState,
)
from digest.store import Store, UnitOfWork
from digest.subscriptions.service_mails import plan_service_mail
from digest.subscriptions.sign_up_rules import OPEN, SignUpRefusal, admit, is_bound


class ActionResult(StrEnum):
    """The state of a subscriber after what they did.

    ``ALREADY``: nothing had to change. ``LEFT``: they left since, and did not ask again.
    ``CAME_BACK``: their mailbox took no mail since, and they did not ask again. ``BARRED``: the
    address must get nothing. ``GONE``: nothing is known of them. ``WAITING``: they wait for the
    operator's approval.
    """

    DONE = "done"
    ALREADY = "already"
    LEFT = "left"
    CAME_BACK = "came back"
    BARRED = "barred"
    GONE = "gone"
    WAITING = "waiting"


AWAITING = "waits for the operator's approval"
"""The reason of who has confirmed, where the operator approves each."""

MOST_PREFERENCE_EVENTS = 100
"""Changes of preferences that are kept of a subscriber: their link makes any number of them."""

MAX_LEAVE_OFFERS = 3
"""Mails that a reader gets because mails in their name asked to leave: anyone can write those."""


class LeaveOffer(StrEnum):
    """The answer to a wish to leave that anybody could have written."""

    PLANNED = "planned"
    TODAY = "answered today already"
    ENOUGH = "answered often enough"
    LEFT = "not subscribed any more"


def find_subscriber(store: Store, subscriber_id: int) -> Subscriber | None:
    """The reader with that number."""
    with store.read() as unit:
        return unit.subscribers.by_id(subscriber_id)


def confirm(
    store: Store,
    subscriber_id: int,
    *,
    network: str,
    now: datetime,
    welcome: bool = False,
    rule: SignUpRule = OPEN,
) -> ActionResult | SignUpRefusal:
    """The owner of the mailbox says yes. Who left after asking must ask again: links live long.

    A mailbox that had taken no mail is taken for mended: the click proves that it does now. Who
    called our mail unwanted is never brought back. Who came by themselves is refused where ``rule``
    does not let them in any more, and waits where the operator approves each; both are decided, and
    a use of their invitation is counted, in the one transaction that changes their state.
    """
    with store.begin() as unit:
        subscriber = unit.subscribers.by_id(subscriber_id, lock=True)
        if subscriber is None:
            return ActionResult.GONE
        in_vain = _why_in_vain(unit, subscriber)
        if in_vain is not None:
            return in_vain
        refusal = admit(unit, subscriber, rule, now)
        if refusal is not None:
            return refusal
        waits = rule.approval and is_bound(unit, subscriber)
        state = SubscriberState.PENDING if waits else SubscriberState.ACTIVE
        reason = AWAITING if waits else "confirmed by mail"
        unit.subscribers.set_state(subscriber.id, state, reason, now)
        unit.subscribers.note(subscriber.id, EventKind.CONFIRMED, now, {"network": network})
        for key in mailbox_keys_if_any(subscriber.email):
            unit.confirmation_requests.reset(key)
        if waits:
            unit.arrivals.begin_wait(subscriber.id, now)
            return ActionResult.WAITING
        if welcome:
            plan_service_mail(unit, subscriber.id, ServiceMailKind.WELCOME, now)
    return ActionResult.DONE


def _why_in_vain(unit: UnitOfWork, subscriber: Subscriber) -> ActionResult | None:
    """The reason that a confirmation changes nothing; ``None`` if it does."""
    if subscriber.state is SubscriberState.ACTIVE:
        return ActionResult.ALREADY
    if subscriber.state is SubscriberState.SUPPRESSED and not subscriber.suppressed_by_bounce:
        return ActionResult.BARRED
    if subscriber.state is SubscriberState.PENDING:
        return ActionResult.WAITING if unit.arrivals.awaits(subscriber.id) else None
    if not _asked_since(unit, subscriber):
        return ActionResult.CAME_BACK if subscriber.suppressed_by_bounce else ActionResult.LEFT
    return None


def _asked_since(unit: UnitOfWork, subscriber: Subscriber) -> bool:
    """True if they asked for the digest after their mail had ended."""
    kinds = (EventKind.ASKED, subscriber.state)
    last = unit.subscribers.history(subscriber.id, kinds=kinds, limit=1)
    return bool(last) and last[-1].kind == EventKind.ASKED


def save_preferences(
    store: Store, subscriber_id: int, preferences: Preferences, *, now: datetime
) -> ActionResult:
    """Keep what a reader wishes from now on. Of what they wished before the last changes are noted."""
    known = find_subscriber(store, subscriber_id)
    if known is not None and known.preferences == preferences and not known.unusable:
        return ActionResult.ALREADY
    with store.begin() as unit:
        subscriber = unit.subscribers.by_id(subscriber_id)
        if subscriber is None:
            return ActionResult.GONE
        if subscriber.preferences == preferences and not subscriber.unusable:
            return ActionResult.ALREADY
        unit.subscribers.set_preferences(subscriber.id, preferences)
        unit.subscribers.note(subscriber.id, EventKind.PREFERENCES, now)
        unit.subscribers.keep_last_events(
            subscriber.id, EventKind.PREFERENCES, MOST_PREFERENCE_EVENTS
        )
    return ActionResult.DONE


def unsubscribe(
    store: Store,
    subscriber_id: int,
    *,
    reason: str,
    now: datetime,
    goodbye: bool = False,
    origin: str = "web",
) -> ActionResult:
    """Let a reader go, before the next mail leaves. Again, or of someone forgotten: already done.

    ``origin`` is the door they left by; with ``goodbye`` a last mail says that they did.
    """
    with store.begin() as unit:
        subscriber = unit.subscribers.by_id(subscriber_id, lock=True)
        if subscriber is None:
            return ActionResult.GONE
        if subscriber.state in (SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED):
            return ActionResult.ALREADY
        unit.subscribers.set_state(
            subscriber.id, SubscriberState.UNSUBSCRIBED, reason, now, detail={"origin": origin}
        )
        if goodbye and subscriber.state is SubscriberState.ACTIVE:
            plan_service_mail(unit, subscriber.id, ServiceMailKind.GOODBYE, now)
    return ActionResult.DONE


def offer_to_leave(store: Store, subscriber_id: int, *, now: datetime) -> LeaveOffer:
    """Plan a mail to a reader with the link that unsubscribes them, at most one a day and three in
    all.

    It goes to the address that is subscribed, so whoever wrote in its name gets nothing by it.
    """
    with store.begin() as unit:
        subscriber = unit.subscribers.by_id(subscriber_id, lock=True)
        if subscriber is None or subscriber.state is not SubscriberState.ACTIVE:
            return LeaveOffer.LEFT
        offers = unit.subscribers.history(subscriber.id, kinds=(EventKind.OFFERED_TO_LEAVE,))
        today = bool(offers) and now - offers[-1].at < timedelta(days=1)
        if len(offers) >= MAX_LEAVE_OFFERS and not today:
            return LeaveOffer.ENOUGH
        if today or not plan_service_mail(unit, subscriber.id, ServiceMailKind.LEAVE, now):
            return LeaveOffer.TODAY
        unit.subscribers.note(subscriber.id, EventKind.OFFERED_TO_LEAVE, now)
    return LeaveOffer.PLANNED
