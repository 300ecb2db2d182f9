"""Mend what copying has done to an abstract: words parted at the end of a line, marks said twice.

Only what cannot be meant otherwise is mended; no word is added, and none is left out but one said
twice ("the the").
"""

from __future__ import annotations

import html
import re
from functools import lru_cache

from digest.editorial.phrases import stem
from digest.editorial.word_rarity import rarity

__all__ = ["repaired"]

_PARTED = re.compile(r"(?<![\w-])(?P<first>[A-Za-z]{2,20})- (?P<second>[a-z]{2,20})(?![\w])")
_JOINED_BY = frozenset(
    re.findall(
        r"\S+",
        "and or to nor versus vs as but then through into in of for with plus by rather than",
    )
)
_TWICE = tuple(
    (f" {word} {word} ", f" {word} ")
    for word in re.findall(r"\S+", "the a an of to in and is we for with on are this our by from")
)
_MARKUP = re.compile(
    r"</?(?:jats:)?(?:p|i|b|em|strong|sub|sup|italic|bold|title|sec|span|br|div|a|u|sc|inline-formula)(?: [^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{2,5}|#x[0-9a-f]{2,4});", re.IGNORECASE)
_LINK = re.compile(r"\[([^\[\]]{1,120})\]\(https?://[^\s()]{1,300}\)")
_QUOTED = re.compile(r"(?<!\w)`([A-Za-z][^`'\n]{0,60})'(?!\w)")
_CODE = re.compile(r"`{1,3}([^`]{1,80})`{1,3}")
_BEFORE_MARK = re.compile(r"(?<=[\w)\]”\"’']) ([,;](?=\s)|\.(?=\s|$))")
_MARKS_TWICE = re.compile(r",(?:\s?,)++|;(?:\s?;)++")
_CITED = re.compile(
    r"(?<=[a-z)])(?<!range)(?<!interval)(?<!scale)(?<!\bin)(?<!\bis)(?<!\bof)(?<!\bto)(?<!\bfrom)(?<!\bby)(?<!\bsee)(?<!\bwith)(?<!\band)"
    r" ?\[[1-9]\d{0,2}(?:[,–-] ?[1-9]\d{0,2}){0,9}\](?=[\s.,;:])"
)
# "(see Figure 2)" shows nothing to a reader of the abstract.
_SEE = re.compile(
    r" ?\((?:(?:see|cf\.?|refer to|shown in) (?:also )?(?:the )?(?:[\w.-]+ ){0,3}?)?(?:figures?|figs?\.?|tables?|tab\.|sections?|sec\.|appendix|appendices|supplement\w*)(?: ?[\dA-Z][\w.]{0,4})?(?: in the [\w -]{1,40})?\)",
    re.IGNORECASE,
)
# "\\left[1, 1\\right]" that lost its backslashes.
_LEFT_RIGHT = re.compile(
    r"(?<![A-Za-z])left(?P<open>[\[({|])(?P<said>[^\n]{0,80}?)right(?P<close>[\])}|])"
)
_TIE = re.compile(r"(?<=[\w)])~(?=[A-Za-z(\[])")
_EMPHASISED = re.compile(r"(?<![\w/_])_([A-Za-z][A-Za-z -]{1,40})_(?![\w/_])")
_HYPHENED = re.compile(
    r"^[(\[\"“‘]?(?P<first>[A-Za-z]{2,12})-(?P<second>[a-z]{3,12})(?=[.,;:)\]\"”’]*$)"
)
_BREAKS = frozenset(("frame-work", "frame-works", "net-work", "net-works"))
_SIGNS = re.compile(
    r"- |\s[,;.]|[,;]\s?[,;]|[<&`\[]|--|_\d|,[a-z]|\w~\w|left[\[({|]|\((?i:see|cf|fig|tab|sec|app|supp|refer|shown)"
)
_GLUED = re.compile(r"(?<=[a-z]{3}),(?=(?:we|and|the|our|which|this|it|but|or)\s)")
# "We present , an attic lamp": the source's macro for the name of the lamp gave nothing.
_NAME_LOST = re.compile(
    r"(?P<verb>\b(?:we|paper|work) (?:[a-z]+ly )?(?:propose|introduce|present|develop|describe|release)s?) ?, (?=(?:an?|the)\b)",
    re.IGNORECASE,
)
_DASHES = re.compile(r"(?<=[\w%)])--(?=\d)")
_INDEX = re.compile(r"(?<=[A-Za-z])_(\d)(?=[⁰¹²³⁴-⁹])")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
# "a method-termed "Lamp" - that burns": one of two dashes is written as a hyphen.
_ONE_DASH = re.compile(
    r"(?<=[a-z])-(?P<said>(?:termed|dubbed|called|named) [^.,;:()]{1,40}?) - (?=[a-z])"
)


