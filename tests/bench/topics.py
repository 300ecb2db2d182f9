"""Measure how well topics are assigned: by cross-validation beside two baselines, and at what cost.

    python tests/bench/topics.py [LABELS …]

The cross-validation learns anew, so it needs ``pip install scikit-learn``; without it, only the rest
is measured.
LABELS as for ``topics_train.py``: five folds of the first file are judged by what was learned from
the other four and from the files after it. Bars: accepted ≥ 85 % on each set and primary exactly
≥ 72 %; every paper of the dumps in ≤ 3 s and ≤ 250 MB, import included. Ten topics of economics and
forty invented abstracts are judged without any training (bar: 80 %).
"""

# ruff: noqa: E402 - the folder of the tests comes first
from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])
sys.path.insert(1, str(Path(__file__).resolve().parent))

from conftest import REAL_DATA
from editorial import economics, labelled
from editorial.labelled import Labelled

from digest.editorial import lexicon
from digest.editorial.topics import Topics, load_topics

FOLDS = 5
SEED = 1

COST = r"""
import json, re, sys, time
start = time.perf_counter()
from digest.editorial.topics import load_topics
imported = time.perf_counter() - start
papers = json.load(sys.stdin)
start = time.perf_counter()
topics = load_topics()
loaded = time.perf_counter() - start
for title, abstract in papers:
    topics.assign(title, abstract)
total = time.perf_counter() - start + imported
peak = int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1]) / 1024
print(f"{len(papers)} papers in {total:.2f} s (import {imported * 1000:.0f} ms, load {loaded * 1000:.0f} ms), {peak:.0f} MB")
"""

Judge = Callable[[Labelled], str]


def folds(papers: Sequence[Labelled]) -> Iterator[tuple[list[Labelled], list[int]]]:
    """For each fold, the papers to learn from and the places of those to judge."""
    order = list(range(len(papers)))
    random.Random(SEED).shuffle(order)
    for fold in range(FOLDS):
        judged = order[fold::FOLDS]
        yield [papers[place] for place in order if place not in set(judged)], judged


def by_fold(papers: Sequence[Labelled], judge: Callable[[list[Labelled]], Judge]) -> list[str]:
    given = [""] * len(papers)
    for known, judged in folds(papers):
        of = judge(known)
        for place in judged:
            given[place] = of(papers[place])
    return given


def show(name: str, papers: Sequence[Labelled], given: Sequence[str]) -> None:
    parts = []
    for kind in sorted({paper.set for paper in papers}):
        pairs = [pair for pair in zip(papers, given, strict=True) if pair[0].set == kind]
        accepted = sum(topic in paper.accepted for paper, topic in pairs) / len(pairs)
        primary = sum(topic == paper.topic for paper, topic in pairs) / len(pairs)
        parts.append(f"{kind} ({len(pairs)}): accepted {accepted:.1%}, primary {primary:.1%}")
    print(f"{name:28} " + "; ".join(parts))


def recalls(papers: Sequence[Labelled], given: Sequence[str]) -> None:
    for topic in lexicon.read_lexicon().topics:
        pairs = [(p, got) for p, got in zip(papers, given, strict=True) if p.topic == topic.id]
        if pairs:
            exact = sum(got == paper.topic for paper, got in pairs)
            near = sum(got in paper.accepted for paper, got in pairs)
            print(
                f"  {topic.id:17} {len(pairs):3} papers: recall {exact / len(pairs):4.0%}, accepted {near / len(pairs):4.0%}"
            )


def others(papers: Sequence[Labelled], judged: Sequence[tuple[str, ...]]) -> None:
    """Compare how the topics beside the primary one agree with the accepted ones."""
    pairs = list(zip(papers, judged, strict=True))
    right = sum(topic in paper.accepted for paper, topics in pairs for topic in topics[1:])
    given = sum(len(topics) - 1 for _, topics in pairs)
    found = sum(set(paper.accepted) <= set(topics) for paper, topics in pairs)
    print(
        f"other topics: {given} given, {right / max(given, 1):.0%} accepted; all accepted found for {found / len(pairs):.0%}"
    )


def svm(known: Sequence[Labelled]) -> Judge:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, stop_words="english")
    model = LinearSVC().fit(
        words.fit_transform([text(paper) for paper in known]), [paper.topic for paper in known]
    )
    return lambda paper: str(model.predict(words.transform([text(paper)]))[0])


def zero_shot(known: Sequence[Labelled]) -> Judge:
    from sklearn.feature_extraction.text import TfidfVectorizer

    topics = lexicon.read_lexicon().topics
    words = TfidfVectorizer(sublinear_tf=True, stop_words="english")
    words.fit([text(paper) for paper in known] + [topic.description for topic in topics])
    described = words.transform([f"{topic.name} {topic.description}" for topic in topics])
    return lambda paper: topics[(words.transform([text(paper)]) @ described.T).argmax()].id


def text(paper: Labelled) -> str:
    return f"{paper.title} {paper.title} {paper.abstract}"


def cross_validate(arguments: Sequence[str]) -> None:
    """Judge each fold by what was learned from the others, beside the baselines."""
    import topics_train

    first, *rest = [Path(argument) for argument in arguments] or topics_train.LABELS
    papers = labelled.read(first, REAL_DATA)
    more = [paper for path in rest for paper in labelled.read(path, REAL_DATA)]
    table = lexicon.read_lexicon()
    terms = topics_train.vocabulary_of(topics_train.collection(papers))
    judged: dict[str, tuple[str, ...]] = {}

    def ours(known: list[Labelled]) -> Judge:
        learnt = topics_train.learn(known, more, terms)
        topics = Topics(table, topics_train.corrected(learnt, terms))

        def judge(paper: Labelled) -> str:
            judged[paper.title] = topics.assign(paper.title, paper.abstract).topics
            return judged[paper.title][0]

        return judge

    untrained = Topics(table)
    given = by_fold(papers, ours)
    show("ours, 5-fold", papers, given)
    show("phrases alone", papers, [untrained.assign(p.title, p.abstract).topic for p in papers])
    show("zero-shot TF-IDF, 5-fold", papers, by_fold(papers, zero_shot))
    show("TF-IDF + linear SVM, 5-fold", papers, by_fold(papers, svm))
    more_svm = by_fold(papers, lambda known: svm([*known, *more])) if more else []
    if more:
        show("the same, with more labels", papers, more_svm)
    others(papers, [judged[paper.title] for paper in papers])
    recalls(papers, given)


def main(arguments: Sequence[str]) -> None:
    missing = [name for name in ("numpy", "scipy", "sklearn") if find_spec(name) is None]
    if missing:
        print(f"not cross-validated for want of {', '.join(missing)}: pip install scikit-learn")
    else:
        cross_validate(arguments)
    unknown = [load_topics().assign(*paper).topic for paper in labelled.dumped(REAL_DATA).values()]
    print(f"in no topic: {unknown.count('other')} of {len(unknown)} papers of the dumps")
    right = economics.judge()
    print(f"economics, untrained: {sum(right.values())} of {len(right)}")
    cost = json.dumps(list(labelled.dumped(REAL_DATA).values()))
    print(
        subprocess.run(
            [sys.executable, "-c", COST], input=cost, text=True, capture_output=True, check=True
        ).stdout.strip()
    )


if __name__ == "__main__":
    main(sys.argv[1:])
