"""An edition holds everything once, shows what a person can read, and counts the rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from factories import DAY, TOPICS, candidate
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.editorial.arrangement import EditionFrame, EditionLimits
from digest.editorial.edition import compose_edition, compose_weekly
from digest.editorial.shares import choose_picks, fair_shares, how_many_picks
from digest.editorial.topics import SURE
from digest.model import (
    Candidate,
    Edition,
    EditionKind,
    Momentum,
    Novelty,
    PaperDetails,
    SummaryChoice,
    Trend,
    TrendPart,
)

CAPS = EditionLimits()
RISING = Momentum("audio", 9, 2.0, True, "rising: 9 papers, usually about 2")


def made(candidates: list[Candidate], caps: EditionLimits = CAPS, **more: object) -> Edition:
    frame = EditionFrame(TOPICS, DAY, caps=caps)
    return compose_edition(candidates, replace(frame, **more))  # type: ignore[arg-type]


def shown(edition: Edition) -> int:
    return len(edition.picks) + sum(section.shown for section in edition.sections)


def day_of(candidates: list[Candidate], days_ago: int, caps: EditionLimits = CAPS) -> Edition:
    return made(candidates, caps, day=DAY - timedelta(days=days_ago), read=100, seen=10)


def test_every_paper_is_an_entry_once_and_stands_in_its_section() -> None:
    edition = made(
        [candidate(1, "3d"), candidate(2, "audio"), candidate(1, "3d"), candidate(3, "3d")]
    )
    assert sorted(entry.paper_id for entry in edition.entries) == [1, 2, 3]
    assert {section.topic.id: section.papers for section in edition.sections} == {
        "3d": (1, 3),
        "audio": (2,),
    }
    assert edition.new == 3
    assert edition.kind is EditionKind.DAILY
    assert edition.covers == (DAY, DAY)


def test_a_source_s_own_summary_stands_where_it_is_asked_for_or_alone() -> None:
    abstract = "We present GlowNet, a lamp for attics. Results show 5 times more moths."
    own = "GlowNet is a lamp."

    def summary_of(abstract: str, choice: SummaryChoice) -> tuple[str, str, str]:
        one = candidate(1, "3d", title="GlowNet")
        paper = replace(
            one.paper,
            abstract=abstract,
            details=PaperDetails(source_summary=own),
            field_sources=(("source_summary", "hf:daily"),),
        )
        (entry,) = made([replace(one, paper=paper)], summaries=choice).entries
        return entry.summary, entry.brief, entry.summary_source

    assert summary_of(abstract, SummaryChoice.SOURCE) == (own, own, "Hugging Face")
    assert summary_of("", SummaryChoice.OWN) == (own, own, "Hugging Face")
    assert summary_of(abstract, SummaryChoice.OWN) == (
        abstract,
        "We present GlowNet, a lamp for attics.",
        "",
    )


def test_an_entry_is_readable_and_says_why_it_is_here() -> None:
    abstract = r"We present $\mu$Flow. Results show 5times speed. Code: https://github.com/a/b."
    (entry,) = made(
        [
            candidate(
                7,
                "3d",
                title=r"$\mu$Flow: \textbf{Fast}",
                abstract=abstract,
                votes=7,
                others=("audio", "gone"),
            )
        ]
    ).entries
    assert (entry.title, entry.raw_title) == ("μFlow: Fast", r"$\mu$Flow: \textbf{Fast}")
    assert entry.summary == "We present μFlow. Results show 5× speed."
    assert entry.abstract.startswith("We present μFlow. Results show 5× speed. Code:")
    assert entry.why == "7 votes"
    assert entry.topics == ("3d", "audio")
    assert [link.label for link in entry.links] == ["Code"]
    assert entry.votes == 7


@pytest.mark.parametrize(
    ("score", "sure"), [(0.9, True), (SURE, True), (0.49, False), (0.0, False)]
)
def test_a_topic_is_said_of_a_paper_only_where_it_is_sure(score: float, sure: bool) -> None:
    one = candidate(1, "3d")
    doubtful = replace(one, assignment=replace(one.assignment, score=score))
    edition = made([doubtful])
    assert edition.entry(1).topic_is_sure is sure
    assert edition.sections[0].topic.id == "3d"


def test_new_goes_before_updated_and_what_was_seen_is_left_out() -> None:
    edition = made(
        [
            candidate(1, novelty=Novelty.REVISED),
            candidate(1, novelty=Novelty.NEW),
            candidate(2, novelty=Novelty.REVISED, score=0.5),
            candidate(3, novelty=Novelty.REVISED, score=0.9),
            candidate(4, novelty=Novelty.SEEN),
        ],
        EditionLimits(updated=1),
    )
    assert edition.updated == (3, 2)
    assert edition.updated_shown == 1
    assert edition.new == 1
    assert [entry.paper_id for entry in edition.entries] == [1, 3, 2]


def test_a_topic_that_nobody_knows_is_other_and_other_comes_last() -> None:
    edition = made(
        [candidate(1, "alchemy", 9.0), candidate(2, "other", 8.0), candidate(3, "3d", 0.1)]
    )
    assert [section.topic.id for section in edition.sections] == ["3d", "other"]
    bare = compose_edition([candidate(1, "alchemy")], EditionFrame(TOPICS[:2], DAY))
    assert bare.sections[0].topic.name == "Other"


def test_picks_are_the_best_but_not_all_of_one_topic() -> None:
    strong = [candidate(id, "vision", 2.0 - id / 100) for id in range(1, 30)]
    others = [
        candidate(100, "3d", 1.5),
        candidate(101, "audio", 1.4),
        candidate(102, "agents", 1.3),
    ]
    edition = made(strong + others)
    topics = Counter(edition.entry(id).topic for id in edition.picks)
    assert edition.picks[0] == 1
    assert len(edition.picks) == 4
    assert topics["vision"] == 1
    alone = made(strong)
    assert alone.picks == (1, 2, 3, 4)


def test_a_pick_that_can_say_why_goes_before_its_like() -> None:
    mute = [
        replace(each, trend=Trend(each.trend.score, (TrendPart("fresh", each.trend.score),)))
        for each in (candidate(1, "vision", 0.5), candidate(2, "3d", 0.5))
    ]
    edition = made(
        [*mute, candidate(3, "audio", 0.4), candidate(4, "agents", 0.1)], EditionLimits(picks=2)
    )
    assert edition.picks == (3, 1)


def test_no_two_picks_are_of_one_subject_while_there_are_others() -> None:
    twins = [
        candidate(1, "3d", 2.0, title="Folding Paper Maps with Gentle Robots"),
        candidate(2, "agents", 1.9, title="Gentle Robots for Folding of Paper Map"),
    ]
    others = [candidate(3, "audio", 0.2), candidate(4, "vision", 0.1, title="Lamps")]
    assert made([*twins, *others]).picks == (1, 3, 4)
    assert made(twins).picks == (1, 2)


def test_a_second_pick_of_a_topic_is_had_when_it_is_far_better() -> None:
    edition = made(
        [
            candidate(1, "vision", 2.0),
            candidate(2, "vision", 1.9),
            candidate(3, "3d", 0.5),
            candidate(4, "vision", 1.8),
        ]
    )
    assert edition.picks == (1, 2, 3)


@pytest.mark.parametrize(
    ("papers", "most", "picks"),
    [(0, 5, 0), (2, 5, 2), (5, 5, 3), (24, 5, 3), (32, 5, 4), (250, 5, 5), (250, 2, 2), (9, 0, 0)],
)
def test_a_fuller_day_has_more_picks(papers: int, most: int, picks: int) -> None:
    assert how_many_picks(papers, most) == picks


def test_the_budget_is_used_to_the_last_paper_and_no_further() -> None:
    papers = [candidate(id, TOPICS[id % 5].id, 1 / id) for id in range(1, 200)]
    assert shown(made(papers)) == 40
    assert shown(made(papers[:20])) == 20
    assert shown(made(papers, EditionLimits(papers=7, picks=2))) == 7


def test_every_section_has_a_paper_before_a_crowded_one_has_many() -> None:
    crowd = {"vision": [1.0] * 100, "3d": [0.2], "audio": [0.3, 0.2], "agents": [1.0] * 25}
    shares = fair_shares(crowd, 20)
    assert shares["3d"] == 1
    assert sum(shares.values()) == 20
    assert shares["vision"] == pytest.approx(2 * shares["agents"], abs=2)
    assert fair_shares(crowd, 2) == {"vision": 1, "3d": 0, "audio": 0, "agents": 1}
    assert fair_shares({}, 5) == {}
    assert fair_shares({"3d": [-1.0], "audio": [0.0]}, 5) == {"3d": 1, "audio": 1}


def test_of_equal_sections_the_stronger_shows_more() -> None:
    shares = fair_shares({"weak": [0.1] * 30, "strong": [1.5] * 30}, 10)
    assert shares["strong"] > shares["weak"] > 0


def test_a_rising_topic_and_phrase_lift_a_paper_and_are_its_reason() -> None:
    phrase = Momentum("liquid lattice", 4, 0.1, True, "in 4 titles today")
    edition = made(
        [candidate(1, "audio", 0.1), candidate(2, "3d", 0.1, title="On Liquid Lattices")],
        momentum={"audio": RISING},
        phrases=(phrase,),
    )
    assert edition.entry(1).why == ("1 votes; one of the day’s 9 papers on Audio (usually 2)")
    assert edition.entry(2).why == (
        "2 votes; one of the day’s 4 papers with “liquid lattice” in the title (usually hardly any)"
    )
    assert edition.entry(1).trend.score == pytest.approx(0.35)
    assert edition.sections[0].momentum in (RISING, None)
    assert edition.phrases == (phrase,)


def test_the_order_of_the_input_does_not_matter_and_ties_go_by_number() -> None:
    papers = [candidate(id, TOPICS[id % 3].id, 0.5) for id in range(1, 30)]
    assert made(papers) == made(papers[::-1])
    assert made(papers).sections[0].papers == tuple(sorted(made(papers).sections[0].papers))


def test_a_week_repeats_nothing_and_ranks_anew() -> None:
    monday = day_of([candidate(id, "vision", 1.0 + id / 100) for id in range(1, 20)], 4)
    friday = day_of(
        [candidate(5, "vision", 1.2, novelty=Novelty.REVISED, title="Better words")]
        + [candidate(id, "audio", 0.5 + id / 100) for id in range(30, 50)]
        + [candidate(60, "3d", 0.2, novelty=Novelty.REVISED)],
        0,
    )
    week = compose_weekly([friday, monday], topics=TOPICS, day=DAY)
    assert week.kind is EditionKind.WEEKLY
    ids = [entry.paper_id for entry in week.entries]
    assert len(ids) == len(set(ids)) == 19 + 20 + 1
    assert week.entry(5).title == "Better words"
    assert week.updated == (60,)
    assert (week.read, week.seen) == (200, 20)
    assert week.covers == (DAY - timedelta(days=4), DAY)
    assert shown(week) <= 40
    assert len(week.picks) == 5
    assert "a top pick on Monday" in week.entry(monday.picks[-1]).why
    assert set(week.picks) != set(monday.picks + friday.picks)


def test_a_week_gives_back_what_absence_took() -> None:
    faded = candidate(1, "vision", 1.0)
    parts = (
        *faded.trend.parts,
        replace(faded.trend.parts[0], name="faded", value=-0.4, words="gone"),
    )
    faded = replace(faded, trend=replace(faded.trend, score=0.6, parts=parts))
    week = compose_weekly([day_of([faded], 3)], topics=TOPICS, day=DAY)
    assert week.entry(1).trend.score == pytest.approx(1.2)
    assert "gone" not in week.entry(1).why


def test_a_week_sums_what_rose() -> None:
    days = [
        made(
            [candidate(ago * 10 + n, "audio") for n in range(3)],
            day=DAY - timedelta(days=ago),
            momentum={"audio": one},
            phrases=(phrase,),
        )
        for ago, one, phrase in (
            (2, RISING, Momentum("moss", 4, 0.1, True)),
            (1, Momentum("audio", 1, 2.0, False), Momentum("moss", 3, 0.1, True)),
        )
    ]
    week = compose_weekly(days, topics=TOPICS, day=DAY)
    assert week.sections[0].momentum == Momentum(
        "audio", 10, 4.0, True, "rising: 10 papers, usually about 4"
    )
    assert week.phrases == (Momentum("moss", 7, 0.2, True, "rising: 7 papers, usually about 1"),)


def test_of_no_days_the_week_is_empty() -> None:
    week = compose_weekly([], topics=TOPICS, day=DAY, kind=EditionKind.WEEKDAYS)
    assert (week.entries, week.sections, week.picks) == ((), (), ())
    assert week.kind is EditionKind.WEEKDAYS


CANDIDATES = st.lists(
    st.builds(
        candidate,
        st.integers(1, 60),
        st.sampled_from([*(topic.id for topic in TOPICS), "unknown"]),
        st.floats(0, 3),
        novelty=st.sampled_from(list(Novelty)),
    ),
    max_size=60,
)
ANY_CAPS = st.builds(EditionLimits, st.integers(0, 50), st.integers(0, 6), st.integers(0, 6))


def check(edition: Edition, caps: EditionLimits) -> None:
    ids = [entry.paper_id for entry in edition.entries]
    new = [id for section in edition.sections for id in section.papers]
    assert len(ids) == len(set(ids))
    assert len(new) == len(set(new)) == edition.new
    assert set(ids) == set(new) | set(edition.updated)
    assert not set(new) & set(edition.updated)
    assert set(edition.picks) <= set(new)
    assert len(set(edition.picks)) == len(edition.picks) <= caps.picks
    assert shown(edition) == min(caps.papers, len(new))
    assert edition.updated_shown == min(caps.updated, len(edition.updated))
    for section in edition.sections:
        rest = [id for id in section.papers if id not in edition.picks]
        assert 0 <= section.shown <= len(rest)
        assert section.papers
    assert [s.topic.id for s in edition.sections if s.topic.id == "other"] == [
        s.topic.id for s in edition.sections[-1:] if s.topic.id == "other"
    ]


@settings(max_examples=60, deadline=None)
@given(CANDIDATES, ANY_CAPS)
def test_an_edition_always_adds_up(candidates: list[Candidate], caps: EditionLimits) -> None:
    check(made(candidates, caps), caps)


@settings(max_examples=40, deadline=None)
@given(st.lists(CANDIDATES, max_size=4), ANY_CAPS)
def test_a_week_always_adds_up(days: list[list[Candidate]], caps: EditionLimits) -> None:
    editions = [day_of(candidates, ago, caps) for ago, candidates in enumerate(days)]
    week = compose_weekly(editions, topics=TOPICS, day=DAY, caps=caps)
    check(week, caps)
    assert {entry.paper_id for entry in week.entries} == {
        entry.paper_id for one in editions for entry in one.entries
    }


def test_no_more_picks_than_papers_are_chosen() -> None:
    edition = made([candidate(1), candidate(2)])
    ranked = [(entry, entry.trend.score) for entry in edition.entries]
    assert len(choose_picks(ranked, 5)) == 2
    assert choose_picks([], 5) == ()
