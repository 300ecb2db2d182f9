"""Findings about one side of a sender in DNS, and the records to publish for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_STRING = 255  # octets that one string of a TXT record holds (RFC 1035 §3.3)


class Severity(StrEnum):
    """``MEND`` is what receivers are sure to see as a failure; ``WARN`` what they may hold against
    the mail, or what keeps bounces from coming home. With a warning mail leaves all the same."""

    OK = "ok"
    WARN = "warn"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class DnsRecord:
    """One record to publish. ``text`` is the whole value, however long.

    ``blank`` says what is to be put for the word in capitals, where only a person can know it.
    """

    name: str
    text: str
    kind: str = "TXT"
    blank: str = ""

    @property
    def zone_line(self) -> str:
        """The record as a zone file has it, a long text in strings of 255 octets (RFC 1035 §5.1).

        One with a blank is a comment, so that it cannot be pasted as it is.
        """
        line = f"{self.name}. IN {self.kind} {self._value()}"
        return f"; {line}" if self.blank else line

    def _value(self) -> str:
        if self.kind != "TXT":
            return self.text
        octets = self.text.encode("utf-8")
        strings = [octets[at : at + _STRING] for at in range(0, len(octets), _STRING)] or [b""]
        return " ".join(f'"{"".join(map(_escaped, string))}"' for string in strings)


@dataclass(frozen=True, slots=True)
class DnsFinding:
    """One line about one thing. ``unasked`` is why DNS could not be asked, where it could not.

    ``record`` is what to publish; where the verdict is OK it is published already.
    """

    about: str
    severity: Severity
    says: str
    record: DnsRecord | None = None
    unanswered: str = ""


def _escaped(octet: int) -> str:
    if octet in b'"\\':
        return f"\\{chr(octet)}"
    return chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03d}"
