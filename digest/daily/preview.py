"""Preview the mail that would go out: the same steps, in a store that is thrown away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from digest.daily.held_readings import ReadingCheck
from digest.daily.ingest import IngestedDump, dump_day, ingest_dump
from digest.daily.publish import PublishSettings, publish
from digest.daily.release_readings import release_readings
from digest.daily.run_record import Clock, EditorialSettings
from digest.daily.store_ports import EditorialStore
from digest.daily.subscriber_mail import mail_recipient, selector
from digest.editorial.selection import select_for
from digest.errors import DigestError, InputError
from digest.mail.list_identity import ListIdentity
from digest.mail.message import Composer, Recipient
from digest.model import (
    Dump,
    Edition,
    EditionKind,
    HeldReading,
    Preferences,
    PublishedEdition,
    Rejected,
    Rendering,
    Selection,
    Subscriber,
    SubscriberState,
)
from digest.sources import LocationReader

if TYPE_CHECKING:
    from digest.sources.tools import SourceTools

PREVIEW_KEYS = ("preview-key-that-signs-nothing-real",)
"""Sign the links of a preview: no page knows them, so nobody's subscription hangs on one."""

SAMPLE_SUBSCRIBER = Subscriber(0, "reader@example.org", SubscriberState.ACTIVE)


@dataclass(frozen=True, slots=True)
class Preview:
    """One mail as it would leave, or the reason that none would.

    ``failed`` and ``rejected`` are what could not be read on the way. ``fresh`` is false where the
    day's edition was published before, and is shown as it was frozen then. ``selection`` is what the
    mail shows of its edition.
    """

    message: bytes = b""
    published: PublishedEdition | None = None
    no_mail_reason: str = ""
    rejected: tuple[Rejected, ...] = ()
    failed: tuple[DigestError, ...] = field(default=())
    fresh: bool = True
    plain: tuple[str, ...] = ()
    held: tuple[HeldReading, ...] = ()
    selection: Selection | None = None


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """The mail to preview: of which locations, for whom and of which day (default: today).

    ``keys`` sign the links in it. Without ``subscriber`` it is the mail of anyone who chose
    nothing; ``choose`` gives the selection of one whose taste counts, too. ``holds``: what is
    implausible is held, as in a run; what is named by hand never is.
    """

    locations: Sequence[str]
    keys: Sequence[str]
    subscriber: Subscriber | None = None
    day: date | None = None
    holds: bool = False
    tools: SourceTools | None = None
    choose: Callable[[PublishedEdition], Selection | None] | None = None


class _BlankRenderer:
    """Stands in for the renderer where an edition only has to be remembered as published."""

    def render(self, edition: Edition, list_identity: ListIdentity) -> Rendering:
        return Rendering(0, "", "", {})


def preview_edition(
    store: EditorialStore,
    editorial: EditorialSettings,
    publishing: PublishSettings,
    request: PreviewRequest,
    *,
    clock: Clock,
) -> Preview:
    """Walk the locations through ``store``, which the caller throws away afterwards.

    Where several dumps are read, the last day among them is the edition's, and earlier ones only
    say what is known already. Of an edition that is made here, only the papers that the mail shows
    are prepared.
    """
    day = request.day or editorial.day(clock())
    preferences = request.subscriber.preferences if request.subscriber else Preferences()
    # Keywords are looked for in every abstract, and a taste may bring any paper to the front.
    if not preferences.narrows and request.choose is None:
        publishing = replace(publishing, shown=_in_the_general_mail)
    dumps, rejected, failed = _read(request, day, store)
    ingested = _ingest_in_order(store, editorial, publishing, dumps, day, clock)
    preview = Preview(
        rejected=(*rejected, *(piece for dump in ingested for piece in dump.rejected)),
        failed=failed,
        held=tuple(dump.held for dump in ingested if dump.held is not None),
    )
    return _published(store, editorial, publishing, replace(request, day=day), preview, clock)


def preview_held(
    store: EditorialStore,
    editorial: EditorialSettings,
    publishing: PublishSettings,
    request: PreviewRequest,
    *,
    clock: Clock,
) -> Preview:
    """Let the held readings named by ``request.locations`` (default: all) into ``store``.

    The caller throws it away afterwards. Where the day has its edition, it is the mail of
    the next day that has none. Raises `digest.errors.InputError` for a name that nothing is held under.
    """
    released = release_readings(store, editorial, request.locations, clock=clock)
    if not released.dumps:
        return Preview(no_mail_reason=released.summary)
    day = request.day or editorial.day(clock())
    with store.read() as unit:
        while unit.editions.get(EditionKind.DAILY, day) is not None:
            day += timedelta(days=1)
    return _published(store, editorial, publishing, replace(request, day=day), Preview(), clock)


