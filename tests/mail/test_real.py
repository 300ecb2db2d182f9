"""Mails made of real dumps: nothing of their markup is left, and both parts agree."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from mail.parsed_mail import (
    html_links,
    parse_mail,
    text_links,
    visible_text,
)
from mail.sample_editions import (
    DAY,
    LIST,
    LIST_WITHOUT_PAGES,
    composer,
    edition,
    recipient_of,
)

from digest.editorial.summary import badges, summarise
from digest.latex import readable
from digest.mail.list_identity import ListIdentity
from digest.model import Dump, Entry, Selection, Topic, Trend
from digest.sources import open_source

pytestmark = [pytest.mark.real, pytest.mark.slow]

TOPIC = Topic("all", "Everything")
LATEX = re.compile(r"\\[a-z]+\b|\$[^$\n]{0,60}[\\^_{}][^$\n]{0,60}\$|texttt|textbf|\bcirc\b")
MARKS = re.compile(r"\{\{|\}\}|\{%|%\}|\bNone\b|\bundefined\b|&(?:amp|lt|gt|quot|#\d+);")


def entries(path: Path) -> list[Entry]:
    papers: list[Entry] = []
    for dump in open_source(str(path)).read(today=DAY):
        assert isinstance(dump, Dump)
        for record in dump.records:
            summary = summarise(record.abstract)
            papers.append(
                Entry(
                    len(papers) + 1,
                    readable(record.title),
                    record.title,
                    summary.summary,
                    summary.brief,
                    TOPIC.id,
                    (TOPIC.id,),
                    Trend(1.0),
                    abstract=record.abstract,
                    external_id=record.external_id,
                    links=badges(record.links, record.abstract),
                )
            )
    return papers


@pytest.mark.parametrize("list_identity", [LIST, LIST_WITHOUT_PAGES], ids=["pages", "no-pages"])
def test_every_real_paper_can_be_mailed(real_data: Path, list_identity: ListIdentity) -> None:
    for path in sorted((real_data / "dumps").glob("*.txt")):
        papers = entries(path)
        of = replace(
            edition(entries=[], picks=0, updated=0), entries=tuple(papers), read=len(papers)
        )
        compose = composer(of, list_identity)
        for start in range(0, len(papers), 12):
            chosen = tuple(paper.paper_id for paper in papers[start : start + 12])
            selection = Selection(chosen, (), total=len(chosen))
            mail = parse_mail(compose.compose(selection, recipient_of(1, list_identity)))
            for words in (visible_text(mail.html), mail.text, mail.subject):
                assert not MARKS.search(words), MARKS.search(words)
                assert not LATEX.search(words), LATEX.search(words)
            assert html_links(mail.html) == text_links(mail.text)
            assert all(
                paper.title in visible_text(mail.html) for paper in papers[start : start + 12]
            )
