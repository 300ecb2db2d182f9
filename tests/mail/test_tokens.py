"""Tokens: who may do what by following a link."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import ConfigurationError
from digest.mail.tokens import read, sign


def test_a_token_says_whom_it_was_signed_for() -> None:
    assert read("unsubscribe", sign("unsubscribe", 42, ["key"]), ["key"]) == 42


def test_a_token_is_the_same_on_every_retry() -> None:
    assert sign("unsubscribe", 42, ["key"]) == sign("unsubscribe", 42, ["key"])


def test_a_token_opens_nothing_but_what_it_is_for() -> None:
    assert read("preferences", sign("unsubscribe", 42, ["key"]), ["key"]) is None


def test_tokens_signed_with_an_older_key_still_work() -> None:
    old = sign("unsubscribe", 42, ["old"])
    assert read("unsubscribe", old, ["new", "old"]) == 42
    assert sign("unsubscribe", 42, ["new", "old"]) == sign("unsubscribe", 42, ["new"])
    assert read("unsubscribe", old, ["new"]) is None


def test_without_a_secret_nothing_is_signed() -> None:
    with pytest.raises(ConfigurationError, match="secret"):
        sign("unsubscribe", 42, [])


@given(st.text(max_size=300))
def test_what_was_not_signed_here_is_nobody(token: str) -> None:
    assert read("unsubscribe", token, ["key"]) is None


def test_a_signed_value_that_is_no_number_is_nobody() -> None:
    from itsdangerous import URLSafeSerializer

    serializer = URLSafeSerializer(["key"], salt="digest.unsubscribe")
    for value in ("42", True, None, [42]):
        token = serializer.dumps(value)
        assert isinstance(token, str)
        assert read("unsubscribe", token, ["key"]) is None
