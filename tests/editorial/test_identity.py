"""A paper is recognised however it is spelt, and never taken for another."""

from __future__ import annotations

import re
import time
import unicodedata
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.editorial import identity, identity_keys
from digest.editorial.identity import Match, MatchStrength
from digest.editorial.normalise import compacted, normalised
from digest.model import Paper, Record

DAY = date(2026, 6, 1)

TIDES = (
    "Coastal towns plan their defences with tide tables that ignore the wind. We introduce "
    "TideWeaver, a forecaster that reads buoy records and pressure maps together and predicts the "
    "water level of the next two days. A small recurrent core keeps the memory of swell, and a "
    "calibration step turns its output into the chance of a flood. On eleven harbours, TideWeaver "
    "halves the error of harmonic analysis during storms and warns of 41 of 44 floods half a day "
    "ahead, at the cost of one false alarm a month. We release the records of all buoys."
)
BEES = (
    "Beekeepers judge the health of a hive by opening it, which chills the brood. We ask whether "
    "the sound of the entrance is enough. Our study follows sixty hives over two summers with "
    "cheap microphones and weekly inspections. A spectrogram classifier finds queenless colonies "
    "a week before the keeper does, while disease leaves no trace that we can hear. Wind and "
    "traffic explain most errors, and a second microphone removes half of them. The recordings "
    "and all inspection notes are published for others to improve on."
)
TITLE = "TideWeaver: Flood Warnings from Buoys and Pressure Maps"


def record(title: str = TITLE, abstract: str = TIDES, external_id: str | None = None) -> Record:
    return Record(title, abstract, external_id=external_id)


def paper(known: Record, paper_id: int = 1) -> Paper:
    return Paper(
        paper_id,
        known.title,
        known.abstract,
        identity_keys.identity_keys(known),
        DAY,
        DAY,
        external_id=known.external_id,
        authors=known.authors,
        author_count=known.author_count,
        published=known.published,
    )


def matched(seen: Record, *known: Record) -> Match | None:
    papers = [paper(one, number) for number, one in enumerate(known, start=1)]
    return identity.match_paper(seen, identity_keys.identity_keys(seen), papers)


def meet(one: Record, other: Record) -> bool:
    """Tell whether the two share a key, so that an index finds one by the other."""
    return bool(
        set(identity_keys.identity_keys(one).lookup)
        & set(identity_keys.identity_keys(other).lookup)
    )


def is_same(one: Record, other: Record) -> bool:
    """Found through the keys and matched, whichever of the two came first."""
    forth, back = matched(one, other), matched(other, one)
    assert (forth is None) == (back is None)
    return forth is not None and meet(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"$\mu$Flow: Small Steps", "μFlow: Small Steps"),
        (r"$\mu$Flow: Small Steps", "muFlow: small steps"),
        (r"A $360^\circ$ View", "A 360^circ View"),
        (r"A $360^\circ$ View", "A 360° View"),
        (r"\texttt{D}ual Towers", "texttt{D}ual Towers"),
        (r"\textbf{Bold} Claims", "textbf{Bold} Claims"),
        (r"\textbf{Bold} Claims", "Bold claims"),
        (r"{\bf Bold} Claims", "Bold Claims"),
        (r"Schr\"{o}dinger's Dataset", "Schrödinger’s Dataset"),
        (r"Erd\H{o}s Graphs", "Erdős graphs"),
        (r"$\mathcal{O}(n)$ Attention", "mathcal{O}(n) Attention"),
        (r"Up to 7.6$\times$ Faster", "Up to 7.6times faster"),
        (r"Up to 7.6$\times$ Faster", "Up to 7.6× Faster"),
        (r"From $A \rightarrow B$", "From A → B"),
        (r"From $A \rightarrow B$", "From A rightarrow B"),
        (r"Costs of $\sim$5 Euros", "Costs of sim5 euros"),
        (r"The \mathbb R Package", "The R Package"),
        (r"Learning $\varepsilon$-Nets", "Learning ϵ-nets"),
        ("Multi-Modal Maps", "Multimodal Maps"),
        ("Ｗｉｄｅ Ｌｅｔｔｅｒｓ", "Wide letters"),
        ("Efﬁcient Kernels", "Efficient Kernels"),
        ("Two\n  Lines", "Two Lines"),
        ("Soft\u00adly\u200b Spoken", "Softly Spoken"),
        (r"Search \& Rescue", "Search and Rescue"),
        (r"See \href{https://example.org/x}{here} First", "See here first"),
    ],
)
def test_spellings_of_a_title_are_one(one: str, other: str) -> None:
    assert compacted(normalised(one)) == compacted(normalised(other))
    assert is_same(record(one), record(other, ""))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Heron-v3 Report", "Heron-v4 Report"),
        ("Heron 2 Report", "Heron 2.5 Report"),
        ("Heron: Large Ponds", "Heron++: Large Ponds"),
        ("Tensor Gardens Part I", "Tensor Gardens Part II"),
        ("The Ninth Harbour Challenge 2025", "The Ninth Harbour Challenge 2026"),
        ("C Programs", "C++ Programs"),
    ],
)
def test_a_numbered_sibling_is_another_paper(one: str, other: str) -> None:
    almost = TIDES.replace("eleven harbours", "twelve harbours")
    assert not is_same(record(one), record(other, almost))
    assert not is_same(record(one, ""), record(other, ""))


