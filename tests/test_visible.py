"""Hidden characters show as numbers; every letter of every script stays as it is."""

from __future__ import annotations

import unicodedata

import pytest

from digest.visible import HIDDEN, visible

SHOWN = {0x0600, 0x0601, 0x0602, 0x0603, 0x0604, 0x0605, 0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2}
SHOWN |= {0x110BD, 0x110CD}
"""Format characters that have a shape of their own: signs above Arabic and Kaithi numbers, and
Syriac's abbreviation mark."""
JOINERS = {0x200C, 0x200D}


def test_every_character_that_a_terminal_obeys_or_hides_is_known() -> None:
    hidden = {
        code
        for code in range(0x110000)
        if unicodedata.category(chr(code)) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    }
    missed = {code for code in hidden - SHOWN - JOINERS if not HIDDEN.match(chr(code))}
    assert {hex(code) for code in missed} == set()


def test_nothing_that_has_a_shape_is_replaced() -> None:
    replaced = {
        code
        for code in range(0x110000)
        if HIDDEN.match(chr(code))
        and unicodedata.category(chr(code)) not in {"Cc", "Cf", "Cs", "Zl", "Zp", "Cn"}
    }
    assert {hex(code) for code in replaced} == set()


@pytest.mark.parametrize(
    "text", ["Über π ≤ 3", "می‌خواهم", "क्‍ष", "👩‍🔬 finds", "النص", "日本語", "[red]not red[/red]"]
)
def test_what_people_write_stays(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x1b]52;c;AAAA\x07", r"\x1b]52;c;AAAA\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("abc\u202etxt.exe", r"abc\u202etxt.exe"),
        ("one\nline=two", r"one\x0aline=two"),
        ("back\rover", r"back\x0dover"),
        ("\udcff.txt", r"\xff.txt"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_steers_a_terminal_is_shown_as_its_number(text: str, shown: str) -> None:
    assert visible(text) == shown
