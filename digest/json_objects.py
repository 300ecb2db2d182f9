"""JSON objects of subscribers, deliveries, posts and runs: the commands print them, the API answers them.

Both take them from here, so that no field has two names or two forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from digest.model import (
    AddressedDelivery,
    DeliveryRecord,
    DeliveryState,
    PostRecord,
    RecordPart,
    Run,
    Subscriber,
    Tally,
)


def subscriber_object(subscriber: Subscriber) -> dict[str, Any]:
    """A subscriber as JSON."""
    preferences = subscriber.preferences
    return {
        "id": subscriber.id,
        "email": subscriber.email,
        "state": str(subscriber.state),
        "reason": subscriber.state_reason or None,
        "set_aside": str(subscriber.unusable) if subscriber.unusable else None,
        **({"mend": _mend(subscriber)} if subscriber.unusable else {}),
        "created_at": subscriber.created_at.isoformat() if subscriber.created_at else None,
        "confirmed_at": subscriber.confirmed_at.isoformat() if subscriber.confirmed_at else None,
        "topics": list(preferences.topics),
        "exclude": list(preferences.exclude_topics),
        "keywords": [*preferences.keywords, *(f"-{word}" for word in preferences.exclude_keywords)],
        "frequency": str(preferences.frequency),
        "hour": preferences.hour,
        "timezone": preferences.timezone,
        "max_papers": preferences.max_papers,
        "paused_until": preferences.paused_until.isoformat() if preferences.paused_until else None,
        "format": str(preferences.format),
    }


def _mend(subscriber: Subscriber) -> str:
    """The command that brings a subscriber back whose record cannot be used."""
    if subscriber.unusable and subscriber.unusable.part is RecordPart.PREFERENCES:
        return "digest subscribers add EMAIL --confirmed, with the preferences they are to have"
    return f"digest subscribers erase {subscriber.id}, then add them again"


def delivery_object(record: DeliveryRecord) -> dict[str, Any]:
    """A delivery as JSON: which edition, its state, attempts, and the reason or the relay's reply."""
    return {
        "edition": f"{record.kind} {record.day}",
        "state": str(record.state),
        "attempts": record.attempt,
        "reply": relay_reply(record),
    }


def addressed_delivery_object(delivery: AddressedDelivery) -> dict[str, Any]:
    """A delivery as JSON, with whom it is to and when its outcome was final."""
    finished_at = delivery.record.finished_at
    return {
        "subscriber": delivery.subscriber_id,
        "email": delivery.email,
        **delivery_object(delivery.record),
        "finished_at": finished_at.isoformat() if finished_at else None,
    }


def post_reply(record: PostRecord) -> str:
    """The answer to a post: its status, and its words."""
    return " ".join(str(part) for part in (record.code, record.words) if part)


def post_object(record: PostRecord) -> dict[str, Any]:
    """A post to a channel as JSON."""
    waits = record.state in (DeliveryState.PLANNED, DeliveryState.DEFERRED)
    return {
        "edition": f"{record.kind} {record.day}",
        "post": record.target,
        "state": str(record.state),
        "attempts": record.attempt,
        "reply": post_reply(record),
        "next_at": record.next_at.isoformat() if waits else None,
        "finished_at": record.finished_at.isoformat() if record.finished_at else None,
    }


def relay_reply(record: DeliveryRecord) -> str:
    """The relay's reply; its words mostly begin with the status code."""
    status = "" if (record.words or "").startswith(record.status or " ") else record.status
    return " ".join(str(part) for part in (record.code, status, record.words) if part)


def state_counts(tally: Tally) -> Mapping[str, int]:
    """The deliveries of an edition by the name of their state."""
    return {str(state): getattr(tally, state) for state in DeliveryState}


def run_object(run: Run) -> dict[str, Any]:
    """A run of a job as JSON, without the job's name."""
    return {
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat(),
        "ok": run.ok,
        "summary": run.summary,
        "silence": run.no_mail_reason or None,
    }
