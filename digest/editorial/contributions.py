"""Tell what a paper brings, in words that are its own: a benchmark and its size, a survey, a figure.

Each rule needs the authors to say it of their own work, in one sentence; a title that says it
already is not repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.latex import readable
from digest.model import Paper

LONGEST = 6_000
"""Characters of an abstract that are looked at."""
_LONGEST_SENTENCE = 500
_STOP = re.compile(r"(?<![a-z]\.[a-z])(?<!\bvs)[.!?]['”\")]?\s+(?=[A-Z(])")

_SOME = r"(?:over|more than|about|around|nearly|almost|approximately|roughly|at least|up to)"
_COUNT = rf"(?:{_SOME} )?\d{{1,3}}(?:,?\d{{3}}){{0,3}}(?:\.\d{{1,2}})?(?: ?[KkMB]\b| million| billion)?\+?"

# --- benchmarks and data sets -------------------------------------------------------------------
_KIND = r"(?:benchmark|data ?set|corpus)"
_SIGN_OF_KIND = re.compile(_KIND, re.IGNORECASE)
_INTRODUCED = re.compile(
    r"\bwe (?:\w+ ){0,2}?(?:introduce|present|propose|release|build|construct|create|curate|collect|"
    rf"develop|contribute) (?P<name>(?:(?!(?:for|to|on|using|with|of|from|trained|by|that|which|and|in|upon|"
    rf"via|into|through|our|existing)\b)[^\s;:]{{1,40}} ){{0,12}}?)(?P<kind>{_KIND})(?P<many>s?)\b"
    r"(?! (?:distill|quanti|condens|prun|generat|augment|select|compress|search|method|framework|"
    r"techni|bias|shift|cartograph|curation|suite))(?P<rest>[^;]{0,200})",
    re.IGNORECASE,
)
_UNITS = (
    r"(?:tasks?|questions?|problems?|samples?|images?|videos?|examples?|instances?|pairs?|hours?|clips?|"
    r"dialogues?|conversations?|queries|prompts?|scenes?|documents?|trajectories|annotations?|sentences?|"
    r"utterances?|recordings?|environments?|languages?|categories|domains?|subjects?|patients?|objects?|"
    r"frames?|issues?|repositories|cases?|scenarios?|tables?|charts?|molecules?|graphs?)"
)
_SIZE = re.compile(
    r"^[^.;]{0,90}?\b(?:of|with|comprising|comprises|consisting of|containing|contains|including|includes|"
    rf"covering|covers|spanning|spans|across) (?P<size>{_COUNT} (?:[a-z][\w/-]* ){{0,3}}?{_UNITS})(?![\w-]| (?:per|each)\b)",
    re.IGNORECASE,
)
# Measures that say nothing by themselves: hours of what?
_BARE_MEASURE = re.compile(
    r"(?:[KkMB+]|\d|million|billion)(?: (?:\w+ed|\w+-\w+ed|high-quality|large-scale|diverse|total|new|unique|"
    r"different|distinct|real|real-world|additional))* (?:hours?|pairs?|frames?|annotations?|recordings?|cases?)$",
    re.IGNORECASE,
)
_SOME_WORDS = (
    r"(?: (?!(?:and|or|with|for|from|in|on|at|by|to|that|which|across|over|per|each|the|our|this|their|"
    r"its)\b)[A-Za-z][\w/-]{0,40}){1,3}"
)
_OF_WHAT = re.compile(
    rf" of{_SOME_WORDS}(?: and{_SOME_WORDS})?(?=[,.;:()]|$| and \d| (?:with|for|from|in|on|at|by|to|that|which|across|"
    r"over|per|each|spanning|covering|collected|recorded|annotated|paired)\b)"
)
_SIZED_NAME = re.compile(
    r"(?P<count>\d{1,3}(?:,\d{3}){0,3}[KM]?)-(?P<unit>image|instance|sample|question|task|problem|example|"
    r"video)\b",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"\b(?:all|full|entire|complete|generated|upon)\b", re.IGNORECASE)
_SAYS_KIND = re.compile(r"bench|data ?sets?|corpus|corpora|arena|gym\b", re.IGNORECASE)
_SMALLEST = 10

# --- surveys ------------------------------------------------------------------------------------
_SURVEY_TITLE = re.compile(r"\b(?:survey|review|overview|tutorial|primer)\b", re.IGNORECASE)
_SURVEY = re.compile(
    r"\b(?:this|our|the present) (?:(?:comprehensive|systematic|literature|critical) ){0,2}(?:survey|review)\b"
    r"(?! (?:of|among) (?:\w+ ){0,2}(?:users|participants|people|students|experts))|"
    r"\bthis (?:paper|article|work|chapter) (?:is|presents|provides|offers|gives) an? "
    r"(?:[\w-]+,? ){0,3}?(?:survey|review|overview)\b",
    re.IGNORECASE,
)
_OF_PEOPLE = re.compile(
    r"respondent|participant|questionnaire|interview|peer review|code review|reviewers?\b",
    re.IGNORECASE,
)
_REVIEWED = re.compile(
    r"\b(?:review|survey|analy[sz]e|examine|cover|summari[sz]e|categori[sz]e|synthesi[sz]e)(?:s|d|ed|ing)? "
    rf"(?P<count>{_COUNT}) (?:(?!and\b)[a-z-]+ ){{0,2}}?(?:papers|studies|articles|publications)\b",
    re.IGNORECASE,
)

# --- a figure -----------------------------------------------------------------------------------
_TIMES = r"\d{1,3}(?:\.\d{1,2})?(?: ?[×x]|[- ]fold| times)"
_PERCENT = r"\d{1,2}(?:\.\d{1,2})? ?%"
_END = (
    r"and|while|but|with|without|when|which|that|compared|relative|thereby|respectively|on|in|at|by|for|"
    r"under|over|across|from|as|or|to|whereas|after|during|via|through|only"
)
_WORDS = rf"(?: (?!(?:{_END}|number|amount)\b)[A-Za-z][\w/-]*)"
# A figure that says by itself what is better: "10× faster", "69% fewer parameters". One that is the
# end of a range ("3x to 10x fewer") is half a figure.
_CLAIM = re.compile(
    rf"(?<![\d.,~–-])(?<! to )(?<! and )(?<! - )(?<! ~ )(?<! – )(?:\b{_SOME} )?\b(?:{_TIMES}|{_PERCENT}) (?:"
    rf"(?:faster|cheaper|smaller)(?: than{_WORDS}{{1,3}})?|speed-?ups?|"
    rf"(?:fewer|less|lower){_WORDS}{{1,3}}|higher (?:throughput|accuracy)(?: than{_WORDS}{{1,3}})?|"
    rf"(?:reduction|savings?) in{_WORDS}{{1,3}})(?=[,.;:)]|$| (?:{_END})\b)",
)
_HINT = re.compile(r"\d ?(?:[×x%]|\\times|\$\\times|\\%|[- ]fold| times)")
_OWN = re.compile(
    r"\b(?:we|our|ours|experiments?|results?|evaluations?)\b|\b(?:achiev|deliver|yield|obtain|attain|enabl)",
    re.IGNORECASE,
)
_NOT_OWN = re.compile(
    r"^(?:however|existing|recent|recently|current|currently|prior|previous|traditional|although|while|"
    r"despite|unlike|many|most|modern|today|in contrast|for example|for instance|if)\b|"
    r"\b(?:than ours|should|would|could|aims? to|not|never|fails?|suffers?|costs?|requires?|degrad\w+|"
    r"drops?|worse|attack\w*|baselines? (?:achiev|need|use)\w*)\b",
    re.IGNORECASE,
)


def contribution(paper: Paper) -> tuple[str, str]:
    """The kind of a paper that brings more than a method, and the same in words, as far as known.

    The kind is ``"benchmark"``, ``"dataset"``, ``"survey"`` or ``""``; the words are ``""`` where
    they would only repeat the title.
    """
    title = readable(paper.title[:500])
    abstract = paper.abstract[:LONGEST]
    if _SURVEY_TITLE.search(title) or (
        _SURVEY.search(abstract) and not _OF_PEOPLE.search(abstract)
    ):
        counted = _REVIEWED.search(abstract)
        if counted and not _is_year(counted["count"]):
            return "survey", f"a survey of {counted['count']} papers"
        return "survey", "" if _SURVEY_TITLE.search(title) else "a survey of earlier work"
    for sentence in _sentences(abstract, _SIGN_OF_KIND):
        introduced = _INTRODUCED.search(sentence)
        if introduced is not None and not _WHOLE.search(introduced["name"]):
            return _introduced(introduced, title)
    return "", ""


def _introduced(found: re.Match[str], title: str) -> tuple[str, str]:
    kind = "benchmark" if found["kind"].casefold() == "benchmark" else "dataset"
    if found["many"] or found["rest"].startswith(" dataset"):
        return kind, "" if _SAYS_KIND.search(title) else f"introduces new {kind}s"
    named = _SIZED_NAME.search(found["name"])
    if named and not _is_small(named["count"]):
        return kind, f"a new {kind} with {named['count']} {named['unit'].casefold()}s"
    size = _SIZE.match(found["rest"])
    if size and not _is_small(size["size"]) and (words := _measured(size, found["rest"])):
        return kind, f"a new {kind} with {words}"
    return kind, "" if _SAYS_KIND.search(title) else f"introduces a new {kind}"


def _measured(size: re.Match[str], rest: str) -> str:
    """The size with what it is the size of; ``""`` where it is a measure, and of what is not told."""
    words = " ".join(size["size"].split())
    if _BARE_MEASURE.search(words) is None:
        return words
    of_what = _OF_WHAT.match(rest, size.end())
    return words + of_what[0] if of_what else ""


def _is_small(words: str) -> bool:
    digits = re.search(r"\d[\d,]*", words)
    scaled = re.search(r"\d ?(?:[KkMB]\b|million|billion)", words)
    return not scaled and (digits is None or int(digits[0].replace(",", "")) < _SMALLEST)


def _is_year(count: str) -> bool:
    return re.fullmatch(r"(?:19|20)\d\d", count) is not None


def claim(paper: Paper) -> str:
    """The figure that the authors report of their own work, quoted; ``""`` where none stands alone."""
    title = readable(paper.title[:500]).casefold()
    for sentence in _sentences(paper.abstract[:LONGEST], _HINT):
        told = readable(sentence)
        if not _OWN.search(told) or _NOT_OWN.search(told):
            continue
        found = _CLAIM.search(told)
        if found and found[0].casefold() not in title:
            return found[0]
    return ""


def _sentences(abstract: str, wanted: re.Pattern[str]) -> Iterator[str]:
    """The sentences of an abstract that have what is wanted."""
    if not wanted.search(abstract):
        return
    for sentence in _STOP.split(abstract):
        if len(sentence) <= _LONGEST_SENTENCE and wanted.search(sentence):
            yield sentence
