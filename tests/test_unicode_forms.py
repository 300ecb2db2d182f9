"""Texts that anybody may have written come into a form of Unicode in time that grows as their length."""

from __future__ import annotations

import re
import sys
import time
import unicodedata
from typing import Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import unicode_forms
from digest.editorial.keywords import folded
from digest.editorial.normalise import normalised
from digest.email_address import comparable_address
from digest.redaction import mentions
from digest.unicode_forms import LONGEST_RUN, is_mark, normalise_unicode, stream_safe

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
MARKS = [chr(code) for code in range(sys.maxunicode + 1) if is_mark(chr(code))]


@pytest.mark.parametrize("form", get_args(Form))
@given(text=st.text(max_size=60))
def test_what_people_write_is_normalised_as_ever(form: Form, text: str) -> None:
    assert normalise_unicode(form, text) == unicodedata.normalize(form, text)


@given(
    base=st.sampled_from(["e", "", "x - ", "か"]),
    marks=st.lists(st.sampled_from(MARKS), max_size=200),
    end=st.sampled_from(["", "z", " @ "]),
)
def test_of_a_long_run_of_marks_the_first_thirty_are_kept(
    base: str, marks: list[str], end: str
) -> None:
    assert stream_safe(base + "".join(marks) + end) == base + "".join(marks[:LONGEST_RUN]) + end


def test_every_mark_there_is_counts() -> None:
    one = re.compile(unicode_forms._MAYBE_MARKS.pattern.partition("{")[0])
    assert [f"U+{ord(mark):04X}" for mark in MARKS if not one.fullmatch(mark)] == []
    for mark in MARKS:
        assert len(stream_safe("a" + mark * 100)) == 1 + LONGEST_RUN


HOSTILE = [
    "a" + "\u0315" * 100_000 + "\u0300" * 100_000,
    "a" + "\uff9e\u0334" * 100_000,
    "\u0f73\u0f71" * 100_000,
    "\u0344\u0315" * 100_000,
    "-\u0315\u0300" * 60_000,
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("form", get_args(Form))
def test_no_run_of_marks_takes_the_square_of_its_length(form: Form, text: str) -> None:
    begun = time.process_time()
    normalise_unicode(form, text)
    assert time.process_time() - begun < 10


@pytest.mark.parametrize("text", HOSTILE)
def test_nor_does_it_where_a_text_meets_the_program(text: str) -> None:
    begun = time.process_time()
    normalised(text)
    folded(text)
    assert not mentions(text, ["ada@example.org"])
    comparable_address(f"{text.replace('-', '')}@example.org")
    assert time.process_time() - begun < 20
