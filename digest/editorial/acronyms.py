"""Say in full, where it first stands in a summary, an acronym that the abstract explains elsewhere.

The long form before a bracket is found as Schwartz and Hearst do (*A simple algorithm for identifying
abbreviation definitions in biomedical text*, PSB 2003): the letters of the short form are looked for
backwards, the first of them at the beginning of a word. Here most of them must begin words, so that
what is found is a long form and no accident.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from digest.editorial.word_rarity import is_rare

__all__ = ["Acronym", "acronyms", "in_full", "unexplained"]

KNOWN_TO_ALL = frozenset(
    re.findall(
        r"\S+",
        "AI LLM LLMs ML NLP GPU GPUs CPU CPUs API APIs GPT RGB DNA RNA USA UK EU SOTA SoTA PDF HTML SQL MRI CT "
        "2D 3D 4D ID US PhD IT TV BERT OCR HIV COVID COVID-19 WHO EEG ECG IoT UAV KL MNIST CIFAR GLUE PCIe USB CUDA RAM MIDI",
    )
)
"""Short forms that a newspaper prints without their long ones, or that this field never spells out."""

_MOST = 12
"""Acronyms of an abstract that are looked at; honest ones have up to about ten."""
_LONGEST = 80
_MOST_OF_A_NAME = 3
"""Words before a title's colon that may be a name; more of them are a phrase."""
_BRACKETED = re.compile(r"(?<=[\w’') ])\((?P<short>[A-Za-z][\w&./-]{1,11})(?:[,;] [^()]{1,60})?\)")
_EXPLAINED = re.compile(
    r"(?<![\w-])(?P<short>[A-Z][\w-]{1,9}) \((?P<long>[A-Za-z][\w ,’'-]{7,79})\)"
)
_NO_LONG_FORM = re.compile(r"[.,;:()\"“”]")
_HEAD_AND_REST = re.compile(r"(?P<head>[\w -]*[a-rt-z])s(?P<rest> of [\w -]+)")
# "across two LLN designs": the noun that follows takes the singular before it.
_NOUN_FOLLOWS = re.compile(
    r" (?!(?:and|or|for|with|in|on|to|of|as|is|are|was|were|can|have|by|from|at|that|which|via|under|"
    r"using|into|while|when|has|may|do|over|through|across|should|must|will|but|often|still|without)\b)[a-z]{4,}"
)
_ACRONYM = re.compile(r"(?<![\w@.-])([A-Z]{2,5})s?(?![\w@]|-[A-Z0-9])")
# A short form that is one of several names of data, or one of several examples, is no riddle.
_AMONG_DATA = re.compile(r"\b(?:on|datasets?|benchmarks?|tasks?|including|such as|e\.g\.,?|like)\b")
_HAS_PREPOSITION = re.compile(r" (?:of|with|from|for|in) ")
_NO_PLURALS = ("series", "lens", "species", "news", "sales", "means")
_ONLY_A_PLURAL = re.compile(r"(?:[a-bd-hj-rtv-z]|[^i]c)s$")
_RAISED = re.compile(r"([A-Za-z])([²³])")
_NOT_FIRST = frozenset(
    re.findall(r"\S+", "the a an our its their this these we is are that and or through to via")
)
_PART_OF_WORD = re.compile(r"[\w/-]")
_GOES_ON = re.compile(
    r"(?!-(?:based|driven|style|guided|trained|specific|powered|like|inspired|free|tuned|oriented|level|enabled|aware|augmented|enhanced|equipped|assisted|centric|only|agnostic|generated|related)\b)[\w/’'-]| ?\(|\.\d"
)
_TAKES_ARTICLE = re.compile(
    r"(?:^|\b(?:in|on|of|with|for|to|by|from|using|via|and|through|into|adapt|extend|apply|use) )$"
)
_VOWEL_LETTERS = "aefhilmnorsxAEFHILMNORSX"
# Words that keep their capital letter within a sentence, as the name of somebody does.
_NAMES = re.compile(
    r"\w+ian\b|(?:Markov|Monte|Nash|Fourier|Bellman|Kalman|Wasserstein|Fr\w+chet|Turing|Shapley)\b"
)
_NOT_WITHIN = frozenset(
    re.findall(
        r"\S+",
        "we is are was were into that which called named termed dubbed dub call propose introduce present",
    )
)


