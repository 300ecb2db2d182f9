"""Single words that point back go where the sentence says the same without them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.pointing_words import without_pointing_words


@pytest.mark.parametrize(
    ("written", "alone"),
    [
        ("Lamps lit at dawn also burn longer.", "Lamps lit at dawn burn longer."),
        ("We hang a simple alternative by dimming it.", "We hang a simple approach by dimming it."),
        ("We hang an alternative, which burns.", "We hang an approach, which burns."),
        ("Keepers have then to decide how.", "Keepers have to decide how."),
        ("We study the dimming of such moonbeams.", "We study the dimming of moonbeams."),
        ("LampNet then burns at dawn.", "LampNet burns at dawn."),
        ("We show that the lamp indeed burns.", "We show that the lamp burns."),
        ("A lamp that instead burns oil.", "A lamp that burns oil."),
        ("We should instead move to lamps.", "We should move to lamps."),
        ("A lamp for all these attics.", "A lamp for all attics."),
        ("Many of these recent lamps are dim.", "Many recent lamps are dim."),
        ("It seeks these rare moths of attics.", "It seeks rare moths of attics."),
        ("We find ways of dimming these bright lamps.", "We find ways of dimming bright lamps."),
        ("Oil economy: we dimmed 42 lamps.", "We dimmed 42 lamps."),
    ],
)
def test_a_word_that_points_back_is_left_out(written: str, alone: str) -> None:
    assert without_pointing_words(written) == alone


@pytest.mark.parametrize(
    "text",
    [
        "A lamp that burns oil instead of wood.",
        "LampNet not only shines but also warms.",
        "Lamps burn and also warm.",
        "One of these old lamps burns.",
        "We hang it without any further lamp.",
        "We hang rare lamps in attics and count moths by these rare lamps.",
        "We ask: we are many.",
        "We hang an alternative to candles.",
        "A lamp fit for such cases.",
    ],
)
def test_a_word_that_points_into_its_sentence_stays(text: str) -> None:
    assert without_pointing_words(text) == text


@given(st.text(max_size=300))
def test_it_never_grows(text: str) -> None:
    assert len(without_pointing_words(text)) <= max(len(text), len(text.upper()))
