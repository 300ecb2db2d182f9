"""Papers are remembered once, found by any key, and pending until a daily edition shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from factories import DAY, NOW, VISION, change, dump, edition_of, keys_of, record, rendering
from store.steps import publish_edition, remember_dump

from digest.errors import AlreadyIngestedError
from digest.model import (
    Assignment,
    EditionKind,
    IdentityKeys,
    Link,
    LinkKind,
    Novelty,
    PaperDetails,
    Record,
    Sighting,
)
from digest.store import Store, UnitOfWork

FULL = Record(
    title="Rivers of Light",
    abstract="We follow photons.",
    position=3,
    external_id="2611.00001",
    url="https://example.org/1",
    votes=42,
    authors=("Ada L.", "Émile B."),
    author_count=2,
    organization="A Lab",
    published=date(2026, 11, 18),
    links=(Link(LinkKind.CODE, "https://example.org/code", "Code"),),
)


def candidates(unit: UnitOfWork, *records: Record) -> list[list[str]]:
    found = unit.papers.candidates([keys_of(one) for one in records])
    return [[paper.title for paper in papers] for papers in found]


def test_a_new_paper_keeps_all_that_the_source_said(store: Store) -> None:
    with store.begin() as unit:
        (paper_id,) = remember_dump(unit, change(FULL))
    with store.read() as unit:
        paper = unit.papers.get(paper_id)
        assert unit.papers.assignment(paper_id) == VISION
    assert paper is not None
    assert (paper.title, paper.abstract, paper.keys) == (FULL.title, FULL.abstract, keys_of(FULL))
    assert (paper.first_seen, paper.last_seen) == (DAY, DAY)
    assert (paper.external_id, paper.url, paper.votes) == (FULL.external_id, FULL.url, FULL.votes)
    assert (paper.authors, paper.author_count) == (FULL.authors, FULL.author_count)
    assert (paper.organization, paper.published) == (FULL.organization, FULL.published)
    assert paper.links == FULL.links


def test_a_paper_keeps_the_best_of_what_several_sources_say_and_which_said_it(
    store: Store,
) -> None:
    title_only = Record("Rivers of Light", external_id="2611.00001", authors=("Ada L.",))
    fuller = replace(
        FULL,
        authors=("Ada L.", "Émile B."),
        details=PaperDetails(doi="10.1000/7", categories=("physics.optics",), stars=12),
    )
    with store.begin() as unit:
        (paper_id,) = remember_dump(unit, change(title_only), name="list")
    with store.begin() as unit:
        seen = change(fuller, Novelty.SEEN, paper_id=paper_id, fuller=True)
        remember_dump(unit, seen, name="arxiv")
        paper = unit.papers.get(paper_id)
    assert paper is not None
    assert (paper.abstract, paper.authors) == (FULL.abstract, fuller.authors)
    assert paper.details == fuller.details
    sources = dict(paper.field_sources)
    assert sources["external_id"] == "/dumps/list.txt"
    assert {sources[name] for name in ("abstract", "authors", "doi", "stars")} == {
        "/dumps/arxiv.txt"
    }


def test_an_unknown_paper_is_none(store: Store) -> None:
    with store.read() as unit:
        assert unit.papers.get(7) is None
        assert unit.papers.assignment(7) is None


def test_ids_go_with_changes_and_repeats_share_one(store: Store) -> None:
    again = change("B", Novelty.SEEN, same_as=2)
    with store.begin() as unit:
        ids = remember_dump(unit, change("A"), again, change("B"), change("C"))
        assert unit.papers.count() == 3
    assert ids[1] == ids[2]
    assert len(set(ids)) == 3


def test_a_repeat_on_one_page_is_one_sighting_at_its_best_place(store: Store) -> None:
    first = change(record("B", position=4))
    again = change(record("B", position=2), Novelty.SEEN, same_as=0)
    with store.begin() as unit:
        (paper_id, _) = remember_dump(unit, first, again)
        assert unit.papers.sightings([paper_id]) == {paper_id: (Sighting(DAY, 2, 2),)}


def test_candidates_are_found_by_any_key_and_aligned(store: Store) -> None:
    with store.begin() as unit:
        remember_dump(unit, change(FULL), change("Another"))
        same_id = Record("Quite other words", "Of another kind.", external_id="2611.00001")
        assert candidates(unit, record("Nothing like it"), same_id, record("Another")) == [
            [],
            ["Rivers of Light"],
            ["Another"],
        ]


def test_no_keys_have_no_candidates(store: Store) -> None:
    with store.read() as unit:
        assert unit.papers.candidates([]) == ()
        assert unit.papers.candidates([IdentityKeys((), "")]) == ((),)


def test_a_key_that_all_papers_share_crowds_out_no_rare_one(store: Store) -> None:
    common = [Record(f"Paper {i}", "Abstract withheld.") for i in range(60)]
    with store.begin() as unit:
        remember_dump(unit, *(change(one) for one in common))
        (found,) = candidates(unit, common[0])
    assert "Paper 0" in found
    assert len(found) <= 24


def test_more_keys_than_one_statement_takes_are_looked_up(store: Store) -> None:
    with store.begin() as unit:
        remember_dump(unit, *(change(f"P{i}") for i in range(700)))
        found = candidates(unit, *(record(f"P{i}") for i in range(700)))
    assert found == [[f"P{i}"] for i in range(700)]


def test_seeing_a_paper_again_adds_a_sighting_and_its_missing_facts(store: Store) -> None:
    with store.begin() as unit:
        (paper_id,) = remember_dump(unit, change(record("Rivers", votes=1, position=9)))
        richer = record("Rivers", votes=5, url="https://example.org/r", position=1)
        remember_dump(
            unit,
            change(richer, Novelty.SEEN, paper_id=paper_id),
            name="two",
            day=DAY + timedelta(days=1),
        )
        paper = unit.papers.get(paper_id)
        seen = unit.papers.sightings([paper_id])[paper_id]
    assert paper is not None
    assert (paper.votes, paper.url) == (5, "https://example.org/r")
    assert (paper.first_seen, paper.last_seen) == (DAY, DAY + timedelta(days=1))
    assert [(one.day, one.position, one.votes) for one in seen] == [
        (DAY, 9, 1),
        (DAY + timedelta(days=1), 1, 5),
    ]


def test_an_older_dump_read_later_moves_only_the_first_day(store: Store) -> None:
    earlier = DAY - timedelta(days=3)
    with store.begin() as unit:
        (paper_id,) = remember_dump(unit, change(record("Rivers", votes=9)))
        older = record("Rivers", abstract="An older text.", votes=2)
        remember_dump(
            unit, change(older, Novelty.REVISED, paper_id=paper_id), name="late", day=earlier
        )
        paper = unit.papers.get(paper_id)
        assert candidates(unit, older) == [["Rivers"]]
    assert paper is not None
    assert (paper.first_seen, paper.last_seen, paper.votes) == (earlier, DAY, 9)
    assert paper.abstract == "We present Rivers, which works."


def test_a_revision_replaces_the_text_and_is_still_found_by_the_old_one(store: Store) -> None:
    with store.begin() as unit:
        (paper_id,) = remember_dump(unit, change("Rivers"))
        revised = record("Rivers and Lakes", abstract="Now with lakes.")
        remember_dump(unit, change(revised, Novelty.REVISED, paper_id=paper_id), name="two")
        paper = unit.papers.get(paper_id)
        assert candidates(unit, record("Rivers"), revised) == [["Rivers and Lakes"]] * 2
    assert paper is not None
    assert paper.keys.content == keys_of(revised).content
    assert set(paper.keys.lookup) == {
        *keys_of(revised).lookup,
        *keys_of(record("Rivers")).lookup,
    }


def test_a_fuller_text_is_kept_though_it_is_no_news(store: Store) -> None:
    with store.begin() as unit:
        (paper_id,) = remember_dump(unit, change(record("Rivers", abstract="")))
        full = change(record("Rivers"), Novelty.SEEN, paper_id=paper_id, fuller=True)
        remember_dump(unit, full, name="two")
        paper = unit.papers.get(paper_id)
        assert [novelty for _, novelty, _ in unit.papers.pending()] == [Novelty.NEW]
    assert paper is not None
    assert paper.abstract == "We present Rivers, which works."


def test_a_revision_brings_its_topics(store: Store) -> None:
    other = Assignment("audio", ("audio",), 0.5)
    with store.begin() as unit:
        (paper_id,) = remember_dump(unit, change("Rivers"))
        revised = change(record("Rivers", abstract="Sound."), Novelty.REVISED, paper_id=paper_id)
        unit.papers.remember(dump("two"), DAY, [revised], [other], NOW)
        assert unit.papers.assignment(paper_id) == other
        assert unit.papers.by_topic("vision", limit=5) == ()
        assert [paper.id for paper in unit.papers.by_topic("audio", limit=5)] == [paper_id]


def test_keys_kept_for_a_paper_are_bounded(store: Store) -> None:
    with store.begin() as unit:
        (paper_id,) = remember_dump(unit, change("Rivers"))
        for i in range(40):
            worded = Record(f"Rivers {i}", f"Wording {i}.")
            remember_dump(unit, change(worded, Novelty.SEEN, paper_id=paper_id), name=f"n{i}")
        paper = unit.papers.get(paper_id)
    assert paper is not None
    assert len(paper.keys.lookup) == 48
    assert keys_of(record("Rivers")).lookup[0] in paper.keys.lookup


def test_the_same_dump_is_refused_and_nothing_changes(store: Store) -> None:
    with store.begin() as unit:
        remember_dump(unit, change("A"))
    with pytest.raises(AlreadyIngestedError), store.begin() as unit:
        remember_dump(unit, change("B"))
    with store.read() as unit:
        assert unit.papers.count() == 1
        assert unit.papers.known_dumps() == {dump("one").fingerprint}


@pytest.mark.parametrize("kind", ["sqlite memory"])
def test_what_contradicts_itself_is_refused(store: Store) -> None:
    with store.begin() as unit, pytest.raises(ValueError, match="2 changes but 1 assignments"):
        unit.papers.remember(dump(), DAY, [change("A"), change("B")], [None], NOW)
    with store.begin() as unit, pytest.raises(ValueError, match="must be new and have its topic"):
        unit.papers.remember(dump("2"), DAY, [change("A")], [None], NOW)
    with store.begin() as unit, pytest.raises(ValueError, match="of no known paper"):
        remember_dump(unit, change("A", Novelty.SEEN), name="3")


def test_new_and_revised_papers_wait_for_a_daily_edition(store: Store) -> None:
    with store.begin() as unit:
        old, other = remember_dump(unit, change("Old"), change("Other"))
    publish_edition(store, [old, other])
    with store.begin() as unit:
        assert unit.papers.pending() == ()
        revised = change(record("Old", abstract="New."), Novelty.REVISED, paper_id=old)
        remember_dump(unit, revised, change("Young"), name="two")
        waiting = [(paper.title, why) for paper, why, _ in unit.papers.pending()]
    assert waiting == [("Old", Novelty.REVISED), ("Young", Novelty.NEW)]


def test_a_paper_revised_before_it_was_shown_is_still_new(store: Store) -> None:
    with store.begin() as unit:
        (paper_id,) = remember_dump(unit, change("Rivers"))
        revised = change(record("Rivers", abstract="New."), Novelty.REVISED, paper_id=paper_id)
        remember_dump(unit, revised, name="two")
        ((paper, novelty, assignment),) = unit.papers.pending()
    assert (paper.abstract, novelty, assignment) == ("New.", Novelty.NEW, VISION)


def test_pending_dumps_count_until_a_daily_edition_covers_them(store: Store) -> None:
    with store.begin() as unit:
        assert unit.papers.pending_dumps() == (0, 0, None, None)
        (paper_id,) = remember_dump(unit, change("A"))
        again = change("A", Novelty.SEEN, paper_id=paper_id)
        remember_dump(unit, again, change("B"), name="two", day=DAY + timedelta(days=1))
        assert unit.papers.pending_dumps() == (3, 1, DAY, DAY + timedelta(days=1))
    publish_edition(store, [paper_id], kind=EditionKind.WEEKLY)
    with store.read() as unit:
        assert unit.papers.pending_dumps()[0] == 3
        assert len(unit.papers.pending()) == 2
    publish_edition(store, [1, 2])
    with store.read() as unit:
        assert unit.papers.pending_dumps() == (0, 0, None, None)


def test_topics_are_counted_by_first_day(store: Store) -> None:
    with store.begin() as unit:
        remember_dump(unit, change("A"), change("B"))
        remember_dump(unit, change("C"), name="two", day=DAY + timedelta(days=1))
        counts = unit.papers.topic_counts(DAY, DAY + timedelta(days=1))
        titles = list(unit.papers.titles(DAY, DAY + timedelta(days=2)))
    assert counts == {DAY: {"vision": 2}}
    assert titles == [(DAY, "A"), (DAY, "B"), (DAY + timedelta(days=1), "C")]


def test_a_topic_lists_its_papers_newest_first(store: Store) -> None:
    with store.begin() as unit:
        remember_dump(unit, *(change(f"P{i}") for i in range(5)))
        page = unit.papers.by_topic("graphics", limit=2, offset=1)
        assert unit.papers.by_topic("nothing", limit=2) == ()
    assert [paper.title for paper in page] == ["P3", "P2"]


def test_search_finds_every_word_and_whole_phrases(store: Store) -> None:
    with store.begin() as unit:
        remember_dump(
            unit,
            change(Record("Gaussian splatting for rivers", "Fast rendering.")),
            change(Record("Splatting paint", "A gaussian blur of café walls.")),
            change(Record("Unrelated", "Nothing here.")),
        )

        def titles(query: str) -> list[str]:
            return [paper.title for paper in unit.papers.search(query, limit=5)]

        both = titles("gaussian splatting")
        assert both[0] == "Gaussian splatting for rivers"
        assert len(both) == 2
        assert titles('"gaussian splatting"') == ["Gaussian splatting for rivers"]
        assert titles("SPLATTING rivers") == ["Gaussian splatting for rivers"]
        assert titles("render") == ["Gaussian splatting for rivers"]
        assert titles("zebra") == []
        assert len(unit.papers.search("splatting", limit=1, offset=1)) == 1


@pytest.mark.parametrize(
    "query",
    ["", "   ", '"', '""', "AND OR NOT", "a* NEAR(b c) title:x", "'; DROP TABLE papers; --",
     "\0", "\ud800", "(((", "-" * 5000, "& | ! <->", "word " * 500, "^x", "%s %(a)s :b ?"],
)  # fmt: skip
def test_no_query_is_an_error(store: Store, query: str) -> None:
    with store.begin() as unit:
        remember_dump(unit, change("A"))
        assert len(unit.papers.search(query)) <= 1


def test_search_follows_a_revision(store: Store) -> None:
    with store.begin() as unit:
        (paper_id,) = remember_dump(unit, change("Rivers"))
        revised = change(Record("Lakes", "Deep."), Novelty.REVISED, paper_id=paper_id)
        remember_dump(unit, revised, name="two")
        assert unit.papers.search("rivers") == ()
        assert len(unit.papers.search("lakes")) == 1


def test_a_title_is_found_by_its_words_the_exact_one_first(store: Store) -> None:
    with store.begin() as unit:
        remember_dump(unit, change("Deep Rivers Everywhere"), change("Deep Rivers"), change("Deep"))
        found = unit.papers.find_by_title("deep rivers")
        assert unit.papers.find_by_title("which works") == ()
    assert [paper.title for paper in found] == ["Deep Rivers", "Deep Rivers Everywhere"]


def test_keys_can_be_made_anew_from_every_wording_seen(store: Store) -> None:
    with store.begin() as unit:
        (first, _) = remember_dump(unit, change("Rivers"), change("Lakes"))
        revised = record("Streams", abstract="Renamed.")
        remember_dump(unit, change(revised, Novelty.REVISED, paper_id=first), name="two")

    def shouted(one: Record) -> IdentityKeys:
        return IdentityKeys((f"2{one.title.upper()}",), f"2{one.title}")

    steps: list[tuple[int, int]] = []
    with store.begin() as unit:
        assert unit.papers.rekey(shouted, lambda done, of: steps.append((done, of))) == 2
        found = unit.papers.candidates([shouted(record("rivers")), keys_of(record("Lakes"))])
    assert steps == [(2, 2)]
    assert [[paper.title for paper in papers] for papers in found] == [["Streams"], []]
    assert found[0][0].keys == IdentityKeys(("2STREAMS", "2RIVERS"), "2Streams")


def test_hostile_text_and_numbers_are_stored_harmlessly(store: Store) -> None:
    hostile = Record(
        "NUL \0 and \ud83d alone", "x" * 200_000, position=1, votes=10**40, author_count=-(10**40)
    )
    with store.begin() as unit:
        (paper_id,) = remember_dump(unit, change(hostile))
        paper = unit.papers.get(paper_id)
    assert paper is not None
    assert paper.title == "NUL \ufffd and \ufffd alone"
    assert paper.votes == 2**63 - 1
    assert paper.author_count == -(2**63 - 1)


def test_the_editions_of_a_paper_are_known(store: Store) -> None:
    with store.begin() as unit:
        ids = remember_dump(unit, change("A"), change("B"))
        daily = unit.editions.freeze(
            edition_of(ids[:1]), rendering(), published_at=NOW, expires_at=NOW
        )
        assert [one.id for one in unit.editions.with_paper(ids[0])] == [daily.id]
        assert unit.editions.with_paper(ids[1]) == ()
