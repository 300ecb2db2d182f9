"""Facts that a page tells of a paper besides its words: votes, authors, dates, comments, buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from digest.sources.dates import read_day
from digest.sources.links import bare_id

_LONGEST = 200
_LONGEST_AUTHORS = 4000
_MOST_PARTS = 8
_NUMBER = r"\d{1,3}(?:[, ]\d{3})+|\d{1,7}(?:\.\d{1,2})?\s?[kK]?"
_BARE = re.compile(
    rf"(?:[▲△⬆↑👍🔺🔼❤♥+⇧]\ufe0f?\s*)?({_NUMBER}|[-–—])(?:\s*[▲△⬆↑👍🔺🔼❤♥]\ufe0f?)?"
)
_VOTE_MARK = re.compile("[▲△⬆↑👍🔺🔼❤♥⇧]")
_CHECKBOX = re.compile(rf"\[[-xX ]?\]\s*({_NUMBER}|[-–—])?")
_VOTES = re.compile(
    rf"[▲△⬆↑👍🔺🔼❤♥+⇧\ufe0f ]{{0,3}}({_NUMBER})\s*+(?:up)?(?:votes?|likes?|points?)|(?:up)?(?:votes?|likes?|points?|score)\s*+[:=]?\s*+({_NUMBER}|[-–—])",
    re.IGNORECASE,
)
_AUTHORS = re.compile(r"(?:by\s+)?\+?(\d{1,6})\s+authors?(?:\s+(\d{1,5}))?", re.IGNORECASE)
_AGE = re.compile(
    r"(?:about |over |almost |updated |published |posted |submitted |added )?(?:an?|\d{1,3})\s?(?:s|sec|seconds?|m|min|minutes?|h|hr|hours?|d|days?|w|weeks?|mo|mos|months?|y|yr|years?)\s+ago|yesterday|just now",
    re.IGNORECASE,
)
_COMMENTS = re.compile(
    rf"(?:💬|🗨)\ufe0f?\s*({_NUMBER})|({_NUMBER})\s*(?:comments?|replies|💬|🗨)\ufe0f?|comments?\s*[:=]\s*({_NUMBER})",
    re.IGNORECASE,
)
_NAMED_AUTHORS = re.compile(r"authors?\s*+[:：]\s*+(\S.*)|by\s*+[:：]\s*+(\S.*)", re.IGNORECASE)
_DATED = re.compile(
    r"(?:(?:first\s+)?(?:published|submitted|posted|announced|added|updated|date|released?)"
    r"(?:\s++date)?\s*+(?:on|at)?\s*+[:：]?|on)\s*+(.{5,40})",
    re.IGNORECASE,
)
_ORGANIZATION = re.compile(
    r"(?:organi[sz]ation|affiliation|institution|org)s?\s*[:：]\s*(.{1,100})", re.IGNORECASE
)
_IDENTIFIED = re.compile(
    r"(?:arxiv(?:\s+id)?|paper\s+id|id)\s*[:：]\s*(\S{6,30})(?:\s*\[[\w.-]{1,20}\])?", re.IGNORECASE
)
_ENTRY = re.compile(
    r"(?:\[\d{1,4}\]\s*)?(arxiv:\s?\S{6,30})(?:\s*[\[(](?:pdf|ps|html|other|abs|cross-list|replaced)\b[^\[\]()]{0,60}[\])]){0,3}",
    re.IGNORECASE,
)
"""The line above an entry of arXiv's own lists."""
_OF_NO_USE = re.compile(
    r"(?::[\w+-]{1,30}:\s?\d{0,5}\s{0,3}){1,12}|\d[\d., ]{0,12}k? (?:views?|subscribers|members|followers)(?: \d{1,2}:\d\d)?(?: ?[ap]m)?|(?:#[\w-]{2,30}\s?){1,20}|(?:comments?|subjects?|subj-class|categor(?:y|ies)|licen[cs]e|journal[- ]ref(?:erence)?|report[- ]no|msc[- ]class|acm[- ]class|keywords?|tags?|venue|pages?|language|volume|issue|source|publisher)\s*[:：]\s*\S.{0,180}",
    re.IGNORECASE,
)
"""What is told of papers and not kept."""
_CITED = re.compile(
    r"((?:[A-ZÀ-Ž][\w'’.-]{0,30}\s){1,4}[^,…]{2,30}(?:, [^,…]{2,40}){0,30}(?:,?\s?…|, et al\.?)?)\s[-–—]\s(.{3,100}?),? (\d{4})(?:\s[-–—]\s\S{3,40})?"
)
"""``A Author, B Author… - arXiv preprint arXiv:2606.01234, 2026``, as search engines cite."""
_REFERRED = re.compile(
    r"([^()]{3,3000}?)\s\(\d{4}\)[.,:]?\s(?:[^\s:]{1,20}\s){0,6}arxiv:\s?(\S{6,30})", re.IGNORECASE
)
"""``A. Author and B. Author (2026). arXiv:2606.01234``, as lists of references have it."""
_FED = re.compile(r".{3,80}\sby\s([^/]{3,300}) / \d{1,3}\s?(?:s|min|h|d|w|mo?|y)")
"""``Source by A Author, B Author / 3h``, as readers of feeds show it."""
_MORE = re.compile(r",?\s?(?:…|et al\.?)$")
_STARS = re.compile(
    rf"(?:LINK:\s*+)?(?:github|code|stars?|★|⭐)\ufe0f?\s*+[:·]?\s*+(?:[★⭐]\ufe0f?\s*+)?(?:{_NUMBER})|(?:{_NUMBER})\s*+(?:stars?|★|⭐)\ufe0f?",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"(?=[\s·•|∙⋅])(?:\s*[·•|∙⋅]\s*|\s{2,}|\s+[—–]\s+)")
