"""Held editions: kept back until somebody had time to look, stopped, released or discarded."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from digest.daily.delivery_settings import DeliverySettings
from digest.daily.edition_previews import PreviewSender
from digest.daily.run_record import Clock, EditorialSettings, plural, utc_now
from digest.errors import InputError
from digest.model import DeliveryState, EditionHold, EditionKind, EditionSummary, HoldState
from digest.store import Store, UnitOfWork

log = logging.getLogger(__name__)

WEEKLY = (EditionKind.WEEKLY,)
DAILY = (EditionKind.DAILY, EditionKind.WEEKDAYS)
"""Kinds that are decided about together, for they have the same new papers."""
ALL = (*DAILY, *WEEKLY)


def look_after_holds(
    store: Store,
    editorial: EditorialSettings,
    settings: DeliverySettings,
    clock: Clock,
    stop: threading.Event,
) -> None:
    """Send the previews that are due, tell the operator what was stopped, release what is over."""
    PreviewSender(store, editorial, settings, clock).send_due(stop)
    if settings.pause_alert is not None:
        with store.begin() as unit:
            stopped = unit.holds.claim_untold(clock())
        for hold in stopped:
            settings.pause_alert.tell_stopped(hold, clock())
    with store.begin() as unit:
        ended = unit.holds.end(clock())
    for hold in ended:
        if hold.previews.get(DeliveryState.ACCEPTED):
            log.info("the %s is released: nobody stopped it", hold.name)
        else:
            log.warning(
                "the %s is released though nobody had its preview: see digest status", hold.name
            )


def hold_words(hold: EditionHold, now: datetime) -> str:
    """Say why a held or stopped edition does not leave, and what a person may do."""
    day = hold.day
    if hold.expires_at < now:
        return (
            f"the {hold.name} was {hold.state} until its time was over: digest discard {day} gives "
            "its papers to the next edition"
        )
    if hold.state is HoldState.STOPPED:
        by = f" {hold.reason}" if hold.reason else ""
        return (
            f"the {hold.name} was stopped{by}: digest release {day} sends it, "
            f"digest discard {day} gives its papers to the next edition"
        )
    until = (
        f"until {hold.until:%Y-%m-%d %H:%M} UTC"
        if hold.until is not None
        else "until its preview was sent, and then for a while"
    )
    return (
        f"the {hold.name} is held {until}: digest release {day} sends it now, "
        f"digest stop {day} keeps it back"
    )


def preview_words(hold: EditionHold) -> str:
    """Say what became of an edition's previews; ``""`` where there are none."""
    counts = ", ".join(f"{count} {state}" for state, count in hold.previews.items())
    return f"previews: {counts}" if counts else ""


def stop_editions(
    store: Store, day: date, kinds: Iterable[EditionKind] = ALL, *, clock: Clock = utc_now
) -> Sequence[str]:
    """Let nothing more of the editions of that day leave; a line for each.

    Raises `InputError` where there is none, and where nothing of them is left to be sent.
    """
    now = clock()
    with store.begin() as unit:
        summaries = _editions(unit, day, kinds)
        waiting = {*unit.editions.undelivered(now), *unit.posts.unfinished(now)}
        holds = unit.holds.stop(
            [summary.id for summary in summaries if summary.id in waiting],
            "by digest stop",
            now,
            told=True,
        )
        already = [
            hold for hold in unit.holds.of_day(day, kinds) if hold.state is HoldState.STOPPED
        ]
        lines = [_stopped_line(unit, hold) for hold in holds]
    if lines:
        return lines
    if already:
        return [f"the {hold.name} was stopped already" for hold in already]
    raise InputError(
        f"no mail of the edition of {day} is left to stop",
        mend="It was sent to everybody, or its time is over: digest status shows it",
    )


def _stopped_line(unit: UnitOfWork, hold: EditionHold) -> str:
    sent = unit.outbox.tally(hold.edition_id).accepted
    line = f"the {hold.name} is stopped"
    return f"{line}; {plural(sent, 'mail')} of it had been sent" if sent else line


