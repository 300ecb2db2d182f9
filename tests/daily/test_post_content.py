"""An edition becomes what a post says: the day, the picks, the topics, and the edition for programs."""

from __future__ import annotations

import json

from factories import NOW, edition_of, rendering

from digest.daily.post_content import post_content
from digest.editorial.selection import select_for
from digest.mail.list_identity import ListIdentity
from digest.model import Edition, PublishedEdition, Selection

PAGES = ListIdentity("Daily Papers", "papers@example.org", "https://papers.example.org")


def published(edition: Edition) -> PublishedEdition:
    return PublishedEdition(1, edition, rendering(), NOW, NOW)


def general(edition: Edition) -> Selection:
    selection = select_for(edition)
    assert selection is not None
    return selection


def test_the_picks_with_a_sentence_and_the_new_papers_by_topic() -> None:
    edition = edition_of([1, 2, 3])
    content = post_content(published(edition), general(edition), PAGES)
    assert content.heading == "Daily Papers, Friday, 20 November 2026"
    assert (content.news, content.papers_heading) == ("3 new papers", "Top picks")
    (pick,) = content.papers
    assert (pick.title, pick.summary) == ("Paper 1", "One.")
    assert pick.url == "https://papers.example.org/papers/1"
    assert content.topics == (("Vision", 3),)
    assert content.url == "https://papers.example.org/editions/2026-11-20"
    assert content.url_label == "All 3 new papers"


def test_an_edition_without_picks_shows_its_first_papers() -> None:
    edition = edition_of([1, 2, 3, 4, 5, 6])
    edition = Edition(
        edition.kind, edition.day, edition.covers, edition.entries, (), edition.sections
    )
    content = post_content(published(edition), general(edition), PAGES)
    assert content.papers_heading == "New papers"
    assert [paper.title for paper in content.papers] == [f"Paper {n}" for n in (1, 2, 3, 4)]


def test_an_edition_of_nothing_but_updates_says_so() -> None:
    whole = edition_of([1])
    edition = Edition(
        whole.kind, whole.day, whole.covers, whole.entries, (), (), updated=(1,), updated_shown=1
    )
    content = post_content(published(edition), general(edition), PAGES)
    assert (content.news, content.papers_heading) == ("1 updated paper", "Updated papers")
    assert content.topics == ()


def test_without_pages_titles_lead_to_the_papers_themselves() -> None:
    edition = edition_of([1])
    identity = ListIdentity("Daily Papers", "papers@example.org")
    content = post_content(published(edition), general(edition), identity)
    assert content.url is None
    assert content.papers[0].url.startswith("https://arxiv.org/")


def test_the_edition_for_programs_is_json_and_has_every_paper() -> None:
    edition = edition_of([1, 2, 3])
    data = json.loads(json.dumps(post_content(published(edition), general(edition), PAGES).edition))
    assert (data["date"], data["kind"], data["new"]) == ("2026-11-20", "daily", 3)
    assert [(paper["id"], paper["pick"]) for paper in data["papers"]] == [
        (1, True),
        (2, False),
        (3, False),
    ]
    assert data["papers"][0]["novelty"] == "new"
    assert data["topics"] == [{"id": "vision", "name": "Vision"}]
