"""``digest deliveries``: who got an edition, who did not, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.console import parse_day, print_error, say, say_json
from digest.cli.papers import Json

if TYPE_CHECKING:
    from digest.model import AddressedDelivery, DeliveryRecord, DeliveryState, EditionSummary
    from digest.store import Store

_AT_ONCE = 500


class StateOption(StrEnum):
    """The states of a delivery, as an option's values; importing the model is slow for a help."""

    PLANNED = "planned"
    LEASED = "leased"
    SENDING = "sending"
    DEFERRED = "deferred"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXCLUDED = "excluded"
    UNKNOWN = "unknown"


def deliveries(
    edition: Annotated[
        datetime | None,
        typer.Option(
            parser=parse_day,
            help="The day of the editions, as 2026-11-20. Default: that of the newest.",
            metavar="DAY",
        ),
    ] = None,
    state: Annotated[StateOption | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Deliveries shown at most.")] = 1000,
    as_json: Json = False,
) -> None:
    """Show who got an edition, who did not, and why: a line for each subscriber.

    The last line counts all of them by state.
    """
    from digest.model import DeliveryState
    from digest.wiring.application import open_application

    store = open_application().store
    wanted = DeliveryState(state) if state is not None else None
    summaries = _editions(store, edition)
    if not summaries:
        day = f"of {edition:%Y-%m-%d} " if edition is not None else ""
        print_error(f"no edition {day}is published. See: digest status")
        raise typer.Exit(1)
    counts = _print_deliveries(store, summaries, wanted, limit, as_json=as_json)
    if not as_json:
        counted = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        say(f"in all: {counted or 'nobody is to get it'}")
    asked_for = counts[wanted] if wanted is not None else counts.total()
    if asked_for > limit:
        print_error(f"the first {limit:,} of {asked_for:,} are shown; --limit shows more")


def _print_deliveries(
    store: Store,
    summaries: Sequence[EditionSummary],
    state: DeliveryState | None,
    limit: int,
    *,
    as_json: bool,
) -> Counter[str]:
    """Print the first ``limit`` deliveries of these editions; how many there are, by state."""
    counts: Counter[str] = Counter()
    for summary in summaries:
        counts.update(_counts(store, summary))
        if len(summaries) > 1 and not as_json:
            say(f"{summary.kind} edition of {summary.day}:")
        for delivery in _of_edition(store, summary, state, limit):
            limit -= 1
            _print(delivery, as_json=as_json)
    return counts


def _editions(store: Store, day: datetime | None) -> list[EditionSummary]:
    """The editions of that day, or of the newest edition's."""
    from digest.model import EditionKind

    with store.read() as unit:
        newest = [summary for kind in EditionKind if (summary := unit.editions.newest(kind))]
        if day is None and not newest:
            return []
        wanted = day.date() if day is not None else max(summary.day for summary in newest)
        of_day = [unit.editions.summary(kind, wanted, all=True) for kind in EditionKind]
    return [summary for summary in of_day if summary is not None]


def _counts(store: Store, summary: EditionSummary) -> dict[str, int]:
    with store.read() as unit:
        tally = unit.outbox.tally(summary.id)
    return {str(state): getattr(tally, state) for state in StateOption}


def _of_edition(
    store: Store, summary: EditionSummary, state: DeliveryState | None, limit: int
) -> Iterator[AddressedDelivery]:
    """Read the deliveries of an edition a few hundred at a time, ``limit`` at most."""
    after = 0
    while limit > 0:
        with store.read() as unit:
            page = unit.outbox.of_edition(summary.id, state, after, min(limit, _AT_ONCE))
        yield from page
        if not page:
            return
        limit -= len(page)
        after = page[-1].subscriber_id


def _print(delivery: AddressedDelivery, *, as_json: bool) -> None:
    record = delivery.record
    if as_json:
        say_json(
            {
                "subscriber": delivery.subscriber_id,
                "email": delivery.email,
                **delivery_object(record),
                "finished_at": record.finished_at.isoformat() if record.finished_at else None,
            }
        )
        return
    who = delivery.email or f"subscriber {delivery.subscriber_id}, since erased"
    reply = relay_reply(record)
    say(f"{record.state:9} {who}{f'  ({reply})' if reply else ''}")


def delivery_object(record: DeliveryRecord) -> dict[str, Any]:
    """A delivery as JSON: which edition, its state, attempts, and the reason or the relay's reply."""
    return {
        "edition": f"{record.kind} {record.day}",
        "state": str(record.state),
        "attempts": record.attempt,
        "reply": relay_reply(record),
    }


def relay_reply(record: DeliveryRecord) -> str:
    """The relay's reply; its words mostly begin with the status code."""
    status = "" if (record.words or "").startswith(record.status or " ") else record.status
    return " ".join(str(part) for part in (record.code, status, record.words) if part)
