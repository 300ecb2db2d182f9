"""Readers by hand: add, find, unsubscribe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from digest.email_address import mailbox_keys
from digest.errors import SubscriberError
from digest.model import Preferences, Subscriber, SubscriberState, SuppressionCause
from digest.store import Store, UnitOfWork
from digest.subscriptions.addresses import (
    validate_address,
)
from digest.subscriptions.sign_up import (
    MAX_UNANSWERED,
    has_declined,
    plan_confirmation_mail,
)

BY_OPERATOR = "operator"
"""The door of who is added one by one. A sheet that is read again brings nobody back."""


_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class AddResult:
    """A reader after an attempt to add them, and in words what that changed.

    ``refused``: nothing, for they do not want to be one. Where nothing but that is known of them,
    ``subscriber`` has the number 0 and is kept nowhere.
    """

    subscriber: Subscriber
    words: str
    is_new: bool
    refused: bool = False


def add_subscriber(
    store: Store,
    email: str,
    preferences: Preferences,
    *,
    confirmed: bool,
    now: datetime,
    ask: bool = True,
    again: bool = False,
) -> AddResult:
    """Add a reader by hand. ``confirmed`` means that the operator vouches for their wish.

    Who is to confirm gets a mail that asks, unless ``ask`` is false: it would have no page to link to.

    A reader who unsubscribed or complained is never brought back this way. One whose mail came back
    is, where the operator vouches: receivers refuse whole lists by mistake now and then. Who never
    wants to be asked, or left several mails unanswered, is only asked ``again`` if the operator says
    that they changed their mind.
    """
    address = validate_address(email)
    with store.begin() as unit:
        if again:
            for key in mailbox_keys(address):
                unit.confirmation_requests.reset(key)
        return add_in_transaction(
            unit, address, preferences, confirmed=confirmed, now=now, origin=BY_OPERATOR, ask=ask
        )


def add_in_transaction(
    unit: UnitOfWork,
    address: str,
    preferences: Preferences,
    *,
    confirmed: bool,
    now: datetime,
    origin: str,
    ask: bool = True,
) -> AddResult:
    """`add` inside a transaction; ``origin`` is the door."""
    state = SubscriberState.ACTIVE if confirmed else SubscriberState.PENDING
    before = unit.subscribers.by_email(address, lock=True)
    refused = (
        ""
        if before is not None and before.state is SubscriberState.ACTIVE
        else _refusal(unit, address)
    )
    if refused:
        nobody = Subscriber(
            0, address, SubscriberState.UNSUBSCRIBED, state_reason=SuppressionCause.LEFT
        )
        return AddResult(before or nobody, f"left as it is: {refused}", False, refused=True)
    if before is None:
        added = unit.subscribers.add(
            address, state=state, preferences=preferences, now=now, origin=origin
        )
        if added.state is state:
            if confirmed:
                for key in mailbox_keys(address):
                    unit.confirmation_requests.reset(key)
                return AddResult(added, "added", True)
            return AddResult(added, f"added; {_asking(unit, added, now, ask=ask)}", True)
        # Barred, though nothing else is known of them any more: the same as if they were known.
        before = added
    if before.state is SubscriberState.PENDING and confirmed:
        unit.subscribers.set_state(
            before.id, SubscriberState.ACTIVE, "confirmed by the operator", now
        )
        unit.subscribers.set_preferences(before.id, preferences)
        return AddResult(_again(unit, before.id), "was pending; now confirmed", False)
    if before.suppressed_by_bounce and confirmed and origin == BY_OPERATOR:
        unit.subscribers.set_state(
            before.id, SubscriberState.ACTIVE, "confirmed by the operator", now
        )
        words = "mail to them had come back; gets the digest again"
        return AddResult(_again(unit, before.id), words, False)
    if before.unusable and before.state is SubscriberState.ACTIVE and origin == BY_OPERATOR:
        unit.subscribers.set_preferences(before.id, preferences)
        words = "had a record that could not be used; its preferences are those given now"
        return AddResult(_again(unit, before.id), words, False)
    if before.state in (SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED):
        words = f"left as it is: {before.state} ({before.state_reason})"
        return AddResult(before, words, False, refused=True)
    return AddResult(before, f"known already ({before.state})", False)


def _refusal(unit: UnitOfWork, address: str) -> str:
    """Why nobody but its owner may bring that address in; ``""`` where the operator may."""
    declined_at = has_declined(unit, address)
    if declined_at is not None:
        return (
            f"its owner asked on {declined_at:%Y-%m-%d} never to be asked again, and gets "
            "nothing. If they changed their mind: digest subscribers add --again"
        )
    if unit.subscribers.suppressed(address) == SuppressionCause.LEFT:
        return (
            "its reader left or was erased, and only they themselves can come back, by the sign-up "
            "page"
        )
    return ""


def _asking(unit: UnitOfWork, subscriber: Subscriber, now: datetime, *, ask: bool) -> str:
    """Ask a new reader to confirm, where that may be; in words what becomes of them."""
    if not ask or plan_confirmation_mail(unit, subscriber, now):
        return explain_pending(ask=ask)
    return (
        f"gets nothing, and no mail asks: {MAX_UNANSWERED} did without an answer. If they want one "
        "more: digest subscribers add --again"
    )


def explain_pending(*, ask: bool) -> str:
    """What becomes of readers who were added without a word of theirs or the operator's."""
    if ask:
        return "gets nothing until the address is confirmed, which a mail asks for"
    return (
        "gets nothing until it is added with --confirmed: no mail asks for a confirmation, for "
        "DIGEST_BASE_URL is not set"
    )


