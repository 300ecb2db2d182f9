"""Quoted-printable bodies and header lines, octet by octet as they go over the wire.

Written here rather than left to ``email.message``: CPython folds a long ``List-Unsubscribe`` into
encoded-words, which no mail program reads as a link, and by default lets quoted-printable lines
grow past 76 characters.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from digest.errors import ConfigurationError

_BREAKS = re.compile(r"[\r\n\x00\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_ATEXT = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")

_LINE = 76
"""Longest line of quoted-printable (RFC 2045 §6.7) and longest encoded-word line (RFC 2047 §2)."""
_WORD = 75
"""Longest encoded-word (RFC 2047 §2)."""


def quoted_printable(text: str) -> bytes:
    """``text`` in UTF-8 and quoted-printable: CRLF, lines of at most 76 octets (RFC 2045 §6.7).

    The last line is always closed, with a soft break if the text does not end in a newline, so
    that encoded fragments can be joined as they are. No line begins with a dot: SMTP would have to
    double it (RFC 5321 §4.5.2), and not every relay gets that right.
    """
    if not text:
        return b""
    plain = text.isascii() and text.isprintable() and "=" not in text
    if plain and len(text) < _LINE and text[0] != "." and text[-1] != " ":
        # Nothing to encode: the short values that differ from reader to reader.
        return text.encode("ascii") + b"=\r\n"
    return _encoded(text)


def _encoded(text: str) -> bytes:
    normal = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = binascii.b2a_qp(normal.encode("utf-8")).split(b"\n")
    if lines[-1]:
        lines[-1:] = [lines[-1] + b"=", b""]
    return b"\r\n".join(map(_fitting, lines))


def _fitting(line: bytes) -> bytes:
    """A quoted-printable line without a dot in front, and broken once more if it is too long.

    CPython's encoder counts neither what closes the last line nor a blank at a line's end.
    """
    if line.startswith(b"."):
        line = b"=2E" + line[1:]
    if len(line) <= _LINE:
        return line
    escape = line.find(b"=", _LINE - 3, _LINE - 1)
    at = escape if escape > 0 else _LINE - 1
    return line[:at] + b"=\r\n" + _fitting(line[at:])


def one_line(value: str) -> str:
    """``value`` with every line break turned into a space, so that it cannot start a header."""
    return " ".join(_BREAKS.sub(" ", value).split())


def unfolded_header(name: str, value: str) -> bytes:
    """A header line as it stands, never folded or encoded: for links (RFC 2369, RFC 8058).

    Raises ``ConfigurationError`` for a value that is not printable ASCII or longer than a line
    may be (998 octets, RFC 5322 §2.1.1).
    """
    line = f"{name}: {value}"
    if len(line) > 998 or not line.isascii() or not line.isprintable():
        raise ConfigurationError(f"the header {name} cannot carry {value[:60]!a}")
    return line.encode("ascii") + b"\r\n"


def display_name(text: str) -> str:
    """A display name: as it is, quoted, or as encoded-words (RFC 5322 §3.2.5, RFC 2047 §5)."""
    text = one_line(text)
    if not text.isascii() or "=?" in text or len(text) > _LINE - 16:
        return _encoded_words(text, first=_LINE - 16)
    if _ATEXT.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@lru_cache(maxsize=1024)
def unstructured_header(name: str, text: str) -> bytes:
    """A header of free text, folded and encoded as RFC 5322 §2.2.3 and RFC 2047 want it."""
    text = one_line(text)
    if text.isascii() and "=?" not in text:
        folded = _fold(f"{name}: {text}")
        if folded is not None:
            return folded.encode("ascii") + b"\r\n"
    return f"{name}: {_encoded_words(text, first=_LINE - len(name) - 2)}\r\n".encode("ascii")


def date_header(moment: datetime) -> str:
    """Write a moment as RFC 5322 §3.3 has it. ``moment`` must be aware."""
    return format_datetime(moment)


def _fold(line: str) -> str | None:
    """The line folded at spaces to 78 characters; ``None`` if a word alone is longer."""
    lines: list[str] = []
    while len(line) > 78:
        at = line.rfind(" ", 1, 78)
        if at <= line.find(":") + 1:
            return None
        lines.append(line[:at])
        line = line[at:]
    return "\r\n".join([*lines, line])


def _encoded_words(text: str, *, first: int) -> str:
    """``text`` as encoded-words in the shorter of Q and B; the first one fits ``first`` columns."""
    octets = text.encode("utf-8")
    escapes = sum(octet not in _Q_SAFE and octet != 0x20 for octet in octets)
    q_is_shorter = len(octets) + 2 * escapes <= (len(octets) + 2) // 3 * 4
    words: list[str] = []
    room = min(first, _WORD) - len("=?utf-8?q??=")
    if not q_is_shorter:
        room = room // 4 * 3
    start = used = 0
    for place, character in enumerate(text):
        octets = character.encode("utf-8")
        cost = len(octets)
        if q_is_shorter and character != " " and octets[0] not in _Q_SAFE:
            cost *= 3
        if used + cost > room and place > start:
            words.append(_encoded_word(text[start:place], q_is_shorter))
            start, used = place, 0
            room = _WORD - len("=?utf-8?q??=")
            if not q_is_shorter:
                room = room // 4 * 3
        used += cost
    words.append(_encoded_word(text[start:], q_is_shorter))
    return "\r\n ".join(words)


def _encoded_word(fragment: str, q: bool) -> str:
    octets = fragment.encode("utf-8")
    if not q:
        return f"=?utf-8?b?{base64.b64encode(octets).decode('ascii')}?="
    body = "".join(chr(o) if o in _Q_SAFE else "_" if o == 0x20 else f"={o:02X}" for o in octets)
    return f"=?utf-8?q?{body}?="