# In nats: of some 2,600 abstracts at least two have the word.
_RARE = 6.8


def repaired(text: str) -> str:
    """``text``, one readable line, with what was torn or doubled in copying mended."""
    if _SIGNS.search(text):
        if "<" in text:
            text = _MARKUP.sub("", text)
        if "&" in text:
            text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
        if "[" in text:
            text = _CITED.sub("", _LINK.sub(r"\1", text))
        if "left" in text:
            text = _LEFT_RIGHT.sub(r"\g<open>\g<said>\g<close>", text)
        if "~" in text:
            text = _TIE.sub(" ", text)
        if "(" in text:
            text = _SEE.sub("", text)
        if "`" in text:
            text = _QUOTED.sub(r"‘\1’", _CODE.sub(r"\1", text))
        text = _GLUED.sub(", ", text)
        if "--" in text:
            text = _DASHES.sub("–", text)
        if "_" in text:
            text = _INDEX.sub(lambda index: index[1].translate(_LOWERED), text)
        if "ed " in text and " - " in text:
            text = _ONE_DASH.sub(r", \g<said>, ", text)
        if " ," in text:
            text = _NAME_LOST.sub(r"\g<verb> ", text)
        text = _BEFORE_MARK.sub(r"\1", _MARKS_TWICE.sub(lambda marks: marks[0][0], text))
        if "- " in text:
            text = _PARTED.sub(lambda parted: _joined(parted, text), text)
        text = " ".join(text.split())
    if " _" in text:
        text = _EMPHASISED.sub(r"\1", text)
    if "-" in text:
        text = _unbroken(text)
    for twice, once in _TWICE:
        if twice in text:
            text = text.replace(twice, once)
    return text


def _unbroken(text: str) -> str:
    """``text`` with the words whole that the end of a line has broken ("per-formance")."""
    for word in dict.fromkeys(word for word in text.split(" ") if "-" in word):
        hyphened = _HYPHENED.search(word)
        if hyphened is not None and _is_broken(hyphened["first"], hyphened["second"]):
            text = text.replace(word, word.replace("-", "", 1))
    return text


@lru_cache(maxsize=1 << 12)
def _is_broken(first: str, second: str) -> bool:
    """Tell whether the two are one word that everybody writes as one, and no two of their own."""
    if f"{first}-{second}".lower() in _BREAKS:
        return True
    return not _is_common(second) and not _is_common(first) and _is_common(first + second)


def _joined(parted: re.Match[str], text: str) -> str:
    """A word parted by a hyphen and a blank, as the text itself or the field writes it."""
    first, second = parted["first"], parted["second"]
    if second in _JOINED_BY:
        return parted[0]
    whole, hyphened = first + second, f"{first}-{second}"
    lower = text.lower()
    if whole.lower() in lower:
        return whole
    if hyphened.lower() in lower or (_is_common(first) and not _is_common(whole)):
        return hyphened
    return whole if _is_common(whole) or not _is_common(first) else hyphened


def _is_common(word: str) -> bool:
    """Tell whether abstracts of the field have the word."""
    return rarity(stem(word.lower())) < _RARE
