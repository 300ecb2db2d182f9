"""A subscriber's name: one line of a name, and no advertisement."""

from __future__ import annotations

import pytest

from digest.errors import SubscriberError
from digest.subscriptions import read_name


@pytest.mark.parametrize(
    ("given", "expected"),
    [("", ""), ("  Ada \n Lovelace ", "Ada Lovelace"), ("Jürgen O’Neill-Ñ", "Jürgen O’Neill-Ñ")],
)
def test_a_name_is_one_line(given: str, expected: str) -> None:
    assert read_name(given) == expected


@pytest.mark.parametrize(
    "given",
    ["Buy at https://spam.example", "www.spam.example", "a@b.example", "<b>Ada</b>", "x" * 101,
     "Ada\x00", "Ada\u202e"],
)  # fmt: skip
def test_what_is_no_name_is_refused(given: str) -> None:
    with pytest.raises(SubscriberError):
        read_name(given)