@dataclass(frozen=True, slots=True)
class Acronym:
    """A short form and its long form, as an abstract gives them; ``plural`` if it gives several,
    ``article`` if it says "the" before the long one.
    """

    short: str
    long: str
    plural: bool = False
    article: bool = False


def acronyms(text: str) -> dict[str, Acronym]:
    """The acronyms that ``text`` explains, by their short form without a plural's ``s``."""
    if "(" not in text:
        return {}
    found: dict[str, Acronym] = {}
    for bracket in _BRACKETED.finditer(text):
        if len(found) == _MOST:
            return found
        written = bracket["short"]
        plural = len(written) > 2 and written.endswith("s") and written[-2].isupper()
        short = written[:-1] if plural else written
        if not _is_short(short):
            continue
        start = max(bracket.start() - _LONGEST - 20, 0)
        long = _long_form(short, text[start : bracket.start()])
        if long:
            before = text[: bracket.start()].rstrip()[: -len(long)].rstrip()
            if before[-1:] in ("", ".", "?", "!"):
                long = _in_mid_sentence(long)
            with_article = not plural and before.lower().endswith(" the")
            found.setdefault(short, Acronym(short, long, plural, with_article))
    for explained in _EXPLAINED.finditer(text):
        short, long = explained["short"], explained["long"]
        if len(found) < _MOST and _is_short(short) and _long_form(short, f" {long}") == long:
            found.setdefault(short, Acronym(short, long))
    return found


def unexplained(said: str, title: str, explained: Collection[str]) -> Iterator[str]:
    """The acronyms in ``said`` that nothing explains: rare ones that neither it nor ``title`` spells out.

    ``explained`` are those that can be said in full.
    """
    for acronym in _ACRONYM.finditer(said):
        short = acronym[1]
        if short in KNOWN_TO_ALL or short in explained or short in title or not is_rare(short):
            continue
        if f"({short}" in said or f"{short} (" in said:
            continue
        if _AMONG_DATA.search(said, max(acronym.start() - 40, 0), acronym.start()) is None:
            yield short


def in_full(text: str, known: Mapping[str, Acronym], longest: int, title: str = "") -> str:
    """``text`` with each acronym said in full at its first place, as long as ``longest`` allows.

    One that ``text`` explains itself, that the title has for a name (before its colon), or that
    everybody knows, stays as it is.
    """
    name = title.partition(":")[0] if ":" in title else ""
    name = name if len(name.split()) <= _MOST_OF_A_NAME else ""
    for acronym in known.values():
        if acronym.short not in text or acronym.short in KNOWN_TO_ALL:
            continue
        if acronym.long.lower() in text.lower() or _stands_in(acronym.short, name):
            continue
        fuller = _said_in_full(text, acronym)
        if len(fuller) <= longest:
            text = fuller
    return text


def _is_short(short: str) -> bool:
    return sum(letter.isupper() or letter.isdigit() for letter in short) > 1


def _in_mid_sentence(long: str) -> str:
    """The long form from the beginning of a sentence, as it is written within one."""
    first, _, others = long.partition(" ")
    if not others.islower() or not (first[:1].isupper() and first[1:].islower()):
        return long
    if _NAMES.match(first):
        return long
    return f"{first.lower()} {others}"


def _stands_in(short: str, text: str) -> bool:
    return short in text and _place(text, short)[1] > 0


def _said_in_full(text: str, acronym: Acronym) -> str:
    """``text`` with the long form in the first place where the short one stands as a word of its own."""
    start, end = _place(text, acronym.short)
    plural = text[start:end].endswith("s") and end - start > len(acronym.short)
    long = _numbered(acronym, plural=plural) if end else ""
    if not long or text.count("(", 0, start) > text.count(")", 0, start):
        return text
    own = not plural and not _HAS_PREPOSITION.search(long) and not long.endswith(_NO_PLURALS)
    if own and _ONLY_A_PLURAL.search(long) and _NOUN_FOLLOWS.match(text, end):
        long = long[:-1]
    # "SVD decomposition": the long form has the word already.
    again = f" {long.rpartition(' ')[2]}".lower()
    if text[end : end + len(again) + 1].lower().rstrip(" .,;:)") == again:
        text = text[:end] + text[end + len(again) :]
    before, _, word = text[:start].rstrip().rpartition(" ")
    begins = start == 0 or word.endswith((".", "?", "!"))
    if word in ("a", "an", "A", "An"):
        if long.endswith("s") and not acronym.short.endswith("S") and " of " not in long:
            return text
        word = f"{word[0]}{'n' if _begins_with_vowel(long) else ''}"
        return f"{before}{' ' * bool(before)}{word} {long} ({text[start:end]}){text[end:]}"
    if acronym.article and not plural and _TAKES_ARTICLE.search(text[:start]):
        long = f"the {long}"
    if begins:
        long = long[:1].upper() + long[1:]
    return f"{text[:start]}{long} ({text[start:end]}){text[end:]}"


