"""Two sentences of an abstract that say what is done and what comes out, and one for short.

The sentences are the authors' own, whole and in their order; only LaTeX is made readable. Each is
weighed twice, as a statement of what is done and as one of what comes out, by the turns of phrase
that abstracts use for it, by its place, and by what a reader could not understand alone ("They",
"Second, …"). The best pair that fits the length is taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.editorial.links import badges
from digest.editorial.sentences import is_whole, sentences
from digest.latex import readable

__all__ = ["BRIEF_LENGTH", "SUMMARY_LENGTH", "Summary", "badges", "summarise"]

# In characters. Half of all sentences in abstracts of the field are shorter than 160, nine in ten
# shorter than 250: two of the usual length fit the one, one of nearly any length the other.
SUMMARY_LENGTH = 400
BRIEF_LENGTH = 240

_SHORTEST = 25


@dataclass(frozen=True, slots=True)
class Summary:
    """``summary`` is at most two whole sentences, ``brief`` one; ``""`` where none fits."""

    summary: str
    brief: str


_AUTHORS = r"\b(?:we|our|this (?:\w+ )?(?:paper|work|article|report|study|survey|thesis|chapter|tutorial|review|position paper))\b"
_NEW = r"(?:propos|introduc|present|develop|design|devis|describ|contribut|releas|build|built|construct|creat|curat|formulat|propound|unveil|establish)\w*"
_STUDY = r"(?:stud(?:y|ies)|investigat|explor|examin|analy[sz]|survey|review|revisit|address|tackl|focus|consider|extend|adapt|argu|advocat|formaliz|characteri[sz]|provid|offer|ask|aim|seek|evaluat|benchmark|compar|combin|leverag|use|train|employ|apply|perform|conduct|deriv|reformulat|rethink|demystif|bridge|cast|view|take)\w*"
_FIND = r"(?:show|demonstrat|find|found|prov|observ|reveal|discover|achiev|obtain|report|establish|identif|outperform|surpass|improv|validat|confirm|verif)\w*"
_THINGS = r"(?:methods?|frameworks?|models?|approach(?:es)?|algorithms?|networks?|architectures?|systems?|datasets?|benchmarks?|pipelines?|techniques?|librar(?:y|ies)|toolkits?|surveys?|famil(?:y|ies)|strateg(?:y|ies)|modules?|paradigms?|agents?|suites?|series|mechanisms?|losses|loss|metrics?|platforms?|protocols?|transformers?|tasks?|theor(?:y|ies)|corpus|optimizers?|layers?|baselines?)"


def _weighed(rows: tuple[tuple[float, str], ...]) -> tuple[tuple[float, re.Pattern[str]], ...]:
    return tuple((weight, re.compile(pattern, re.IGNORECASE)) for weight, pattern in rows)


# Weights are ranks put in steps by hand (a plain announcement 4, a study 3, a hint 1–2) and were
# checked by reading; what matters is their order, not their size.
_DONE = _weighed(
    (
        (4.0, rf"{_AUTHORS}(?: \w+){{0,4}}? {_NEW}"),
        (3.0, rf"{_AUTHORS}(?: \w+){{0,3}}? {_STUDY}"),
        (
            2.0,
            r"\b(?:is|are) (?:\w+ )?(?:proposed|introduced|presented|developed|studied|investigated|explored)\b",
        ),
        (1.5, rf"[,:(–—-] ?(?:an?|the first|the) (?:[\w-]+[ ,]+){{0,6}}?{_THINGS}\b"),
        (1.0, r"\bin this (?:\w+ )?(?:paper|work|article|report|study|survey)\b|\bhere,? we\b"),
        (0.8, r"\b(?:novel|new|first|simple|unified|general)\b"),
        (0.5, r"\b(?:called|named|dubbed|termed|namely)\b"),
    )
)
_CAME_OUT = _weighed(
    (
        (
            3.0,
            r"\b(?:experiments?|evaluations?|results?|studies|analys[ie]s|tests|simulations?|ablations?)\b[^.]{0,80}?\b(?:show|demonstrat|indicat|suggest|reveal|confirm|validat|verif|prov|highlight|illustrat|support)\w*",
        ),
        (2.5, rf"\bwe (?:\w+ ){{0,2}}?{_FIND}"),
        (
            2.5,
            r"\b(?:outperform|surpass|exceed|beat|achiev|attain|reach|obtain|improv|reduc|match|yield|deliver|gain|boost|accelerat|rank|scor|win|won)\w*\b",
        ),
        (1.5, r"\bstate[- ]of[- ]the[- ]art\b|\bSOTA\b"),
        (1.5, r"\d(?:\.\d+)?\s?(?:%|×|x\b|times\b|points?\b|percent|dB\b|fps\b|mAP\b|AP\b|BLEU\b)"),
        (
            0.7,
            r"\b(?:significant|substantial|consistent|effective|superior|competitive|strong|better|higher|faster|fewer|comparable|robust)\w*\b",
        ),
        (0.5, r"\b(?:compared (?:to|with)|over|than|baselines?|benchmarks?|datasets?)\b"),
    )
)
# What tells a reader nothing new, or nothing alone.
_BACKGROUND = _weighed(
    (
        (-2.5, r"^(?:however|yet|but|nevertheless|unfortunately|although|though|despite|while|existing|previous|prior|recent|recently|current|currently|traditional|conventional|most|many|typically|in recent years|today)\b"),
        (-1.5, r"\b(?:remains?|challenging|have (?:been|shown|achieved|become|emerged|demonstrated|made)|has (?:been|shown|achieved|become|emerged|attracted|gained|made)|suffers?|fails?|struggles?|often|is (?:an?|one of the) (?:\w+ )?(?:important|fundamental|crucial|key|challenging|essential))\b"),
    )
)  # fmt: skip
_DEPENDENT = _weighed(
    (
        (-2.0, r"^(?:it|they|them|its|their|he|she|both|such|these|those|this|that|the (?:former|latter|second|third|proposed|resulting|first|key|main|other|core|former))\b(?! (?:paper|work|article|report|study|survey|thesis|technical|position|tutorial|review|results))"),
        (-1.0, r"^(?:moreover|furthermore|additionally|in addition|also|besides|further|meanwhile|likewise|similarly|another|second(?:ly)?|third(?:ly)?|fourth|next|then|finally|lastly|in particular|specifically|concretely|more specifically|instead|for example|for instance|in contrast|rather|e\.g)\b"),
        (-2.5, r"^[(\[]?(?:\d{1,2}|[ivx]{1,4}|[a-e])[.)\]]"),
        (-0.4, r"^(?:to this end|to that end|therefore|thus|hence|as a result|consequently|accordingly|motivated by|inspired by|based on th|towards this|to address|to tackle|to overcome|to solve|to mitigate)\b"),
        (-1.0, r"\b(?:the above|the following|aforementioned|as follows|this (?:issue|problem|end|gap|challenge|limitation|goal|question|intuition|formulation|observation)|these (?:issues|problems|challenges|limitations|observations))\b"),
    )
)  # fmt: skip
_AVAILABILITY = re.compile(
    r"https?://|www\.|\b(?:github|hugging ?face|project page|supplementary)\b|"
    r"\b(?:code|models?|data(?:sets?)?|weights|checkpoints|implementation|demos?|videos?|benchmark|it)\b"
    r"[^.]{0,80}\b(?:available|released?|open[- ]sourced?|public(?:ly)?)\b|"
    r"\bavailable (?:at|here|online|on|under|via)\b|\bcan be found\b|\baccepted (?:to|at|by)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"\?[\"'”)]*$")


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A sentence with its place in the abstract and what it is worth in each part."""

    place: int
    text: str
    done: float
    came_out: float


