"""Pages of invented papers as other programs write them: one function for each kind."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

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


def vault_notes(papers: Sequence[Invented]) -> str:
    lines = ["---", "tags: [reading]", "---", "", "# Reading inbox", ""]
    for paper in papers:
        lines += [f"## [[{paper.id}|{paper.title}]]", "", f"authors:: {WRITTEN_BY}"]
        lines += [f"published:: {paper.published}", "tags:: #paper", "", "> [!abstract]- Abstract"]
        lines += [f"> {paper.abstract}", "", "- [ ] read ^a1b2c3", ""]
    return "\n".join(lines)


def spoken(papers: Sequence[Invented]) -> str:
    lines = [
        "Daily Papers",
        "banner landmark",
        "list with 2 items",
        "link Models",
        "link Docs",
        "out of list",
    ]
    lines += ["heading level 1 Daily Papers", "button Subscribe"]
    for paper in papers:
        lines += [
            "article",
            "link graphic Submitted by somebody",
            f"check box not checked {paper.votes}",
        ]
        lines += [
            f"heading level 3 link {paper.title}",
            f"link {paper.abstract}",
            "list with 3 items",
        ]
        lines += ["link · 3 authors", "out of list"]
    return "\n".join([*lines, "content info landmark", "link TOS", "link Privacy"])


def arxiv_mail(papers: Sequence[Invented]) -> str:
    rule = "-" * 78
    lines = [
        rule,
        "send mail ONLY to cs <no-reply@example.org>",
        " Submissions to:",
        "Learning",
        rule,
    ]
    for paper in papers:
        title = wrapped(f"Title: {paper.title}", 76)
        lines += [
            "\\\\",
            f"arXiv:{paper.id}",
            f"Date: {paper.published:%a, %d %b %Y} 17:34:15 GMT   (200kb,D)",
        ]
        lines += ["", title[0], *(f"  {line}" for line in title[1:]), f"Authors: {WRITTEN_BY}"]
        lines += [
            "Categories: cs.LG",
            "Comments: 14 pages",
            "\\\\",
            *wrapped(paper.abstract, 78, "  "),
        ]
        lines += [f"\\\\ ( {arxiv(paper)} ,  200kb)", rule]
    return "\n".join(lines)


def spreadsheet(papers: Sequence[Invented]) -> str:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    lines = ["Paper title\tAuthors\tarXiv link\tUpvotes\tDate added\tAbstract\tNotes"]
    for paper in papers:
        cells = [cell(paper.title), cell("\n".join(NAMES)), arxiv(paper), str(paper.votes)]
        cells += [str(paper.published), cell("\n".join(wrapped(paper.abstract, 60))), "read"]
        lines.append("\t".join(cells))
    return "\n".join(lines)


def search_alert(papers: Sequence[Invented]) -> str:
    lines = ["New articles related to your research", ""]
    for paper in papers:
        lines += [*wrapped(f"[PDF] {paper.title}", 76)]
        lines += [f"A Invented, B Made-Up… - arXiv preprint arXiv:{paper.id}, 2026"]
        lines += [*wrapped(paper.abstract, 76), "Save Twitter LinkedIn Facebook", ""]
    return "\n".join(lines)


def channel(papers: Sequence[Invented]) -> str:
    lines = ["Papers Daily", "12 483 subscribers", "June 12"]
    for place, paper in enumerate(papers):
        lines += [
            "Papers Daily",
            f"📄 {paper.title}",
            "",
            f"👥 {WRITTEN_BY}",
            f"🔗 arxiv.org/abs/{paper.id}",
        ]
        lines += ["", paper.abstract, "", "#cs_LG #papers", f"{412 + place} views 9:{place:02}", ""]
    return "\n".join(lines)


def references(papers: Sequence[Invented]) -> str:
    lines = ["READING LIST", "Prepared for the group meeting", ""]
    for place, paper in enumerate(papers, start=1):
        lines += [f"{place}.\t{paper.title}", f"\t{WRITTEN_BY} (2026). arXiv:{paper.id}"]
        lines += [f"\t{paper.abstract}", ""]
    return "\n".join(lines)


def outline(papers: Sequence[Invented]) -> str:
    entries = "\n".join(
        f"<outline text={quoteattr(paper.title)} _note={quoteattr(paper.abstract)} url={quoteattr(arxiv(paper))}/>"
        for paper in papers
    )
    head = '<?xml version="1.0"?>\n<opml version="2.0">\n<head><title>Papers</title></head>\n<body>'
    return f"{head}<outline text='Daily'>{entries}</outline></body></opml>"
