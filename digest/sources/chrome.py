"""The words of the page around the papers: menus, promotion, buttons, pagers and footers."""

from __future__ import annotations

import re

_LONGEST = 160

_PROMOTION = "get trending papers in your email inbox"

_WORDS = frozenset(
    word.strip()
    for word in """
    new|subscribe|daily papers|trending papers|papers|daily|weekly|monthly|by|ak|akhaliq
    and the research community|hugging face|hugging face's logo|hugging face's logo hugging face|huggingface|hf.co|huggingface.co
    models|datasets|spaces|buckets|buckets new|docs|enterprise|pricing|website|tasks|huggingchat
    collections|languages|organizations|community|blog|posts|learn|discord|forum|github|solutions
    team & enterprise|hugging face pro|enterprise support|inference providers|storage buckets
    inference endpoints|storage|log in|login|sign up|signup|sign in|join|join hugging face|search|menu
    skip to content|skip to main content|toggle theme|system theme|theme|light|dark
    previous|prev|next|first|last|back|back to top|top|load more|show more|see more|read more
    view all|home|company|tos|terms|terms of service|terms of use|privacy|privacy policy|about
    about us|careers|jobs|contact|contact us|press|status|cookies|cookie policy|cookie settings
    all rights reserved|rss|share|copy link|save|upvote|upvoted|downvote|comment|comments|reply
    submitted by|published|authors|abstract|view pdf|pdf|view arxiv page|arxiv page|arxiv|html
    view paper|paper|paper page|project page|project|code|add to collection|add paper|demo
    hugging face papers|daily papers - hugging face|trending papers - hugging face
    references|visible links|hidden links|links|reader view|reader mode|sort by|filter|filters
    today|yesterday|this week|this month|trending|most recent|popular|recent|log out|settings|profile
    search by arxiv id or title|submit a paper|search papers|see translation|edit|preview|editpreview
    trending papers ranked by github stars activity|reply|paper submitter|paper author|view all papers
    view arxiv|arxiv page|paper page|read paper|read the paper|full text|abs|cite|bibtex|follow|following
    copy|link|share this paper|ask ai|ai summary|listen|play|expand|collapse|hide|open|close|more|less
    title|date|votes|rank|score|no.|submit|link|url|id|year
    use this model|community feed|video|image|thumbnail|avatar|logo
    """.replace("\n", "|").split("|")
)
_SINGLE = frozenset(word for word in _WORDS if " " not in word)
_FIRST_WORDS = frozenset(word.split()[0] for word in _WORDS if word)
_PHRASES = (
    r"by\s*+(?:\[[^\]]{0,60}\]\s*+)?(?:akhaliq|ak)?\s*+and the (?:\w{1,12} )?research community\.?",
    r"here (?:is|are) (?:the|today's|your|our) .{0,60}papers?\b.{0,40}[:.]",
    r"(?:to )?(?:view|see|read|find) (?:more|all|the rest|the full list)\b.{0,80}",
    rf"{_PROMOTION}(?: once a day| every day| daily)?[!.]?",
    r"(?:company\s*)?(?:©|\(c\)|copyright\b).{0,120}",
    r"page \d{1,6}(?: of \d{1,6})?",
    r"(?:previous|prev|« prev)[\s\d….|/·-]{0,60}next",
    r"\d{1,4}(?:\s*[-–]\s*\d{1,4})? min(?:ute)?s?(?: read)?",
    r"(?:loading|please wait|skip to)\b.{0,40}",
    r"[\W_]{1,160}",
    r"```\w{0,20}|~~~\w{0,20}",
    r"(?:view|see) (?:all )?\d{1,6} (?:more )?(?:papers|results|authors)",
    r"(?:daily|trending|weekly|monthly) papers?(?: \W .{0,60}| by .{0,60})?",
)
_PHRASE = re.compile("|".join(f"(?:{phrase})" for phrase in _PHRASES))
_COPYRIGHT = re.compile(r".{0,60}©.{0,60}")
_FOOTER = frozenset(
    {"previous", "prev", "next", "company", "tos", "privacy", "careers", "pricing", "website"}
    | {"daily", "weekly", "monthly"}
)
_HEADERS = frozenset(
    {
        "daily papers",
        "trending papers",
        "weekly papers",
        "monthly papers",
        "daily papers - hugging face",
    }
    | {"trending papers - hugging face"}
)
_ARROWS = " \t←→«»‹›<>^·•|/*[]()-–—:!"
_PARTS = re.compile(r"(?=[\s/|·•,])(?:\s{2,}|\s*[/|·•,]\s*)")


def is_promotion(text: str) -> bool:
    """Tell whether this is the line above the papers that asks for a subscription."""
    return text.lower().lstrip("#>*- ").startswith(_PROMOTION) and len(text) <= 80


def is_header(text: str) -> bool:
    """Tell whether a line is the header of a papers page."""
    if len(text) > 80:
        return False
    folded = text.lower().strip(_ARROWS + "0123456789,.'")
    return folded.startswith(_PROMOTION) or folded in _HEADERS


def is_chrome(text: str) -> bool:
    """Tell whether a line belongs to the page around the papers."""
    if len(text) > _LONGEST:
        return not any(map(str.isalnum, text))
    folded = text.strip().lower()
    stripped = folded.strip(_ARROWS)
    if folded in _WORDS or stripped in _WORDS or not stripped:
        return True
    if _PHRASE.fullmatch(folded) or ("©" in folded and _COPYRIGHT.fullmatch(folded)):
        return True
    words = folded.split()
    first = words[0].strip(_ARROWS)
    if first.isalpha() and first not in _FIRST_WORDS:
        return False
    return (len(words) > 1 and all(_is_chrome_word(word) for word in words)) or _is_a_row(folded)


def _is_chrome_word(word: str) -> bool:
    bare = word.strip(_ARROWS)
    return not bare or bare in _SINGLE


def _is_a_row(folded: str) -> bool:
    """Tell whether a line is several labels of the page, side by side."""
    separator = _PARTS.search(folded)
    if separator is None:
        return False
    first = folded[: separator.start()].strip(_ARROWS)
    if first and first not in _WORDS:
        return False
    parts = (part.strip(_ARROWS) for part in _PARTS.split(folded))
    return all(part in _WORDS or not part for part in parts)


def is_footer(text: str) -> bool:
    """Tell whether a line of the page's own ends the list of papers (or has not let it begin yet)."""
    words = text.lower().strip(_ARROWS).split()
    return bool(words) and (words[0] in _FOOTER or "©" in text or "(c)" in words)
