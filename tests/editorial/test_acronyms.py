"""An acronym that is explained in another sentence is said in full."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.acronyms import acronyms, in_full, unexplained


def said(abstract: str, summary: str, longest: int = 500, title: str = "") -> str:
    return in_full(summary, acronyms(abstract), longest, title)


@pytest.mark.parametrize(
    ("abstract", "short", "long"),
    [
        ("Moth counting by lamplight (MCL) is old.", "MCL", "Moth counting by lamplight"),
        ("We use lamp light networks (LLNs).", "LLN", "lamp light networks"),
        ("We hang MCL (Moth Counting by Lamplight).", "MCL", "Moth Counting by Lamplight"),
        ("A key-value (KV) store.", "KV", "key-value"),
        ("The lamp element (LE) glows.", "LE", "lamp element"),
        ("Won through twin-tail sorting (TTS).", "TTS", "twin-tail sorting"),
    ],
)
def test_a_long_form_is_found_before_its_bracket_or_in_it(
    abstract: str, short: str, long: str
) -> None:
    assert acronyms(abstract)[short].long.lower() == long.lower()


@pytest.mark.parametrize(
    "abstract",
    [
        "Moths come late (in May) to attics (AD 1900).",
        "We count the moths of every attic (XYZ).",
        "Moths (see Fig. 3) and lamps (LED).",
        "It has a long wing (L) and a short one (s).",
        'We call it "Lamp Of Glass (LOG)" for short.',
    ],
)
def test_a_bracket_that_explains_nothing_is_none(abstract: str) -> None:
    assert acronyms(abstract) == {}


@pytest.mark.parametrize(
    ("abstract", "summary", "full"),
    [
        (
            "Multi-lamp systems (MLS) glow.",
            "We hang two MLS designs.",
            "We hang two multi-lamp system (MLS) designs.",
        ),
        (
            "Lamps of Glass (LoGs) glow.",
            "We hang a LoG design.",
            "We hang a Lamp of Glass (LoG) design.",
        ),
        (
            "Moth-lamp-wing models (MLWs) glow.",
            "We hang MLWs.",
            "We hang moth-lamp-wing models (MLWs).",
        ),
        ("Multi-lamp systems (MLS) glow.", "We hang MLS.", "We hang multi-lamp systems (MLS)."),
    ],
)
def test_a_long_form_reads_as_running_text_does(abstract: str, summary: str, full: str) -> None:
    assert said(abstract, summary) == full


def test_only_its_first_place_is_said_in_full() -> None:
    assert (
        said("Moth lamp tasks (MLTs) are hard.", "We study MLTs. MLTs are old.")
        == "We study moth lamp tasks (MLTs). MLTs are old."
    )


def test_number_and_article_agree() -> None:
    explained = "The art of lamp tending (LT) and moth lamp tasks (MLTs)."
    assert said(explained, "We solve an LT task.") == "We solve a lamp tending (LT) task."
    assert said(explained, "We solve one MLT.") == "We solve one moth lamp task (MLT)."
    assert said("An old lamp (OL) burns.", "Many OLs burn.") == "Many old lamps (OLs) burn."


@pytest.mark.parametrize(
    "summary",
    [
        "A lamp (like an MLT) burns.",
        "Moth lamp tasks (MLTs) are hard.",
        "The XMLT burns.",
    ],
)
def test_where_it_cannot_be_said_safely_it_stays(summary: str) -> None:
    assert said("Moth lamp tasks (MLTs) are hard.", summary) == summary


def test_a_name_of_the_title_what_everybody_knows_and_what_is_too_long_stay() -> None:
    explained = "Moth lamp tasks (MLTs) and large language models (LLMs)."
    assert said(explained, "We use LLMs.") == "We use LLMs."
    assert said(explained, "We use MLTs.", title="MLT: Lamps at Work") == "We use MLTs."
    assert said(explained, "We use MLTs.", longest=20) == "We use MLTs."


@given(st.text(alphabet="ABab ().-s", max_size=120), st.text(alphabet="ABab ().-s", max_size=120))
def test_no_text_is_too_strange_and_no_word_is_lost(abstract: str, summary: str) -> None:
    full = said(abstract, summary)
    assert len(summary) - 1 <= len(full) <= 500


def test_before_a_word_like_based_it_is_said_in_full_too() -> None:
    full = said("Moth lamp tasks (MLTs) are hard.", "An MLT-based lamp burns.")
    assert full == "A moth lamp task (MLT)-based lamp burns."
    assert said("Moth lamp tasks (MLTs) are hard.", "An MLT-X burns.") == "An MLT-X burns."


def test_a_rare_one_that_nothing_explains_is_found() -> None:
    assert list(unexplained("The QZT of a lamp and the LLM.", "", ())) == ["QZT"]
    assert not list(unexplained("The QZT of a lamp.", "QZT: a lamp", ()))
    assert not list(unexplained("The QZT of a lamp.", "", ("QZT",)))
    assert not list(unexplained("The quiet lamp (QZT) burns.", "", ()))
    assert not list(unexplained("Experiments on MothBench and QZT are done.", "", ()))


def test_a_long_form_takes_the_number_that_its_place_asks_for() -> None:
    several = "Moth lamp networks (MLN) burn."
    assert said(several, "An MLN model burns.") == "A moth lamp network (MLN) model burns."
    assert said("A moth lamp memory (MLM) is old.", "We hang MLMs.") == (
        "We hang moth lamp memories (MLMs)."
    )
    assert said("A singular moth decomposition (SMD) is old.", "Its SMD decomposition is new.") == (
        "Its singular moth decomposition (SMD) is new."
    )


def test_capitals_and_raised_numbers_tell_the_words() -> None:
    field = acronyms("The neural transient field (NeTF) is old.")
    assert field["NeTF"].long == "neural transient field"
    rate = acronyms("The moth-level moth error rate (M²ER) is low.")
    assert rate["M²ER"].long == "moth-level moth error rate"