@pytest.mark.parametrize("other", ["Heron-v4 Report", "Heron-v3b Report", "Heron Report"])
def test_another_of_a_series_is_another_paper_though_no_word_of_the_abstract_differs(
    other: str,
) -> None:
    assert not is_same(record("Heron-v3 Report"), record(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A Survey of Harbour Defences", "A Comparative Survey of Harbour Defences"),
        ("Buoys Beat Satellites on Tide Synthesis", "Buoys Beat Satellites on Tide Detection"),
        ("Listening to Hives: A Survey", "Listening to Hives: A Survey"),
    ],
)
def test_like_titles_with_different_abstracts_are_two_papers(one: str, other: str) -> None:
    assert not is_same(record(one, TIDES), record(other, BEES))


def test_like_titles_without_an_abstract_to_compare_are_two_papers() -> None:
    one, other = record("A Survey of Tides", ""), record("A Comparative Survey of Tides", TIDES)
    assert not is_same(one, other)


def test_an_equal_id_and_a_like_title_are_the_same_paper_whatever_the_version_and_the_abstract() -> (
    None
):
    old = record("First Thoughts", TIDES, "2606.01234v1")
    new = record("Second Thoughts", BEES, "arXiv:2606.01234v2")
    found = matched(new, old)
    assert is_same(new, old)
    assert found is not None
    assert found.reason == "same arXiv id 2606.01234"


def test_an_id_known_from_another_listing_of_the_paper_is_enough() -> None:
    first, second = record(external_id="2606.01234"), record(external_id="doi:10.1000/7")
    known = replace(paper(first), keys=identity_keys.identity_keys(second))
    new = record("Renamed", TIDES[:200], "doi:10.1000/7")
    found = identity.match_paper(new, identity_keys.identity_keys(new), [known])
    assert found is not None
    assert found.reason == "same doi id 10.1000/7"


@pytest.mark.parametrize("claimed", [BEES, "", "See the paper."])
def test_an_equal_id_with_nothing_else_in_common_is_not_believed(claimed: str) -> None:
    claim = record("A Matter of Hives", claimed, "2606.01234")
    assert not is_same(record(external_id="2606.01234"), claim)


def test_two_ids_of_one_scheme_are_two_papers() -> None:
    one = record(external_id="2606.01234")
    assert not is_same(one, record(TITLE, TIDES[:300], "2606.09999"))
    assert not is_same(one, record(TITLE, "", "2606.09999"))
    assert not is_same(one, record("Other Name", TIDES, "2606.09999"))


@pytest.mark.parametrize(
    ("one", "other"), [("2606.01234", "2606.09999"), ("doi:10.1000/7", "doi:10.1000/8")]
)
def test_two_ids_of_one_scheme_are_two_papers_even_word_for_word(one: str, other: str) -> None:
    assert not is_same(record(external_id=one), record(external_id=other))
    exactly = identity.match_exactly(
        record(external_id=one),
        identity_keys.identity_keys(record(external_id=one)),
        [paper(record(external_id=other))],
    )
    assert exactly is None


def test_ids_of_different_schemes_do_not_contradict_each_other() -> None:
    assert is_same(record(external_id="2606.01234"), record(external_id="doi:10.1000/7"))


def test_a_reworded_title_with_the_same_abstract_is_the_same_paper() -> None:
    assert is_same(record(), record("Warning Harbours Two Days Ahead"))


def test_a_reworded_abstract_under_the_same_title_is_the_same_paper() -> None:
    reworded = (
        "Tide tables ignore the wind, so coastal towns are flooded unprepared. This paper presents "
        "TideWeaver, which joins buoy records with pressure maps to forecast the water level for "
        "two days. Its recurrent core remembers swell; calibration gives the chance of a flood. In "
        "storms it has half the error of harmonic analysis on eleven harbours, and 41 of 44 floods "
        "are announced half a day before. All buoy records are released with the code at hand."
    )
    assert is_same(record(), record(abstract=reworded))


