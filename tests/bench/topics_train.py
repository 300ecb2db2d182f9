"""Make what the topics learned: ``digest/editorial/background.tsv`` and ``topics.weights``.

    pip install scipy
    python tests/bench/topics_train.py [LABELS …]

LABELS are files of labelled papers, as ``tests/editorial/labelled.py`` reads them. The first one
counts fully; files after it count half a paper each. Without arguments, as for the weights that
ship, they are ``labels/topics.jsonl`` in ``DIGEST_REAL_DATA`` and ``topics_labels.tsv`` beside this
script: 926 other papers of the daily lists and of arXiv, none of them in the first file or in the
dumps, labelled by the same descriptions from their titles and the first words of what they propose.
Without the second file, five folds lose about one paper in a hundred.

The phrases in ``topics.toml`` were written with one half of the first file in sight. By five folds,
papers of that half are accepted in 93 of 100 cases (dumps) and 93 (daily), of the half that nobody
looked at in 85 and 92: expect the latter of papers never seen.

The model is a softmax over topics. A topic's score is the damped weight of its phrases in six zones
of the text, plus a bias, plus a matrix from the zones of *all* topics (so "pruning" may speak against
"architectures"), plus a row for each word, pair and known phrase that four papers have. The penalties
below are ridge penalties on each part; they were chosen by cross-validation, within a factor of three.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

try:
    import numpy as np
    from scipy import sparse
    from scipy.optimize import minimize
except ModuleNotFoundError as missing:
    sys.exit(f"learning needs {missing.name}, which the program itself does not: pip install scipy")

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from conftest import REAL_DATA
from editorial import labelled
from editorial.labelled import Labelled

from digest.editorial import classifier, features, lexicon, phrases, topics, word_rarity

HOME = Path(lexicon.__file__).parent
LABELS = [
    REAL_DATA / "labels/topics.jsonl",
    Path(__file__).with_name("topics_labels.tsv"),
]
MATRIX_PENALTY, TERM_PENALTY, BIAS_PENALTY, ZONE_PENALTY = 30.0, 0.5, 0.3, 0.01
SECONDARY = 0.35
"""Weight of the other accepted topics of a paper beside 1 for the primary one."""

LEAST_PAPERS = 4
MOST_SHARE = 0.35
ROUNDS = 50


@dataclass(frozen=True)
class Features:
    """Papers as numbers: zones × topics each, and a sparse row over the terms."""

    zones: Any
    terms: Any


class Vocabulary:
    """The terms of a collection, with how many of its papers have each."""

    def __init__(
        self, papers: Sequence[features.TopicFeatures], keep: frozenset[str] | None = None
    ):
        counts: Counter[str] = Counter()
        for paper in papers:
            for group in classifier.groups(paper):
                counts.update(group.keys())
        self.papers = len(papers) + 1
        self.terms = sorted(
            term
            for term, count in counts.items()
            if LEAST_PAPERS <= count <= MOST_SHARE * len(papers) and (keep is None or term in keep)
        )
        self.counts = [counts[term] + 1 for term in self.terms]

    def correction(self, **learnt: Any) -> classifier.Correction:
        """A correction over these terms, empty unless told."""
        table = lexicon.read_lexicon()
        width = len(table.topics)
        empty: dict[str, Any] = {
            "zones": (0.0,) * len(features.ZONES),
            "bias": (0.0,) * width,
            "matrix": ((0.0,) * width,) * (width * len(features.ZONES)),
            "scale": 1.0,
            "rows": b"",
        }
        return classifier.Correction(
            topics=tuple(topic.id for topic in table.topics),
            places={term: place for place, term in enumerate(self.terms)},
            rarity=[math.log(self.papers / count) for count in self.counts],
            **(empty | learnt),
        )

    def features(self, papers: Sequence[features.TopicFeatures]) -> Features:
        model = self.correction()
        rows, columns, values = [], [], []
        for place, paper in enumerate(papers):
            for term, value in classifier.feature_values(paper, model):
                rows.append(place)
                columns.append(term)
                values.append(value)
        zones = [[[classifier.damp(w) for w in zone] for zone in paper.zones] for paper in papers]
        shape = (len(papers), len(self.terms))
        return Features(np.array(zones), sparse.csr_matrix((values, (rows, columns)), shape=shape))


def targets(papers: Sequence[Labelled], ids: Sequence[str]) -> Any:
    """For each paper, the share of each topic: most for the primary one, the rest for the others."""
    wanted = np.zeros((len(papers), len(ids)))
    for row, paper in zip(wanted, papers, strict=True):
        others = [id for id in paper.accepted if id != paper.topic]
        row[ids.index(paper.topic)] = 1
        for id in others:
            row[ids.index(id)] = SECONDARY / len(others)
        row /= row.sum()
    return wanted


@dataclass(frozen=True)
class Fit:
    """The learned numbers, before they are rounded to bytes."""

    zones: Any
    bias: Any
    matrix: Any
    rows: Any

    def scores(self, features: Features) -> Any:
        flat = features.zones.reshape(len(features.zones), -1)
        return (
            np.einsum("z,nzk->nk", self.zones, features.zones)
            + self.bias
            + flat @ self.matrix
            + features.terms @ self.rows
        )


def fit(features: Features, wanted: Any, weights: Any) -> Fit:
    """Maximum a posteriori softmax regression by L-BFGS."""
    papers, zones, width = features.zones.shape
    flat = features.zones.reshape(papers, zones * width)
    usual = np.array(topics.ZONE_WEIGHTS)
    sizes = [zones, width, zones * width * width, features.terms.shape[1] * width]
    ends = np.cumsum(sizes)

    def parts(numbers: Any) -> Fit:
        a, b, m, r = np.split(numbers, ends[:-1])
        return Fit(a, b, m.reshape(zones * width, width), r.reshape(-1, width))

    def loss(numbers: Any) -> tuple[float, Any]:
        now = parts(numbers)
        scores = now.scores(features)
        scores -= scores.max(1, keepdims=True)
        odds = np.exp(scores)
        shares = odds / odds.sum(1, keepdims=True)
        error = weights[:, None] * (shares - wanted)
        total = -(weights[:, None] * wanted * np.log(shares + 1e-12)).sum()
        total += 0.5 * (
            ZONE_PENALTY * ((now.zones - usual) ** 2).sum()
            + BIAS_PENALTY * (now.bias**2).sum()
            + MATRIX_PENALTY * (now.matrix**2).sum()
            + TERM_PENALTY * (now.rows**2).sum()
        )
        slope = [
            np.einsum("nk,nzk->z", error, features.zones) + ZONE_PENALTY * (now.zones - usual),
            error.sum(0) + BIAS_PENALTY * now.bias,
            (flat.T @ error + MATRIX_PENALTY * now.matrix).ravel(),
            np.asarray(features.terms.T @ error + TERM_PENALTY * now.rows).ravel(),
        ]
        return total, np.concatenate(slope)

    start = np.zeros(ends[-1])
    start[:zones] = usual
    options = {"maxiter": ROUNDS, "maxfun": 2 * ROUNDS}
    return parts(minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x)


def learn(papers: Sequence[Labelled], more: Sequence[Labelled], vocabulary: Vocabulary) -> Fit:
    """Learn from labelled papers, those of ``more`` at half weight."""
    table = lexicon.read_lexicon()
    ids = [topic.id for topic in table.topics]
    both = [*papers, *more]
    read = [features.extract_features(paper.title, paper.abstract, table) for paper in both]
    weights = np.array([1.0] * len(papers) + [0.5] * len(more))
    return fit(vocabulary.features(read), targets(both, ids), weights)


def corrected(learnt: Fit, vocabulary: Vocabulary) -> classifier.Correction:
    """The learned numbers as they ship: rows rounded to a byte, the others to four digits."""
    scale = float(np.abs(learnt.rows).max()) / 127
    return vocabulary.correction(
        zones=tuple(round(float(x), 4) for x in learnt.zones),
        bias=tuple(round(float(x), 4) for x in learnt.bias),
        matrix=tuple(tuple(round(float(x), 4) for x in row) for row in learnt.matrix),
        scale=scale,
        rows=np.rint(learnt.rows / scale).astype(np.int8).tobytes(),
    )


def write_weights(model: classifier.Correction, vocabulary: Vocabulary, path: Path) -> None:
    terms = "\n".join(vocabulary.terms).encode()
    head = {
        "format": classifier.FORMAT,
        "topics": model.topics,
        "zones": model.zones,
        "bias": model.bias,
        "matrix": model.matrix,
        "scale": model.scale,
        "papers": vocabulary.papers,
        "counts": vocabulary.counts,
        "terms_size": len(terms),
    }
    line = json.dumps(head, separators=(",", ":")).encode()
    path.write_bytes(line + b"\n" + terms + model.rows)


def write_background(papers: Sequence[tuple[str, str]], path: Path) -> None:
    """Count stems and known phrases; what fewer than three papers have is as good as unseen."""
    table = lexicon.read_lexicon()
    counts: Counter[str] = Counter()
    for title, abstract in papers:
        stems = (
            *phrases.stem_words(title, 60).stems,
            phrases.BREAK,
            *phrases.stem_words(abstract, 600).stems,
        )
        known = {key for _, _, key in phrases.find_phrases(stems, table.title, table.begun)}
        counts.update(known | set(stems) - {phrases.BREAK})
    kept = sorted((key, count) for key, count in counts.items() if count >= 3)
    path.write_text(
        f"{len(papers)}\n" + "".join(f"{key}\t{count}\n" for key, count in kept), encoding="utf-8"
    )
    word_rarity._table.cache_clear()


def vocabulary_of(
    papers: Sequence[tuple[str, str]], keep: frozenset[str] | None = None
) -> Vocabulary:
    table = lexicon.read_lexicon()
    return Vocabulary(
        [features.extract_features(title, abstract, table) for title, abstract in papers], keep
    )


def collection(papers: Sequence[Labelled]) -> list[tuple[str, str]]:
    """The labelled papers' texts and all others beside them, each once."""
    texts = [(paper.title, paper.abstract) for paper in papers]
    return labelled.distinct([*texts, *labelled.unlabelled(REAL_DATA)])


def main(arguments: Sequence[str]) -> None:
    first, *rest = [Path(argument) for argument in arguments] or LABELS
    papers = labelled.read(first, REAL_DATA)
    more = [paper for path in rest for paper in labelled.read(path, REAL_DATA)]
    texts = collection(papers)
    write_background(texts, HOME / "background.tsv")
    vocabulary = vocabulary_of(texts)
    learnt = learn(papers, more, vocabulary)
    strongest = np.abs(learnt.rows).max(1)
    bar = np.sort(strongest)[-12000:][0]
    keep = frozenset(
        term for term, strength in zip(vocabulary.terms, strongest, strict=True) if strength >= bar
    )
    vocabulary = vocabulary_of(texts, keep)
    model = corrected(learn(papers, more, vocabulary), vocabulary)
    write_weights(model, vocabulary, HOME / "topics.weights")
    print(f"{len(papers)} + {len(more)} papers, {len(vocabulary.terms)} terms, zones {model.zones}")


if __name__ == "__main__":
    main(sys.argv[1:])
