"""Show all that is held about one person to them or the operator, and delete it if they wish.

A person is found by number (from their signed link) or by address; by address also where they only
asked, and nobody has looked at it yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from digest.email_address import mailbox_keys_if_any
from digest.errors import SubscriberError
from digest.model import Subscriber
from digest.store import Store, UnitOfWork
from digest.store.confirmation_requests import ConfirmationRequest
from digest.store.subscribers import MOST_EVENTS
from digest.subscriptions.administration import parse_id_or_address
from digest.subscriptions.self_service import ActionResult

NOT_SHOWN = frozenset({"id", "subscriber_id", "delivery_id", "edition_id", "selection_id", "owner"})
_LEASE = "lease"

ForgetFiles = Callable[[str], tuple[int, int]]
"""Deletes the files that name an address: how many, and how many are still to be searched."""


def _no_files(_: str) -> tuple[int, int]:
    return 0, 0


@dataclass(frozen=True, slots=True)
class EraseResult:
    """The erased data. ``files`` named the person, ``unsearched`` may still do so until the next
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
    id_or_address = parse_id_or_address(email)
    with store.begin() as unit:
        # First what would make them a reader, then the reader it may have made meanwhile.
        waited = isinstance(id_or_address, str) and _forget_sign_up(unit, id_or_address)
        subscriber = _reader(unit, id_or_address, lock=True)
        if subscriber is None and not waited:
            raise _nobody(id_or_address)
        address = id_or_address if isinstance(id_or_address, str) else _address(subscriber)
        if subscriber is not None:
            _forget_sign_up(unit, subscriber.email)
        _erase(unit, subscriber, address, now)
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


def _address(subscriber: Subscriber | None) -> str:
    return subscriber.email if subscriber is not None else ""


def _reader(unit: UnitOfWork, id_or_address: str | int, *, lock: bool = False) -> Subscriber | None:
    if isinstance(id_or_address, int):
        return unit.subscribers.by_id(id_or_address, lock=lock)
    return unit.subscribers.by_email(id_or_address, lock=lock)


def _nobody(id_or_address: str | int) -> SubscriberError:
    return SubscriberError(
        "no such subscriber", where=str(id_or_address), mend="See: digest subscribers list"
    )


def _forget_sign_up(unit: UnitOfWork, address: str) -> bool:
    keys = mailbox_keys_if_any(address)
    return bool(keys) and unit.personal_data.forget_sign_up(keys[0])


def _erase(unit: UnitOfWork, subscriber: Subscriber | None, address: str, now: datetime) -> None:
    if subscriber is not None:
        unit.subscribers.erase(subscriber.id, left_at=now)
        unit.selections.forget_unused()
    unit.personal_data.forget_address(address)
    if subscriber is not None and subscriber.email != address and "@" in subscriber.email:
        unit.personal_data.forget_address(subscriber.email)


def export_subscriber(store: Store, subscriber_id: int) -> dict[str, Any] | None:
    """Everything held about a subscriber, as JSON has it; ``None`` if nothing is."""
    with store.read() as unit:
        subscriber = unit.subscribers.by_id(subscriber_id)
        return None if subscriber is None else _held(unit, subscriber)


def export_by_email(store: Store, email: str) -> tuple[dict[str, Any], Subscriber | None]:
    """The same by address or number, also of who only asked so far; and the reader, if they are
    one.

    Raises `digest.errors.SubscriberError` if nobody is known by it.
    """
    id_or_address = parse_id_or_address(email)
    with store.read() as unit:
        subscriber = _reader(unit, id_or_address)
        if subscriber is not None:
            return _held(unit, subscriber), subscriber
        sign_up = _sign_up(unit, id_or_address) if isinstance(id_or_address, str) else None
    if sign_up is None or not sign_up["email"]:
        raise _nobody(id_or_address)
    return {"email": sign_up["email"], "state": "asked", "sign_up": sign_up}, None


def _held(unit: UnitOfWork, subscriber: Subscriber) -> dict[str, Any]:
    rows = unit.personal_data.of_subscriber(subscriber.id)
    (own,) = rows["subscribers"]
    omitted = max(0, unit.subscribers.count_events(subscriber.id) - MOST_EVENTS)
    keys = mailbox_keys_if_any(subscriber.email)
    request = unit.confirmation_requests.of(keys[0]) if keys else None
    return {
        "email": subscriber.email,
        **_arrival(rows["arrivals"]),
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
            for event in unit.subscribers.history(subscriber.id)
        ],
        **({"earlier_events": omitted} if omitted else {}),
        "letters": [_shown(row) for row in rows["letters"]],
        "editions": _editions(rows["outbox"], rows["attempts"]),
        "taste": {
            "seeds": [_shown(row) for row in rows["seeds"]],
            "votes": [_shown(row) for row in rows["votes"]],
            "follows": [_shown(row) for row in rows["follows"]],
            "own_order_in": [_shown(row) for row in rows["subscriber_selections"]],
        },
        "reading_list": [_shown(row) for row in rows["reading_lists"]],
        "sign_up": _sign_up(unit, subscriber.email),
        "confirmation_mails": None if request is None else _confirmation_mails(request),
        "suppressed": unit.subscribers.suppressed(subscriber.email) if keys else None,
    }


def _arrival(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The name a subscriber gave, the invitation they came by, and their wait for approval."""
    row = rows[0] if rows else {}
    return {
        "name": row.get("name") or "",
        "invitation": row.get("invitation_id"),
        "awaiting_approval_since": _text(row.get("awaiting_since")),
    }


def _editions(
    deliveries: Sequence[Mapping[str, Any]], attempts: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    attempts_by_delivery: dict[int, list[dict[str, Any]]] = {}
    for row in attempts:
        attempts_by_delivery.setdefault(row["delivery_id"], []).append(_shown(row))
    return [
        {
            "at": _text(row["finished_at"]),
            **_shown(row),
            "attempts": attempts_by_delivery.get(row["id"], []),
        }
        for row in deliveries
    ]


def _confirmation_mails(request: ConfirmationRequest) -> dict[str, Any]:
    return {
        "since_the_last_answer": request.asked,
        "last": _text(request.asked_at),
        "never_again_since": _text(request.declined_at),
    }


def _sign_up(unit: UnitOfWork, address: str) -> dict[str, Any] | None:
    keys = mailbox_keys_if_any(address)
    row = unit.personal_data.of_mailbox(keys[0]) if keys else None
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
