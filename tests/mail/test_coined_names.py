"""A coined name is told from a phrase that any paper of the field could have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.word_rarity import rarity
from digest.mail import coined_names
from digest.mail.coined_names import is_coined


@pytest.mark.parametrize(
    "words",
    ["TideFormer", "Role-Agent", "MIND", "Moss", "Swin Transformer", "dots.hum", "潮汐", "潮", "K2-Moss", "Folder", "FeltRAG"],
)  # fmt: skip
def test_a_word_of_its_own_makes_a_name(words: str) -> None:
    assert is_coined(words)


@pytest.mark.parametrize(
    "words",
    [
        "A Study",
        "Multi-Task Learning",
        "RAG",
        "ViTs",
        "NeRF Training",
        "Planning",
        "1000 Papers",
        "",
        "?",
        "GPT-4",
    ],
)
def test_words_that_papers_share_are_no_name(words: str) -> None:
    assert not is_coined(words)


@given(st.text(max_size=60))
def test_any_text_is_a_name_or_none(words: str) -> None:
    assert is_coined(words) in (True, False)


def test_the_common_words_are_those_of_many_abstracts_or_of_titles() -> None:
    stems = coined_names._stems()
    assert 2_000 < len(stems) < 4_000
    counted = [stem for stem in stems if rarity(stem) < 6]
    assert len(counted) > 0.9 * len(stems)
