"""Find what a sentence takes for known that an earlier sentence of its abstract has brought in.

"We replace the hard mask with a soft one" is read as if the mask had been spoken of: in the abstract it has,
in a summary without that sentence it has not. What is looked for is "the" with a noun that nothing follows
to say which ("the mask of the loss" says it itself), and that an earlier sentence has.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from digest.editorial.references import BackReference, noun_stems

__all__ = ["pointing_subject", "presumed"]

_THE = re.compile(r"\b[Tt]he (?P<run>[a-z][\w-]*(?: [a-z][\w-]*){0,4})")
_ENDS_A_NAME = frozenset(
    re.findall(
        r"\S+",
        "a an and or but as at by with across on via while when than from into using is are was were be been can could "
        "may might will would must should has have had does do did we our it its this these that which who whose where "
        "of in for to between behind used needed required both not only also without under over through after before "
        "during against within among if because since so yet such based then too per up out off "
        "achieves shows improves outperforms yields allows enables reduces provides makes gives leads learns uses "
        "performs generates produces requires remains becomes comes takes works helps increases decreases consists "
        "contains includes offers exhibits suggests reveals demonstrates introduces employs supports covers surpasses",
    )
)
# What follows says which one is meant.
_EXPLAINED_BY = frozenset(
    re.findall(
        r"\S+",
        "of that which who whose where between behind for in to used needed required from when we by among within it",
    )
)
_SPEAK_FOR_THEMSELVES = re.compile(
    r"(?:first|second|third|best|most|least|worst|last|only|same|other|main|key|full|entire|whole|overall|original|"
    r"underlying|final|current|latest|standard|real|open|very|next|recent|recently|proposed|widely|well|popular|challenging|"
    r"public|publicly|existing|trade-?off|[a-z]+est|\w*\d\w*)\b"
)
_KNOWN_HEADS = frozenset(
    noun[:7]
    for noun in re.findall(
        r"\S+",
        "process performance quality accuracy number field literature state art world internet time space data training "
        "user input output paper author community cost need use role way case fact method model approach framework "
        "algorithm system dataset benchmark architecture network pipeline technique result experiment finding code "
        "problem goal aim effect impact importance potential ability possibility capability capacity existence literature "
        "baseline evaluation code weight parameter study work survey review article analysis theory question "
        "future past present presence absence loss learning human reader public gradient test inference majority lack "
        "state-of-the-art web browser brain sun earth web sky eye body cloud edge wild rest end beginning whole",
    )
)
_DEFINITE_SUBJECT = re.compile(
    r"The (?P<nouns>(?:[a-z-]+ ){0,2}?[a-z-]+) (?=(?:is|are|was|were|can|could|also|has|have|will|may|extends?|transfers?|"
    r"persists?|makes?|holds?|comes?|remains?|arises?|grows?|generali[sz]es?|enables?|allows?|achieves?|outperforms?)\b)"
)
_NO_POINTER = re.compile(
    r"(?:^|[ -])(?:experiment|evaluation|result|stud|analys|finding|simulation|ablation|code|data|paper|work|survey|article|"
    r"report|model|method|approach|framework|goal|aim|purpose|objective|key|main|core|proposed|field|world|world's|"
    r"comparison|best|first|most|authors?|of|in|that)",
)
# "The gains are 12% on MothBench" says what they are.
_TOLD_IN_NUMBERS = re.compile(r"(?:is|are|was|were) (?:[a-z]+ ){0,2}[+-]?\d")
_ALWAYS_OF_ANOTHER = re.compile(
    r"\b(?:gains?|gaps?|improvements?|benefits?|effects?|differences?)$"
)


def presumed(
    sentence: str, earlier: Collection[str], title: Collection[str]
) -> tuple[frozenset[str], ...]:
    """The stems of each thing that ``sentence`` takes for known, ``earlier`` has and ``title`` has not.

    ``earlier`` are the stems of the sentences before it, ``title`` those of the title.
    """
    found = []
    for run, start in _definite_runs(sentence):
        head = noun_stems(run[-1])
        stems = noun_stems(" ".join(run))
        if not head or not stems or head <= _KNOWN_HEADS or not head.isdisjoint(title):
            continue
        if stems.isdisjoint(earlier) or not stems.isdisjoint(noun_stems(sentence[:start])):
            continue
        found.append(frozenset(head))
    return tuple(found)


def _definite_runs(sentence: str) -> Iterator[tuple[list[str], int]]:
    """The words after each "the" that nothing after them explains, and where they stand."""
    for definite in _THE.finditer(sentence):
        run: list[str] = []
        following = ""
        for word in definite["run"].split():
            if word in _ENDS_A_NAME or (run and _is_verb_after(run[-1], word)):
                following = word
                break
            run.append(word)
        if not following:
            after = sentence[definite.end() :]
            following = after[1:].partition(" ")[0] if after.startswith(" ") else ""
            if following and following not in _ENDS_A_NAME:
                continue  # a name goes on, or a verb ends it: where is not plain
        if run and following not in _EXPLAINED_BY and not _SPEAK_FOR_THEMSELVES.match(run[0]):
            yield run, definite.start()


def _is_verb_after(noun: str, word: str) -> bool:
    """Tell whether ``word`` is rather what the thing does ("the model perceives") than a part of its name."""
    return word.endswith("s") and not word.endswith("ss") and noun_stems(noun) <= _KNOWN_HEADS


def pointing_subject(
    text: str, earlier: frozenset[str], title: Collection[str]
) -> tuple[BackReference, ...]:
    """Find what points back as "The gains extend …" does: to an earlier sentence, with no word more."""
    subject = _DEFINITE_SUBJECT.match(text)
    if subject is None or _NO_POINTER.search(subject["nouns"]):
        return ()
    if _TOLD_IN_NUMBERS.match(text, subject.end()):
        return ()
    stems = tuple(stem for stem in noun_stems(subject["nouns"]))
    if not stems or any(stem in title for stem in stems):
        return ()
    if not _ALWAYS_OF_ANOTHER.search(subject["nouns"]) and not earlier.intersection(stems):
        return ()
    return (BackReference("the", stems),)
