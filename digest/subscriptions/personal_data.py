"""What is held about one person: shown to them or the operator, and deleted when they wish it.

A person is found by number (from their signed link) or by address; by address also where they only
asked, and nobody has looked at it yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from digest.email_address import mailbox_key_if_any
from digest.errors import SubscriberError
from digest.model import Subscriber
from digest.store import Store, UnitOfWork
from digest.store.subscribers import MOST_EVENTS
from digest.subscriptions.administration import parse_id_or_address
from digest.subscriptions.self_service import ActionResult

NOT_SHOWN = frozenset({"id", "subscriber_id", "delivery_id", "edition_id"})
_LEASE = "lease"

ForgetFiles = Callable[[str], tuple[int, int]]
"""Deletes the files that name an address: how many, and how many are still to be searched."""


def _no_files(_: str) -> tuple[int, int]:
    return 0, 0


@dataclass(frozen=True, slots=True)
class EraseResult:
    """What was erased. ``files`` named the person, ``unsearched`` may still do so until the next
    prune; ``log_is_clear``: no older page is left, either.
    """

    files: int = 0
    unsearched: int = 0
    log_is_clear: bool = True

    @property
    def words(self) -> str:
        """One line for people."""
        parts = ["erased"]
        if self.files:
            files = "1 message" if self.files == 1 else f"{self.files:,} messages"
            parts.append(f"with {files} in the quarantine that named them")
        if self.unsearched:
            files = "1 message" if self.unsearched == 1 else f"{self.unsearched:,} messages"
            parts.append(f"but {files} in the quarantine will be searched by digest prune")
        if not self.log_is_clear:
            parts.append(
                "but another program reads an older state of the database, in whose log they still "
                "stand: run digest prune in a minute"
            )
        return ", ".join(parts)


def erase_by_email(
    store: Store, email: str, *, now: datetime, forget_files: ForgetFiles = _no_files
) -> EraseResult:
    """Delete everything known of who has that address or number, also if they only asked.

    Raises `digest.errors.SubscriberError` if nobody is known by it.
    """
    sought = parse_id_or_address(email)
    with store.begin() as unit:
        # First what would make them a reader, then the reader it may have made meanwhile.
        waited = isinstance(sought, str) and _forget_sign_up(unit, sought)
        known = _reader(unit, sought, lock=True)
        if known is None and not waited:
            raise _nobody(sought)
        address = sought if isinstance(sought, str) else _address(known)
        if known is not None:
            _forget_sign_up(unit, known.email)
        _erase(unit, known, address, now)
    is_clear = store.clear_log()
    files, unsearched = forget_files(address) if "@" in address else (0, 0)
    return EraseResult(files, unsearched, is_clear)


def erase_subscriber(
    store: Store, subscriber_id: int, *, now: datetime, forget_files: ForgetFiles = _no_files
) -> ActionResult:
    """Delete everything known of a reader."""
    try:
        erase_by_email(store, str(subscriber_id), now=now, forget_files=forget_files)
    except SubscriberError:
        return ActionResult.GONE
    return ActionResult.DONE


def _address(known: Subscriber | None) -> str:
    return known.email if known is not None else ""


def _reader(unit: UnitOfWork, sought: str | int, *, lock: bool = False) -> Subscriber | None:
    if isinstance(sought, int):
        return unit.subscribers.by_id(sought, lock=lock)
    return unit.subscribers.by_email(sought, lock=lock)


def _nobody(sought: str | int) -> SubscriberError:
    return SubscriberError(
        "no such subscriber", where=str(sought), mend="See: digest subscribers list"
    )


def _forget_sign_up(unit: UnitOfWork, address: str) -> bool:
    box = mailbox_key_if_any(address)
    return box is not None and unit.personal_data.forget_sign_up(box)


def _erase(unit: UnitOfWork, known: Subscriber | None, address: str, now: datetime) -> None:
    if known is not None:
        unit.subscribers.erase(known.id, left_at=now)
    unit.personal_data.forget_address(address)
    if known is not None and known.email != address and "@" in known.email:
        unit.personal_data.forget_address(known.email)


def export_subscriber(store: Store, subscriber_id: int) -> dict[str, Any] | None:
    """Everything held about a reader, as JSON has it; ``None`` if nothing is."""
    with store.read() as unit:
        subscriber = unit.subscribers.by_id(subscriber_id)
        return None if subscriber is None else _held(unit, subscriber)


def export_by_email(store: Store, email: str) -> tuple[dict[str, Any], Subscriber | None]:
    """The same by address or number, also of who only asked so far; and the reader, if they are one.

    Raises `digest.errors.SubscriberError` if nobody is known by it.
    """
    sought = parse_id_or_address(email)
    with store.read() as unit:
        subscriber = _reader(unit, sought)
        if subscriber is not None:
            return _held(unit, subscriber), subscriber
        asked = _sign_up(unit, sought) if isinstance(sought, str) else None
    if asked is None or not asked["email"]:
        raise _nobody(sought)
    return {"email": asked["email"], "state": "asked", "sign_up": asked}, None


def _held(unit: UnitOfWork, subscriber: Subscriber) -> dict[str, Any]:
    rows = unit.personal_data.of_subscriber(subscriber.id)
    (own,) = rows["subscribers"]
    omitted = max(0, unit.subscribers.count_events(subscriber.id) - MOST_EVENTS)
    history = unit.subscribers.history(subscriber.id)
    box = mailbox_key_if_any(subscriber.email)
    request = unit.confirmation_requests.of(box) if box is not None else None
    attempts: dict[int, list[dict[str, Any]]] = {}
    for row in rows["attempts"]:
        attempts.setdefault(row["delivery_id"], []).append(_shown(row))
    return {
        "email": subscriber.email,
        "state": str(subscriber.state),
        "reason": subscriber.state_reason,
        "state_at": _text(own["state_at"]),
        "origin": own["origin"],
        "created_at": _text(subscriber.created_at),
        "confirmed_at": _text(subscriber.confirmed_at),
        "consent": {"network": own["consent_network"], "wording": own["consent_wording"]},
        "bounces": {"points": own["bounce_points"], "last": _text(own["bounced_at"])},
        "preferences": {n: _text(value) for n, value in asdict(subscriber.preferences).items()},
        "history": [
            {"at": event.at.isoformat(), "what": event.kind, "detail": dict(event.detail)}
            for event in history
        ],
        **({"earlier_events": omitted} if omitted else {}),
        "letters": [_shown(row) for row in rows["letters"]],
        "editions": [
            {
                "at": _text(row["finished_at"]),
                **_shown(row),
                "attempts": attempts.get(row["id"], []),
            }
            for row in rows["outbox"]
        ],
        "sign_up": _sign_up(unit, subscriber.email),
        "confirmation_mails": None
        if request is None
        else {
            "since_the_last_answer": request.asked,
            "last": _text(request.asked_at),
            "never_again_since": _text(request.declined_at),
        },
        "suppressed": unit.subscribers.suppressed(subscriber.email) if box is not None else None,
    }


def _sign_up(unit: UnitOfWork, address: str) -> dict[str, Any] | None:
    box = mailbox_key_if_any(address)
    row = unit.personal_data.of_mailbox(box) if box is not None else None
    return None if row is None else _shown(row)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON has it, without its numbers and without who works on it."""
    return {
        name: _text(value)
        for name, value in row.items()
        if name not in NOT_SHOWN and not name.startswith(_LEASE)
    }


def _text(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value