_FIGURE_OR_LABEL = re.compile(r"[\d:：]")
_LAST_LETTERS = "oOyYwW-–—"
"""What a fact without a figure or a label ends with: ``ago``, ``yesterday``, ``just now``, ``-``."""
_TRAILING_NUMBER = re.compile(rf"(.{{3,40}}?)[\s,]+({_NUMBER})")


@dataclass(slots=True)
class Facts:
    """Facts that one line tells. ``numbers`` are bare: whether votes or comments, the order decides.

    ``dated`` is the text of the date, to be read again once the page's own day is known. ``leads``
    says that it is a line that always stands above its paper.
    """

    numbers: list[int] = field(default_factory=list)
    votes: int | None = None
    comments: int | None = None
    author_count: int | None = None
    authors: tuple[str, ...] = ()
    organization: str | None = None
    published: date | None = None
    dated: str = ""
    external_id: str | None = None
    stars: bool = False
    aged: bool = False
    leads: bool = False

    @property
    def only_numbers(self) -> bool:
        """Tell whether nothing but bare numbers stands on the line."""
        return bool(self.numbers) and not self.strong and self.votes is None

    @property
    def strong(self) -> bool:
        """Tell whether something stands here that a page writes after a paper's text."""
        return bool(
            self.author_count is not None
            or self.authors
            or self.published
            or self.organization
            or self.comments is not None
            or self.stars
            or self.aged
        )


def read_facts(text: str, today: date) -> Facts | None:
    """Read what the line tells of a paper, or ``None`` if it is not wholly made of such facts."""
    text = text.strip()
    if not text or len(text) > _LONGEST_AUTHORS or _is_plain_words(text):
        return None
    if named := _NAMED_AUTHORS.fullmatch(text):
        return Facts(authors=_names(named[1] or named[2]))
    if "arxiv:" in text[-40:].lower() and (referred := _REFERRED.fullmatch(text)):
        return Facts(authors=_names(referred[1]), external_id=bare_id(referred[2]))
    if len(text) > _LONGEST:
        return None
    if (":" in text[:32] or text[0].isdigit() or text[0] == "#") and _OF_NO_USE.fullmatch(text):
        return Facts()
    if " / " in text[-10:] and (fed := _FED.fullmatch(text)):
        return _cited(fed[1], "")
    if text[-4:].isdigit() and (cited := _CITED.fullmatch(text)):
        return _cited(cited[1], cited[2])
    facts = Facts()
    if _read_part(text, facts, today):
        return facts
    if is_unparted(text):
        return None
    parts = [part for part in _SEPARATOR.split(text) if part]
    if len(parts) > _MOST_PARTS:
        return None
    facts = Facts()
    unknown = [part for part in parts if not _read_part(part, facts, today)]
    if not unknown:
        return facts if parts else Facts()
    if len(unknown) == 1 and len(unknown[0]) <= 60 and facts.strong and parts[0] is unknown[0]:
        facts.organization = unknown[0]
        return facts
    return None


