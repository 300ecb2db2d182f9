"""The mail that would go out, with the last door shut: the same walk, in a store that forgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from digest.daily.ingest import dump_day, remember
from digest.daily.publish import PublishSettings, publish
from digest.daily.run_record import Clock, EditorialSettings
from digest.daily.subscriber_mail import mail_recipient, selector
from digest.errors import DigestError, InputError
from digest.mail.list_identity import ListIdentity
from digest.mail.message import Composer, Recipient
from digest.model import (
    Dump,
    Edition,
    EditionKind,
    Preferences,
    PublishedEdition,
    Rejected,
    Rendering,
    Subscriber,
    SubscriberState,
)
from digest.sources import SourceLimits, readings
from digest.store import Store

SAMPLE_SUBSCRIBER = Subscriber(0, "reader@example.org", SubscriberState.ACTIVE)


@dataclass(frozen=True, slots=True)
class Preview:
    """One mail as it would leave, or the reason that none would.

    ``failed`` and ``rejected`` are what could not be read on the way. ``fresh`` is false where the
    day's edition was published before, and is shown as it was frozen then.
    """

    message: bytes = b""
    published: PublishedEdition | None = None
    silence: str = ""
    rejected: tuple[Rejected, ...] = ()
    failed: tuple[DigestError, ...] = field(default=())
    fresh: bool = True
    plain: tuple[str, ...] = ()


class _BlankPress:
    """Stands in for the renderer where an edition only has to be remembered as published."""

    def render(self, edition: Edition, letterhead: ListIdentity) -> Rendering:
        return Rendering(0, "", "", {})


def preview_edition(
    store: Store,
    desk: EditorialSettings,
    press: PublishSettings,
    locations: Sequence[str],
    *,
    keys: Sequence[str],
    reader: Subscriber | None = None,
    day: date | None = None,
    clock: Clock,
    limits: SourceLimits | None = None,
) -> Preview:
    """Walk the locations through ``store``, which the caller throws away afterwards.

    Where several dumps are read, the last day among them is the edition's, and earlier ones only
    say what is known already.
    """
    now = clock()
    today = day or desk.day(now)
    dumps, rejected, failed = _read(locations, today, store, limits)
    last = max((dump_day(dump, desk, now) for dump in dumps), default=today)
    past = [dump for dump in dumps if dump_day(dump, desk, now) < last]
    for dump in past:
        rejected += remember(store, desk, dump, now).rejected
    if past:
        before = today - timedelta(days=1)
        yesterday = datetime.combine(before, time(12), tzinfo=now.tzinfo)
        publish(
            store, desk, replace(press, renderer=_BlankPress()), day=before, clock=lambda: yesterday
        )
    for dump in dumps:
        if dump not in past:
            rejected += remember(store, desk, dump, now).rejected
    report = publish(store, desk, press, day=today, clock=clock)
    daily = [one for one in report.editions if one.edition.kind is EditionKind.DAILY]
    if not daily:
        return Preview(silence=report.silence, rejected=rejected, failed=failed)
    published = daily[0]
    message = compose_preview(published, desk, press.list_identity, keys, reader)
    if message is None:
        silence = "this reader gets no mail of this edition: nothing they asked for is in it"
        return Preview(b"", published, silence, rejected, failed)
    return Preview(
        message, published, "", rejected, failed, fresh=bool(report.made), plain=report.plain
    )


def compose_preview(
    published: PublishedEdition,
    desk: EditorialSettings,
    letterhead: ListIdentity,
    keys: Sequence[str],
    reader: Subscriber | None = None,
) -> bytes | None:
    """The bytes that this reader (default: anyone without wishes) would get."""
    wishes = reader.preferences if reader is not None else Preferences()
    selection = selector(published, desk)(wishes)
    if selection is None:
        return None
    to: Recipient = mail_recipient(reader or SAMPLE_SUBSCRIBER, letterhead, keys)
    return Composer(published, letterhead).compose(selection, to)


def _read(
    locations: Sequence[str], today: date, store: Store, limits: SourceLimits | None
) -> tuple[list[Dump], tuple[Rejected, ...], tuple[DigestError, ...]]:
    dumps: list[Dump] = []
    rejected: list[Rejected] = []
    failed: list[DigestError] = []
    with store.read() as unit:
        known = unit.papers.known_dumps()
    for reading in readings(locations, today=today, known=known, limits=limits or SourceLimits()):
        if isinstance(reading, DigestError):
            failed.append(reading)
        elif isinstance(reading, Rejected):
            rejected.append(reading)
        else:
            rejected.extend(reading.rejected)
            dumps.append(reading)
    if locations and not dumps and failed and not rejected:
        raise failed[0] if len(failed) == 1 else InputError("; ".join(map(str, failed)))
    return dumps, tuple(rejected), tuple(failed)