def _published(
    store: EditorialStore,
    editorial: EditorialSettings,
    publishing: PublishSettings,
    request: PreviewRequest,
    preview: Preview,
    clock: Clock,
) -> Preview:
    """Publish what came in, and compose the mail of it."""
    report = publish(store, editorial, publishing, day=request.day, clock=clock)
    preview = replace(preview, no_mail_reason=report.no_mail_reason)
    published = next((e for e in report.editions if e.edition.kind is EditionKind.DAILY), None)
    if published is None:
        return preview
    selection = _chosen(published, editorial, request)
    if selection is None:
        no_mail_reason = (
            "this subscriber gets no mail of this edition: it has nothing they asked for"
        )
        return replace(preview, published=published, no_mail_reason=no_mail_reason)
    message = compose_preview(
        published, selection, publishing.list_identity, request.keys, request.subscriber
    )
    return replace(
        preview,
        message=message,
        selection=selection,
        published=published,
        no_mail_reason="",
        fresh=bool(report.made),
        plain=report.plain,
    )


def _ingest_in_order(
    store: EditorialStore,
    editorial: EditorialSettings,
    publishing: PublishSettings,
    dumps: Sequence[tuple[Dump, ReadingCheck | None]],
    day: date,
    clock: Clock,
) -> list[IngestedDump]:
    """Ingest the dumps, those of earlier days as if they had been published the day before."""
    now = clock()
    last = max((dump_day(dump, editorial, now) for dump, _ in dumps), default=day)
    past = [pair for pair in dumps if dump_day(pair[0], editorial, now) < last]
    ingested = [ingest_dump(store, editorial, dump, now, check) for dump, check in past]
    if past:
        before = day - timedelta(days=1)
        yesterday = datetime.combine(before, time(12), tzinfo=now.tzinfo)
        blank = replace(publishing, renderer=_BlankRenderer(), shown=lambda edition: ())
        publish(store, editorial, blank, day=before, clock=lambda: yesterday)
    ingested += [
        ingest_dump(store, editorial, dump, now, check)
        for dump, check in dumps
        if (dump, check) not in past
    ]
    return ingested


def _in_the_general_mail(edition: Edition) -> frozenset[int]:
    """The papers in the mail of anyone who chose nothing."""
    shown = select_for(edition)
    if shown is None:
        return frozenset()
    sections = (section.papers for section in shown.sections)
    return frozenset((*shown.picks, *shown.updated, *chain.from_iterable(sections)))


def _chosen(
    published: PublishedEdition, editorial: EditorialSettings, request: PreviewRequest
) -> Selection | None:
    """The selection that the previewed mail shows; ``None`` where there is nothing for its subscriber."""
    if request.choose is not None:
        return request.choose(published)
    preferences = request.subscriber.preferences if request.subscriber else Preferences()
    return selector(published, editorial)(preferences)


def compose_preview(
    published: PublishedEdition,
    selection: Selection,
    list_identity: ListIdentity,
    keys: Sequence[str],
    subscriber: Subscriber | None = None,
) -> bytes:
    """The bytes that this subscriber would get (default: anyone who chose nothing)."""
    recipient: Recipient = mail_recipient(subscriber or SAMPLE_SUBSCRIBER, list_identity, keys)
    return Composer(published, list_identity).compose(selection, recipient)


def _read(
    request: PreviewRequest, today: date, store: EditorialStore
) -> tuple[list[tuple[Dump, ReadingCheck | None]], tuple[Rejected, ...], tuple[DigestError, ...]]:
    with store.read() as unit:
        known = unit.papers.known_dumps()
        if request.holds:
            known |= unit.held_readings.fingerprints()
    reader = LocationReader(request.locations, today=today, known=known, tools=request.tools)
    dumps = [(dump, ReadingCheck(reader.source) if request.holds else None) for dump in reader]
    rejected, failed = tuple(reader.rejected), tuple(reader.failed)
    if request.locations and not dumps and failed and not rejected:
        raise failed[0] if len(failed) == 1 else InputError("; ".join(map(str, failed)))
    return dumps, rejected, failed
