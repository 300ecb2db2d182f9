"""Real abstracts, where they are, and the rules that a summary of them keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from digest.editorial.known_acronyms import KNOWN_ACRONYMS
from digest.editorial.sentences import is_whole, sentences
from digest.editorial.summary import BRIEF_LENGTH, SUMMARY_LENGTH, summarise
from digest.editorial.text_repair import repaired
from digest.latex import readable

# A macro, mathematics, a group, emphasis, or a name that lost its backslash at a number.
_WORD = re.compile(r"\w+")
_KNOWN = " ".join(meaning.long for _, meaning in KNOWN_ACRONYMS).lower()
_PUT_IN = frozenset(
    ["the", "a", "an", "present", "presents", "is", "using", *_WORD.findall(_KNOWN)]
)
_PUT_IN |= {f"{word}s" for word in _PUT_IN} | {f"{word[:-1]}ies" for word in _PUT_IN}
_PUT_IN |= {"approach"}

_MARKUP = re.compile(r"\\[A-Za-z]|\$[^$\d]|[\^_]\{|\{[a-z]+ |\*\*|\d(?:times|circ)\b")


def real_abstracts(folder: Path) -> list[str]:
    """Every abstract of the dumps (lines too long for a title) and of the daily lists, once."""
    found: dict[str, None] = {}
    for dump in sorted((folder / "dumps").glob("*.txt")):
        for line in dump.read_text(encoding="utf-8").splitlines():
            if len(line) > 300:
                found[line] = None
    for day in sorted((folder / "hf").glob("*.json")):
        for item in json.loads(day.read_text(encoding="utf-8")):
            found[item["paper"].get("summary") or ""] = None
    return [abstract for abstract in found if abstract]


def broken_rules(abstract: str) -> Iterator[str]:
    """The names of the rules that the summary of ``abstract`` breaks."""
    said = summarise(abstract)
    for part, most, longest in ((said.summary, 2, SUMMARY_LENGTH), (said.brief, 1, BRIEF_LENGTH)):
        if part and not is_whole(part):
            yield "cut"
        if len(sentences(part)) > most + 1:
            yield "too many sentences"
        if added_words(part, abstract):
            yield "words that the authors did not write"
        if len(part) > longest:
            yield "too long"
        if _MARKUP.search(part):
            yield "markup"


def added_words(part: str, abstract: str) -> set[str]:
    """The words of ``part`` that neither ``abstract`` has nor a rule of rewording puts in.

    A word may have been said in another form: "proposing" for "propose", "lamps" for "lamp".
    """
    own = {_beginning(word) for word in _WORD.findall(repaired(readable(abstract)).lower())}
    return {
        word
        for word in _WORD.findall(part.lower())
        if _beginning(word) not in own and word not in _PUT_IN
    }


def _beginning(word: str) -> str:
    return word.rstrip("s")[:4]
