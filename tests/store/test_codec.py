"""What the store keeps as JSON comes back equal, or is refused."""

from __future__ import annotations

import json
from datetime import datetime, time
from typing import Any

import pytest
from factories import NOW
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import ConfigurationError
from digest.hours import zone_names
from digest.model import Edition, Frequency, Preferences, PublishedEdition, Rendering, Trend
from digest.store import codec

words = st.text(max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False)
trees: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)

st.register_type_strategy(float, numbers)
st.register_type_strategy(str, words)


@settings(deadline=None, max_examples=30)
@given(st.from_type(Edition))
def test_every_edition_comes_back_equal(edition: Edition) -> None:
    assert codec.inflate(Edition, codec.deflate(edition), where="here") == edition


phrases = st.lists(
    st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=20), max_size=5
).map(tuple)
preferences_anybody_can_have = st.builds(
    Preferences,
    topics=phrases,
    exclude_topics=phrases,
    keywords=phrases,
    exclude_keywords=phrases,
    frequency=st.sampled_from(Frequency),
    hour=st.none() | st.integers(0, 23),
    timezone=st.none() | st.sampled_from(sorted(zone_names())),
    max_papers=st.none() | st.integers(1, 500),
)


@settings(deadline=None)
@given(preferences_anybody_can_have)
def test_all_preferences_come_back_equal(preferences: Preferences) -> None:
    assert codec.from_json(Preferences, codec.to_json(preferences), where="here") == preferences


@settings(deadline=None)
@given(st.dictionaries(words, trees, max_size=3))
def test_every_rendering_comes_back_equal(pieces: dict[str, object]) -> None:
    rendering = Rendering(1, "s", "p", pieces)
    assert codec.inflate(Rendering, codec.deflate(rendering), where="here") == rendering


@settings(deadline=None)
@given(trees | st.fixed_dictionaries({"format": st.just(1), "value": trees.filter(bool)}))
def test_any_other_json_is_refused_by_name(tree: object) -> None:
    with pytest.raises(ConfigurationError, match=r"^subscriber 7: the stored preferences cannot"):
        codec.from_json(Preferences, json.dumps(tree), where="subscriber 7")


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_other_bytes_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(ConfigurationError, match=r"^an edition: the stored edition is damaged"):
        codec.inflate(Edition, data, where="an edition")


@pytest.mark.parametrize(
    ("kind", "tree", "words"),
    [
        (Trend, {"parts": []}, "Trend lacks score"),
        (Trend, {"score": "high"}, "expected a number"),
        (Trend, {"score": True}, "expected a number"),
        (Trend, {"score": 1, "parts": [["a"]]}, "expected a TrendPart"),
        (tuple[int, int], [1], "expected 2 items"),
        (datetime, "2026-11-20T08:00:00", "without a time zone"),
    ],
)
def test_what_does_not_fit_says_where(kind: Any, tree: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        codec.from_plain(kind, tree)


def test_moments_and_whole_numbers_for_fractions_are_read() -> None:
    assert codec.from_plain(datetime, NOW.isoformat()) == NOW
    assert codec.from_plain(Trend, {"score": 2}) == Trend(2.0)
    assert codec.from_plain(object, [1, {"a": None}]) == [1, {"a": None}]


@pytest.mark.parametrize("value", [{1: "a"}, time(8), {"a": object()}, PublishedEdition])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        codec.to_json(value)


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        codec.to_json(Trend(float("nan")))
