"""A text is made readable once, and a page of many papers does not fail for one."""

from __future__ import annotations

import pytest

from digest.latex import readable
from digest.web.readable_texts import ReadableTexts


class Counting:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, text: str) -> str:
        self.asked.append(text)
        return readable(text)


def test_what_was_made_readable_is_kept() -> None:
    convert = Counting()
    readings = ReadableTexts(convert=convert)
    assert [readings.text(r"$\mu$Flow") for _ in range(3)] == ["μFlow"] * 3
    assert convert.asked == [r"$\mu$Flow"]


def test_the_oldest_goes_when_it_is_full() -> None:
    convert = Counting()
    readings = ReadableTexts(room=20, convert=convert)
    for text in ("first", "second", "third", "third", "first"):
        readings.text(text)
    assert convert.asked == ["first", "second", "third", "first"]


def test_a_text_that_cannot_be_read_is_shown_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    def fail(text: str) -> str:
        raise RecursionError(text)

    assert ReadableTexts(convert=fail).text("as\nit\u202e is") == "as it is"
    assert "shown as it was read: RecursionError" in caplog.text
