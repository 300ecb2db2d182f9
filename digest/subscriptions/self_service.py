"""What a reader does with the links that only they have: confirm, choose, pause, leave."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from digest.model import Preferences, Subscriber, SubscriberState
from digest.store import Store, UnitOfWork
from digest.subscriptions.addresses import mailbox_key
from digest.subscriptions.service_mails import GOODBYE, LEAVE, WELCOME, plan_service_mail
from digest.subscriptions.sign_up import ASKED


class ActionResult(StrEnum):
    """How a reader stands after what they did.

    ``ALREADY``: nothing had to change. ``LEFT``: they left since, and did not ask again.
    ``CAME_BACK``: their mailbox took no mail since, and they did not ask again. ``BARRED``: the
    address must get nothing. ``GONE``: nothing is known of them.
    """

    DONE = "done"
    ALREADY = "already"
    LEFT = "left"
    CAME_BACK = "came back"
    BARRED = "barred"
    GONE = "gone"


MAX_LEAVE_OFFERS = 3
"""Mails that a reader gets because mails in their name asked to leave: anyone can write those."""

_OFFERED = "offered to leave"


class LeaveOffer(StrEnum):
    """What was done about a wish to leave that anybody could have written."""

    PLANNED = "planned"
    TODAY = "answered today already"
    ENOUGH = "answered often enough"
    LEFT = "not subscribed any more"


def find_subscriber(store: Store, subscriber_id: int) -> Subscriber | None:
    """The reader with that number."""
    with store.read() as unit:
        return unit.subscribers.by_id(subscriber_id)


def confirm(
    store: Store, subscriber_id: int, *, network: str, now: datetime, welcome: bool = False
) -> ActionResult:
    """The owner of the mailbox says yes. Who left after asking must ask again: links live long.

    A mailbox that had taken no mail is taken for mended: the click proves that it does now. Who
    called our mail unwanted is never brought back.
    """
    with store.begin() as unit:
        reader = unit.subscribers.by_id(subscriber_id, lock=True)
        if reader is None:
            return ActionResult.GONE
        if reader.state is SubscriberState.ACTIVE:
            return ActionResult.ALREADY
        if reader.state is SubscriberState.SUPPRESSED and not reader.suppressed_by_bounce:
            return ActionResult.BARRED
        if reader.state is not SubscriberState.PENDING and not _asked_since(unit, reader):
            return ActionResult.CAME_BACK if reader.suppressed_by_bounce else ActionResult.LEFT
        unit.subscribers.set_state(reader.id, SubscriberState.ACTIVE, "confirmed by mail", now)
        unit.subscribers.note(reader.id, "confirmed", now, {"network": network})
        unit.confirmation_requests.reset(mailbox_key(reader.email))
        if welcome:
            plan_service_mail(unit, reader.id, WELCOME, now)
    return ActionResult.DONE


def _asked_since(unit: UnitOfWork, reader: Subscriber) -> bool:
    """Whether they asked for the digest after their mail had ended."""
    history = unit.subscribers.history(reader.id)
    kinds = [event.kind for event in history if event.kind in (ASKED, reader.state)]
    return bool(kinds) and kinds[-1] == ASKED


def save_preferences(
    store: Store, subscriber_id: int, preferences: Preferences, *, now: datetime
) -> ActionResult:
    """Keep what a reader wishes from now on."""
    with store.begin() as unit:
        reader = unit.subscribers.by_id(subscriber_id)
        if reader is None:
            return ActionResult.GONE
        if reader.preferences == preferences and not reader.unusable:
            return ActionResult.ALREADY
        unit.subscribers.set_preferences(reader.id, preferences)
        unit.subscribers.note(reader.id, "preferences", now)
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
        reader = unit.subscribers.by_id(subscriber_id, lock=True)
        if reader is None:
            return ActionResult.GONE
        if reader.state in (SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED):
            return ActionResult.ALREADY
        unit.subscribers.set_state(
            reader.id, SubscriberState.UNSUBSCRIBED, reason, now, detail={"origin": origin}
        )
        if goodbye and reader.state is SubscriberState.ACTIVE:
            plan_service_mail(unit, reader.id, GOODBYE, now)
    return ActionResult.DONE


def offer_to_leave(store: Store, subscriber_id: int, *, now: datetime) -> LeaveOffer:
    """Plan a mail to a reader with the link that unsubscribes them, at most one a day and three in all.

    It goes to the address that is subscribed, so whoever wrote in its name gets nothing by it.
    """
    with store.begin() as unit:
        reader = unit.subscribers.by_id(subscriber_id, lock=True)
        if reader is None or reader.state is not SubscriberState.ACTIVE:
            return LeaveOffer.LEFT
        offers = [event for event in unit.subscribers.history(reader.id) if event.kind == _OFFERED]
        today = bool(offers) and now - offers[-1].at < timedelta(days=1)
        if len(offers) >= MAX_LEAVE_OFFERS and not today:
            return LeaveOffer.ENOUGH
        if today or not plan_service_mail(unit, reader.id, LEAVE, now):
            return LeaveOffer.TODAY
        unit.subscribers.note(reader.id, _OFFERED, now)
    return LeaveOffer.PLANNED
