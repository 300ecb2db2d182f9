"""Rank an edition for one subscriber by what they chose: values in, values out, nothing leaves the machine.

::

    terms           a text's words and pairs of words, as numbers
    vectors         TF-IDF rows; the directions of latent semantic analysis
    background      what papers of other days teach: rarity, directions, the usual paper
    offer           an edition's papers, ready to be compared: made once, shared by all
    linear          a linear model of a large taste
    ranker          a score for each paper on offer, for one taste
    reasons         why, in words
    personal_order  one subscriber's order: follows first, nearest next, two places to explore

::

    background = learn_background([terms_of(paper.title, paper.abstract) for paper in earlier])
    offer = prepare_offer(papers, background)
    for taste in tastes:
        order = rank(offer, taste, day)
"""

from __future__ import annotations

import os

# Its products are small: BLAS's own threads only wait for each other, spinning, on the processors
# that other readers' orders need. To have an effect, this comes before numpy is first loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
