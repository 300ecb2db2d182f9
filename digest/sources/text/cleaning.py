"""Undo what carried the text here: mail quotes, entities, soft breaks, invisible marks."""

from __future__ import annotations

import html
import quopri
import re

_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_QUOTE = re.compile(r"[ \t]{0,3}(?:[>|]{1,6}[ \t]){1,6}[ \t]?|[ \t]{0,3}>{1,6}(?=\S|$)")
_BARE_QUOTE = re.compile(r"[ \t]{0,3}>")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_SOFT_BREAK = re.compile(r"=[ \t]{0,3}\n")
_HEX = re.compile(r"=(?:[89A-F][0-9A-F]|3D|20|09)")
_MOST_ROUNDS = 3
_FEWEST_QUOTED = 3


def clean(text: str) -> str:
    """The text as it was before it was mailed, escaped or wrapped by a program; linear in time."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\x00", "").replace("\x0b", "\n").replace("\x0c", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n").replace("\u0085", "\n")
    text = _INVISIBLE.sub("", text)
    return _unquote(_soft_breaks(text))


def _soft_breaks(text: str) -> str:
    """Undo quoted-printable (RFC 2045 §6.7) where a message's body was saved as it travelled."""
    if len(_SOFT_BREAK.findall(text)) < 3 or not _HEX.search(text):
        return text
    return quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")


def _unquote(text: str) -> str:
    """The text without the marks that a mail program puts before quoted lines (RFC 3676 §4.5)."""
    if ">" not in text:
        return text
    lines = text.split("\n")
    filled = [line for line in lines if line.strip()]
    quoted = sum(_BARE_QUOTE.match(line) is not None for line in filled)
    if quoted < _FEWEST_QUOTED:
        return text
    if quoted * 2 >= len(filled):
        return "\n".join(
            _QUOTE.sub("", line, count=1) if _BARE_QUOTE.match(line) else line for line in lines
        )
    return "\n".join(
        _QUOTE.sub("", line, count=1) if line.lstrip()[:2] in ("> ", ">", ">>") else line
        for line in lines
    )


def unescape(text: str) -> str:
    """The text with character references resolved, also those that were escaped twice."""
    for _ in range(_MOST_ROUNDS):
        if "&" not in text or not _ENTITY.search(text):
            break
        text = html.unescape(text)
    return text
