"""CSS put into the templates themselves, so that no paper is ever parsed as HTML to style it.

Inlining a finished mail of 250 papers takes a CSS engine seconds. But the style of an element
depends only on the template it stands in. So the templates' *sources* are laid out as one
page, with every Jinja construct replaced by an inert placeholder; the page is inlined once; then it is
cut up again and the constructs put back. What remains to do for each paper is to fill a template.

This module knows the placeholders; who inlines (premailer) is the caller's choice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from digest.errors import ConfigurationError

_LEXEMES = re.compile(
    r"(?P<jinja>\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})"
    r"|(?P<open><!--)|(?P<close>-->)"
    r"|(?P<raw></?(?:style|title)\b)"
    r"|(?P<tag><[a-zA-Z/!])|(?P<end>>)|(?P<quote>[\"'])",
    re.DOTALL,
)
_PLACEHOLDER = re.compile(r"<!--jinja(\d+)x-->|jinja(\d+)x")
_ROW = re.compile(r"\s*+(?:\{#(?:[^#]|#(?!\}))*+#\}\s*+)*+<tr\b")


class _Position:
    """Part of an HTML document that is being read: text, a tag, a comment, or raw text."""

    def __init__(self) -> None:
        self.inside: str | None = None
        self.quote = ""
        self._opens_raw = False

    def advance(self, kind: str | None, lexeme: str) -> None:
        """Go past a lexeme of that kind (a group of `_LEXEMES`)."""
        if self.inside == "comment":
            self.inside = None if kind == "close" else self.inside
        elif self.inside == "tag":
            if kind == "quote":
                self.quote = "" if self.quote == lexeme else self.quote or lexeme
            elif kind == "end" and not self.quote:
                self.inside = "raw" if self._opens_raw else None
        elif kind == "raw":
            self.inside, self._opens_raw = "tag", not lexeme.startswith("</")
        elif self.inside is None and kind == "open":
            self.inside = "comment"
        elif self.inside is None and kind == "tag":
            self.inside, self._opens_raw = "tag", False


class _Placeholders:
    """The Jinja constructs taken out of the sources, by number."""

    def __init__(self) -> None:
        self.constructs: list[str] = []

    def take_out(self, name: str, source: str) -> str:
        """Replace each construct in ``source``: by a word inside a tag, by a comment outside.

        A comment is the one thing that HTML parsers leave in place everywhere, between the rows
        of a table too; inside a tag, a comment, ``<style>`` or ``<title>`` only a word is inert.
        Raises `ConfigurationError` for one inside a tag but not inside a quoted attribute.
        """
        position = _Position()

        def replace(match: re.Match[str]) -> str:
            lexeme = match.group()
            if match.lastgroup != "jinja":
                position.advance(match.lastgroup, lexeme)
                return lexeme
            if lexeme.startswith("{#"):
                return ""
            if position.inside == "tag" and not position.quote:
                line = source.count("\n", 0, match.start()) + 1
                raise ConfigurationError(
                    f"{lexeme} stands inside a tag but not inside a quoted attribute",
                    where=f"{name}:{line}",
                    mend="Put it between the quotes of an attribute, or outside the tag.",
                )
            self.constructs.append(lexeme)
            word = f"jinja{len(self.constructs) - 1}x"
            return word if position.inside else f"<!--{word}-->"

        return _LEXEMES.sub(replace, source)

    def comment_for(self, construct: str) -> str:
        """The comment that stands for a construct; ``""`` for one that was not taken out."""
        if construct not in self.constructs:
            return ""
        return f"<!--jinja{self.constructs.index(construct)}x-->"

    def put_back(self, source: str) -> str:
        """Put the constructs back in their places. Every one must be there exactly once."""
        return _PLACEHOLDER.sub(lambda m: self.constructs[int(m.group(1) or m.group(2))], source)

    def missing(self, inlined: str) -> str | None:
        """The first construct that does not stand in the inlined page exactly once."""
        seen = [int(m.group(1) or m.group(2)) for m in _PLACEHOLDER.finditer(inlined)]
        for number, construct in enumerate(self.constructs):
            if seen.count(number) != 1:
                return construct
        return None


def inline_css(
    sources: Mapping[str, str], *, shell: str, hole: str, css: str, engine: Callable[[str], str]
) -> dict[str, str]:
    """Inline ``css`` into the templates, by name.

    ``shell`` names the template that is the whole page; where it has the construct ``hole``, the
    others are laid out. ``engine`` gets the page with the rules in a ``<style>`` and returns it
    inlined. Rules should name an element or a class: a fragment does not see what it will stand in.
    Raises ``ConfigurationError`` naming the template that cannot be inlined.
    """
    placeholders = _Placeholders()
    page = placeholders.take_out(shell, sources[shell])
    at = placeholders.comment_for(hole)
    if not at or "</head>" not in page:
        raise ConfigurationError(f"must have a <head> and {hole} in its body", where=shell)
    fragments = [name for name in sources if name != shell]
    laid_out = []
    for number, name in enumerate(fragments):
        body = placeholders.take_out(name, sources[name])
        marked = f"<!--piece{number}-->{body}<!--/piece{number}-->"
        laid_out.append(f"<table>{marked}</table>" if _ROW.match(sources[name]) else marked)
    page = page.replace("</head>", f"<style>{css}</style></head>", 1)
    inlined = engine(page.replace(at, f"{at}<!--pieces-->{''.join(laid_out)}<!--/pieces-->"))
    _require_all(placeholders, inlined, [*fragments, shell], sources)
    result = {
        name: placeholders.put_back(
            _between(inlined, f"<!--piece{number}-->", f"<!--/piece{number}-->", name)
        )
        for number, name in enumerate(fragments)
    }
    rest = _between(inlined, "<!--pieces-->", "<!--/pieces-->", shell)
    result[shell] = placeholders.put_back(
        inlined.replace(f"<!--pieces-->{rest}<!--/pieces-->", "", 1)
    )
    return result


def _require_all(
    placeholders: _Placeholders, inlined: str, names: Sequence[str], sources: Mapping[str, str]
) -> None:
    lost = placeholders.missing(inlined)
    if lost is not None:
        raise ConfigurationError(
            f"{lost} does not survive the inlining of CSS",
            where=next(name for name in names if lost in sources[name]),
            mend="Keep it out of style attributes, and close every tag that is opened.",
        )


def _between(page: str, start: str, end: str, name: str) -> str:
    first, last = page.find(start), page.find(end)
    if first < 0 or last < first:
        raise ConfigurationError("has tags that are not closed in the right order", where=name)
    return page[first + len(start) : last]
