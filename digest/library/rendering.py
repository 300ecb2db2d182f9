"""Make a digest of papers: the edition and the mail that subscribers would get of them."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from digest.errors import InputError
from digest.library.classifying import load, require_paper
from digest.library.values import ParsedPapers, RenderedDigest
from digest.model import Dump, Edition, Preferences, PublishedEdition, Record

if TYPE_CHECKING:
    from digest.daily.publish import PublishSettings
    from digest.daily.run_record import EditorialSettings
    from digest.mail.render import Renderer

_SENDER = "papers@example.org"
_KEYS = ("library-key-that-signs-nothing-real",)


def render(
    papers: ParsedPapers | Iterable[Record] | Edition,
    *,
    name: str = "Daily Papers",
    day: date | None = None,
    templates: Path | None = None,
    topics: Path | None = None,
) -> RenderedDigest:
    """Make the digest of those papers: grouped by topic, ranked, with summaries and reasons.

    ``name`` is the list's and ``day`` the edition's (default: that of the list, else today).
    ``templates`` is a folder of your own templates (docs/templates.md), ``topics`` a topics file.
    What the mail says to its subscriber (how to unsubscribe) is in it, with an invented address. An
    `Edition` of this program is rendered as it stands.

    :raises DigestError: if there is nothing to render, or a template or the topics file is wrong.
    """
    if day is not None and not isinstance(day, date):
        raise InputError(
            f"the day is a {type(day).__name__}", mend="Give it as datetime.date(2026, 11, 22)"
        )
    editorial, publishing = _settings(name, templates, topics)
    if isinstance(papers, Edition):
        rendering = publishing.renderer.render(papers, publishing.list_identity)
        moment = _noon(papers.day)
        published = PublishedEdition(1, papers, rendering, moment, moment + publishing.expiry)
    else:
        published = _publish(_dump(papers), editorial, publishing, day)
    from digest.daily.preview import compose_preview
    from digest.daily.subscriber_mail import selector

    selection = selector(published, editorial)(Preferences())
    if selection is None:
        raise InputError("there is nothing in this edition to render")
    return _take_apart(compose_preview(published, selection, publishing.list_identity, _KEYS))


def _settings(
    name: str, templates: Path | None, topics: Path | None
) -> tuple[EditorialSettings, PublishSettings]:
    from digest.daily.publish import PublishSettings
    from digest.daily.run_record import EditorialSettings
    from digest.mail.list_identity import ListIdentity
    from digest.mail.render import Renderer

    renderer = Renderer(Path(templates)) if templates is not None else _shipped_renderer()
    identity = ListIdentity(list_name=name, sender=_SENDER)
    publishing = PublishSettings(renderer, identity, timedelta(days=1))
    return EditorialSettings(load(topics), ZoneInfo("UTC")), publishing


@cache
def _shipped_renderer() -> Renderer:
    """The templates of this program, compiled once per process."""
    from digest.mail.render import Renderer

    return Renderer()


def _dump(papers: ParsedPapers | Iterable[Record]) -> Dump:
    """The papers as a dump of their own, in their order."""
    listed = (papers,) if isinstance(papers, Record) else tuple(papers)
    if not listed:
        raise InputError("there are no papers to render")
    records = tuple(
        replace(require_paper(record), position=position)
        for position, record in enumerate(listed, 1)
    )
    day = papers.day if isinstance(papers, ParsedPapers) else None
    fingerprint = sha256(repr(records).encode("utf-8", "replace")).hexdigest()
    return Dump("the papers given", fingerprint, records, day=day)


def _publish(
    dump: Dump, editorial: EditorialSettings, publishing: PublishSettings, day: date | None
) -> PublishedEdition:
    from digest.daily.ingest import ingest_dump
    from digest.daily.publish import publish
    from digest.store.throwaway_store import ThrowawayStore

    day = day or dump.day or date.today()  # noqa: DTZ011 - the day where the notebook is
    store, moment = ThrowawayStore(), _noon(day)
    ingested = ingest_dump(store, editorial, replace(dump, day=day), moment)
    report = publish(store, editorial, publishing, day=day, clock=lambda: moment)
    if not report.editions:
        why = ingested.rejected[0].reason if ingested.rejected else report.no_mail_reason
        raise InputError(f"no edition can be made of these papers: {why}")
    return report.editions[0]


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


def _take_apart(raw: bytes) -> RenderedDigest:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    html, text = message.get_body(("html",)), message.get_body(("plain",))
    assert html is not None
    assert text is not None
    return RenderedDigest(str(message["Subject"]), html.get_content(), text.get_content())
