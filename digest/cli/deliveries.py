"""``digest deliveries``: who got an edition, who did not, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.console import parse_day, print_error, say, say_json
from digest.cli.papers import Json

if TYPE_CHECKING:
    from digest.model import AddressedDelivery, DeliveryState, EditionSummary
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

    One line counts all of them by state. Posts to chat channels and webhooks follow.
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
    _print_posts(store, summaries, wanted, as_json=as_json)
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


def _print_posts(
    store: Store,
    summaries: Sequence[EditionSummary],
    state: DeliveryState | None,
    *,
    as_json: bool,
) -> None:
    """Print the posts of these editions, which the count of subscribers leaves out."""
    from digest.daily.post_status import post_words
    from digest.json_objects import post_object

    with store.read() as unit:
        posts = [post for each in summaries for post in unit.posts.of_edition(each.id, state)]
    for post in posts:
        if as_json:
            say_json(post_object(post))
        else:
            say(post_words(post))


def _editions(store: Store, day: datetime | None) -> tuple[EditionSummary, ...]:
    """The editions of that day, or of the newest edition's."""
    with store.read() as unit:
        return unit.editions.of_day(day.date() if day is not None else None)


def _counts(store: Store, summary: EditionSummary) -> Mapping[str, int]:
    from digest.json_objects import state_counts

    with store.read() as unit:
        return state_counts(unit.outbox.tally(summary.id))


def _of_edition(
    store: Store, summary: EditionSummary, state: DeliveryState | None, limit: int
) -> Iterator[AddressedDelivery]:
    """Read the deliveries of an edition a few hundred at a time, ``limit`` at most."""
    after = (0, 0)
    while limit > 0:
        with store.read() as unit:
            page = unit.outbox.of_editions([summary.id], state, after, min(limit, _AT_ONCE))
        if not page:
            return
        yield from (delivery for _, delivery in page)
        limit, after = limit - len(page), page[-1][0]


def _print(delivery: AddressedDelivery, *, as_json: bool) -> None:
    from digest.json_objects import addressed_delivery_object, relay_reply

    if as_json:
        say_json(addressed_delivery_object(delivery))
        return
    record = delivery.record
    who = delivery.email or f"subscriber {delivery.subscriber_id}, since erased"
    reply = relay_reply(record)
    say(f"{record.state:9} {who}{f'  ({reply})' if reply else ''}")