def parse_id_or_address(word: str) -> int | str:
    """Whom an operator means: a reader's number, or an address in its normal form.

    Raises `digest.errors.SubscriberError` for what is neither.
    """
    number = word.strip()
    return int(number) if _NUMBER.fullmatch(number) else validate_address(word)


def find_by_email(store: Store, email: str) -> Subscriber:
    """The reader with that address, or with that number: `digest status` names readers by it.

    Raises `digest.errors.SubscriberError` if there is none.
    """
    sought = parse_id_or_address(email)
    with store.begin() as unit:
        found = (
            unit.subscribers.by_id(sought)
            if isinstance(sought, int)
            else unit.subscribers.by_email(sought)
        )
    if found is None:
        raise SubscriberError(
            "no such subscriber", where=str(sought), mend="See: digest subscribers list"
        )
    return found


def unsubscribe_by_email(store: Store, email: str, *, reason: str, now: datetime) -> Subscriber:
    """Unsubscribe by address. What is planned for the reader is excluded before it is sent."""
    found = find_by_email(store, email)
    return unsubscribe_by_id(store, found.id, reason=reason, now=now)


def unsubscribe_by_id(
    store: Store, subscriber_id: int, *, reason: str, now: datetime
) -> Subscriber:
    """Unsubscribe. Doing it again changes nothing; a suppressed address stays suppressed."""
    with store.begin() as unit:
        subscriber = _again(unit, subscriber_id)
        if subscriber.state in (SubscriberState.ACTIVE, SubscriberState.PENDING):
            unit.subscribers.set_state(subscriber.id, SubscriberState.UNSUBSCRIBED, reason, now)
        return _again(unit, subscriber_id)


def list_subscribers(store: Store, state: SubscriberState | None = None) -> Iterator[Subscriber]:
    """All readers, in the order they came, a few hundred at a time."""
    after = 0
    while True:
        with store.begin() as unit:
            chunk = unit.subscribers.list(state=state, after=after, limit=500)
        yield from chunk
        if not chunk:
            return
        after = chunk[-1].id


def _again(unit: UnitOfWork, subscriber_id: int) -> Subscriber:
    found = unit.subscribers.by_id(subscriber_id, lock=True)
    if found is None:
        raise SubscriberError("no such subscriber")
    return found
