"""A reader gets what was asked for, never what was refused, and is told how much more there is."""

from __future__ import annotations

import time

import pytest
from factories import DAY, TOPICS, candidate
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.editorial.arrangement import EditionFrame, EditionLimits
from digest.editorial.edition import compose_edition
from digest.editorial.keywords import Mentions, mentions
from digest.editorial.selection import indexed, select_for
from digest.model import Candidate, Edition, Frequency, Novelty, Preferences, Selection

CAPS = EditionLimits()
phrases = st.lists(
    st.sampled_from(
        ["GAN", "gans", "text-to", "image", "C++", "é", "smart", "art", "中文", "学", "-", ""]
    ),
    max_size=4,
).map(" ".join)


def made(candidates: list[Candidate], caps: EditionLimits = CAPS) -> Edition:
    return compose_edition(candidates, EditionFrame(TOPICS, DAY, caps=caps))


def edition_of(papers: int = 60) -> Edition:
    fresh = [candidate(id, TOPICS[id % 5].id, 1 / id) for id in range(1, papers + 1)]
    return made([*fresh, *(candidate(id, "3d", novelty=Novelty.REVISED) for id in range(900, 908))])


def chosen(edition: Edition, caps: EditionLimits = CAPS, **wishes: object) -> Selection:
    found = select_for(edition, Preferences(**wishes), caps=caps)  # type: ignore[arg-type]
    assert found is not None
    return found


def shown(selection: Selection) -> list[int]:
    return [*selection.picks, *(id for one in selection.sections for id in one.papers)]


def named(selection: Selection) -> list[int]:
    return [*shown(selection), *(id for one in selection.sections for id in one.titles)]


def test_without_wishes_it_is_the_general_choice() -> None:
    edition = edition_of()
    general = select_for(edition)
    assert general is not None
    assert general == select_for(edition, Preferences(frequency=Frequency.WEEKLY, hour=7))
    assert general.picks == edition.picks
    assert len(shown(general)) == 40
    assert general.total == 60
    assert sorted(named(general)) == sorted(
        id for section in edition.sections for id in section.papers
    )
    assert (len(general.updated), len(general.updated_titles)) == (5, 3)
    assert not general.limited
    assert not general.personal
    assert general.why == {}


def test_of_an_empty_edition_there_is_nothing() -> None:
    assert select_for(made([])) is None
    assert select_for(made([]), Preferences(topics=("3d",))) is None


def test_followed_topics_are_shown_first_ones_before_second_ones() -> None:
    edition = made(
        [
            candidate(1, "vision", 1.0),
            candidate(2, "3d", 0.5),
            candidate(3, "audio", 0.6, others=("3d",)),
        ]
    )
    found = chosen(edition, topics=("3d",))
    assert shown(found) == [2, 3]
    assert found.personal
    assert found.total == 2
    assert found.why == {2: "you follow 3D", 3: "you follow 3D"}


def test_a_keyword_is_found_in_title_and_abstract_and_named_as_the_reason() -> None:
    edition = made(
        [
            candidate(1, "3d", title="Gaussian-Splatting for Beds"),
            candidate(2, "3d", abstract="We use Gaussian Splatting. It works."),
            candidate(3, "vision", title="Gaussian", abstract="Splatting of lamps is here."),
        ]
    )
    found = chosen(edition, keywords=("gaussian  splatting",))
    assert sorted(shown(found)) == [1, 2]
    both = chosen(edition, topics=("3d",), keywords=("gaussian splatting", "beds"))
    assert both.why[1] == "you follow 3D; mentions 'gaussian splatting' and 'beds'"
    assert shown(both)[0] == 1


def test_what_is_refused_is_never_shown() -> None:
    edition = made(
        [
            candidate(1, "3d", title="Lamps"),
            candidate(2, "audio"),
            candidate(3, "vision", others=("audio",)),
            candidate(4, "3d", others=("audio",)),
        ]
    )
    assert sorted(shown(chosen(edition, exclude_topics=("audio",)))) == [1]
    assert sorted(shown(chosen(edition, topics=("3d",), exclude_topics=("audio",)))) == [1, 4]
    assert sorted(shown(chosen(edition, exclude_keywords=("lamp",)))) == [2, 3, 4]
    assert select_for(edition, Preferences(topics=("3d",), exclude_topics=("3d",))) is None


def test_a_day_without_a_match_has_no_mail() -> None:
    edition = edition_of()
    assert select_for(edition, Preferences(keywords=("unicorn",))) is None
    only_updated = made([candidate(1, "audio"), candidate(2, "3d", novelty=Novelty.REVISED)])
    assert select_for(only_updated, Preferences(topics=("3d",))) is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(phrases, phrases), max_size=5),
    phrases,
)
def test_the_index_finds_what_reading_every_text_finds(
    texts: list[tuple[str, str]], keyword: str
) -> None:
    read = [n for n, of_one in enumerate(texts) if any(mentions(text, keyword) for text in of_one)]
    assert Mentions(texts).of(keyword) == read


def test_a_keyword_that_says_nothing_is_not_heard() -> None:
    edition = edition_of()
    found = chosen(edition, keywords=("!!!", " "), exclude_keywords=("--",))
    assert found.total == 60


