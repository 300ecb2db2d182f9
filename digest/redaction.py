"""Addresses taken out of other systems' words, before these are kept or shown.

A relay's reply likes to quote whom it is about, and a pause, a run, a flag, a log line or a mail to
the operator outlives that reader. So whatever a relay or another mail system said passes
`without_addresses` first. It errs on the side of taking out too much: a contact of the relay's own
goes as well, its host names and status codes stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from digest.email_address import domain_spellings
from digest.unicode_forms import normalise_unicode

ADDRESS = "(address)"
TOKEN = "(token)"  # noqa: S105 - what stands in its place

_WORD = re.compile(r"[^\s<>()\[\]\",;:\x00]+")
"""What may be one address: atext of RFC 5322 §3.2.3 (an apostrophe, too) and all beyond ASCII."""
_QUOTED = re.compile(r'"(?:[^"\\\r\n]|\\.){1,80}"\s?[@\uff20\ufe6b][^\s<>",;]*')
"""A quoted local part may hold anything (RFC 5321 §4.1.2)."""
_SPACED = re.compile(
    r"[^\s<>()\[\]\",;:@]{1,64}\s{0,3}(?:\([^()]{0,40}\)\s{0,3}@|[(\[{]\s?at\s?[)\]}]|\s@)"
    r"\s{0,3}[^\s<>()\[\]\",;:]{1,255}",
    re.IGNORECASE,
)
"""``name (comment)@host``, ``name @ host`` and ``name (at) host``."""
_ENCODED_WORD = re.compile(r"=\?[^\s?]{1,40}\?[bq]\?[^\s?]{0,200}\?=", re.IGNORECASE)
_URL_PARTS = re.compile(r"[^/?&#]+")
_AT = re.compile(
    r"[@\uff20\ufe6b]|%(?:25)?40|\\u0040|\\x40|&#(?:64|x40)|&commat"
    # xtext (RFC 3461 §4) and quoted-printable, told from a number such as size=4096 by the domain
    r"|[=+]40(?=[\w-]{1,63}\.[\w-]{0,63}[^\W\d_])",
    re.IGNORECASE,
)
_REWRITTEN = re.compile(r"(?:srs[01]|prvs|btv1)[=+-]", re.IGNORECASE)
"""How SRS and BATV begin, which keep an address in another's local part."""
_RETURN_TOKEN = re.compile(r"(?<![0-9a-z])[0-9a-f]{21,36}(?![0-9a-z])", re.IGNORECASE)
"""The token of a return path, which names a delivery (`digest.mail.tokens`)."""
_SUSPECT = re.compile(
    rf"{_AT.pattern}|[(\[{{]\s?at\s?[)\]}}]|=\?|{_REWRITTEN.pattern}|{_RETURN_TOKEN.pattern}",
    re.IGNORECASE,
)
_HINT = re.compile(r"[@%=+&(\[{\\\-\uff20\ufe6b]|[0-9A-Fa-f]{21}")
"""In whatever `_SUSPECT` finds there is one of these; most replies have none, and there are millions."""
_ALPHANUMERIC = re.compile(r"[^\W_]+")
_SHORTEST_NAME = 3
"""Characters of a local part that is taken out by itself: shorter ones are in every sentence."""


def without_addresses(words: str, *known: str) -> str:
    """``words`` with ``(address)`` for every mail address, ``(token)`` for a return path's token.

    However they are written: bare, in ``<>``, quoted, in capitals, with an internationalised
    domain, rewritten (``a=b@c``, SRS) or encoded (xtext, percent, quoted-printable, HTML). Of the
    addresses that are ``known`` to be meant the local part by itself goes, too. The time it takes
    grows as the length of ``words``.
    """
    if _HINT.search(words) and _SUSPECT.search(words):
        words = _QUOTED.sub(ADDRESS, words)
        words = _SPACED.sub(ADDRESS, words)
        words = _ENCODED_WORD.sub(ADDRESS, words)
        words = _WORD.sub(_without_address, words)
        words = _RETURN_TOKEN.sub(TOKEN, words)
    for address in known:
        # A pattern for each recipient of a million mails is only made for those that are quoted.
        if _key(address) in words.lower():
            for pattern in _spellings(address):
                words = pattern.sub(ADDRESS, words)
    return words


def _key(address: str) -> str:
    """The longest part of a local part that no encoding changes."""
    return max(_ALPHANUMERIC.findall(address.rpartition("@")[0].lower()), key=len, default="")


def without_address(words: str, address: str) -> str:
    """``words`` with ``(address)`` for that one address, in any of its spellings."""
    return _whole(address).sub(ADDRESS, words)


def mentions(words: str, addresses: Iterable[str]) -> bool:
    """True if ``words`` name one of those addresses, in any of its spellings."""
    folded = normalise_unicode("NFKC", words)
    return any(_whole(address).search(folded) is not None for address in addresses)


def _without_address(match: re.Match[str]) -> str:
    word = match[0]
    if "//" in word:
        return _URL_PARTS.sub(lambda part: ADDRESS if _is_address(part[0]) else part[0], word)
    return ADDRESS if _is_address(word) else word


def _is_address(word: str) -> bool:
    return _AT.search(word) is not None or _REWRITTEN.match(word) is not None


_SEPARATOR = (
    r"\s*(?:[@=\uff20\ufe6b]|%(?:25)?40|[=+]40|\\u0040|\\x40|&#(?:64|x40);?|&commat;?|at)\s*"
)
_BEFORE, _AFTER = r"(?<![^\W_])", r"(?![^\W_])"


def _whole_pattern(address: str) -> str:
    local, _, domain = normalise_unicode("NFC", address).lower().rpartition("@")
    # In xtext and in URLs signs of the local part itself are encoded, too.
    spelled = "".join(
        re.escape(c) if c.isalnum() else rf"(?:{re.escape(c)}|[%=+]{ord(c):02x})" for c in local
    )
    hosts = "|".join(map(re.escape, sorted(domain_spellings(domain))))
    return rf'{_BEFORE}"?{spelled}"?{_SEPARATOR}(?:{hosts}){_AFTER}'


@lru_cache(maxsize=1024)
def _whole(address: str) -> re.Pattern[str]:
    return re.compile(_whole_pattern(address), re.IGNORECASE)


@lru_cache(maxsize=1024)
def _spellings(address: str) -> tuple[re.Pattern[str], ...]:
    local = address.rpartition("@")[0].lower()
    name = local.partition("+")[0]
    patterns = [_whole(address)]
    for part in dict.fromkeys((local, name)):
        if len(part) >= _SHORTEST_NAME:
            patterns.append(re.compile(_BEFORE + re.escape(part) + _AFTER, re.IGNORECASE))
    return tuple(patterns)
