"""`digest rank`: JSON lines in, scores out, and one clear line for what cannot be read."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import Terminal
from installation import page_of

from digest.cli.rank import BACKGROUND_VARIABLE

RIVERS = {"title": "Rivers and deltas", "abstract": "We measure how sediment settles in deltas."}
PROOFS = {"title": "Formal proofs", "abstract": "We check lemmas with a proof assistant."}


@pytest.fixture(autouse=True)
def no_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BACKGROUND_VARIABLE, raising=False)


def question(**other: Any) -> str:
    """A reader of rivers, who is offered a paper on proofs and one on rivers."""
    taste = [{"title": "Sediment of deltas", "abstract": "Rivers carry it.", "date": "2026-11-01"}]
    candidates = [{"id": "1", **PROOFS}, {"id": "2", **RIVERS}]
    return json.dumps({"taste": taste, "candidates": candidates, "date": "2026-11-20", **other})


def background(path: Path, **other: Any) -> str:
    lines = [json.dumps({**paper, "date": "2026-10-01", **other}) for paper in (RIVERS, PROOFS)]
    text = "\n".join(lines * 3)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return str(path)


def ask(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


@pytest.mark.parametrize("name", ["papers.jsonl", "papers.jsonl.gz"])
def test_each_line_is_answered_with_a_score_for_each_candidate_in_their_order(
    digest: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    ask(monkeypatch, question(), "", question())
    answer = digest("rank", "--background", background(tmp_path / name))
    assert (answer.code, answer.err) == (0, "")
    assert len(answer.lines) == 2
    for proofs, rivers in answer.lines:
        assert rivers > proofs


def test_the_environment_names_the_background_where_no_option_does(
    digest: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    digest.set(BACKGROUND_VARIABLE, background(tmp_path / "papers.jsonl"))
    ask(monkeypatch, question())
    assert digest("rank").code == 0
    assert not (tmp_path / "digest.db").exists()


def test_without_a_file_the_papers_of_the_store_are_the_background(
    digest: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest("ingest", digest.text_file("page.txt", page_of("AB")))
    ask(monkeypatch, question())
    ((proofs, rivers),) = digest("rank").lines
    assert rivers > proofs


@pytest.mark.parametrize("day", ["2026-11-02", "2026-11-20", "2026-12-01"])
def test_nothing_is_learned_from_papers_of_the_month_or_later(
    digest: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, day: str
) -> None:
    empty = digest.text_file("empty.jsonl", "")
    later = background(tmp_path / "later.jsonl", date=day)
    answers = []
    for name in (empty, later):
        ask(monkeypatch, question())
        answers.append(digest("rank", "--background", name).lines)
    assert answers[0] == answers[1]


def test_a_paper_known_only_because_it_was_chosen_is_not_learned_from(
    digest: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chosen = background(tmp_path / "chosen.jsonl", pool=0)
    answers = []
    for name in (digest.text_file("empty.jsonl", ""), chosen):
        ask(monkeypatch, question())
        answers.append(digest("rank", "--background", name).lines)
    assert answers[0] == answers[1]


def test_no_taste_and_no_candidates_are_answered_too(
    digest: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ask(monkeypatch, question(taste=[]), question(candidates=[]))
    answer = digest("rank", "--background", background(tmp_path / "papers.jsonl"))
    assert answer.lines == [[0.0, 0.0], []]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{", "a JSON object"),
        ("[]", "a JSON object"),
        ("[" * 100_000, "a JSON object"),
        (question(date="soon"), 'a "date"'),
        (question(date=None), 'a "date"'),
        (question(taste={}), '"taste"'),
        (question(taste=["x"]), 'objects in "taste"'),
        (question(candidates=[{"id": "1"}]), 'a "title"'),
        (question(candidates=[{"title": "A", "abstract": 3}]), 'an "abstract"'),
    ],
)
def test_a_line_that_is_no_question_is_named_in_one_line(
    digest: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str, expected: str
) -> None:
    ask(monkeypatch, question(), line)
    answer = digest("rank", "--background", background(tmp_path / "papers.jsonl"))
    assert answer.code == 1
    assert len(answer.lines) == 1
    assert len(answer.err.splitlines()) == 1
    assert "line 2" in answer.err
    assert expected in answer.err


@pytest.mark.parametrize("name", ["missing.jsonl", "broken.jsonl.gz", "bad.jsonl"])
def test_a_background_that_cannot_be_read_is_named_in_one_line(
    digest: Terminal, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    digest.text_file("broken.jsonl.gz", "no archive")
    digest.text_file("bad.jsonl", "no object")
    ask(monkeypatch, question())
    answer = digest("rank", "--background", name)
    assert answer.code == 1
    assert len(answer.err.splitlines()) == 1
    assert name in answer.err
