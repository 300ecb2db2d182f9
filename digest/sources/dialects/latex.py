"""LaTeX: items, sections, links and emphasis of a document; its preamble is no text."""

from __future__ import annotations

import re
from collections.abc import Sequence

_COMMAND = re.compile(
    r"\\(?:documentclass|usepackage|begin\{|end\{|item\b|section\b|subsection\b|maketitle|title\{|href\{|textbf\{)"
)
_LEVELS = {
    "part": 1,
    "chapter": 1,
    "section": 2,
    "subsection": 3,
    "subsubsection": 4,
    "paragraph": 5,
}
_BLOCK = re.compile(
    r"\\(part|chapter|section|subsection|subsubsection|paragraph)\*?\s?(?=\{)|\\(item)\b\s*(?:\[[^\[\]]{0,200}\])?|\\(?:begin|end)\s?\{[^{}]{1,60}\}(?:\[[^\[\]]{0,200}\])?|\\(?:maketitle|tableofcontents|newpage|clearpage|noindent|medskip|bigskip|smallskip|hline|hrule|label\{[^{}]{0,200}\})"
)
_STYLED = ("textbf", "emph", "textit", "texttt", "textsc", "underline", "mbox", "url", "text")
_ESCAPED = re.compile(r"\\([%&#_${}])")
_HREF = re.compile(r"\\href\s?\{([^{}]{1,1900})\}\s?\{")
_STYLE = re.compile(rf"\\({'|'.join(_STYLED)})\s?\{{")
_NEW_LINE = re.compile(r"\\\\(?:\[[^\[\]]{1,20}\])?|\\newline\b|\\par\b")
_COMMENT = re.compile(r"(?<!\\)%.*")
_BRACE = re.compile(r"\\.|[{}]")
_MOST_DEPTH = 20


def signs(lines: Sequence[str]) -> int:
    """The lines with a command of a document."""
    if not any(
        line.startswith(("\\begin", "\\documentclass", "\\item", "\\section")) or "\\item" in line
        for line in lines
    ):
        return 0
    return sum("\\" in line and _COMMAND.search(line) is not None for line in lines)


def to_markdown(lines: Sequence[str]) -> list[str]:
    """The document's paragraphs in Markdown, each on one line, at the place of its first line."""
    done: list[str] = []
    paragraph: list[str] = []
    first = 0
    start = next((at + 1 for at, line in enumerate(lines) if "\\begin{document}" in line), 0)
    for place, line in enumerate(lines):
        done.append("")
        if place < start:
            continue
        text = _COMMENT.sub("", line).strip()
        begins = text.startswith("\\") and _BLOCK.match(text) is not None
        if paragraph and (begins or not text):
            done[first] = _paragraph(paragraph)
            paragraph = []
        if not text:
            continue
        if not paragraph:
            first = place
        ended = _NEW_LINE.search(text)
        paragraph.append(text[: ended.start()] if ended else text)
        if ended:
            done[first] = _paragraph(paragraph)
            paragraph = [rest] if (rest := text[ended.end() :].strip()) else []
    if paragraph:
        done[first] = _paragraph(paragraph)
    return done


def _paragraph(lines: Sequence[str]) -> str:
    text = " ".join(lines)
    mark = ""
    while match := _BLOCK.match(text):
        if match[1]:
            mark = "#" * _LEVELS[match[1]] + " "
        elif match[2]:
            mark = "- "
        text = text[match.end() :].lstrip()
        if match[1] and text.startswith("{"):
            inner, end = _group(text, 0)
            text = f"{inner} {text[end:]}"
    return (mark + _inline(text, 0).strip()) if text.strip() else ""


def _inline(text: str, depth: int) -> str:
    """The text with its links and its emphasis in Markdown, and what was escaped as it is."""
    if "\\" not in text or depth > _MOST_DEPTH:
        return text
    parts: list[str] = []
    at = 0
    while True:
        link, style = _HREF.search(text, at), _STYLE.search(text, at)
        first = min(
            (each for each in (link, style) if each), key=lambda each: each.start(), default=None
        )
        if first is None:
            break
        parts.append(text[at : first.start()])
        inner, at = _group(text, first.end() - 1)
        words = _inline(inner, depth + 1).strip()
        if first is link:
            words = f"[{words}]({first[1]})"
        elif first[1] == "textbf" and words and not depth:
            words = f"**{words}**"
        parts.append(words)
    parts.append(text[at:])
    return _ESCAPED.sub(r"\1", "".join(parts))


def _group(text: str, start: int) -> tuple[str, int]:
    """The text between the brace at ``start`` and the one that closes it, and where that ends."""
    depth = 0
    for mark in _BRACE.finditer(text, start):
        if mark[0] == "{":
            depth += 1
        elif mark[0] == "}":
            depth -= 1
            if depth == 0:
                return text[start + 1 : mark.start()], mark.end()
    return text[start + 1 :], len(text)
