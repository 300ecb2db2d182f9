"""An edition's page: everything its mail has and more, on as many pages as it takes."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html
from web.site_fixture import RunningSite, page_links, visible_text

from digest.editorial.selection import select_for
from digest.mail.message import Composer, Recipient
from digest.model import Edition, EditionKind

PAPERS = 160
LARGEST_PAGE = 50_000
FRIDAY = "/editions/2026-11-20"
SUBJECTS = (
    "language models", "image generation", "robot policies", "speech recognition", "graph networks",
    "medical images", "code generation", "video understanding", "federated learning", "retrieval",
)  # fmt: skip
WORDS = [
    "amber",
    "basalt",
    "cedar",
    "dune",
    "ember",
    "fjord",
    "garnet",
    "harbour",
    "island",
    "juniper",
    "kelp",
    "lagoon",
    "maple",
]


def many_papers(count: int, seed: int = 1) -> str:
    """A page of so many invented papers, no two alike."""
    dice = random.Random(seed)
    listed = ["Daily Papers"]
    for number in range(count):
        first, second, third = dice.sample(WORDS, 3)
        subject = SUBJECTS[number % len(SUBJECTS)]
        listed.append(f"{first.title()}{second.title()}{number}: {subject.title()} by {third}")
        listed.append(
            f"The {first} method number {number} improves {subject} on {dice.randint(2, 90)} "
            f"{second} "
            f"tasks by {dice.randint(1, 60)}% and needs no {third} at all. "
            + " ".join(dice.choice(WORDS) for _ in range(20))
            + "."
        )
    return "\n\n".join([*listed, ""])


def publish_many(site: RunningSite, count: int = PAPERS, seed: int = 1) -> Edition:
    stamp = site.clock().timestamp()
    path = site.dumps / f"many-{seed}.txt"
    path.write_text(many_papers(count, seed), encoding="utf-8")
    os.utime(path, (stamp, stamp))
    site.run_day()
    return site.editions(EditionKind.DAILY)[-1].edition


@pytest.fixture(scope="module")
def full_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningSite, Edition]]:
    site = RunningSite(tmp_path_factory.mktemp("full"))
    yield site, publish_many(site)
    site.close()


def pages_of(site: RunningSite, path: str = FRIDAY) -> list[str]:
    """All pages of an edition, one led to by the one before."""
    pages = []
    while path:
        page = site.visitor.get(path)
        assert page.status_code == 200
        pages.append(page.text)
        following = [
            link for link in html.fromstring(page.text).xpath("//nav[@class='steps']/a")
            if f"Page {len(pages) + 1} " in link.text
        ]  # fmt: skip
        path = following[0].get("href") if following else ""
    return pages


def titles_on(page: str) -> list[str]:
    return [link.text for link in html.fromstring(page).xpath("//article//h3/a")]


def test_all_papers_of_an_edition_are_on_its_pages_each_once_with_their_line(
    full_site: tuple[RunningSite, Edition],
) -> None:
    site, edition = full_site
    pages = pages_of(site)
    assert len(edition.entries) == PAPERS
    assert len(pages) > 1
    shown = [title for page in pages for title in titles_on(page)]
    assert sorted(shown) == sorted(entry.title for entry in edition.entries)
    words = " ".join(" ".join(html.fromstring(page).itertext()) for page in pages)
    flat = " ".join(words.split())
    assert all(entry.brief in flat for entry in edition.entries if entry.brief)
    assert all(len(page.encode()) <= LARGEST_PAGE for page in pages)
    assert pages[0] == site.visitor.get("/").text


def test_a_page_shows_more_than_the_mail(full_site: tuple[RunningSite, Edition]) -> None:
    _, edition = full_site
    selection = select_for(edition)
    assert selection is not None
    with_summary = len(selection.picks) + sum(len(part.papers) for part in selection.sections)
    assert with_summary < PAPERS


def test_the_chart_leads_to_a_topic_on_whichever_page_it_is(
    full_site: tuple[RunningSite, Edition],
) -> None:
    site, _ = full_site
    for page in pages_of(site):
        jumps = html.fromstring(page).xpath("//ul[@class='bars']//a/@href")
        assert jumps
        for jump in jumps:
            path, _, anchor = jump.partition("#")
            target = site.visitor.get(path).text if path else page
            assert html.fromstring(target).xpath(f"//*[@id='{anchor}']")


def test_a_topic_of_an_edition_has_all_its_papers_the_picks_among_them(
    full_site: tuple[RunningSite, Edition],
) -> None:
    site, edition = full_site
    for section in edition.sections:
        pages = pages_of(site, f"{FRIDAY}?topic={section.topic.id}")
        shown = [title for page in pages for title in titles_on(page)]
        assert shown == [edition.entry(id).title for id in section.papers]


def test_a_topic_of_an_edition_counts_its_own_papers_and_leads_to_the_whole(
    full_site: tuple[RunningSite, Edition],
) -> None:
    site, edition = full_site
    section = edition.sections[0]
    page = html.fromstring(site.visitor.get(f"{FRIDAY}?topic={section.topic.id}").text)
    lead = page.xpath("string(//p[@class='lead'])")
    assert lead == f"{len(section.papers)} new of {PAPERS} in the whole edition"
    (whole,) = page.xpath("//a[.='The whole edition']/@href")
    assert whole == FRIDAY
    assert "The whole edition" not in visible_text(site.visitor.get(FRIDAY))


def test_a_page_of_an_edition_says_which_of_how_many_it_is(
    full_site: tuple[RunningSite, Edition],
) -> None:
    pages = [html.fromstring(page) for page in pages_of(full_site[0])]
    for number, page in enumerate(pages, 1):
        kicker = page.xpath("string(//div[@class='headline']/p[1])")
        assert kicker.endswith(f"page {number} of {len(pages)}")
        assert page.xpath("string(//title)").startswith(f"Page {number} · ") == (number > 1)


def test_the_papers_of_an_edition_name_their_authors(
    running_site: RunningSite, tmp_path: Path
) -> None:
    summary = "We present tides. They work on every shore that we tried in this study."
    people = [{"name": "Ada Lovelace"}, {"name": "Émile Borel"}]
    papers = [
        {
            "id": f"2606.0123{n}",
            "title": f"Tides of shore {n}",
            "summary": summary,
            "authors": people,
        }
        for n in range(9)
    ]
    listed = json.dumps([{"paper": paper} for paper in papers])
    (running_site.dumps / "page.json").write_text(listed, encoding="utf-8")
    running_site.run_day()
    page = html.fromstring(running_site.visitor.get(FRIDAY).text)
    cards = ["".join(card.itertext()) for card in page.xpath("//article")]
    assert len(cards) == len(papers)
    assert all("Ada Lovelace, Émile Borel" in card for card in cards)


@pytest.mark.parametrize("number", ["0", "-1", "99", "1000", "x", "", "²", "1e3"])
def test_a_page_that_is_not_there_is_not_found(
    full_site: tuple[RunningSite, Edition], number: str
) -> None:
    site, _ = full_site
    assert site.visitor.get(f"{FRIDAY}?page={number}").status_code == 404
    assert site.visitor.get(f"/editions/2026-W47?page={number}").status_code == 404


def test_papers_among_the_picks_are_said_to_stand_where_the_picks_are(
    full_site: tuple[RunningSite, Edition],
) -> None:
    first, *others = (
        [heading.xpath("string(span)") for heading in html.fromstring(page).xpath("//h2[span]")]
        for page in pages_of(full_site[0])
    )
    assert any(figure.endswith(" above") for figure in first)
    assert not any("page 1" in figure for figure in first)
    assert any(figure.endswith(" on page 1") for page in others for figure in page)
    assert not any("above" in figure for page in others for figure in page)


def test_the_papers_of_an_edition_come_before_its_contents_and_the_box_to_sign_up_in(
    published_site: RunningSite,
) -> None:
    page = published_site.visitor.get(FRIDAY).text
    last_paper = page.rindex("<article")
    assert last_paper < page.index('id="contents"') < page.index('id="box-email"')


def test_a_small_edition_is_one_page(published_site: RunningSite) -> None:
    page = published_site.visitor.get(FRIDAY)
    assert "Page 1" not in visible_text(page)
    assert not [link for link in page_links(page.text) if "page=" in link]


def test_the_updated_papers_of_a_day_have_a_page(running_site: RunningSite, tmp_path: Path) -> None:
    running_site.publish("ABC")
    running_site.later(days=1)
    changed = "; now with a second experiment in a far larger greenhouse, and another answer."
    path = running_site.dump("ABD")
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"\.\n\n", f"{changed}\n\n", text), encoding="utf-8")
    stamp = running_site.clock().timestamp()
    os.utime(path, (stamp, stamp))
    running_site.run_day()
    edition = running_site.editions(EditionKind.DAILY)[-1].edition
    assert edition.updated
    page = running_site.visitor.get(f"/editions/{edition.day}?topic=updates")
    assert page.status_code == 200
    assert titles_on(page.text) == [edition.entry(id).title for id in edition.updated]
    assert running_site.visitor.get(f"{FRIDAY}?topic=updates").status_code == 404


def figures(text: str) -> list[int]:
    return [int(number.replace(",", "")) for number in re.findall(r"[0-9][0-9,]*", text)]


def test_mail_text_page_archive_and_citations_give_the_same_figures(
    full_site: tuple[RunningSite, Edition],
) -> None:
    site, edition = full_site
    published = site.editions(EditionKind.DAILY)[-1]
    selection = select_for(edition)
    assert selection is not None
    composer = Composer(published, site.list_identity)
    reader = Recipient("reader@example.org", 1)
    mail, text = composer.html(selection, reader), composer.text(selection, reader)
    page = site.visitor.get(FRIDAY).text
    says = f"{PAPERS} new of {edition.read} listed"
    for shown in (mail, page):
        assert says in " ".join(" ".join(html.fromstring(shown).itertext()).split())
    assert says in text
    assert f"{PAPERS} papers" in visible_text(site.visitor.get("/editions"))
    assert len(site.visitor.get(f"{FRIDAY}.json").json()) == PAPERS
    headings: dict[str, str] = {}
    for shown in (mail, *pages_of(site)):
        for heading in html.fromstring(shown).xpath("//h2[span]"):
            name = heading.text.strip().removesuffix(", continued")
            figure = heading.xpath("string(span)").replace("on page 1", "above")
            assert headings.setdefault(name, figure) == figure
    counts = {section.topic.name: len(section.papers) for section in edition.sections}
    assert headings
    for name, figure in headings.items():
        assert figures(figure)[0] == counts[name]
        assert f"\n{name} ({figure})\n" in text
    for name, count in counts.items():
        chart = " ".join(text.partition("At a glance")[2].split())
        assert re.search(rf"{re.escape(name)} (█+ )?{count}\b", chart)
    bars = html.fromstring(page).xpath("//ul[@class='bars']/li")
    assert bars
    for bar in bars:
        assert figures(bar.xpath("string(span)"))[0] == counts[bar.xpath("string(a)")]


def test_a_list_whose_items_have_commas_parts_them_by_semicolons(
    full_site: tuple[RunningSite, Edition], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _ = full_site
    monkeypatch.setattr("digest.web.edition_view.MAX_BARS", 1)
    (also,) = html.fromstring(site.visitor.get("/editions/2026-W47").text).xpath(
        "//p[starts-with(normalize-space(), 'Also:')]"
    )
    named = [link.text for link in also.xpath("a")]
    assert any("," in name for name in named)
    listed = " ".join(also.text_content().removeprefix("Also:").split()).split("; ")
    assert [item.replace("\xa0", " ").rsplit(" ", 1)[0] for item in listed] == named
    (near,) = html.fromstring(site.visitor.get("/search?q=zyzzyva+speech+detection").text).xpath(
        "//p[starts-with(normalize-space(), 'Nearest topics:')]"
    )
    topics = [link.text for link in near.xpath("a")]
    assert len(topics) > 1
    assert " ".join(near.text_content().split()) == f"Nearest topics: {'; '.join(topics)}"


def test_authors_with_commas_in_their_names_are_told_apart(running_site: RunningSite) -> None:
    listed = [{"paper": {"id": "2611.04242", "title": "Otters of the Delta: A Long Winter Census",
                         "summary": "We count otters in the delta through a long winter.",
                         "authors": [{"name": name} for name in ("Rao, Asha", "Sun, Bo", "Li, C.", "Wu, D.")]}}]  # fmt: skip
    (running_site.dumps / "page.json").write_text(json.dumps(listed), encoding="utf-8")
    running_site.run_day()
    assert "Rao, Asha; Sun, Bo; Li, C.; Wu, D." in visible_text(
        running_site.visitor.get("/papers/1")
    )
    assert "Rao, Asha; Sun, Bo; Li, C. and 1 more" in visible_text(
        running_site.visitor.get("/search?q=otters")
    )