def test_a_paper_that_kept_its_name_is_recognised_though_title_and_abstract_were_reworded() -> None:
    reworded = (
        "Harbour floods are hard to foresee. We present TideWeaver, which estimates levels of water "
        "from pressure maps and from buoy records. A small recurrent core keeps the memory "
        "of swell and gives odds for the coming two days. TideWeaver halves the error of harmonic analysis; on "
        "fourteen further sites it misses few events. We discuss what a needless warning costs a "
        "small town, and how keepers of the piers use the forecasts that they are given each night."
    )
    renamed = record("TideWeaver: How to Foresee a Flood", reworded)
    found = matched(renamed, record())
    assert found is not None
    assert found.evidence is MatchStrength.LIKELY
    assert found.reason.startswith("same name in both titles, abstract ")
    assert is_same(renamed, record())
    for elsewhere in ("How to Foresee a Flood", "TideWeaving: How to Foresee a Flood"):
        assert not is_same(record(elsewhere, reworded), record())


def test_a_shared_name_alone_does_not_make_two_papers_one() -> None:
    follow_up = BEES.replace("Our study", "We present TideWeaver for hives. Our study")
    assert not is_same(record(), record("Hives by Ear", follow_up))


def test_a_shared_project_address_counts_when_the_abstracts_resemble_each_other() -> None:
    address = " Code: https://github.com/harbour/tide-tools.git."
    reworded = (
        "We study how towns may prepare for storms. Buoy records and pressure maps are read by one "
        "model, and the chance of a flood is calibrated on older storms. Two days of warning are "
        "possible for most of the places on the coast that we looked at, and the error of harmonic "
        "analysis is reduced by half in the worst of the storms."
    )
    one = record("Storm Harbours", TIDES.replace("TideWeaver", "the model") + address)
    other = record("Before the Water Comes", reworded + address)
    found = matched(one, other)
    assert found is not None
    assert found.reason.startswith("same project address")
    assert is_same(one, other)
    assert not is_same(one, replace(other, abstract=reworded))


@pytest.mark.parametrize("keep", [30, 150, 300, 480])
def test_a_cut_abstract_under_the_same_title_is_the_same_paper(keep: int) -> None:
    assert is_same(record(), record(abstract=TIDES[:keep] + "…"))


def test_an_abstract_with_its_middle_cut_out_is_the_same_paper() -> None:
    assert is_same(record(), record(abstract=TIDES[:180] + " … " + TIDES[-150:]))


def test_a_missing_abstract_under_the_same_title_is_the_same_paper() -> None:
    found = matched(record(abstract=""), record())
    assert found is not None
    assert found.reason == "same title, no abstract to compare"
    assert is_same(record(), record(abstract=""))


def test_a_one_sentence_summary_under_the_same_title_is_the_same_paper() -> None:
    summary = "TideWeaver forecasts harbour floods two days ahead from buoy data, halving errors."
    assert is_same(record(), record(abstract=summary))


def test_a_summary_about_something_else_is_another_paper() -> None:
    other = "Queenless bee colonies betray themselves by sound at the hive entrance, not disease."
    assert not is_same(record("Listening"), record("Listening", other))


LONG = "Flood Warnings from Buoys and Pressure Maps in Small Harbours"
ANEW = (
    "Small harbours flood before anybody is warned. Cheap buoys and maps of pressure, put together by "
    "a learned filter, give two days of notice at the coasts where we tried it. Our estimates of the "
    "water are honest about their doubt, which the captains of ferries asked for. We report on one "
    "winter of daily use, and on what broke: batteries, mostly, and one antenna. Whoever wants to set "
    "up such a service finds a list of parts, and the warnings that were sent with their outcome."
)


def test_an_equal_long_title_over_an_abstract_written_anew_is_the_same_paper() -> None:
    found = matched(record(LONG, ANEW), record(LONG))
    assert found is not None
    assert found.reason == "same long title, abstract written anew"
    assert found.evidence is MatchStrength.LIKELY
    assert is_same(record(LONG, ANEW), record(LONG))


def test_an_equal_long_title_is_contradicted_by_other_authors_years_and_subjects() -> None:
    one, other = record(LONG), record(LONG, ANEW)
    assert not is_same(one, record(LONG, BEES))
    authors = replace(one, authors=("Ada Byron",)), replace(other, authors=("Emmy Noether",))
    assert not is_same(*authors)
    days = replace(one, published=DAY), replace(other, published=DAY.replace(year=2023))
    assert not is_same(*days)
    assert is_same(days[0], replace(other, published=DAY.replace(year=2025)))


@pytest.mark.parametrize(
    "title", ["Floods and Buoys", "Technical Report", "A Survey of Large Models"]
)
def test_an_equal_title_short_or_generic_needs_abstracts_that_agree(title: str) -> None:
    assert not is_same(record(title), record(title, ANEW))
    assert is_same(record(title), record(title, TIDES.replace("halves", "halved")))


