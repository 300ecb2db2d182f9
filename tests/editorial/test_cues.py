"""The turns of phrase of an abstract rank its sentences as a reader of the whole would."""

from __future__ import annotations

import pytest

from digest.editorial.cues import weigh_sentence


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (
            "We present the Attic Lamp: a lamp for all rooms.",
            "In this work, we tackle the need for special lamps.",
        ),
        (
            "The paper describes the design of a lamp.",
            "Lamps of all kinds are hung in attics.",
        ),
        (
            "We construct a lamp for 15 attics, and also open-source its parts.",
            "We light lamps in attics.",
        ),
        (
            "We are the first to count moths by the shadow of a lamp.",
            "We lack a lamp to count a single moth by.",
        ),
    ],
)
def test_what_is_done_outweighs_what_is_wanted_or_known(better: str, worse: str) -> None:
    assert weigh_sentence(better, 0.5).done > weigh_sentence(worse, 0.5).done


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (
            "Experiments show that our lamp improves over oil and gas.",
            "We further analyze the wick and find that the count improves significantly with its length.",
        ),
        (
            "LampNet improves the count of moths at reduced cost.",
            "Experiments on three attics validate the effectiveness of LampNet.",
        ),
        (
            "The findings show gaps between lamps and candles.",
            "Through extensive evaluation of 26 lamps, we observe three consistent findings.",
        ),
        (
            "At night, LampNet draws moths at a rate of 10 per minute.",
            "LampNet significantly lowers the barriers to large attics and empowers the future of lamps.",
        ),
        (
            "It is broad: more than two hundred lamps in eleven attics.",
            "We close with a candid finding: lamps yield known results rather than new ones.",
        ),
        (
            "At test time, LampNet is faster than other lamps.",
            "We achieve our goal by training a young lamp.",
        ),
    ],
)
def test_the_finding_outweighs_the_aside_the_hope_and_the_claim(better: str, worse: str) -> None:
    assert weigh_sentence(better, 0.8).came_out > weigh_sentence(worse, 0.8).came_out
