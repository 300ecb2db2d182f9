"""Texts made against every step that reads a title or an abstract, by kind."""

from __future__ import annotations

import random

LONG = 20_000

KINDS = {
    "unclosed markup": "We show $" + r"\frac{" * 3_000 + "x$",
    "nested markup": "$" + r"\hat{" * 3_000 + "x" + "}" * 3_000 + "$",
    "braces": "{" * LONG,
    "full stops": ". " * 30_000,
    "no blank": "a" * 1_000_000,
    "digits": "1" * LONG,
    "combining marks": "a" + "\u0301" * LONG,
    "unseen marks": "\u202e\u05d0\u200b\u2066 " * 5_000,
    "quotation marks": "\"'”" * 7_000,
    "parentheses": "(" * 50_000,
    "hyphens": "-" * 100_000,
    "addresses": "https://a.example/b " * 5_000,
    "angle brackets": "&lt;<b>&amp;" * 2_000,
    "joined emoji": "👩\u200d🔬\u200d" * 5_000,
    "one sentence": "We propose word " * 7_000,
    "dollar signs": "$" * 50_000,
    "backslashes": "\\\\" * 50_000,
    "control characters": "\x00\ud800\x1b\x07" * 5_000,
    "line ends": "a\n" * 50_000,
    "short sentences": "We show that. " * 5_000,
}


def scrambled(dice: random.Random, length: int) -> str:
    """A random text of pieces that mean something to some step."""
    pieces = ["{", "}", "$", "\\frac{", "\\hat", "^{", "_", ". ", "We ", "(", ")", "[", "https://a.example/",
              "a", "1", " ", "\n", "\x00", "\ud800", "\u0301", "\u202e", "👩\u200d", "<", "&", "\"", "''", "--",
              "\\begin{a}", "%", "~", "*", "中", "\u05d0", "langle ", "times"]  # fmt: skip
    return "".join(dice.choices(pieces, k=length))
