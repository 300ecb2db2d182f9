"""What copying tore is mended, and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.text_repair import repaired


@pytest.mark.parametrize(
    ("torn", "whole"),
    [
        ("We use re- inforcement.", "We use reinforcement."),
        ("A multi- agent lamp.", "A multi-agent lamp."),
        ("Lamplight and lamp- light.", "Lamplight and lamplight."),
        ("A lamp in the the attic.", "A lamp in the attic."),
        ("A lamp ,, and a moth .", "A lamp, and a moth."),
        ("A <i>lamp</i> &amp; a <jats:p>moth</jats:p>.", "A lamp & a moth."),
        ("See [the lamp](https://lamp.example/a).", "See the lamp."),
        ("We present , an attic lamp.", "We present an attic lamp."),
        ("More precisely,we light a lamp.", "More precisely, we light a lamp."),
        ("Between 12%--34% of moths.", "Between 12%–34% of moths."),
        ("The L_2² loss of a lamp.", "The L₂² loss of a lamp."),
        ('A lamp-termed "Glow" - that burns.', 'A lamp, termed "Glow", that burns.'),
        ("Moths [3, 4] like `lamps`.", "Moths like lamps."),
        ("Moths like lamps (see the first figure).", "Moths like lamps."),
        ("Moths (cf. Table 2) like lamps (Fig. 3a).", "Moths like lamps."),
        ("A `teacher' lamp.", "A ‘teacher’ lamp."),
        ("We study _rare_ moths.", "We study rare moths."),
        ("The left[1,1right] lamp of the left wing.", "The [1,1] lamp of the left wing."),
        ("A gain of +4.12~F1 in Attic~(AT).", "A gain of +4.12 F1 in Attic (AT)."),
        (
            "A frame-work of lamps with good perfor-mance.",
            "A framework of lamps with good performance.",
        ),
    ],
)
def test_what_was_torn_is_mended(torn: str, whole: str) -> None:
    assert repaired(torn) == whole


@pytest.mark.parametrize(
    "text",
    [
        "Pre- and post-training, short- to long-term, low- or high-light.",
        "We know that that lamp had had a moth.",
        "A lamp - a dim one - with 3 < 4 moths & [sic] beetles.",
        "The range is [0, 1] at x = [3].",
        "The lamp proposed by [3]. A file a_b_c.",
        "A trade-off of 3~5 feed-forward lamps (figure skating), ~5× as bright.",
    ],
)
def test_what_is_meant_so_stays(text: str) -> None:
    assert repaired(text) == text


@given(st.text(alphabet="ab- ,;.<>&`[]()", max_size=200))
def test_no_text_is_too_strange_and_none_grows(text: str) -> None:
    assert len(repaired(text)) <= len(text) + text.count(",")
