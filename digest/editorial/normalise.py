"""One plain form for the many spellings of a text: case, Unicode, punctuation, whole or torn LaTeX.

Sources disagree about markup: one lists ``$\\mu$Flow``, another ``μFlow``, a third strips the
backslashes and leaves ``muFlow`` or ``texttt{D}ual``. All of them become the same words here.
The result is for comparing, never for reading (``digest.latex`` makes text for readers).
"""

from __future__ import annotations

import re
import unicodedata

from digest.unicode_forms import normalise_unicode

LONGEST = 20_000
"""Characters that are looked at; an abstract of the field has at most about 2,000 (arXiv's own
limit is 1,920), so only broken or hostile input is longer."""

ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
"""A web address: no part of what an abstract says, and the first thing that markup garbles."""

_GREEK = re.findall(
    r"\w+",
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho"
    " sigma sigma tau upsilon phi chi psi omega",
)
_SYMBOLS = str.maketrans(
    {
        **{chr(0x3B1 + index): name for index, name in enumerate(_GREEK)},
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "×": "times",
        "°": "circ",
        "∘": "circ",
        "∞": "infty",
        "→": "to",
        "⟶": "to",
        "←": "leftarrow",
        "↔": "leftrightarrow",
        "⇒": "rightarrow",
        "≤": "leq",
        "⩽": "leq",
        "≥": "geq",
        "⩾": "geq",
        "≠": "neq",
        "±": "pm",
        "∈": "in",
        "∂": "partial",
        "∇": "nabla",
        "∑": "sum",
        "√": "sqrt",
        "+": " plus ",
        "&": " and ",
        "#": " sharp ",
    }
)
_NAMES = {
    "le": "leq",
    "leqslant": "leq",
    "ge": "geq",
    "geqslant": "geq",
    "ne": "neq",
    "ss": "ss",
    "sim": " ",
    "approx": " ",
    "dag": " ",
    "dagger": " ",
}
_VARIANT = re.compile(r"var(?=(?:epsilon|theta|phi|rho|sigma|kappa|pi)\b)")

_FONTS = (
    r"text(?:bf|it|tt|sc|rm|sf|sl|md|up|normal|color|superscript|subscript)"
    r"|math(?:bf|bb|cal|rm|sf|it|tt|scr|frak|normal|ring|bin|rel|ord|op)"
    r"|operatorname|boldsymbol|ensuremath|underline|overline|widehat|widetilde|displaystyle|mbox"
)
_WITH_BRACE = re.compile(
    rf"\\?(?<![A-Za-z])(?:{_FONTS}|text|emph|textls|bm|hat|tilde|bar|vec)\s*\*?\{{"
)
_BARE_FONT = re.compile(rf"\\?(?<![A-Za-z])(?:{_FONTS})(?![A-Za-z])")
_FONT = re.compile(_FONTS)
_SWITCH = re.compile(
    r"\\(?:bf|it|tt|sc|rm|sf|sl|em|cal|bfseries|itshape|ttfamily|scshape|xspace|left|right|big"
    r"|Big|bigg|quad|qquad|newline|linebreak|noindent|par|limits|nolimits|protect|small|large)"
    r"(?![A-Za-z])"
)
_LINKED = re.compile(r"\\href\s*\{[^{}]*\}")
_CITED = re.compile(r"~?\\(?:cite|citep|citet|ref|eqref|label|footnotemark)\s*\{[^{}]*\}")
_ACCENT = re.compile(
    r"""\\(?:["'`^~=.]|[Hcdbkruv](?=\s*\{|\s+[A-Za-z])(?:\s+)?)\s*\{?\\?([A-Za-z])\}?"""
)
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?")
_INVISIBLE = re.compile(r"[\\${}^_\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_GAP = re.compile(r"[\W_]+")
_TIMES = re.compile(r"(?<=\d) ?times\b")
_TORN = re.compile(r"\b(?:sim|approx) ?(?=\d)")
_ARROW = re.compile(r"\b(?:long)?rightarrow\b")


def normalised(text: str) -> str:
    """The words of ``text`` in one spelling: lower case, no marks, single spaces between.

    Equal for texts that differ only in case, white space, punctuation, Unicode form, accents or
    LaTeX (whole, or with its backslashes and dollars stripped). ``+``, ``&`` and ``#`` are words,
    since names differ by them. Never raises; ``""`` if nothing is left.
    """
    text = text[:LONGEST]
    if not text.isascii():
        text = normalise_unicode("NFKD", text)
    text = _unmarked(text).casefold()
    if not text.isascii():
        text = normalise_unicode("NFKD", text)
        text = "".join(char for char in text if not unicodedata.combining(char))
    text = _GAP.sub(" ", text.translate(_SYMBOLS)).strip()
    return _mended(text)


def without_addresses(text: str) -> str:
    """``text`` with a space in the place of every web address."""
    return ADDRESS.sub(" ", text) if "://" in text else text


def compacted(normal: str) -> str:
    """A plain form without its spaces: ``multi modal``, ``multi-modal``, ``multimodal`` are one."""
    return normal.replace(" ", "")


def _unmarked(text: str) -> str:
    """``text`` without LaTeX: fonts dropped, symbols as their names, accents as their letters."""
    if "\\" in text:
        text = _CITED.sub(" ", _LINKED.sub(" ", text))
        text = _SWITCH.sub(" ", _ACCENT.sub(r"\1", text))
    if "{" in text or "\\" in text:
        text = _WITH_BRACE.sub("", text)
    if "\\" in text:
        text = _COMMAND.sub(_named, _BARE_FONT.sub("", text))
        text = re.sub(r"\\[,;:! ]", " ", text)
    return _INVISIBLE.sub("", _VARIANT.sub("", text) if "var" in text else text)


def _mended(text: str) -> str:
    """Plain ``text`` with what is left of torn LaTeX commands brought to one spelling."""
    if "times" in text:
        text = _TIMES.sub("x", text)
    if "sim" in text or "approx" in text:
        text = _TORN.sub("", text)
    if "rightarrow" in text:
        text = _ARROW.sub("to", text)
    if "math" in text or "text" in text or "operatorname" in text:
        text = " ".join(word for word in text.split() if not _FONT.fullmatch(word))
    return text


def _named(command: re.Match[str]) -> str:
    name = command[1]
    return _NAMES.get(name, name)
