"""Make a sentence that is too long shorter by leaving out its last clauses, so that a whole one stays.

What goes begins after a comma or a semicolon with a word that begins a clause and no member of a list
("…, thereby reducing", "…, which"). Where no such place is left the sentence is not cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.editorial.references import references

__all__ = ["pointing_tail_left_out", "shortened", "without_lone_item"]

_BORDER = re.compile(
    r"; (?!\()|, (?=(?:which|(?:in|for|at|by|through|with) which|while|whereas|where|thereby|thus|hence|therefore|whose|because|since|although|as well as|"
    r"leading|enabling|achieving|resulting|demonstrating|making|allowing|improving|ensuring|showing|highlighting|"
    r"outperforming|yielding|reducing|providing|offering|paving|underscoring|suggesting|revealing|surpassing|"
    r"facilitating|eliminating|validating|confirming|verifying|showcasing|exposing|unlocking|delivering|exceeding|saving|enhancing|boosting|lowering|accelerating|bridging|marking|setting|exhibiting|establishing|indicating|supporting|preserving|maintaining|comprising|including|"
    r"even|and (?:we|it|they|thus|then|show|demonstrate|find|prove|further|also|evaluate|provide|achieve|release)|"
    r"but|so that|such as|rather than|instead of|regardless|particularly|especially)\b)"
    r"| [–—-] "
)
_SHORTEST = 60
_LONE_ITEM = re.compile(r"(?P<head>[^:]{60,400}): ?\(?(?:1|i|I|a|A)[).] ")
_WAITS = re.compile(
    r"\b(?:that|includ(?:es?|ing)|are|is|follows?|following|as|of|to|by|we|namely|i\.e\.|through|via|with|and)$",
    re.I,
)
# "We find that: (1) moths come; (2) …" says no less of the first without its number.
_FOUND_FIRST = re.compile(
    r"(?P<head>[^:;()]{10,160}? that):? \((?:1|i|a)\) (?P<item>[^;()]{30,300}); (?:and )?\((?:2|ii|b)\) "
)
_ITEMS = re.compile(
    r"(?P<head>[^:;]{60,300}): ?\(?(?:1|i|I|a|A)[).] [^:]{20,}; ?(?:and )?\(?(?:2|ii|II|b|B)[).] "
)
_ANNOUNCING_A_LIST = re.compile(
    r",? (?:with|via|through|by|including|using|along with|in) the following [\w -]{1,40}$"
)
# "This draws moths; (ii) we …": the list has begun in a sentence before.
_LATER_ITEM = re.compile(r"(?P<head>[^;]{40,400}); (?:and )?\((?:ii|2|b)\) ")
_FIRST_ITEM = re.compile(r"\((?:i|1|a)\)|\b1\)|\b[ia]\)")
_LONE_NUMBER = re.compile(r"(?<=[a-z]) \((?:1|i|a)\) ")
_NEXT_ITEM = re.compile(r"[ (](?:2|ii|II|b|B)[).] ")
# "Drawn by the lamps of an attic, which burn at night, we …": before the comma is no clause yet.
_OPENING = re.compile(
    r"(?:[A-Z][a-z]+(?:ing|ed)|Drawn|Built|Given|To|By|In|On|At|With|Without|From|For|Through|Via|Across|Under|Among|"
    r"While|When|Where|As|If|Since|Because|Although|Though|Despite|Unlike|Beyond|After|Before|Upon|Once|Due|"
    r"Compared|Whereas|Within|During|Over|Instead|Rather|Based) "
)
_MAIN_CLAUSE = re.compile(
    r", (?:we|our|this|these|the|it|its|they|i|an?|each|all|both|most|many|no|there|[A-Z]\S*|\S*[A-Z]\S*)\b"
)
_DANGLING = re.compile(
    r"\b(?:not only|either|both|neither|if|whether|when|while|although|despite)\b", re.IGNORECASE
)


def shortened(sentence: str, longest: int) -> str:
    """``sentence``, whole but without its last clauses, in ``longest`` characters; ``""`` if it cannot be."""
    best = ""
    for shorter in _shorter(sentence):
        if len(shorter) > longest:
            break
        best = shorter
    return best


def pointing_tail_left_out(sentence: str) -> str:
    """``sentence`` without the last clauses that speak of what it does not name; as it is if none do."""
    best = sentence
    for shorter in _shorter(sentence):
        if references(shorter):
            break
        best = shorter
    return best


def without_lone_item(sentence: str) -> str:
    """``sentence`` up to the colon, if only the first item of a numbered list follows it."""
    later = _LATER_ITEM.match(sentence) if "; " in sentence else None
    if later is not None and _FIRST_ITEM.search(later["head"]) is None:
        return f"{later['head']}."
    lone = _LONE_ITEM.match(sentence) if ":" in sentence else None
    if lone is None or _WAITS.search(lone["head"]) or _NEXT_ITEM.search(sentence, lone.end()):
        return sentence
    head = _ANNOUNCING_A_LIST.sub("", lone["head"])
    return sentence if "following" in head[-60:] else f"{head}."


def _without_lone_number(head: str) -> str:
    """``head`` without the "(1)" of a list of which nothing more is left."""
    return head if _NEXT_ITEM.search(head) else _LONE_NUMBER.sub(" ", head, count=1)


def _shorter(sentence: str) -> Iterator[str]:
    """The whole sentences that it begins with, the shortest first."""
    listed = _FOUND_FIRST.match(sentence)
    if listed is not None:
        yield f"{listed['head']} {listed['item']}."
        return
    items = _ITEMS.match(sentence)
    if items is not None and not _WAITS.search(items["head"]):
        yield f"{items['head']}."
    for border in _BORDER.finditer(sentence):
        head = sentence[: border.start()]
        if len(head) >= _SHORTEST and _is_whole_without(head, border[0]):
            yield f"{_without_lone_number(head).rstrip(',;:')}."


def _is_whole_without(head: str, border: str) -> bool:
    """Tell whether nothing in ``head`` waits for what follows it."""
    if (
        head.count("(") != head.count(")")
        or head.count("“") != head.count("”")
        or head.count('"') % 2
    ):
        return False
    if border.startswith(" ") and re.search(r" [–—-] ", head):
        return False
    if _OPENING.match(head) and not _MAIN_CLAUSE.search(head):
        return False
    return _DANGLING.search(head[head.rfind(", ") + 1 :]) is None and ":" not in head
