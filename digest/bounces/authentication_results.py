"""Read what the receiving mail server found out about a sender: ``Authentication-Results`` (RFC
8601).

Anyone may write such a header. Only the topmost one of the server that we were told to believe
counts, and only if every letter of it can be read; a doubt means "not proven", which harms nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SPECIAL = ";=/"


@dataclass(frozen=True, slots=True)
class AuthenticationResult:
    """One method's result: ``dkim=pass header.d=example.org``. All names are in lower case."""

    method: str
    verdict: str
    properties: tuple[tuple[str, str], ...] = ()

    def value(self, name: str) -> str:
        """The property of that name; ``""`` unless it stands there exactly once."""
        values = [value for known, value in self.properties if known == name]
        return values[0] if len(values) == 1 else ""


@dataclass(frozen=True, slots=True)
class AuthenticationResults:
    """One header: the server that wrote it, and its results."""

    server: str
    results: tuple[AuthenticationResult, ...]


def is_proven(headers: Sequence[str], server: str, sender: str) -> bool:
    """Tell whether the mail server ``server`` vouches for the domain of ``sender``, a bare address.

    ``headers`` are the values of ``Authentication-Results``, the topmost first. DMARC decides where
    there is a result of it (RFC 7489); else a DKIM signature or SPF of the very same domain does.
    """
    domain = sender.rpartition("@")[2].lower()
    if not domain or not server:
        return False
    for header in headers:
        try:
            verdicts = parse_authentication_results(header)
        except ValueError:
            if _first_word(header) == server.lower():
                return False
            continue
        if verdicts.server == server.lower():
            return _proves(verdicts.results, domain)
    return False


def _proves(results: Sequence[AuthenticationResult], domain: str) -> bool:
    dmarc = [result for result in results if result.method == "dmarc"]
    if dmarc and [result.verdict for result in dmarc] != ["none"]:
        [first, *more] = dmarc
        return not more and first.verdict == "pass" and first.value("header.from") == domain
    if any(
        result.method == "dkim" and result.verdict == "pass" and result.value("header.d") == domain
        for result in results
    ):
        return True
    spf = [result for result in results if result.method == "spf"]
    if len(spf) != 1 or spf[0].verdict != "pass":
        return False
    return spf[0].value("smtp.mailfrom").rpartition("@")[2] == domain


def parse_authentication_results(header: str) -> AuthenticationResults:
    """One header's value. Raises `ValueError` for what RFC 8601 §2.2 does not allow."""
    groups: list[list[str]] = [[]]
    for kind, text in _tokens(header):
        if (kind, text) == ("special", ";"):
            groups.append([])
        else:
            groups[-1].append(text.lower() if kind != "special" else f"\0{text}")
    first, *rest = groups
    if not first or len(first) > 2 or first[0].startswith("\0"):
        raise ValueError("no name of a server")
    if len(first) == 2 and first[1] != "1":
        raise ValueError("a version that is not known")
    if rest and not rest[-1]:
        rest.pop()
    if rest == [["none"]]:
        return AuthenticationResults(first[0], ())
    return AuthenticationResults(first[0], tuple(_result(group) for group in rest))


def _result(words: Sequence[str]) -> AuthenticationResult:
    """``method[/version] = verdict`` and then ``name = value`` as often as there are."""
    words = list(words)
    if len(words) > 3 and words[1] == "\0/":
        if words[2] != "1":
            raise ValueError("a version that is not known")
        del words[1:3]
    if len(words) % 3 or not words:
        raise ValueError("not made of pairs")
    pairs = []
    for at in range(0, len(words), 3):
        name, equals, value = words[at : at + 3]
        if equals != "\0=" or name.startswith("\0") or value.startswith("\0"):
            raise ValueError("not made of pairs")
        pairs.append((name, value))
    (method, verdict), *properties = pairs
    return AuthenticationResult(method, verdict, tuple(properties))


_WORD = re.compile(r"[^\s;=\"()\\\0-\x1f\x7f]+")
_VALUE = re.compile(r"[^\s;\"()\\\0-\x1f\x7f]+")
_QUOTED = re.compile(r'"((?:[^"\\\0-\x08\x0a-\x1f\x7f]|\\[^\0-\x1f\x7f])*+)"')
_SPACE = re.compile(r"[ \t\r\n]+")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Words, quoted texts and specials, without the comments and white space between them."""
    at, after_equals = 0, False
    while at < len(text):
        if space := _SPACE.match(text, at):
            at = space.end()
            continue
        letter = text[at]
        if letter == "(":
            at = _past_comment(text, at)
            continue
        if letter == '"':
            quoted = _QUOTED.match(text, at)
            if quoted is None:
                raise ValueError("a quoted text that does not end")
            yield "quoted", re.sub(r"\\(.)", r"\1", quoted.group(1))
            at, after_equals = quoted.end(), False
            continue
        if letter in ";=" or (letter == "/" and not after_equals):
            yield "special", letter
            at, after_equals = at + 1, letter == "="
            continue
        # What follows an equals sign may have one in it, as a signature has.
        match = (_VALUE if after_equals else _WORD).match(text, at)
        if match is None:
            raise ValueError("a letter that has no place here")
        word = match.group()
        if not after_equals and "/" in word:
            word = word.partition("/")[0]
        yield "word", word
        at, after_equals = at + len(word), False


def _past_comment(text: str, at: int) -> int:
    """The end of a comment, which may have others in it (RFC 5322 §3.2.2)."""
    depth = 0
    while at < len(text):
        letter = text[at]
        if letter == "\\":
            at += 1
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    raise ValueError("a comment that does not end")


def _first_word(text: str) -> str:
    """The name of the server in a header that cannot be read to its end; ``""`` if not even
    that.
    """
    try:
        return next((word.lower() for kind, word in _tokens(text) if kind != "special"), "")
    except ValueError:
        return ""
