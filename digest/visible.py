"""Words from elsewhere as a terminal or a log may show them: every hidden or steering character told.

A title, a file name or a relay's reply can hold bytes that move the cursor, write the clipboard,
turn the reading direction round or begin a forged line (ECMA-48 control sequences, UAX #9). What a
person reads here is what is there: such a character is shown as its number. Letters, marks and
emoji of every script stay; so do the joiners that Persian, the Indic scripts and emoji need.
"""

from __future__ import annotations

import re

HIDDEN = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL and C1 controls: ESC, CSI, OSC, newlines
    "\xad\u061c\u180e\u200b\u200e\u200f"  # unseen, and the marks of direction
    "\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # separators, embeddings, overrides, isolates
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e007f"  # tags, which spell hidden words
    "\ud800-\udfff"  # bytes of a file name that are not its encoding's
    "]"
)
"""Characters that a terminal obeys or hides."""


def visible(text: str) -> str:
    r"""``text`` on one line, with a number (``\\x1b``, ``\\u202e``) for each hidden character."""
    return text if text.isprintable() else HIDDEN.sub(_number, text)


def _number(match: re.Match[str]) -> str:
    code = ord(match.group())
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00  # a byte that Python could not decode (PEP 383)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
