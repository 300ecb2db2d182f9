"""Pages of invented papers as other programs write them: one function for each kind."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

from sources.shelf import Invented

NAMES = ("Ada Invented", "Bo Made-Up", "Cy Fictive")
WRITTEN_BY = ", ".join(NAMES)


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def arxiv(paper: Invented) -> str:
    return f"https://arxiv.org/abs/{paper.id}"


def org_mode(papers: Sequence[Invented]) -> str:
    lines = ["#+TITLE: Reading", "#+OPTIONS: toc:nil", "", "* Papers of the day :papers:", ""]
    for paper in papers:
        lines += [f"** TODO [[{arxiv(paper)}][{paper.title}]]", ":PROPERTIES:"]
        lines += [f":AUTHORS:  {WRITTEN_BY}", f":PUBLISHED: [{paper.published.isoformat()}]"]
        lines += [f":UPVOTES:  {paper.votes}", ":END:", "", *wrapped(paper.abstract, 70), ""]
    return "\n".join(lines)


def restructured(papers: Sequence[Invented]) -> str:
    lines = ["============", "Daily Papers", "============", "", ".. contents::", "   :local:", ""]
    for paper in papers:
        lines += [paper.title, "-" * len(paper.title), "", f":Authors: {WRITTEN_BY}"]
        lines += [f":arXiv: `{paper.id} <{arxiv(paper)}>`_", f":Published: {paper.published}", ""]
        lines += [*wrapped(paper.abstract, 79), ""]
    return "\n".join(lines)


def asciidoc(papers: Sequence[Invented]) -> str:
    lines = [
        "= Daily Papers",
        "Reading Group <group@example.org>",
        "v1.0",
        ":toc:",
        "",
        "== New",
        "",
    ]
    for paper in papers:
        lines += [f"=== {paper.title}", "", "[.authors]", f"_{WRITTEN_BY}_ +"]
        lines += [f"{arxiv(paper)}[arXiv:{paper.id}^] | {paper.published}", "", "[abstract]", "--"]
        lines += [paper.abstract, "--", "", "'''", ""]
    return "\n".join(lines)


def latex(papers: Sequence[Invented]) -> str:
    def escaped(text: str) -> str:
        return text.replace("\\%", "%").replace("%", "\\%").replace("&", "\\&")

    lines = [
        "\\documentclass{article}",
        "\\usepackage{hyperref}",
        "\\title{Papers}",
        "\\begin{document}",
    ]
    lines += ["\\maketitle", "", "\\section*{New papers}", "", "\\begin{itemize}"]
    for paper in papers:
        title = f"\\textbf{{\\href{{{arxiv(paper)}}}{{{escaped(paper.title)}}}}} \\\\"
        lines += [f"  \\item {title}", f"    \\emph{{{WRITTEN_BY}}} \\\\"]
        lines += wrapped(escaped(paper.abstract), 78, "    ")
    return "\n".join([*lines, "\\end{itemize}", "\\end{document}"])


def wiki(papers: Sequence[Invented]) -> str:
    lines = ["== Papers of the day ==", "", '{| class="wikitable"', "! Paper !! Abstract"]
    for paper in papers:
        lines += ["|-", f"| [{arxiv(paper)} {paper.title}]", f"| {paper.abstract}"]
    return "\n".join([*lines, "|}"])


def front_matter(papers: Sequence[Invented]) -> str:
    lines = ["---", "layout: papers", "papers:"]
    for paper in papers:
        lines += [f"  - title: {json.dumps(paper.title)}", f"    id: '{paper.id}'"]
        lines += [
            f"    published: {paper.published}",
            f"    upvotes: {paper.votes}",
            "    authors:",
        ]
        lines += [*(f"      - {name}" for name in NAMES), "    abstract: >-"]
        lines += wrapped(paper.abstract, 60, "      ")
    return "\n".join([*lines, "---", ""])


def arxiv_listing(papers: Sequence[Invented]) -> str:
    lines = ["Computer Science > Machine Learning", "", "Total of 214 entries", ""]
    for place, paper in enumerate(papers, start=1):
        lines += [
            f"[{place}] arXiv:{paper.id} [pdf, html, other]",
            f"Title: {paper.title}",
            WRITTEN_BY,
        ]
        lines += [f"Comments: {place + 8} pages, 4 figures", "Subjects: Machine Learning (cs.LG)"]
        lines += [paper.abstract, ""]
    return "\n".join(lines)


def chat(papers: Sequence[Invented]) -> str:
    lines: list[str] = []
    for place, paper in enumerate(papers):
        lines += ["paper-bot", f"APP  9:{place:02} AM", paper.title]
        lines += [f"https://huggingface.co/papers/{paper.id}", "huggingface.co"]
        lines += [f"Paper page - {paper.title}", "Join the discussion on this paper page (59 kB)"]
        lines += [paper.abstract, "2 replies", "Last reply today at 10:15 AM", ""]
    return "\n".join(lines)


def newsletter(papers: Sequence[Invented]) -> str:
    lines = ["BITS AI 2026-11-20", "", "Sign Up [1] | View Online [2]", ""]
    notes = ["https://example.org/signup", "https://example.org/web"]
    for paper in papers:
        notes.append(f"{arxiv(paper)}?utm_source=bits")
        lines += [*wrapped(f"{paper.title} (3 minute read) [{len(notes)}]", 76), ""]
        lines += [*wrapped(paper.abstract, 76), ""]
    lines += [
        "Love it? Tell your friends and get rewards!",
        "",
        "Share the link below.",
        "",
        "Links:",
    ]
    lines += ["------", *(f"[{place}] {address}" for place, address in enumerate(notes, start=1))]
    return "\n".join(lines)


def printed(papers: Sequence[Invented]) -> str:
    body: list[str] = []
    for paper in papers:
        body += [*wrapped(paper.title, 64), "Ada Invented, Bo Made-Up and 5 others"]
        body += [*wrapped(paper.abstract, 92), f"arXiv:{paper.id}   {paper.published}", ""]
    pages = [body[start : start + 14] for start in range(0, len(body), 14)]
    head = f"Weekly Review{'':40}20 November 2026"
    return "\f".join(
        "\n".join([head, "", *page, "", f"{number}", ""])
        for number, page in enumerate(pages, start=1)
    )
