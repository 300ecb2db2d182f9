"""Tokens: who may do what by following a link."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.errors import ConfigurationError
from digest.mail.tokens import (
    LONGEST_BOUNCE_TOKEN,
    read_bounce_token,
    read_token,
    sign_bounce_token,
    sign_token,
)


def test_a_token_says_whom_it_was_signed_for() -> None:
    assert read_token("unsubscribe", sign_token("unsubscribe", 42, ["key"]), ["key"]) == 42


def test_a_token_is_the_same_on_every_retry() -> None:
    assert sign_token("unsubscribe", 42, ["key"]) == sign_token("unsubscribe", 42, ["key"])


@given(
    st.integers(0, 2**63 - 1) | st.integers(10**9, 10**12),
    st.sampled_from(["unsubscribe", "preferences", "confirm"]),
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=3),
)
@example(9_999_999_999, "unsubscribe", ["key"])
@example(1_111_111_111_111_111_111, "unsubscribe", ["key"])
def test_a_token_is_octet_by_octet_what_the_library_makes(
    number: int, purpose: str, keys: list[str]
) -> None:
    from itsdangerous import URLSafeSerializer

    library = URLSafeSerializer(keys[::-1], salt=f"digest.{purpose}")
    assert sign_token(purpose, number, keys) == library.dumps(number)
    assert read_token(purpose, sign_token(purpose, number, keys), keys) == number


def test_a_token_opens_nothing_but_what_it_is_for() -> None:
    assert read_token("preferences", sign_token("unsubscribe", 42, ["key"]), ["key"]) is None


def test_tokens_signed_with_an_older_key_still_work() -> None:
    old = sign_token("unsubscribe", 42, ["old"])
    assert read_token("unsubscribe", old, ["new", "old"]) == 42
    assert sign_token("unsubscribe", 42, ["new", "old"]) == sign_token("unsubscribe", 42, ["new"])
    assert read_token("unsubscribe", old, ["new"]) is None


def test_without_a_secret_nothing_is_signed() -> None:
    with pytest.raises(ConfigurationError, match="secret"):
        sign_token("unsubscribe", 42, [])


@given(st.text(max_size=300))
def test_what_was_not_signed_here_is_nobody(token: str) -> None:
    assert read_token("unsubscribe", token, ["key"]) is None


def test_a_signed_value_that_is_no_number_is_nobody() -> None:
    from itsdangerous import URLSafeSerializer

    serializer = URLSafeSerializer(["key"], salt="digest.unsubscribe")
    for value in ("42", True, None, [42]):
        token = serializer.dumps(value)
        assert isinstance(token, str)
        assert read_token("unsubscribe", token, ["key"]) is None


deliveries = st.integers(min_value=0, max_value=2**63 - 1)


@given(deliveries)
def test_a_bounce_token_names_its_delivery_also_when_a_host_folds_its_case(number: int) -> None:
    token = sign_bounce_token(number, ["key"])
    assert token == sign_bounce_token(number, ["key", "older"])
    assert token.isascii()
    assert token.isalnum()
    assert len(token) <= LONGEST_BOUNCE_TOKEN
    for seen in (token, token.upper(), token.swapcase(), token.capitalize()):
        assert read_bounce_token(seen, ["key"]) == number


@given(deliveries, st.data())
def test_a_bounce_token_with_one_character_changed_names_nobody(
    number: int, data: st.DataObject
) -> None:
    token = sign_bounce_token(number, ["key"])
    at = data.draw(st.integers(min_value=0, max_value=len(token) - 1))
    other = data.draw(st.sampled_from("0123456789abcdef").filter(lambda one: one != token[at]))
    assert read_bounce_token(token[:at] + other + token[at + 1 :], ["key"]) is None
    assert read_bounce_token(token[:at] + token[at + 1 :], ["key"]) is None
    assert read_bounce_token(token[:at] + "0" + token[at:], ["key"]) is None


def test_bounce_tokens_signed_with_an_older_key_still_work() -> None:
    old = sign_bounce_token(42, ["old"])
    assert read_bounce_token(old, ["new", "old"]) == 42
    assert sign_bounce_token(42, ["new", "old"]) != old
    assert read_bounce_token(old, ["new"]) is None


@given(deliveries)
def test_no_token_of_another_purpose_is_a_bounce_token_nor_the_reverse(number: int) -> None:
    assert read_bounce_token(sign_token("bounce", number, ["key"]), ["key"]) is None
    assert read_bounce_token(sign_token("unsubscribe", number, ["key"]), ["key"]) is None
    assert read_token("bounce", sign_bounce_token(number, ["key"]), ["key"]) is None


@given(st.text(max_size=80) | st.from_regex(r"[0-9a-fA-F]{1,60}", fullmatch=True))
def test_a_bounce_token_that_was_not_signed_here_names_nobody(token: str) -> None:
    assert read_bounce_token(token, ["key"]) is None


def test_without_a_secret_no_bounce_token_is_signed() -> None:
    for keys in ([], [""]):
        with pytest.raises(ConfigurationError, match="secret"):
            sign_bounce_token(1, keys)