def _place(text: str, short: str) -> tuple[int, int]:
    """The place of the short form, or its plural, as a word of its own; two zeros if there is none."""
    start = text.find(short)
    while start >= 0:
        end = start + len(short)
        if text[end : end + 1] == "s":
            end += 1
        if not _PART_OF_WORD.search(text[max(start - 1, 0) : start]) and not _GOES_ON.match(
            text, end
        ):
            return start, end
        start = text.find(short, end)
    return 0, 0


def _numbered(acronym: Acronym, *, plural: bool) -> str:
    """The long form in the number that is asked for; ``""`` if it cannot be made safely."""
    long = acronym.long
    if plural == acronym.plural:
        return long
    of = _HEAD_AND_REST.fullmatch(long)
    if of is not None and not plural:
        return f"{of['head']}{of['rest']}"
    if " of " in long or not long[-1].isascii() or not long[-1].isalpha():
        return ""
    if plural:
        return (
            long
            if long.endswith("s")
            else f"{long[:-1]}ies"
            if re.search(r"[^aeiou]y$", long)
            else f"{long}s"
        )
    if long.endswith("ies"):
        return f"{long[:-3]}y"
    if long.endswith(("sses", "ches", "shes", "xes", "is", "us")) or not long.endswith("s"):
        return ""
    return long[:-1]


def _begins_with_vowel(long: str) -> bool:
    first = re.split(r"[ -]", long, maxsplit=1)[0]
    if first.isupper() and len(first) > 1:
        return first[0] in _VOWEL_LETTERS
    lower = first.lower()
    return lower[:1] in "aeiou" and not lower.startswith(
        ("uni", "use", "usa", "uti", "eu", "one", "ubi")
    )


def _long_form(short: str, before: str) -> str:
    """The words at the end of ``before`` that the letters of ``short`` come from; ``""`` if none do."""
    short = _RAISED.sub(lambda raised: raised[1] * (2 if raised[2] == "²" else 3), short)
    letters = [letter.lower() for letter in short if letter.isalnum()]
    capitals = [letter.lower() for letter in short if letter.isupper()]
    if 2 < len(capitals) < len(letters) and short[0].isupper():
        # "neural transient field (NeTF)": the capitals are those of the words.
        words = before.split()[-len(capitals) :]
        if [word[0].lower() for word in words] == capitals and words[0].lower() not in _NOT_FIRST:
            long = " ".join(words)
            if len(long) <= _LONGEST and not _NO_LONG_FORM.search(long):
                return long
    at = len(before.rstrip())
    before = before[:at]
    words = before.split()[-len(letters) :]
    if "".join(word[0] for word in words).lower() == "".join(letters) and len(words) > 1:
        long = " ".join(words)
        # "through test-time scaling (TTS)": the letters are those of the parts of a word.
        if len(long) <= _LONGEST and not _NO_LONG_FORM.search(long) and "-" not in long:
            return "" if words[0].lower() in _NOT_FIRST else long
    initials = 0
    for number, letter in enumerate(reversed(letters)):
        first = number == len(letters) - 1
        at -= 1
        while at >= 0 and (
            before[at].lower() != letter or (first and at > 0 and before[at - 1] not in " -(/")
        ):
            at -= 1
        if at < 0:
            return ""
        initials += at == 0 or not before[at - 1].isalnum() or before[at].isupper()
    start = max(before.rfind(" ", 0, at + 1), before.rfind("(", 0, at + 1)) + 1
    long = before[start:]
    words = long.split()
    if not 2 <= len(words) <= min(len(letters) + 4, 9) or len(long) > _LONGEST:
        return "" if len(words) != 1 or "-" not in long else long
    if initials * 5 < len(letters) * 3 or _NO_LONG_FORM.search(long) or start != at:
        return ""
    return "" if any(word.lower() in _NOT_WITHIN for word in words) else long