def summarise(
    abstract: str, *, longest: int = SUMMARY_LENGTH, longest_brief: int = BRIEF_LENGTH
) -> Summary:
    """What is done and what comes out, in the abstract's own whole sentences.

    ``longest`` and ``longest_brief`` are in characters and are never exceeded: where no sentence
    fits, the part is ``""``, because a cut sentence is worse than none. A last sentence that the
    source has cut off is not used.
    """
    weighed = _weigh(sentences(readable(abstract)))
    return Summary(_pair(weighed, longest), _single(weighed, longest_brief))


def _weigh(found: tuple[str, ...]) -> list[_Weighed]:
    if len(found) == 1 and not is_whole(found[0]) and _complete_without_stop(found[0]):
        return [_Weighed(0, found[0], 0.0, 0.0)]
    last = max(len(found) - 1, 1)
    return [
        _weigh_one(place, place / last, text)
        for place, text in enumerate(found)
        if is_whole(text) and len(text) >= min(_SHORTEST, len(found[0]))
    ]


def _complete_without_stop(text: str) -> bool:
    """Whether a lone line without a full stop may be a whole phrase (a source's own one-liner)."""
    return not re.search(r"(?:[.…,;:(–—-]|\b(?:the|a|an|of|and|or|to|in|for|with|by))$", text)


def _weigh_one(place: int, depth: float, text: str) -> _Weighed:
    common = sum(weight for weight, cue in _DEPENDENT if cue.search(text))
    background = sum(weight for weight, cue in _BACKGROUND if cue.search(text))
    if _AVAILABILITY.search(text):
        common -= 4.0
    if _QUESTION.search(text):
        common -= 2.0
    done = sum(weight for weight, cue in _DONE if cue.search(text))
    came_out = sum(weight for weight, cue in _CAME_OUT if cue.search(text))
    # What is done is said in the first two thirds, what comes out in the last.
    done += common + background - 2.0 * max(depth - 0.6, 0.0)
    came_out += common + background / 2 + 1.5 * depth
    return _Weighed(place, text, done, came_out)


def _pair(weighed: list[_Weighed], longest: int) -> str:
    fitting = [one for one in weighed if len(one.text) <= longest]
    best = max(
        ((first, second) for first in fitting for second in fitting
         if first.place < second.place and len(first.text) + len(second.text) < longest),
        key=lambda pair: (pair[0].done + pair[1].came_out, -pair[0].place, -pair[1].place),
        default=None,
    )  # fmt: skip
    alone = max(fitting, key=lambda one: (one.done + one.came_out / 2, -one.place), default=None)
    if alone is None:
        return ""
    if best is None or alone.done - best[0].done > 3.0:
        return alone.text
    return f"{best[0].text} {best[1].text}"


def _single(weighed: list[_Weighed], longest: int) -> str:
    fitting = [one for one in weighed if len(one.text) <= longest]
    best = max(fitting, key=lambda one: (one.done + one.came_out / 3, -one.place), default=None)
    return best.text if best else ""