@pytest.mark.parametrize("most", [1, 2, 3, 10, 55, 500])
def test_no_more_papers_than_wished_updated_ones_included(most: int) -> None:
    found = chosen(edition_of(), max_papers=most)
    assert len(shown(found)) == min(most, 60)
    assert len(shown(found)) + len(found.updated) <= max(most, len(shown(found)))
    assert len(named(found)) == found.total == 60
    assert len(found.updated) + len(found.updated_titles) == 8
    assert found.limited


def test_who_follows_everything_gets_what_everybody_gets() -> None:
    edition = edition_of()
    general = select_for(edition)
    everything = chosen(edition, topics=tuple(topic.id for topic in TOPICS))
    assert general is not None
    assert everything.picks == general.picks
    assert everything.sections == general.sections
    assert everything.updated == general.updated


def test_the_budget_is_shared_fairly_among_followed_topics() -> None:
    crowd = [candidate(id, "vision", 1.0) for id in range(1, 100)]
    found = chosen(made([*crowd, candidate(200, "3d", 0.1)]), topics=("vision", "3d"))
    assert 200 in shown(found)


def test_a_second_topic_followed_without_a_section_is_named_by_its_id() -> None:
    edition = made([candidate(1, "audio", others=("3d",))])
    assert chosen(edition, topics=("3d",)).why == {1: "you follow 3d"}


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("GANs are here", "gan"),
        ("A Transformer", "transformers"),
        ("Text-to-Image models", "text to image"),
        ("Poincaré balls", "poincare"),
        ("POINCARE balls", "Poincaré"),
        ("Straße", "STRASSE"),
        ("We like C++ here", "c++"),
        ("x", "X"),
        ("我们研究扩散模型的方法", "扩散模型"),
        ("ﬁne tuning", "fine-tuning"),
    ],
)
def test_a_keyword_is_found_whatever_its_dress(text: str, keyword: str) -> None:
    assert mentions(text, keyword)


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("smart", "art"),
        ("C++", "c"),
        ("corpus", "corpu"),
        ("classes", "glasses"),
        ("gaussian blur splatting", "gaussian splatting"),
        ("anything", ""),
        ("anything", "!?"),
        ("", "word"),
    ],
)
def test_a_keyword_is_not_found_inside_another_word(text: str, keyword: str) -> None:
    assert not mentions(text, keyword)


@given(st.text(max_size=60), st.text(max_size=12))
def test_any_text_may_be_asked_for_any_keyword(text: str, keyword: str) -> None:
    assert mentions(f"{text} {keyword}", keyword) or not mentions(keyword, keyword)


TOPIC_IDS = st.lists(st.sampled_from([*(topic.id for topic in TOPICS), "gone"]), max_size=4).map(
    tuple
)
WORDS = st.lists(
    st.sampled_from(["number", "paper 1", "2", "method", "?", "works"]), max_size=3
).map(tuple)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.builds(
            candidate,
            st.integers(1, 40),
            st.sampled_from([topic.id for topic in TOPICS]),
            st.floats(0, 3),
            others=TOPIC_IDS,
            novelty=st.sampled_from([Novelty.NEW, Novelty.REVISED]),
        ),
        max_size=40,
    ),
    st.builds(
        Preferences,
        topics=TOPIC_IDS,
        exclude_topics=TOPIC_IDS,
        keywords=WORDS,
        exclude_keywords=WORDS,
        max_papers=st.none() | st.integers(1, 50),
    ),
    st.builds(EditionLimits, st.integers(0, 30), st.integers(0, 6), st.integers(0, 6)),
)
def test_a_selection_always_adds_up(
    candidates: list[Candidate], wishes: Preferences, caps: EditionLimits
) -> None:
    edition = made(candidates, caps)
    found = select_for(edition, wishes, caps=caps)
    assert found == select_for(edition, wishes, caps=caps)
    if found is None:
        return
    new = {id for section in edition.sections for id in section.papers}
    told = [*shown(found), *found.updated]
    assert len(told) == len(set(told))
    assert set(shown(found)) <= new
    assert set(found.updated) <= set(edition.updated)
    assert len(named(found)) == len(set(named(found))) == found.total == found.named - found.updates
    counted = found.without_titles()
    assert counted.named + sum(one.more for one in counted.sections) + counted.updated_more == (
        found.named
    )
    assert found.total <= len(new)
    assert all(one.listed for one in found.sections)
    for id in told:
        entry = edition.entry(id)
        assert entry.topic not in wishes.exclude_topics
        for word in wishes.exclude_keywords:
            assert not mentions(entry.title, word)
            assert not mentions(entry.abstract, word)
    if not wishes.narrows:
        assert found.total == len(new)
    order = [section.topic.id for section in edition.sections]
    assert [one.topic for one in found.sections] == [
        topic for topic in order if topic in {one.topic for one in found.sections}
    ]


def test_a_hundred_long_words_cost_a_reader_little_however_many_papers_there_are() -> None:
    """A generous bound: comparing every word with every text took two hundred times as long."""
    edition = edition_of(250)
    index = indexed(edition)
    words = tuple(f"phrase of some words number {n}"[:80] for n in range(50))
    begun = time.process_time()
    for n in range(50):
        select_for(edition, Preferences(keywords=words, max_papers=n + 1), index=index)
    assert time.process_time() - begun < 5
