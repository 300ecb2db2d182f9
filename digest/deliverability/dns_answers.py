"""Answers of DNS as values, and the reading of the texts in them.

Every text comes from whoever runs that zone: it is shown only through `quoted_text`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """The records at one name. ``unanswered`` is the reason that they are not known, if they are
    not.

    A TXT record is one value, its strings joined, with octets beyond ASCII as ``\\xNN``. An MX is
    ``"10 mail.example.org"``, and every name is without its last dot.
    """

    values: tuple[str, ...] = ()
    unanswered: str = ""


DnsLookup = Callable[[str, str], DnsAnswer]
"""Given a name and a type (``TXT``, ``MX``, ``A``, ``AAAA``, ``PTR``, ``NS``)."""


def distrust_empty_answers(look_up: DnsLookup) -> DnsLookup:
    """``ask``, which takes "there is nothing" only from servers that see the public DNS.

    In a closed network every name of the world is unknown; that says nothing of what is published.
    A server that knows neither the root nor the top-level domain of the name is one of those.
    """

    def look_up_public(name: str, kind: str) -> DnsAnswer:
        answer = look_up(name, kind)
        if answer.values or answer.unanswered:
            return answer
        top = name.rstrip(".").rpartition(".")[2]
        if any(look_up(above, "NS").values for above in (".", f"{top}.")):
            return answer
        return DnsAnswer(unanswered="the name servers here do not see the public DNS")

    return look_up_public


def parse_tags(text: str) -> dict[str, str] | None:
    """The tags of a DKIM or DMARC record by lower-case name, in order; ``None`` if it has none
    such.

    ``tag=value`` with semicolons between, none twice (RFC 6376 §3.2, RFC 9989 §4.7).
    """
    tags: dict[str, str] = {}
    pieces = text.split(";")
    if not pieces[-1].strip():
        pieces.pop()
    for piece in pieces:
        name, equals, value = piece.partition("=")
        name = name.strip().lower()
        if not equals or not name.replace("_", "").isalnum() or name in tags:
            return None
        tags[name] = value.strip()
    return tags


def quoted_text(text: str) -> str:
    """A text from DNS as a line may quote it: printable ASCII, and not long."""
    plain = "".join(c if c.isascii() and c.isprintable() else "?" for c in text)
    return plain if len(plain) <= _SHOWN else f"{plain[: _SHOWN - 3]}..."


def is_within(name: str, other: str) -> bool:
    """True if ``name`` is ``other`` or below it."""
    return name == other or name.endswith(f".{other}")