def release_editions(
    store: Store, day: date, kinds: Iterable[EditionKind] = ALL, *, clock: Clock = utc_now
) -> Sequence[str]:
    """Let the held or stopped editions of that day go to everybody, as they stand; a line for each.

    Raises `InputError` where none is, where its time is over, and where an edition was made without
    it in the meantime, whose readers would miss its papers.
    """
    now = clock()
    with store.begin() as unit:
        holds = _blocked(unit, day, kinds)
        for hold in holds:
            _refuse_late(hold, now)
            _refuse_left_out(unit, hold)
        unit.holds.release([hold.edition_id for hold in holds], now)
    return [f"the {hold.name} is released: the daemon sends it, or digest send" for hold in holds]


def discard_editions(
    store: Store, day: date, kinds: Iterable[EditionKind] = ALL, *, clock: Clock = utc_now
) -> Sequence[str]:
    """Take the held or stopped editions of that day back: their papers wait for the next one.

    Raises `InputError` where none is held or stopped, where a mail of them may have left, and where
    another edition tells of the same papers.
    """
    with store.begin() as unit:
        kinds = {hold.kind for hold in _blocked(unit, day, kinds)}
        if kinds & set(DAILY):
            kinds |= set(DAILY)
        summaries = _editions(unit, day, kinds)
        if unit.discarding.may_have_left([summary.id for summary in summaries]):
            raise InputError(
                f"mails of the edition of {day} have left, or are in a sender's hands",
                mend=(
                    "Its readers would get the papers twice. Send the rest with: digest release "
                    f"{day}"
                ),
            )
        lines = []
        for summary in summaries:
            for other in unit.discarding.told_again(summary.id):
                raise InputError(
                    f"the {other.kind} edition of {other.day} has papers of it, too",
                    where=f"the edition of {day}",
                    mend=f"Discard that first, or send this one with: digest release {day}",
                )
            waiting = unit.discarding.discard(summary.id)
            lines.append(_discarded_line(summary, waiting))
    return lines


def _discarded_line(summary: EditionSummary, waiting: int) -> str:
    line = f"the {summary.kind} edition of {summary.day} is discarded"
    if summary.kind is EditionKind.DAILY:
        return f"{line}: {plural(waiting, 'paper')} for the next edition"
    return f"{line}: the next run makes it anew"


def _editions(
    unit: UnitOfWork, day: date, kinds: Iterable[EditionKind]
) -> tuple[EditionSummary, ...]:
    summaries = [
        summary
        for kind in kinds
        if (summary := unit.editions.summary(kind, day, all=True)) is not None
    ]
    if not summaries:
        raise InputError(f"there is no such edition of {day}", mend="See them with: digest status")
    return tuple(sorted(summaries, key=lambda summary: summary.id))


def _blocked(unit: UnitOfWork, day: date, kinds: Iterable[EditionKind]) -> tuple[EditionHold, ...]:
    _editions(unit, day, kinds)
    holds = tuple(hold for hold in unit.holds.of_day(day, kinds) if hold.blocks)
    if not holds:
        raise InputError(
            f"the edition of {day} is neither held nor stopped",
            mend=f"Keep back what is left of it with: digest stop {day}",
        )
    return holds


def _refuse_late(hold: EditionHold, now: datetime) -> None:
    if hold.expires_at < now:
        raise InputError(
            f"the {hold.name} may not be sent after {hold.expires_at:%Y-%m-%d %H:%M} UTC",
            mend=f"Give its papers to the next edition with: digest discard {hold.day}",
        )


def _refuse_left_out(unit: UnitOfWork, hold: EditionHold) -> None:
    for other in unit.discarding.left_out(hold.edition_id):
        raise InputError(
            f"the {other.kind} edition of {other.day} was made without it, and its readers would "
            "miss these papers",
            where=f"the {hold.name}",
            mend=f"Give them to the next edition with: digest discard {hold.day}",
        )
