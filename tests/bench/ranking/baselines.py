"""Other ways of ranking, made as their authors describe them, with scikit-learn."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from bench.ranking.protocol import Data, Floats, Question
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.svm import LinearSVC

UNWANTED = 300
"""Random earlier papers that a learner sees as not chosen."""


class Texts:
    """The papers' counts of words, and of words and pairs of words."""

    def __init__(self, data: Data) -> None:
        self.data = data
        texts = [f"{paper['title']}\n{paper['abstract']}" for paper in data.papers]
        self.words = _counts(texts, 1)
        self.grams = _counts(texts, 2)


class Month:
    """The features that could be learned on the first day of a month."""

    def __init__(self, texts: Texts, month: str) -> None:
        self.papers = texts.data.papers
        before = np.array(texts.data.known_before(month))
        self.before = before
        self.words = _weighed(texts.words, before)
        self.grams = _weighed(texts.grams, before)
        svd = TruncatedSVD(128, n_iter=3, random_state=0).fit(self.words[before])
        along = svd.transform(self.words)
        self.lsa = _unit(along)
        self.centred = _unit(self.lsa - self.lsa[before].mean(axis=0))
        self.drawn = np.random.default_rng(0).permutation(before)[:UNWANTED]


class Case:
    """A question for a taste of a size, with its month."""

    def __init__(self, question: Question, taste: Sequence[int], month: Month) -> None:
        self.month = month
        self.taste = np.array(taste)
        self.offer = np.array(question.candidates)
        asked = set(question.history) | set(question.candidates)
        self.unwanted = np.array([row for row in month.drawn if row not in asked])


def recency(case: Case) -> Floats:
    """The newest first, by arXiv's numbers."""
    return np.array([float(case.month.papers[row]["id"]) for row in case.offer])


def votes(case: Case) -> Floats:
    """The most voted first, as of the day the data was made: it knows the future."""
    return np.array([float(case.month.papers[row].get("upvotes") or 0) for row in case.offer])


def tfidf_mean(case: Case) -> Floats:
    """The mean cosine of words, later papers of the taste weighing more (zotero-arxiv-daily)."""
    words = case.month.words
    cosines = (words[case.offer] @ words[case.taste[::-1]].T).toarray()
    weights = 1 / (1 + np.log10(np.arange(len(case.taste)) + 1))
    return np.asarray(cosines @ (weights / weights.sum()))


def tfidf_svm(case: Case) -> Floats:
    """A linear SVM, balanced, on words and pairs (arxiv-sanity-lite)."""
    return _learned(case, LinearSVC(C=0.01, class_weight="balanced"), 1.0)


def elas(case: Case) -> Floats:
    """A linear SVM on words and pairs; the wanted weigh 9.8 times the rest (ASReview ELAS u4)."""
    share = len(case.taste) / (9.8 * max(len(case.unwanted), 1))
    return _learned(case, LinearSVC(C=0.11, loss="squared_hinge", max_iter=1000), share)


def lsa(case: Case) -> Floats:
    """The cosine with the taste's mean along 128 directions."""
    rows = case.month.lsa
    return np.asarray(rows[case.offer] @ rows[case.taste].mean(axis=0))


def blend(case: Case) -> Floats:
    """The best found by hand in a quarter of an hour: other parts for few papers and for many."""
    grams, centred = case.month.grams, case.month.centred
    middle = np.asarray(centred[case.offer] @ centred[case.taste].mean(axis=0))
    if len(case.taste) <= 3:
        wish = _mean(grams[case.taste]) - 0.5 * _mean(grams[case.unwanted])
        few = 0.5 * _z(grams[case.offer] @ wish) + 0.25 * _z(_feedback(case))
        return np.asarray(few + 0.25 * _z(lsa(case)) + 0.25 * _z(middle))
    nearest = (grams[case.offer] @ grams[case.taste].T).toarray().max(axis=1)
    many = _z(elas(case)) + 0.5 * _z(lsa(case)) + 0.25 * _z(middle) + 0.25 * _z(nearest)
    return np.asarray(many)


BASELINES: dict[str, Callable[[Case], Floats]] = {
    "recency": recency,
    "votes": votes,
    "TF-IDF mean": tfidf_mean,
    "TF-IDF + SVM": tfidf_svm,
    "ELAS u4": elas,
    "LSA": lsa,
    "blend": blend,
}


def _feedback(case: Case) -> Floats:
    words, before = case.month.words, case.month.before
    near = words[before] @ (_mean(words[case.taste]) - _mean(words[case.unwanted]))
    near[np.isin(before, case.taste)] = -math.inf
    nearest = before[np.argsort(-near, kind="stable")[:10]]
    return np.asarray(words[case.offer] @ _mean(words[nearest]))


def _learned(case: Case, model: Any, share: float) -> Floats:
    rows = case.month.grams
    wanted = np.r_[np.ones(len(case.taste)), np.zeros(len(case.unwanted))]
    weights = np.where(wanted == 1, 1.0, share)
    weights *= len(weights) / weights.sum()
    model.fit(rows[np.concatenate([case.taste, case.unwanted])], wanted, sample_weight=weights)
    return np.asarray(model.decision_function(rows[case.offer]))


def _counts(texts: Sequence[str], longest: int) -> Any:
    counts = CountVectorizer(
        ngram_range=(1, longest),
        min_df=2,
        stop_words="english",
        strip_accents="unicode",
        dtype=np.float32,
    ).fit_transform(texts)
    counts.data = 1 + np.log(counts.data)
    return counts.tocsr()


def _weighed(counts: Any, before: Any) -> Any:
    having = np.asarray((counts[before] > 0).sum(axis=0)).ravel()
    rows = counts @ sparse.diags(np.log((1 + len(before)) / (1 + having)) + 1)
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.maximum(lengths, 1e-12)) @ rows).tocsr()


def _mean(rows: Any) -> Floats:
    return np.asarray(rows.mean(axis=0)).ravel()


def _unit(rows: Any) -> Any:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def _z(scores: Floats) -> Floats:
    return np.asarray((scores - scores.mean()) / (scores.std() or 1))
