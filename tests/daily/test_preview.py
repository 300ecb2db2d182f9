"""A preview is the mail that would go out, byte for byte, with no more prepared than it shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from installation import PARIS, SHIPPED_TOPICS
from mail.parsed_mail import html_links, parse_mail, text_links, visible_text

from digest.daily.ingest import ingest
from digest.daily.preview import PreviewRequest, compose_preview, preview_edition
from digest.daily.publish import PublishSettings, publish
from digest.daily.run_record import EditorialSettings
from digest.daily.subscriber_mail import selector
from digest.mail.list_identity import ListIdentity
from digest.mail.render import Renderer
from digest.model import Preferences, Subscriber, SubscriberState
from digest.store import open_store
from digest.store.throwaway_store import ThrowawayStore

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
TODAY = date(2026, 11, 20)
EDITORIAL = EditorialSettings(SHIPPED_TOPICS, PARIS)
IDENTITY = ListIdentity("Specimen", "specimen@example.org", "https://example.org")
PUBLISHING = PublishSettings(Renderer(), IDENTITY, timedelta(days=1))
KEYS = ("a-key-for-the-tests-of-previews-only",)
MATERIALS = ("gravel", "linen", "oak", "copper", "wool", "slate", "amber", "reed", "tin", "clay")
DEEDS = ("segmentation of images", "translation of speech", "a theory of auctions")
CHOOSY = Preferences(keywords=("linen",))


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """More papers than one mail shows."""
    papers = [
        f"{deed.capitalize()} in {material} {shade}\n\n"
        f"Everybody knows {material}. We propose a network for {deed} in {material} {shade}. It "
        f"outperforms all others by {number} points. Code is at https://example.org/{number}.\n"
        for number, (deed, material, shade) in enumerate(
            (deed, material, shade)
            for deed in DEEDS
            for material in MATERIALS
            for shade in ("by night", "under water")
        )
    ]
    path = tmp_path / "dump.txt"
    path.write_text("\n".join(papers), encoding="utf-8")
    return path


@pytest.mark.parametrize("preferences", [Preferences(), CHOOSY])
def test_it_is_the_mail_that_goes_out_byte_for_byte(dump: Path, preferences: Preferences) -> None:
    subscriber = Subscriber(
        7, "reader@example.org", SubscriberState.ACTIVE, preferences=preferences
    )
    request = PreviewRequest([str(dump)], KEYS, subscriber, TODAY)
    shown = preview_edition(ThrowawayStore(), EDITORIAL, PUBLISHING, request, clock=lambda: NOW)
    store = open_store("sqlite://")
    store.migrate()
    try:
        ingest(store, EDITORIAL, [str(dump)], clock=lambda: NOW)
        published = publish(store, EDITORIAL, PUBLISHING, day=TODAY, clock=lambda: NOW).editions[0]
    finally:
        store.close()
    assert published.edition.new == 60
    selection = selector(published, EDITORIAL)(preferences)
    assert selection is not None
    assert shown.message == compose_preview(published, selection, IDENTITY, KEYS, subscriber)


def test_only_the_papers_that_it_shows_are_prepared(dump: Path) -> None:
    request = PreviewRequest([str(dump)], KEYS, day=TODAY)
    shown = preview_edition(ThrowawayStore(), EDITORIAL, PUBLISHING, request, clock=lambda: NOW)
    assert shown.published is not None
    entries = shown.published.edition.entries
    assert len(entries) == 60
    assert sum(bool(entry.summary) for entry in entries) == 40
    rendered = shown.published.rendering.pieces["papers"]
    assert isinstance(rendered, dict)
    assert len(rendered) == 60


def test_all_papers_are_prepared_for_a_reader_whose_words_may_be_in_any(dump: Path) -> None:
    subscriber = Subscriber(7, "reader@example.org", SubscriberState.ACTIVE, preferences=CHOOSY)
    request = PreviewRequest([str(dump)], KEYS, subscriber, TODAY)
    shown = preview_edition(ThrowawayStore(), EDITORIAL, PUBLISHING, request, clock=lambda: NOW)
    assert shown.published is not None
    assert all(entry.summary for entry in shown.published.edition.entries)


REAL = ("dumps/*.txt", "hf/*.json", "arxiv/atom_*new_format.xml", "arxiv/rss_*.xml")


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("base_url", ["https://example.org", None], ids=["pages", "no-pages"])
def test_every_new_paper_of_a_real_day_is_named_and_linked_in_its_mail(
    real_data: Path, base_url: str | None
) -> None:
    publishing = replace(PUBLISHING, list_identity=replace(IDENTITY, base_url=base_url))
    for path in sorted(path for pattern in REAL for path in real_data.glob(pattern)):
        request = PreviewRequest([str(path)], KEYS, day=TODAY)
        shown = preview_edition(ThrowawayStore(), EDITORIAL, publishing, request, clock=lambda: NOW)
        assert shown.message is not None
        assert shown.published is not None
        mail = parse_mail(shown.message)
        assert len(mail.html.replace("\n", "\r\n").encode()) <= 95_000
        words, text = visible_text(mail.html), " ".join(mail.text.split())
        for entry in shown.published.edition.entries:
            assert " ".join(entry.title.split()) in words
            assert " ".join(entry.title.split()) in text
        assert "would cut off a longer one" not in words
        assert html_links(mail.html) == text_links(mail.text)
