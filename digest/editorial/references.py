"""Find what a sentence speaks of without naming it: "this issue", "it", "the former".

A sentence shown by itself must not speak of what the reader has not seen. What points back is looked
for by its word, and counts only if nothing before it in the same sentence can be meant. A sentence
shown after another may speak of that one's nouns, and, where nothing is left out between, of all of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

__all__ = ["BackReference", "noun_stems", "references", "unresolved"]

WORKS = (
    r"(?:papers?|works?|article|report|study|survey|thesis|chapter|tutorial|review|position|essay|"
    r"manuscript|letter|note|primer|monograph|dissertation|perspective|blog|talk|course|contribution|"
    r"research|project|overview|guide|whitepaper|demo|book|commentary|proposal|year|day|century|decade|end)"
)
_EVIDENCE = (
    r"(?:experiments?|experimentation|results?|evaluations?|analys[ei]s|findings?|stud(?:y|ies)|ablations?|"
    r"simulations?|tests?|theory|proofs?|investigations?|assessments?|comparisons?|validations?|benchmarks?)"
)
_TRIGGER = re.compile(
    r"\b(?P<word>this|these|those|such|that|its?|itself|they|their|them|both|former|latter|above|respective|"
    r"aforementioned|afore-mentioned|the (?:problem|issue|task|challenge|gap|setting|question)(?=[.,;]| by\b| via\b|$)|"
    r"the (?:challenges|issues|problems|limitations|shortcomings|drawbacks|difficulties|bottlenecks)(?! (?:of|in|that|posed|associated|faced|arising|caused|which|with|to|for|when|due)\b)|the (?:two|three|four|proposed|resulting|same|other)|all (?:two|three|four|five|six|seven|eight|nine|ten))\b"
    r"(?=(?P<after>(?: [\w’'-]+){0,6}))",
    re.IGNORECASE,
)
_TO_BE_SEEN = re.compile(
    r"\b(?:this|these|those|such|that|its?|itself|they|their|them|both|former|latter|above|afore|respective|the (?:problem|issue|task|challenge|gap|setting|question)(?:[.,;]| by| via)|the (?:challenges|issues|problems|limitations|shortcomings|drawbacks|difficulties|bottlenecks)\b|"
    r"the (?:two|three|four|proposed|resulting|same|other)|all (?:two|three|four|five|six|seven|eight|nine|ten)\b)",
    re.IGNORECASE,
)
# The beginning of a word, the same for its plural: cheap, and enough to tell nouns apart.
_STEMS = re.compile(r"(?<![\w-])([a-z]{7}(?=[\w-])|[a-z]{2,7}?(?=s?(?![\w-])))")
_WORD = re.compile(r"[\w’'-]+")
# What stands before "that it …" and is not what is meant by it.
_SAYING = re.compile(
    rf"\b(?:{_EVIDENCE}\b[^.;:]{{0,120}}?|we (?:[a-z-]+ ){{0,2}}?)\b(?:show|demonstrat|indicat|suggest|reveal|confirm|validat|verif|"
    r"prov|highlight|illustrat|support|find|found|observ|believ|hop|argu|conclud|underscor|establish|"
    r"evaluat|appl|test|extend|us|deploy|train|call|nam|develop|refer)\w*",
    re.IGNORECASE,
)
_EXPLETIVE = re.compile(
    r" (?:is|was|remains|becomes|turns out|has been|can be|may be|seems|appears) (?:\w+ )?(?:\w+ )?(?:to|that|whether|how)\b"
    r"| (?:turns out|remains|is|was) (?:\w+ )?(?:unclear|possible|necessary|crucial|important|difficult|easy|hard|challenging|unknown|essential)\b"
)
_MAKES_IT = re.compile(r"\b(?:mak|find|render|prov|keep|deem)\w* $", re.IGNORECASE)
_ONLY_A_VERB = re.compile(
    r"(?:^|[,:] )(?:(?:in order )?to|we|i|by) (?:[a-z]+ly )?[\w-]+(?: and [\w-]+)? $", re.IGNORECASE
)
# "We present LampNet, a lamp that lights it": what a new thing does to "it" is done to something else.
_ITS_OWN_OBJECT = re.compile(
    r"^(?:in this \w+, )?(?:we|this \w+) (?:[a-z]+ )?[a-z]+ (?:[\w.+-]+, )?(?:an? |the first )[^,.;:()]{1,80} (?:that|which) [a-z]+ $",
    re.IGNORECASE,
)
# "The lamp is hung in an attic, and experiments show that it …"
_CLAUSE_BEFORE = re.compile(
    r"\b(?:is|are|was|were|has|[a-z]+ed) [^.;]{3,200}(?:,? and|;) (?:the |our )?(?:[a-z]+ ){0,2}$"
)
_ONLY_A_PLACE = re.compile(
    r"(?:on|in|at|by|with|through|across|for|under|to|using|when|from|over|during|compared|[a-z]+ing)\b [^,]{1,200}, ",
    re.IGNORECASE,
)
_GENERIC_BEGINNING = re.compile(
    r"(?:the|our) (?:(?:core|key|main|central|basic|first|second|third|whole|overall|final|new|entire|underlying|latter|answer|reason) )*"
    r"(?P<noun>approach|method|framework|model|algorithm|system|dataset|benchmark|architecture|pipeline|"
    r"idea|insight|key|core|answer|reason|goal|technique|strategy|tool|network|module|design|"
    r"mechanism|scheme|survey|first|second|third|procedure|solution|platform|corpus|protocol)s?\b",
    re.IGNORECASE,
)
_NO_NOUNS = frozenset(
    re.findall(
        r"\S+",
        "a an and are as at be been both but by can could do does for from had has have how in into is it its "
        "may might more most new no not of on one only or our over same such than that the their them then "
        "these they this those three to two four five via was we were which while with without would all any "
        "each key novel different various several many main simple important given other under between when "
        "where who whose so also further thus since although though despite because if after before until once unlike across within during through",
    )
)
# "In pursuit of a deeper understanding of its behaviour": none of them is what has the behaviour.
_NO_ANTECEDENTS = frozenset(
    re.findall(
        r"\S+",
        "pursuit understanding order deeper better insight insights view light addition contrast spite response "
        "context terms gain explore exploring investigate understand understanding improve improving inspired "
        "motivated despite given based building leveraging using by to",
    )
)
_METHODS = frozenset(
    re.findall(
        r"\S+",
        "approach method framework model algorithm system dataset benchmark architecture pipeline technique "
        "strategy tool network module design mechanism scheme procedure solution platform corpus protocol "
        "paradigm combination formulation representation perspective process contribution agent suite "
        "resource taxonomy simple modification toolkit library recipe metric setup bench idea way",
    )
)
_METHOD_STEMS = frozenset(noun[:7] for noun in _METHODS)
_RESULTS = frozenset(re.findall(r"\S+", "result finding experim observa evaluat"))
_BARE_PROBLEMS = frozenset(
    f"the {noun}"
    for noun in (
        "problem",
        "issue",
        "task",
        "challenge",
        "gap",
        "setting",
        "question",
        "challenges",
        "issues",
        "problems",
        "limitations",
        "shortcomings",
        "drawbacks",
        "difficulties",
        "bottlenecks",
    )
)
_PLURAL = re.compile(
    r"[a-hj-rtv-z]s\b|\band\b|\b(?:people|data|children|humans|media)\b", re.IGNORECASE
)
_BEFORE_A_THING = re.compile(
    r"\b(?:whether|if|of|for|on|with|by|from|at|into|behind|under) $", re.I
)
# "This improves …": no noun in the singular ends so.
_A_VERB = re.compile(r"(?!series$|lens$|gas$)[a-z-]*[a-hj-rtv-z]s")
_ALL = tuple(
    f"all {number}"
    for number in ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
)
_SEVERAL = frozenset(("both", "the two", "the three", "the four", *_ALL))
# "The three attics, MothBench, …" and "these two: …" say themselves what is meant.
_TOLD_AFTER = re.compile(
    r"(?:,| \(|:) ?(?:i\.e\.,? |namely,? )?(?:the )?(?-i:[A-Z0-9])[\w+-]*|: | – "
)
_ON_A_NAME = re.compile(r"\b[Oo]n (?:the )?[A-Z]")
# What "both" can mean must have been two things.
_TWO_THINGS = re.compile(r"\b(?:and|or|two|versus|vs|between|pairs?)\b|/|\bbi")
# After them two words were an adjective and a noun ("this adaptation behaviour can …").
_AFTER_A_NOUN = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "can",
        "could",
        "may",
        "might",
        "has",
        "have",
        "of",
        "in",
        "by",
        "will",
    ]
)
_WITHIN_A_NAME = frozenset(["a", "an", "two", "three", "four", "new", "novel", "key", "different"])
_WORK = re.compile(WORKS)
_FEW_WORDS = 6
# After so many words of its own a sentence has said what "this structure" is.
_MANY_WORDS = 18
_OF_WHAT_WAS_SAID = frozenset(
    noun[:7]
    for noun in (
        "structure", "information", "process", "signal", "representation", "space", "graph", "procedure",
        "design", "property", "knowledge", "feedback", "idea", "formulation", "distribution", "set", "view",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BackReference:
    """A word that speaks of something named elsewhere, and the stems of the nouns that it names.

    ``nouns`` is empty for a bare one ("This shows …"). ``generic``: the noun is that of any new
    thing ("this approach"), or a possessive ("its"), which an announcement explains.
    """

    word: str
    nouns: tuple[str, ...] = ()
    generic: bool = False


def references(sentence: str) -> tuple[BackReference, ...]:
    """List what ``sentence`` speaks of and does not name itself, in order."""
    found: list[BackReference] = []
    beginning = _GENERIC_BEGINNING.match(sentence)
    if beginning is not None and not sentence.startswith(("Our", "our")):
        found.append(BackReference("the", (_stem(beginning["noun"].lower()),), True))
    elif beginning is not None and beginning["noun"].lower() in ("answer", "reason"):
        found.append(BackReference("our", (_stem(beginning["noun"].lower()),)))
    if _TO_BE_SEEN.search(sentence) is None:
        return tuple(found)
    for trigger in _TRIGGER.finditer(sentence):
        if trigger["word"].lower() in _SEVERAL and _TOLD_AFTER.match(
            sentence, trigger.end("after")
        ):
            continue
        reference = _reference(
            trigger["word"].lower(), trigger["after"], sentence[: trigger.start()]
        )
        if reference is not None:
            found.append(reference)
    return tuple(found)


def unresolved(
    pending: Collection[BackReference],
    stems: Collection[str],
    *,
    left_out: Collection[str] | None,
    announced: bool,
) -> int:
    """Count what stays unexplained after a sentence that has those noun stems.

    ``left_out``: the stems of what stood before that sentence, if nothing stands between the two;
    else ``None``. ``announced``: that sentence announces something new.
    """
    return sum(
        not (
            any(noun in stems for noun in each.nouns)
            or (announced and each.generic)
            or (left_out is not None and not any(noun in left_out for noun in each.nouns))
        )
        for each in pending
    )


def noun_stems(text: str) -> frozenset[str]:
    """The stems of the words of ``text`` that may be nouns."""
    return frozenset(_STEMS.findall(text.lower())) - _NO_NOUNS


def _reference(word: str, after: str, before: str) -> BackReference | None:
    """The reference that a trigger is, or ``None`` if its own sentence explains it."""
    words = after.lower().split()
    if word in ("it", "its", "itself", "they", "their", "them"):
        return _pronoun(word, after, before)
    if word == "that":
        return _that(words, before)
    if word in ("former", "latter"):
        return None if " and " in before or " or " in before else BackReference(word)
    if word.startswith(("above", "afore")):
        named = word == "above" and not before.endswith("the ") and words[:1] != ["mentioned"]
        return None if named else BackReference(word)
    if word == "respective" and not before.endswith("the "):
        return None
    if word in _BARE_PROBLEMS:
        noun = _stem(word[4:])
        return None if noun in noun_stems(before) else BackReference(word, (noun,))
    if word == "such" and words[:1] in (["as"], ["that"]):
        return None
    if word == "both" and ("and" in words or not words or words[0] in _NO_NOUNS - {"these"}):
        return None
    if word in ("those", "this", "these") and words[:1] == ["of"]:
        return None
    if word == "this" and words[:1] and words[0] in ("way", "manner", "case", "sense", "fashion"):
        return None
    if word == "those" and words[:1] and words[0].endswith("ed"):
        return None
    if (
        word == "those"
        and words[:1]
        and words[0] in ("that", "with", "who", "whose", "in", "from", "for")
    ):
        return None
    return _with_noun(word, words, before)


def _that(words: list[str], before: str) -> BackReference | None:
    """Judge "that": a reference at the beginning, and after a word that no clause with "that" follows."""
    if not before.strip():
        return BackReference("that")
    if _BEFORE_A_THING.search(before) is None or not words or words[0] in _NO_NOUNS:
        return None
    noun = _stem(words[0])
    return None if noun in noun_stems(before) else BackReference("that", (noun,))


def _with_noun(word: str, words: list[str], before: str) -> BackReference | None:
    """Judge "this …", "such …", "the two …" by the nouns that follow."""
    begins = not before.strip()
    if len(before.split()) > _FEW_WORDS and (
        word == "the resulting" or (word == "both" and _TWO_THINGS.search(before))
    ):
        return None
    if word == "this" and any(_WORK.fullmatch(each) for each in words[:3]):
        return None
    if (word == "the same" and not begins) or (
        word in ("the other", "the proposed") and not begins
    ):
        return None
    if word == "this" and words and _A_VERB.fullmatch(words[0]):
        return BackReference(word)
    if word in _ALL and len(before.split()) > _FEW_WORDS:
        return None
    nouns = _nouns(words)
    known = noun_stems(before)
    if any(noun in known for noun in nouns):
        return None
    if (
        word == "this"
        and len(before.split()) > _MANY_WORDS
        and _OF_WHAT_WAS_SAID.intersection(nouns)
    ):
        return None
    if word == "this" and nouns[:1] in (("benchma",), ("dataset",)) and _ON_A_NAME.search(before):
        return None
    if len(nouns) == 2 and len(words) > 2 and words[2] in _AFTER_A_NOUN:
        nouns = nouns[1:]
    if not nouns:
        is_bare = word in ("this", "these", "those") and len(before.split()) < _FEW_WORDS
        return BackReference(word) if is_bare else None
    if nouns[0] in _RESULTS:
        return None if word.startswith("the ") else BackReference(word, nouns[:1], True)
    of_one = word not in ("these", "those") and word not in _SEVERAL
    generic = of_one and any(each in _METHOD_STEMS for each in nouns[:3])
    return BackReference(word, nouns, generic or word == "the proposed")


def _nouns(words: Iterable[str]) -> tuple[str, ...]:
    """The stems of the words up to the first that is neither noun nor adjective."""
    nouns = []
    for word in words:
        if word not in _NO_NOUNS:
            nouns.append(_stem(word))
        elif word not in _WITHIN_A_NAME:
            break
    return tuple(nouns)


def _pronoun(word: str, after: str, before: str) -> BackReference | None:
    """Judge "it" and "their": something must have been named before them in the sentence."""
    if word == "it" and (_EXPLETIVE.match(after) or _MAKES_IT.search(before)):
        return None
    if word in ("it", "them") and _ITS_OWN_OBJECT.search(before):
        return BackReference(word)
    rest = _after_saying(before)
    if _ONLY_A_VERB.search(rest) or (word in ("it", "they") and _ONLY_A_PLACE.fullmatch(before)):
        return BackReference(word, (), word == "its")
    if any(
        each not in _NO_NOUNS and each not in _NO_ANTECEDENTS
        for each in _WORD.findall(rest.lower())
    ) and (word.startswith("it") or _PLURAL.search(rest)):
        return None
    return BackReference(word, (), word in ("its", "itself"))


def _after_saying(before: str) -> str:
    """The text after the last "experiments show that"; all of it where nothing of the kind stands."""
    end = 0
    for saying in _SAYING.finditer(before):
        if _CLAUSE_BEFORE.search(before, 0, saying.start()) is None:
            end = saying.end()
    return before[end:]


def _stem(word: str) -> str:
    found = _STEMS.match(word)
    return found[1] if found else word