@pytest.mark.parametrize(
    "title", ["Technical Report", "A Survey of Large Language Models", "Deep Learning: A Review"]
)
def test_a_generic_title_without_an_abstract_is_nobodys_unless_an_author_is_shared(
    title: str,
) -> None:
    one, bare = record(title), record(title, "")
    assert not is_same(one, bare)
    assert not is_same(one, record(title, "Bees tell their keepers by sound who is queen."))
    assert is_same(bare, bare)
    ada = ("Ada Byron", "Emmy Noether")
    assert is_same(replace(one, authors=ada), replace(bare, authors=ada[1:]))


def test_a_title_alone_is_another_paper_if_its_authors_are_others() -> None:
    one, other = (
        replace(record(abstract=abstract), authors=(author,))
        for abstract, author in ((TIDES, "Ada Byron"), ("", "Emmy Noether"))
    )
    assert not is_same(one, other)
    assert not is_same(replace(one, abstract=""), other)
    assert is_same(one, replace(other, authors=()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (TITLE, "TideWeaver: Flood Warnings from Buoys"),
        (TITLE, "Flood Warnings from Buoys and Pressure Maps"),
        ("Counting Herons by Drone", "Counting Herons by Telescope"),
    ],
)
def test_another_title_without_an_abstract_is_another_paper(one: str, other: str) -> None:
    assert not is_same(record(one), record(other, ""))
    assert not is_same(record(one, ""), record(other, ""))


def test_a_notice_shared_by_many_listings_makes_no_two_papers_one() -> None:
    notice = "This paper has been withdrawn by its authors owing to an error in the third section."
    assert not is_same(record("One", notice), record("Two", notice))


def test_companion_papers_that_open_alike_stay_apart_when_the_rest_is_cut() -> None:
    opening = TIDES[:250] + "…"
    assert not is_same(record("Tides by Day", opening), record("Tides by Night", opening))
    assert not is_same(record("Tides by Day", opening), record("Tides by Night", TIDES))


def test_titles_without_letters_match_nothing_but_their_own_text() -> None:
    assert not is_same(record("???", TIDES), record("!!!", BEES))
    assert not is_same(record("???", ""), record("!!!", ""))
    assert is_same(record("???", ""), record(" ??? ", TIDES))


def test_of_several_candidates_the_likeliest_is_taken_then_the_oldest() -> None:
    other_text = record(abstract=TIDES[:200])
    found = matched(record(), other_text, record(), record())
    assert found is not None
    assert found.paper.id == 2


def test_hostile_text_is_answered_quickly() -> None:
    started = time.perf_counter()
    for piece in (
        "\\" * 9,
        "{" * 9,
        "$^_",
        "\\textbf{",
        "A:",
        "propose ",
        "aA-",
        "https://x ",
        "'\"~",
    ):
        identity_keys.identity_keys(record(piece * 10_000, piece * 20_000))
    assert time.perf_counter() - started < 30


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)


@given(title=st.text(max_size=80), abstract=st.text(max_size=200), known=st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_text_has_keys_and_finds_itself(title: str, abstract: str, known: str) -> None:
    one = record(title, abstract, known)
    found = matched(one, one)
    assert found is not None
    assert len(identity_keys.identity_keys(one).lookup) <= 12
    matched(one, record(known, title + abstract))


@given(text=words)
@settings(max_examples=200, deadline=None)
def test_a_plain_form_is_its_own_plain_form_and_ignores_unicode_forms(text: str) -> None:
    normal = compacted(normalised(text))
    assert compacted(normalised(unicodedata.normalize("NFC", text))) == normal
    assert compacted(
        normalised(unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text)))
    ) == (compacted(normalised(unicodedata.normalize("NFKC", text))))
    assert not re.search(r"\s", normal)


SHORT = (
    "SplatWalk rebuilds a house from one walk through it with a telephone in the hand. A second "
    "pass mends the corners that the first one missed, and the whole takes four minutes on a "
    "laptop, where earlier methods needed a van with a lidar and most of an afternoon."
)


@pytest.mark.parametrize(
    ("title", "known"),
    [
        ("SplatWalk: Rebuilding Houses from One Handheld Video", True),
        ("SplatWalk: Rebuilding Houses From a Single Hand-Held Video", True),
        ("SplatWalk II: Rebuilding Houses from a Single Handheld Video", False),
        ("Mending Corners That Radiance Fields Forget", False),
    ],
)
def test_a_retitled_paper_with_the_same_short_abstract_is_known(title: str, known: bool) -> None:
    before = Record("SplatWalk: Rebuilding Houses from a Single Handheld Video", SHORT)
    day = date(2026, 11, 20)
    paper = Paper(1, before.title, before.abstract, identity_keys.identity_keys(before), day, day)
    record = Record(title, SHORT)
    found = identity.match_paper(record, identity_keys.identity_keys(record), [paper])
    assert (found is not None) is known
