"""Readers with a taste get their own order, chosen when the audience is frozen; the others pay nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from installation import ABOUTS, Installation

from digest.daily import taste_selections
from digest.daily.freeze_audience import freeze_audience
from digest.daily.taste_selections import select_for_tastes, selection_for
from digest.model import EditionKind, Follow, FollowKind, PublishedEdition, VoteDirection
from digest.subscriptions import taste
from digest.subscriptions.taste import SeedOwner

ADA, BEN = "ada@example.org", "ben@example.org"


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """Two readers; papers A to C are known from yesterday."""
    made = Installation(tmp_path, datetime(2026, 11, 19, 7, 30, tzinfo=UTC))
    made.dump("ABC")
    made.run_day()
    made.clock.now += timedelta(days=1)
    made.subscribe(ADA, BEN)
    return made


def number(installation: Installation, email: str) -> int:
    with installation.store.read() as unit:
        subscriber = unit.subscribers.by_email(email)
    assert subscriber is not None
    return subscriber.id


def name_seed(installation: Installation, letter: str, owner: SeedOwner) -> None:
    title, about = ABOUTS[letter]
    today = installation.clock().date()
    taste.add_seeds(installation.store, f"{title} and more {about}", owner, today=today)


def publish(installation: Installation, papers: str) -> PublishedEdition:
    installation.dump(papers)
    installation.ingest()
    installation.publish_editions()
    with installation.store.read() as unit:
        published = unit.editions.latest(EditionKind.DAILY)
    assert published is not None
    return published


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def mailed(installation: Installation, email: str) -> EmailMessage:
    return installation.transport.to(email)[-1]


def test_a_readers_mail_begins_with_what_is_like_their_papers_and_says_so(
    installation: Installation,
) -> None:
    name_seed(installation, "I", SeedOwner(number(installation, ADA)))
    installation.dump("DEFGHI")
    installation.run_day()
    text = " ".join(text_of(mailed(installation, ADA)).split())
    first = min(text.find(title) for title, _ in ABOUTS.values() if title in text)
    assert text[first:].startswith(ABOUTS["I"][0])
    assert "like “Inkwell: Language Models That Cite" in text
    assert "which you named" not in text_of(mailed(installation, BEN))


def test_a_vote_counts_from_the_next_edition_on(installation: Installation) -> None:
    ada = number(installation, ADA)
    with installation.store.read() as unit:
        (known,) = unit.papers.search("Cobalt")
    taste.cast_vote(installation.store, ada, known.id, VoteDirection.MORE, now=installation.clock())
    chosen = select_for_tastes(
        installation.store, installation.editorial, publish(installation, "DEFGHI")
    )
    assert list(chosen.of_subscriber) == [ada]


def test_where_nobody_has_a_taste_nothing_is_learned(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taste_selections, "learn_background", None)
    published = publish(installation, "DEFGHI")
    chosen = select_for_tastes(installation.store, installation.editorial, published)
    assert (chosen.packed, chosen.of_subscriber, chosen.nothing) == ([], {}, set())
    assert freeze_audience(installation.store, installation.editorial, published).planned == 2


def test_a_list_of_seeds_serves_everybody_with_one_selection(installation: Installation) -> None:
    name_seed(installation, "I", SeedOwner(seed_list="lab"))
    published = publish(installation, "DEFGHI")
    chosen = select_for_tastes(installation.store, installation.editorial, published)
    assert len(chosen.packed) == 1
    assert len(chosen.of_subscriber) == 2
    installation.run_day()
    assert "on the list lab" in " ".join(text_of(mailed(installation, BEN)).split())


def test_what_was_chosen_stays_until_the_mail_is_sent(installation: Installation) -> None:
    ada = number(installation, ADA)
    name_seed(installation, "I", SeedOwner(ada))
    published = publish(installation, "DEFGHI")
    freeze_audience(installation.store, installation.editorial, published, installation.clock)
    with installation.store.read() as unit:
        before = unit.selections.of_subscriber(published.id, ada)
    name_seed(installation, "F", SeedOwner(ada))
    freeze_audience(installation.store, installation.editorial, published, installation.clock)
    with installation.store.read() as unit:
        assert unit.selections.of_subscriber(published.id, ada) == before
    installation.run_day()
    assert "like “Ferry" not in " ".join(text_of(mailed(installation, ADA)).split())


def test_a_taste_that_is_erased_before_the_mail_leaves_is_not_in_it(
    installation: Installation,
) -> None:
    ada = number(installation, ADA)
    name_seed(installation, "I", SeedOwner(ada))
    published = publish(installation, "DEFGHI")
    freeze_audience(installation.store, installation.editorial, published, installation.clock)
    taste.erase_taste(installation.store, ada)
    installation.run_day()
    assert "which you named" not in " ".join(text_of(mailed(installation, ADA)).split())


def test_a_followed_author_comes_first_and_is_marked(installation: Installation) -> None:
    ada = number(installation, ADA)
    follow = Follow(FollowKind.AUTHOR, "Grace Hopper")
    taste.follow_name(installation.store, ada, follow, now=installation.clock())
    published = publish(installation, "DEFGHI")
    with installation.store.begin() as unit:
        last = published.edition.entries[-1].paper_id
        unit.connection.exec_driver_sql(
            f"UPDATE papers SET authors = '[\"Grace Hopper\"]' WHERE id = {last}"
        )
    freeze_audience(installation.store, installation.editorial, published, installation.clock)
    with installation.store.read() as unit:
        selection = unit.selections.of_subscriber(published.id, ada)
    assert selection is not None
    assert selection.picks[0] == last
    assert selection.why[last] == "by Grace Hopper, whom you follow"


def test_a_defect_in_one_ranking_costs_nobody_their_mail(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    name_seed(installation, "I", SeedOwner(number(installation, ADA)))

    def broken(*_: object) -> None:
        raise RuntimeError(ADA)

    monkeypatch.setattr(taste_selections, "rank", broken)
    installation.dump("DEFGHI")
    installation.run_day()
    assert mailed(installation, ADA)
    assert "ranking failed: RuntimeError" in caplog.text
    assert ADA not in caplog.text


def test_where_nothing_can_be_learned_the_run_fails_once_and_not_for_each_reader(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for email in (ADA, BEN):
        name_seed(installation, "I", SeedOwner(number(installation, email)))
    learned = []

    def broken(papers: object) -> None:
        learned.append(papers)
        raise RuntimeError(ADA)

    monkeypatch.setattr(taste_selections, "learn_background", broken)
    published = publish(installation, "DEFGHI")
    chosen = select_for_tastes(installation.store, installation.editorial, published)
    assert (chosen.packed, chosen.of_subscriber, chosen.nothing) == ([], {}, set())
    assert len(learned) == 1
    assert caplog.text.count("nobody is ranked") == 1
    assert ADA not in caplog.text


def test_a_damaged_taste_costs_only_its_owner_their_order(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    ada, ben = number(installation, ADA), number(installation, BEN)
    for reader in (ada, ben):
        name_seed(installation, "I", SeedOwner(reader))
    published = publish(installation, "DEFGHI")
    with installation.store.begin() as unit:
        unit.connection.exec_driver_sql(
            f"UPDATE seeds SET added = 'yesterday' WHERE subscriber_id = {ada}"
        )
    chosen = select_for_tastes(installation.store, installation.editorial, published)
    assert list(chosen.of_subscriber) == [ben]
    assert f"subscriber {ada}: reading the taste failed: ValueError" in caplog.text


def test_seeds_that_cannot_be_looked_for_keep_nobody_from_being_ranked(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ada = number(installation, ADA)
    name_seed(installation, "I", SeedOwner(ada))

    def broken(*_: object) -> None:
        raise RuntimeError(ADA)

    monkeypatch.setattr(taste_selections, "resolve_seeds", broken)
    published = publish(installation, "DEFGHI")
    chosen = select_for_tastes(installation.store, installation.editorial, published)
    assert list(chosen.of_subscriber) == [ada]
    assert "were not looked for: RuntimeError" in caplog.text
    assert ADA not in caplog.text


def test_the_selection_for_one_reader_is_the_one_that_freezing_keeps(
    installation: Installation,
) -> None:
    ada = number(installation, ADA)
    name_seed(installation, "I", SeedOwner(ada))
    published = publish(installation, "DEFGHI")
    store, editorial = installation.store, installation.editorial
    with store.read() as unit:
        subscribers = {reader.email: reader for reader in unit.subscribers.active()}
    before = selection_for(store, editorial, published, subscribers[ADA])
    general = selection_for(store, editorial, published, subscribers[BEN])
    freeze_audience(store, editorial, published, installation.clock)
    with store.read() as unit:
        kept = unit.selections.of_subscriber(published.id, ada)
    assert kept is not None
    assert before == kept
    assert general is not None
    assert general.picks != kept.picks
    # What is frozen stays, whatever is named later.
    name_seed(installation, "F", SeedOwner(ada))
    name_seed(installation, "F", SeedOwner(number(installation, BEN)))
    assert selection_for(store, editorial, published, subscribers[ADA]) == kept
    assert selection_for(store, editorial, published, subscribers[BEN]) == general
