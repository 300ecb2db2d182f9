"""Manage subscribers by hand: add, find, unsubscribe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.email_address import mailbox_keys
from digest.errors import SubscriberError
from digest.model import Preferences, Subscriber, SubscriberState, SuppressionCause
from digest.store import Store, UnitOfWork
from digest.subscriptions.addresses import validate_address
from digest.subscriptions.sign_up import (
    DECLINED_BY_OPERATOR,
    MAX_UNANSWERED,
    has_declined,
    plan_confirmation_mail,
)

BY_OPERATOR = "operator"
"""The door of who is added one by one. A sheet that is read again brings nobody back."""
REMOVED_BY_OPERATOR = "removed by the operator"
"""The reason of who was unsubscribed by hand; the same hand may bring them back."""

_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class NewSubscriber:
    """A subscriber to add, by their ``address``; ``origin`` is the door.

    ``confirmed``: the operator vouches for their wish. ``ask``: a mail may ask who is not; without
    pages there is none to link to. ``again``: they may be asked though they wanted never to be, or
    left several mails unanswered, for the operator says that they changed their mind. ``fields``
    are those of the preferences that were given; of somebody known, only they change.
    """

    address: str
    preferences: Preferences
    confirmed: bool
    origin: str = BY_OPERATOR
    ask: bool = True
    again: bool = False
    fields: tuple[str, ...] = ()

    def preferences_of(self, known: Subscriber) -> Preferences:
        """The preferences that somebody known has after this."""
        given = {field: getattr(self.preferences, field) for field in self.fields}
        return replace(known.preferences, **given)

    @property
    def state(self) -> SubscriberState:
        """The state that a new subscriber gets."""
        return SubscriberState.ACTIVE if self.confirmed else SubscriberState.PENDING


@dataclass(frozen=True, slots=True)
class AddResult:
    """A subscriber after an attempt to add them, and in words what that changed.

    ``refused``: nothing, for they do not want to be one. Where nothing but that is known of them,
    ``subscriber`` has the number 0 and is kept nowhere.
    """

    subscriber: Subscriber
    words: str
    is_new: bool
    refused: bool = False


def add_subscriber(store: Store, new: NewSubscriber, *, now: datetime) -> AddResult:
    """Add a subscriber by hand. Raises `digest.errors.SubscriberError` for a bad address.

    One who unsubscribed or complained is never brought back this way. One whose mail came back is,
    where the operator vouches: receivers refuse whole lists by mistake now and then.
    """
    valid = replace(new, address=validate_address(new.address))
    with store.begin() as unit:
        if valid.again:
            for key in mailbox_keys(valid.address):
                unit.confirmation_requests.reset(key)
        return add_in_transaction(unit, valid, now)


def add_in_transaction(unit: UnitOfWork, new: NewSubscriber, now: datetime) -> AddResult:
    """Add a subscriber of a valid address, as `add_subscriber` does, in an open transaction."""
    before = unit.subscribers.by_email(new.address, lock=True)
    if before is None or before.state is not SubscriberState.ACTIVE:
        refusal = _refusal(unit, new.address)
        if refusal:
            nobody = Subscriber(
                0,
                new.address,
                SubscriberState.UNSUBSCRIBED,
                state_reason=SuppressionCause.LEFT,
            )
            return AddResult(before or nobody, f"left as it is: {refusal}", False, refused=True)
    if before is not None:
        return _add_known(unit, new, before, now)
    added = unit.subscribers.add(
        new.address,
        state=new.state,
        preferences=new.preferences,
        now=now,
        origin=new.origin,
    )
    if added.state is not new.state:
        # Barred, though nothing else is known of them any more: the same as if they were known.
        return _add_known(unit, new, added, now)
    if new.confirmed:
        for key in mailbox_keys(new.address):
            unit.confirmation_requests.reset(key)
        return AddResult(added, "added", True)
    return AddResult(added, f"added; {_ask(unit, added, now, ask=new.ask)}", True)


def _add_known(unit: UnitOfWork, new: NewSubscriber, known: Subscriber, now: datetime) -> AddResult:
    """Add somebody who is known already, as far as their state lets the operator."""
    by_operator = new.origin == BY_OPERATOR
    if known.state is SubscriberState.PENDING and new.confirmed:
        _activate(unit, known, now)
        preferences = new.preferences_of(known) if by_operator else new.preferences
        unit.subscribers.set_preferences(known.id, preferences)
        return AddResult(_reread(unit, known.id), "was pending; now confirmed", False)
    if by_operator and new.confirmed and (back := _brought_back(known)):
        _activate(unit, known, now)
        unit.subscribers.set_preferences(known.id, new.preferences_of(known))
        return AddResult(_reread(unit, known.id), f"{back}; gets the digest again", False)
    if known.unusable and known.state is SubscriberState.ACTIVE and by_operator:
        unit.subscribers.set_preferences(known.id, new.preferences)
        words = "had a record that could not be used; its preferences are those given now"
        return AddResult(_reread(unit, known.id), words, False)
    if known.state in (SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED):
        words = f"left as it is: {known.state} ({known.state_reason})"
        if by_operator and _brought_back(known):
            words += "; to bring them back, add --confirmed"
        return AddResult(known, words, False, refused=True)
    words = f"known already ({known.state})"
    if by_operator and new.fields:
        unit.subscribers.set_preferences(known.id, new.preferences_of(known))
        named = ", ".join(new.fields)
        return AddResult(_reread(unit, known.id), f"{words}; changed: {named}", False)
    return AddResult(known, words, False)


def _brought_back(known: Subscriber) -> str:
    """The words for somebody whom the operator may bring back; ``""`` for who left by themselves."""
    if known.suppressed_by_bounce:
        return "mail to them came back"
    if known.state is not SubscriberState.UNSUBSCRIBED:
        return ""
    by_operator = (REMOVED_BY_OPERATOR, DECLINED_BY_OPERATOR)
    return f"was {known.state_reason}" if known.state_reason in by_operator else ""


def _activate(unit: UnitOfWork, subscriber: Subscriber, now: datetime) -> None:
    reason = "confirmed by the operator"
    unit.subscribers.set_state(subscriber.id, SubscriberState.ACTIVE, reason, now)


def _refusal(unit: UnitOfWork, address: str) -> str:
    """The reason that nobody but its owner may add that address; ``""`` where the operator may."""
    declined_at = has_declined(unit, address)
    if declined_at is not None:
        return (
            f"its owner asked on {declined_at:%Y-%m-%d} never to be asked again, and gets "
            "nothing. If they changed their mind: digest subscribers add --again"
        )
    if unit.subscribers.suppressed(address) == SuppressionCause.LEFT:
        return (
            "its owner unsubscribed or was erased, and only they can subscribe again, on the "
            "sign-up page"
        )
    return ""


def _ask(unit: UnitOfWork, subscriber: Subscriber, now: datetime, *, ask: bool) -> str:
    """Ask a new reader to confirm, where that may be; in words what becomes of them."""
    if not ask or plan_confirmation_mail(unit, subscriber, now):
        return explain_pending(ask=ask)
    return (
        f"gets nothing, and is not asked again: {MAX_UNANSWERED} mails had no answer. If they "
        "want one "
        "more: digest subscribers add --again"
    )


def explain_pending(*, ask: bool) -> str:
    """Explain what becomes of subscribers who were added without a word of theirs or the
    operator's.
    """
    if ask:
        return "gets nothing until the address is confirmed; a mail asks for it"
    return (
        "gets nothing until it is added with --confirmed: no mail asks for a confirmation, "
        "because DIGEST_BASE_URL is not set"
    )


def parse_id_or_address(word: str) -> int | str:
    """Read whom an operator means: a subscriber's number, or an address in its normal form.

    Raises `digest.errors.SubscriberError` for what is neither.
    """
    number = word.strip()
    return int(number) if _NUMBER.fullmatch(number) else validate_address(word)


MOST_NAMED = 5
"""Addresses named to an operator who gave a part of several."""


def whole_address(store: Store, word: str) -> str:
    """Complete a part of an address to the one that has it; a number or an address stays as it is.

    An address is never taken for a part of a longer one: that is somebody else's. Raises
    `digest.errors.SubscriberError` if several addresses have that part, or none.
    """
    part = word.strip()
    if _NUMBER.fullmatch(part) or _is_address(part):
        return part
    with store.read() as unit:
        found = unit.subscribers.containing(part, limit=MOST_NAMED + 1)
    if not found:
        raise SubscriberError(
            "no address has this", where=part, mend="See: digest subscribers list"
        )
    if len(found) > 1:
        named = ", ".join(subscriber.email for subscriber in found[:MOST_NAMED])
        more = " and others" if len(found) > MOST_NAMED else ""
        raise SubscriberError(f"several addresses have this: {named}{more}", where=part)
    return found[0].email


def _is_address(word: str) -> bool:
    try:
        validate_address(word)
    except SubscriberError:
        return False
    return True


def find_by_email(store: Store, email: str) -> Subscriber:
    """The reader with that address, or with that number: `digest status` names readers by it.

    Raises `digest.errors.SubscriberError` if there is none.
    """
    id_or_address = parse_id_or_address(email)
    with store.begin() as unit:
        subscriber = (
            unit.subscribers.by_id(id_or_address)
            if isinstance(id_or_address, int)
            else unit.subscribers.by_email(id_or_address)
        )
    if subscriber is None:
        raise SubscriberError(
            "no such subscriber", where=str(id_or_address), mend="See: digest subscribers list"
        )
    return subscriber


def unsubscribe_by_email(store: Store, email: str, *, reason: str, now: datetime) -> Subscriber:
    """Unsubscribe by address. What is planned for the reader is excluded before it is sent."""
    subscriber = find_by_email(store, email)
    return unsubscribe_by_id(store, subscriber.id, reason=reason, now=now)


def unsubscribe_by_id(
    store: Store, subscriber_id: int, *, reason: str, now: datetime
) -> Subscriber:
    """Unsubscribe. Doing it again changes nothing; a suppressed address stays suppressed."""
    with store.begin() as unit:
        subscriber = _reread(unit, subscriber_id)
        if subscriber.state in (SubscriberState.ACTIVE, SubscriberState.PENDING):
            unit.subscribers.set_state(subscriber.id, SubscriberState.UNSUBSCRIBED, reason, now)
        return _reread(unit, subscriber_id)


def change_preferences(
    store: Store, subscriber_id: int, given: Preferences, fields: Sequence[str]
) -> AddResult:
    """Change those ``fields`` of a subscriber's preferences; nothing of who gets no mail any more.

    Raises `digest.errors.SubscriberError` if there is no such subscriber.
    """
    with store.begin() as unit:
        known = _reread(unit, subscriber_id)
        if known.state in (SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED):
            words = f"left as it is: {known.state} ({known.state_reason})"
            return AddResult(known, words, False, refused=True)
        if not fields:
            return AddResult(known, "nothing to change", False)
        changes = {field: getattr(given, field) for field in fields}
        unit.subscribers.set_preferences(known.id, replace(known.preferences, **changes))
        return AddResult(_reread(unit, known.id), f"changed: {', '.join(fields)}", False)


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


def _reread(unit: UnitOfWork, subscriber_id: int) -> Subscriber:
    subscriber = unit.subscribers.by_id(subscriber_id, lock=True)
    if subscriber is None:
        raise SubscriberError("no such subscriber")
    return subscriber
