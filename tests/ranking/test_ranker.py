"""The parts of a score: what each finds that the others do not."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

from digest.ranking.background import learn_background
from digest.ranking.offer import Offer, OfferedPaper, prepare_offer
from digest.ranking.ranker import PARTS, PartWeights, WeighedPapers, score_offer
from digest.ranking.terms import terms_of

NONE = PartWeights(terms=0, directions=0, nearest=0, feedback=0, linear=0)

SEAS = [("", f"ocean wave tide current salt {word}") for word in ("storm", "coast", "depth")] * 4
STARS = [("", f"galaxy star orbit planet dust {word}") for word in ("halo", "comet", "moon")] * 4
BACKGROUND = learn_background([terms_of(*text) for text in SEAS + STARS])


def scores(taste: list[str], offered: list[str], parts: PartWeights = PARTS) -> list[float]:
    offer = prepare_offer([OfferedPaper(n, "", text) for n, text in enumerate(offered)], BACKGROUND)
    return _score(taste, parts, offer)


def _score(taste: list[str], parts: PartWeights, offer: Offer) -> list[float]:
    weights = np.ones(len(taste), dtype=np.float32)
    known = WeighedPapers([terms_of("", text) for text in taste], weights)
    judged = score_offer(offer, known, parts)
    return [float(score) for score in judged.scores]


def test_directions_find_a_paper_that_shares_no_word_with_the_taste() -> None:
    sea, star = scores(["ocean wave"], ["tide salt", "orbit dust"], PartWeights(1, 1, 0, 0))
    assert sea > star


def test_terms_alone_cannot_tell_papers_that_share_no_word() -> None:
    sea, star = scores(
        ["ocean wave"], ["tide salt", "orbit dust"], PartWeights(1, 0, 0, 0, usual=0)
    )
    assert sea == star


def test_feedback_finds_a_paper_by_the_earlier_ones_near_the_taste() -> None:
    only_feedback = PartWeights(terms=0, directions=0, nearest=0, feedback=1)
    sea, star = scores(["ocean wave"], ["tide salt", "orbit dust"], only_feedback)
    assert sea > star


def test_the_nearest_paper_of_a_taste_counts_more_than_many_that_are_half_near() -> None:
    taste = ["galaxy star orbit", "ocean wave", "ocean tide", "ocean salt"]
    whole, half = scores(taste, ["galaxy star orbit", "ocean coast"], PartWeights(0, 0, 1, 0))
    assert whole > half


def test_without_parts_all_papers_are_equal() -> None:
    assert scores(["ocean"], ["tide", "orbit"], NONE) == [0.0, 0.0]


def test_scores_are_0_on_average() -> None:
    assert abs(sum(scores(["ocean wave"], ["tide", "orbit", "ocean", "moon"]))) < 1e-5


def test_numpy_is_loaded_with_one_thread_for_each_product() -> None:
    # Products this small make BLAS's own threads spin, at the cost of everything else that runs.
    told = (
        "import os, sys, digest.ranking as _;"
        "print('numpy' in sys.modules, os.environ['OPENBLAS_NUM_THREADS'])"
    )
    environment = {name: value for name, value in os.environ.items() if "THREADS" not in name}
    done = subprocess.run(
        [sys.executable, "-c", told], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "1"]
