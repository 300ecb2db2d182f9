"""Leave out single words that point back where the sentence says the same without them.

"Models trained so also converge faster" answers something said before; without "also" it says its own. Such
a word goes only where what it points to cannot stand in the sentence itself: before any "and", and not
as half of "not only … but also". "All these lamps" loses "these", and so do "these rare moths of attics",
which tell themselves which are meant.
"""

from __future__ import annotations

import re

from digest.editorial.references import references

__all__ = ["without_pointing_words"]

_ADVERB = re.compile(
    r"(?<=[\w)’])(?<!\bto)(?<!\bany)(?<!\bno)(?<!\bfor)(?<!\bwithout) (?:also|then|further|furthermore|additionally|likewise|thus|hence|therefore|indeed|instead|in turn|accordingly) "
    r"(?!of\b|to\b|more\b|than\b|and\b|or\b|the\b|in\b|by\b|with\b|from\b|for\b|on\b)(?=[a-z]{2,})"
)
_ADVERBS = (" also", " then", " further", " addition", " likewise", " thus", " hence", " there", " indeed", " instead", " in turn", " accord")  # fmt: skip
_BEFORE_IT = re.compile(
    r"\b(?:and|but|or|not only|while|whereas|which|because|since|so|both|if|when)\b|[;:]",
    re.IGNORECASE,
)
_INSTEAD = re.compile(
    r" (?P<before>that|which|should|we|can|could|must|will|may) (?:instead|indeed|hence|thus) (?=[a-z]{3,})(?!of\b)"
)
_INDEED = re.compile(r"(?<=[\w)]) indeed (?=[a-z]{3,})")
_ALL_THESE = re.compile(
    r"\b(?P<all>all|All) (?:of )?(?:these|those|such) (?=(?:[\w-]+ ){0,3}?[\w-]*s\b)"
)
_THESE_OF = re.compile(
    r"\bthese (?P<said>[a-z-]*(?:al|ic|ive|ous|ed|ful|ant|ent|ar|ary|rare|new|key|hidden) [a-z-]+s (?:of|inherent|between|within|among|that|in) )"
)
_MANY_OF = re.compile(
    r"\b(?P<many>many|some|most|several|few|all|Many|Some|Most|Several|Few|All) of (?:these|those) (?=[a-z-]+ [a-z-]*[a-rt-z]s\b)"
)
_THESE_AFTER = re.compile(
    r"\b(?P<before>[a-z]+ing|for|(?<!each )(?<!any )(?<!one )(?<!two )(?<!both )(?<!none )(?<!three )(?<!half )of|in|on|with|by|to|across|under|between|from) (?:these|those|such) "
    r"(?=(?!two\b|three\b|four\b|five\b|same\b|kinds?\b|types?\b)[a-z-]+ [a-z-]*[a-rt-z]s\b)",
    re.IGNORECASE,
)
_SUCH = re.compile(
    r"\b(?P<before>for|of|in|on|with|by|to|from) such (?=(?!cases|settings|scenarios|tasks|problems|issues|challenges|"
    r"situations|conditions|methods|models|approaches|systems|effects|things|ways|ideas|that\b|as\b)[a-z-]{3,}[a-rt-z]s\b)"
)
# "An alternative" is one to something; to what, the sentence may have to say.
_ALTERNATIVE = re.compile(
    r"\b(?P<an>[Aa]|[Aa]n|[Tt]he first) (?P<what>(?:[a-z-]+,? ){0,3})alternative(?= (?:by|that|which|via|based|using|where|in which|called|named)\b|[:,.])"
)
_THEN_TO = re.compile(r"(?<=[a-z]) then (?=to [a-z]+)")
_LABEL = re.compile(
    r"(?!We\b|I\b|They\b|It\b|This\b|That\b|These\b|To\b|In\b|For\b|Our\b|The\b|So\b)(?:[A-Z][\w-]*)(?: [a-z-]+){0,3}: (?=(?:we|our) )"
)
_FIRST_PART = 120
"""Characters in which a word that points back is looked for."""


def without_pointing_words(sentence: str) -> str:
    """``sentence`` without "also", "indeed", "instead" and the like where they point out of it."""
    label = _LABEL.match(sentence)
    if label is not None:
        rest = sentence[label.end() :]
        sentence = rest[:1].upper() + rest[1:]
    beginning = sentence[:_FIRST_PART]
    seen = any(word in beginning for word in _ADVERBS)
    adverb = _ADVERB.search(sentence, 0, _FIRST_PART) if seen else None
    if adverb is not None and _BEFORE_IT.search(sentence[: adverb.start()]) is None:
        sentence = f"{sentence[: adverb.start()]} {sentence[adverb.end() :]}"
    if " indeed " in sentence:
        sentence = _INDEED.sub(" ", sentence, count=1)
    if " in" in sentence or " hence " in sentence or " thus " in sentence:
        sentence = _INSTEAD.sub(r" \g<before> ", sentence, count=1)
    if " then to " in sentence:
        sentence = _THEN_TO.sub(" ", sentence, count=1)
    if "alternative" in sentence:
        sentence = _ALTERNATIVE.sub(_approach, sentence, count=1)
    if "hese" in sentence or " those" in sentence or " such " in sentence:
        sentence = _ALL_THESE.sub(r"\g<all> ", sentence, count=1)
        sentence = _THESE_OF.sub(r"\g<said>", sentence, count=1)
        sentence = _MANY_OF.sub(r"\g<many> ", sentence, count=1)
        these = _THESE_AFTER.search(sentence) or _SUCH.search(sentence)
        if these is not None and any(
            each.word in ("these", "those", "such") for each in references(sentence)
        ):
            sentence = f"{sentence[: these.end('before')]} {sentence[these.end() :]}"
    return sentence


def _approach(alternative: re.Match[str]) -> str:
    """The words for an alternative to nothing said: "an approach"."""
    an = alternative["an"]
    if not alternative["what"] and an.lower() == "a":
        an += "n"
    return f"{an} {alternative['what']}approach"
