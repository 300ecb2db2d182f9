"""A reader's taste on its own page: named, shown, undone, exported and erased."""

from __future__ import annotations

import re
from html import unescape

import pytest
from installation import ABOUTS
from web.site_fixture import RunningSite, visible_text

from digest.model import FollowKind, VoteDirection
from digest.store import UnitOfWork
from digest.subscriptions import taste

READER = "reader@example.org"
BIB = b"@misc{a, title={%s}}\n@misc{b, note={no title}}\n" % ABOUTS["B"][0].encode()


@pytest.fixture
def site(published_site: RunningSite) -> RunningSite:
    published_site.subscribe(READER)
    return published_site


def post(site: RunningSite, **fields: object) -> str:
    answer = site.visitor.post(site.link("taste", READER), data=fields)
    assert answer.status_code in (200, 422)
    return answer.text


def undo(site: RunningSite, page: str) -> str:
    """Press the button that undoes what the page says."""
    (form,) = re.findall(
        r'<form method="post">((?:<input type="hidden"[^>]*>)+)<button[^>]*>Undo', page
    )
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="([^"]*)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(unescape(value))
    return post(site, **fields)


def kept(site: RunningSite) -> tuple[list[str], list[str], list[str]]:
    """Titles of the seeds, directions of the votes, followed names."""
    view = taste.find_taste(site.store, site.number(READER))
    assert view is not None
    return (
        [one.seed.title for one in view.seeds],
        [str(vote.direction) for vote in view.votes],
        [follow.name for follow in view.follows],
    )


def vote(site: RunningSite, paper_id: int, direction: VoteDirection) -> None:
    taste.cast_vote(site.store, site.number(READER), paper_id, direction, now=site.clock())


def test_the_page_says_whose_taste_it_is_without_telling_the_address(site: RunningSite) -> None:
    answer = site.visitor.get(site.link("taste", READER))
    assert "For r…@example.org" in visible_text(answer)
    assert READER not in answer.text
    assert "/preferences/" not in answer.text
    assert site.link("taste", READER) in site.visitor.get(site.link("preferences", READER)).text


def test_papers_are_named_by_a_bibliography_and_taken_away_and_back(site: RunningSite) -> None:
    answer = site.visitor.post(
        site.link("taste", READER),
        data={"action": "add", "papers": ""},
        files={"file": ("mine.bib", BIB, "text/plain")},
    )
    said = visible_text(answer)
    assert "1 added, 1 could not be used." in said
    assert "line 2: this entry has neither a title nor an id" in said
    assert kept(site)[0] == [ABOUTS["B"][0]]
    undone = undo(site, answer.text)
    assert kept(site)[0] == []
    undo(site, undone)
    assert kept(site)[0] == [ABOUTS["B"][0]]


def test_a_paper_that_is_not_known_is_kept_and_said_to_be_unknown(site: RunningSite) -> None:
    said = post(site, action="add", papers="2606.01234\nNo Such Paper Was Ever Seen Here")
    assert "2 added, 2 not known here yet." in said
    assert "(not known here yet: its title would help)" in said


def test_lines_that_cannot_be_used_come_back_to_be_mended(site: RunningSite) -> None:
    said = post(site, action="add", papers="BERT <b>")
    assert "BERT &lt;b&gt;</textarea>" in said
    assert "line 1 (BERT &lt;b&gt;): neither an id" in said
    assert "Name at least one paper." in post(site, action="add", papers=" ")


def test_votes_are_shown_taken_back_and_cast_again(site: RunningSite) -> None:
    vote(site, 1, VoteDirection.LESS)
    vote(site, 2, VoteDirection.MORE)
    said = post(site, action="forget", paper=["1", "9", "x"])
    assert "1 vote taken back." in said
    assert kept(site)[1] == ["more"]
    undo(site, said)
    assert sorted(kept(site)[1]) == ["less", "more"]


def test_names_are_followed_and_no_longer(site: RunningSite) -> None:
    said = post(site, action="follow", kind="author", name=" Grace  Hopper ")
    assert "You follow Grace Hopper." in said
    assert "Author:" in said
    undo(site, said)
    assert kept(site)[2] == []
    assert "A name has letters" in post(site, action="follow", kind="institution", name="…")
    assert "hoose author or institution" in post(site, action="follow", kind="pet", name="Rex Rex")


def test_a_taste_is_exported_and_erased_and_the_subscription_stays(site: RunningSite) -> None:
    post(site, action="add", papers=ABOUTS["A"][0])
    vote(site, 1, VoteDirection.MORE)
    post(site, action="follow", kind=str(FollowKind.AUTHOR), name="Grace Hopper")
    answer = site.visitor.post(site.link("taste", READER), data={"action": "export"})
    assert "my-taste.json" in answer.headers["content-disposition"]
    exported = answer.json()
    assert [seed["title"] for seed in exported["seeds"]] == [ABOUTS["A"][0]]
    assert [one["direction"] for one in exported["votes"]] == ["more"]
    assert [one["name"] for one in exported["follows"]] == ["Grace Hopper"]
    assert "Tick the box first" in post(site, action="erase")
    assert kept(site)[1] == ["more"]
    post(site, action="erase", sure="yes")
    assert kept(site) == ([], [], [])


def test_only_the_link_for_it_opens_the_page_and_no_other_site_posts(site: RunningSite) -> None:
    wrong = site.link("preferences", READER).replace("preferences", "taste")
    assert site.visitor.get(wrong).status_code == 404
    assert site.visitor.post(wrong, data={"action": "erase", "sure": "yes"}).status_code == 404
    elsewhere = site.visitor.post(
        site.link("taste", READER),
        data={"action": "follow", "kind": "author", "name": "Mallory"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert elsewhere.status_code == 403
    assert kept(site)[2] == []


def test_the_lists_of_the_operator_are_mentioned(site: RunningSite) -> None:
    with site.store.begin() as unit:
        _add_list(unit)
    assert "1 paper named by the operator" in site.visitor.get(site.link("taste", READER)).text


def _add_list(unit: UnitOfWork) -> None:
    from digest.model import NewSeed

    seed = NewSeed("title:x", "Weaving Flowers")
    unit.seeds.add([seed], unit.papers.recent(1)[0].first_seen, subscriber_id=None, seed_list="lab")


def test_an_erased_reader_is_told_that_nothing_is_known(site: RunningSite) -> None:
    link = site.link("taste", READER)
    site.visitor.post(site.link("preferences", READER), data={"action": "erase", "sure": "yes"})
    assert "We know nothing about you" in site.visitor.get(link).text
    assert "We know nothing" in site.visitor.post(link, data={"action": "export"}).text