def is_unparted(text: str) -> bool:
    """Tell whether a text plainly has no separator of facts or cells; a cheap test, right if it says yes."""
    return text.isascii() and text.isprintable() and "|" not in text and "  " not in text


def _is_plain_words(text: str) -> bool:
    """Tell whether a text plainly tells nothing; nearly every line of running text is so."""
    return text[0].isalpha() and is_unparted(text) and not _may_tell(text)


def _may_tell(part: str) -> bool:
    """Tell whether the part could tell anything: a cheap test, right if it says no."""
    return (
        not part[0].isalpha()
        or part[-1] in _LAST_LETTERS
        or _FIGURE_OR_LABEL.search(part) is not None
    )


def _read_part(part: str, facts: Facts, today: date) -> bool:
    """Put what ``part`` tells into ``facts``; whether it told anything."""
    part = part.strip(" ,;()·•") or part
    if not _may_tell(part):
        return False
    if match := _BARE.fullmatch(part) or _CHECKBOX.fullmatch(part):
        if match[1] and _VOTE_MARK.search(part) and facts.votes is None:
            facts.votes = amount(match[1])
        elif match[1]:
            facts.numbers.append(amount(match[1]))
    elif match := _VOTES.fullmatch(part):
        facts.votes = amount(match[1] or match[2])
    elif match := _AUTHORS.fullmatch(part):
        facts.author_count = int(match[1])
        facts.comments = int(match[2]) if match[2] else facts.comments
    elif _AGE.fullmatch(part):
        facts.aged = True
    elif match := _COMMENTS.fullmatch(part):
        facts.comments = amount(match[1] or match[2] or match[3])
    elif day := read_day(part, today):
        facts.published, facts.dated = day, part
    elif (match := _DATED.fullmatch(part)) and (day := read_day(match[1], today)):
        facts.published, facts.dated = day, match[1]
    elif match := _ORGANIZATION.fullmatch(part):
        facts.organization = match[1].strip()
    elif known := _stated_id(part):
        facts.external_id = known
        facts.leads = part[0] == "[" or "[pdf" in part.lower()
    elif _STARS.fullmatch(part):
        facts.stars = True
    elif (match := _TRAILING_NUMBER.fullmatch(part)) and (day := read_day(match[1], today)):
        facts.published, facts.dated = day, match[1]
        facts.comments = amount(match[2])
    else:
        return False
    return True


def _cited(names: str, venue: str) -> Facts:
    """The authors of a paper, as far as they are named, and its id, if the venue has one."""
    more = _MORE.search(names)
    external = venue.rsplit(None, 1)[-1] if venue else ""
    return Facts(
        authors=() if more else _names(names),
        aged=True,
        external_id=bare_id(external) if external.lower().startswith("arxiv:") else None,
    )


def _stated_id(part: str) -> str | None:
    """The id in ``arXiv:2606.01234``, ``Paper ID: 2606.01234`` or ``[3] arXiv:2606.01234 [pdf]``."""
    if match := _ENTRY.fullmatch(part):
        return bare_id(match[1])
    if match := _IDENTIFIED.fullmatch(part):
        return bare_id(match[1])
    return bare_id(part) if part.lower().startswith("arxiv:") else None


def amount(text: str) -> int:
    """The number that ``65``, ``1,204``, ``1.2k`` or ``-`` (nothing yet) stands for."""
    text = text.replace(",", "").replace(" ", "").lower()
    if text in ("-", "–", "—"):
        return 0
    if text.endswith("k"):
        return round(float(text[:-1]) * 1000)
    return int(float(text))


def _names(text: str) -> tuple[str, ...]:
    parts = (part.strip() for part in re.split(r"[,;]\s*+(?:and\s++)?|\sand\s++", text.strip()))
    return tuple(part for part in parts if part and not part.startswith("et al"))
