"""A query is read as it was meant."""

from __future__ import annotations

import pytest

from digest.store.search_query import MOST_WORDS, read_query


@pytest.mark.parametrize(
    "query",
    ['"' + "we " * 99 + '"', '"a b c" ' * 30, "a " * 150, '"' + "we-" * 99 + '"', "x" * 5 + " " + "y " * 90],
)  # fmt: skip
def test_words_of_phrases_are_counted_like_others(query: str) -> None:
    groups = read_query(query).groups
    assert 0 < sum(len(term.phrases[0]) for group in groups for term in group) <= MOST_WORDS
    assert len(set(groups)) == len(groups)
