"""What a paper brings is told in its own figures, of its own work, and never twice."""

from __future__ import annotations

import pytest
from factories import paper
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.editorial.contributions import claim, contribution

TITLE = "Folding Maps Without Tears"


@pytest.mark.parametrize(
    ("abstract", "kind", "words"),
    [
        ("We introduce FoldBench, a benchmark of 400 problems.", "benchmark", "a new benchmark with 400 problems"),
        ("We build FoldBench, a 1,000-instance benchmark for maps.", "benchmark", "a new benchmark with 1,000 instances"),
        ("We also collect a new dataset comprising over 5,000 hours of folding.", "dataset", "a new dataset with over 5,000 hours of folding"),
        ("We collect a dataset of 5,000 hours of paper folding and 3 of glue.", "dataset", "a new dataset with 5,000 hours of paper folding"),
        ("We collect a dataset with 5,000 hours of talk and paper folding, by hand.", "dataset", "a new dataset with 5,000 hours of talk and paper folding"),
        ("We collect a dataset with 5,000 annotated hours.", "dataset", "introduces a new dataset"),
        ("We collect a dataset with 5,000 hours of the best that was ever folded.", "dataset", "introduces a new dataset"),
        ("We collect a dataset of 900K high-quality pairs for maps.", "dataset", "introduces a new dataset"),
        ("We collect a dataset of 900K pairs of maps and atlases.", "dataset", "a new dataset with 900K pairs of maps and atlases"),
        ("We collect a dataset with 70 speech hours.", "dataset", "a new dataset with 70 speech hours"),
        ("We collect a 5,000-hour dataset.", "dataset", "introduces a new dataset"),
        ("We construct a corpus of 8019 map-atlas pairs.", "dataset", "a new dataset with 8019 map-atlas pairs"),
        ("We present Creases, the first dataset of torn maps.", "dataset", "introduces a new dataset"),
        ("We introduce two hard datasets, Torn and Wet.", "dataset", "introduces new datasets"),
        ("We present a balanced 5,000-sample benchmark with 1,000 examples per fold.", "benchmark", "a new benchmark with 5,000 samples"),
        ("We propose a benchmark of 5 tasks.", "benchmark", "introduces a new benchmark"),
        ("We present dataset distillation for maps.", "", ""),
        ("We build upon the Atlas dataset.", "", ""),
        ("We propose a method trained on the Atlas dataset.", "", ""),
        ("We release all generated image datasets.", "", ""),
        ("The benchmark of Fold et al. has 400 problems.", "", ""),
        ("This survey covers maps.", "survey", "a survey of earlier work"),
        ("This paper provides a comprehensive review of folding.", "survey", "a survey of earlier work"),
        ("In this review, we analyze more than 200 papers on folding.", "survey", "a survey of more than 200 papers"),
        ("This survey had 300 respondents in two towns.", "", ""),
        ("We survey our users.", "", ""),
    ],
)  # fmt: skip
def test_the_kind_of_a_paper_by_its_authors_sentence(abstract: str, kind: str, words: str) -> None:
    assert contribution(paper(title=TITLE, abstract=abstract)) == (kind, words)


def test_what_the_title_says_already_is_not_said_again() -> None:
    survey = paper(title="Folding Maps: A Survey", abstract="This survey covers maps.")
    assert contribution(survey) == ("survey", "")
    bench = paper(title="FoldBench", abstract="We introduce FoldBench, a benchmark for maps.")
    assert contribution(bench) == ("benchmark", "")
    sized = paper(title="FoldBench", abstract="We introduce FoldBench, a benchmark of 40 tasks.")
    assert contribution(sized) == ("benchmark", "a new benchmark with 40 tasks")


@pytest.mark.parametrize(
    ("abstract", "quoted"),
    [
        ("Our folds are up to 3.5x faster than ironing.", "up to 3.5x faster than ironing"),
        ("We reach this with 69% fewer creases, and no glue.", "69% fewer creases"),
        ("Experiments show over $20\\times$ speedup on wet maps.", "over 20× speedup"),
        ("It achieves 10x higher throughput than Scissors and less dust.", "10x higher throughput than Scissors"),
        ("Our fold saves 3x to 10x fewer creases.", ""),
        ("We need 2 to 25 times fewer folds.", ""),
        ("Our folds give a 2 ~ 5 times speed-up.", ""),
        ("Our model reaches 96.5% accuracy.", ""),
        ("Existing folds are 3x faster than our hands.", ""),
        ("Ironing is 3x faster.", ""),
        ("Our fold is never 3x faster than ironing.", ""),
        ("We see a 12% improvement.", ""),
        ("Our method is 1.7 - 2.7x faster than ironing.", ""),
    ],
)  # fmt: skip
def test_a_figure_is_quoted_where_it_stands_alone(abstract: str, quoted: str) -> None:
    assert claim(paper(title=TITLE, abstract=f"We fold maps. {abstract}")) == quoted


def test_a_figure_of_the_title_is_not_quoted() -> None:
    one = paper(title="Folding 3x Faster", abstract="Our folds are 3x faster.")
    assert claim(one) == ""


@settings(max_examples=50)
@given(st.text(max_size=300))
def test_any_abstract_can_be_asked(abstract: str) -> None:
    one = paper(abstract=abstract or "x")
    assert all(isinstance(words, str) for words in (*contribution(one), claim(one)))
