"""The linear model of a large taste is the ridge regression that it says it is."""

from __future__ import annotations

import numpy as np
import pytest

from digest.ranking.linear import learn_unwanted, likeness_among, linear_scores
from digest.ranking.terms import TERMS, terms_of
from digest.ranking.vectors import Floats, SparseRows, weigh

RARITY = np.ones(TERMS, dtype=np.float32)
TASTE = ["ocean wave tide", "ocean wave salt", "river delta flood", ""]
OTHERS = ["galaxy star orbit", "planet dust comet", "theorem proof lemma ocean"]
OFFERED = ["ocean tide depth", "river flood basin", "star dust halo", "theorem lemma axiom"]


def rows(texts: list[str]) -> SparseRows:
    return weigh([terms_of("", text) for text in texts], RARITY)


def dense(papers: SparseRows) -> Floats:
    table = np.zeros((papers.count, TERMS), dtype=np.float32)
    table[papers.rows, papers.terms] = papers.weights
    return table


def test_likeness_among_papers_is_the_cosine_of_each_two() -> None:
    papers = dense(rows(TASTE))
    assert likeness_among(rows(TASTE)) == pytest.approx(papers @ papers.T, abs=1e-6)


def test_papers_without_a_common_word_are_like_nothing_but_themselves() -> None:
    assert likeness_among(rows(["ocean", "river"])) == pytest.approx(np.eye(2))
    assert likeness_among(rows([""])) == pytest.approx(np.zeros((1, 1)))


@pytest.mark.parametrize("weights", [[1, 1, 1, 1], [1, 0.5, -1, 0.25]])
def test_scores_are_those_of_one_system_over_the_taste_and_the_papers_of_other_days(
    weights: list[float],
) -> None:
    taste, others, offered = (dense(rows(texts)) for texts in (TASTE, OTHERS, OFFERED))
    known = np.vstack([taste, others])
    wanted = np.array([*np.sign(weights), *[-1] * len(OTHERS)])
    misses = np.array([*0.02 / np.abs(weights), *[0.2] * len(OTHERS)])
    wish = np.linalg.solve(known @ known.T + 1 + np.diag(misses), wanted)
    expected = (offered @ known.T + 1) @ wish

    unwanted = learn_unwanted(others @ others.T, offered @ others.T)
    found = linear_scores(
        unwanted,
        rows(TASTE),
        unwanted.remainder(taste @ others.T),
        offered @ taste.T,
        np.array(weights, dtype=np.float32),
    )
    assert found == pytest.approx(expected, abs=1e-3)


def test_what_is_wanted_stands_above_what_is_not() -> None:
    taste, others, offered = (dense(rows(texts)) for texts in (TASTE, OTHERS, OFFERED))
    unwanted = learn_unwanted(others @ others.T, offered @ others.T)
    sea, river, star, proof = linear_scores(
        unwanted,
        rows(TASTE),
        unwanted.remainder(taste @ others.T),
        offered @ taste.T,
        np.ones(len(TASTE), dtype=np.float32),
    )
    assert min(sea, river) > max(star, proof)
