"""Read a list of mappings out of YAML, as front matter and exports write it: the plain part of YAML.

No anchors, tags or flow mappings: whatever a program writes to be read by people. Every value is
text, or a list of texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

_ITEM = re.compile(r"([ \t]{0,12})-[ \t]{1,4}([A-Za-z_][\w -]{0,40}?) ?:(?:\s++(.*))?")
_KEY = re.compile(r"([ \t]{0,20})([A-Za-z_][\w -]{0,40}?) ?:(?:\s++(.*))?")
_BLOCK = re.compile(r"[>|][+-]?\d?[+-]?")
_START = re.compile(
    r"\s{0,200}(?:---[ \t]{0,20}\n)?(?:(?:[A-Za-z_][\w -]{0,40}:[^\n]{0,300}|#[^\n]{0,300}|[ \t]{0,20})\n){0,20}"
    r"[ \t]{0,12}-[ \t]{1,4}[A-Za-z_][\w -]{0,40}:(?:[ \t\n]|$)"
)
_ENDS = ("---", "...")

Value = str | list[str]


def is_yaml(start: str) -> bool:
    """Tell whether a text begins as a list of mappings that have titles does."""
    return (
        _START.match(start) is not None and re.search(r"(?m)^[ \t-]{0,20}title:", start) is not None
    )


def mappings(lines: Sequence[str]) -> Iterator[dict[str, Value]]:
    """Yield the mappings of the first list of them, each as far as it can be read."""
    entry: dict[str, Value] | None = None
    depth, column, key = -1, 0, ""
    value: list[str] = []
    for line in lines:
        text = line.strip()
        indent = len(line) - len(line.lstrip())
        item = _ITEM.fullmatch(line) if text.startswith("-") else None
        if item and (entry is None or indent == depth):
            if entry is not None:
                _put(entry, key, value)
                yield entry
            entry, depth, column = {}, indent, item.start(2)
            key, value = item[2].strip().lower(), [item[3] or ""]
            continue
        if entry is None or text.startswith("#"):
            continue
        if text and (indent < depth or text in _ENDS):
            break
        # What stands deeper than the names goes on with the last value.
        match = _KEY.fullmatch(line) if indent == column else None
        if match:
            _put(entry, key, value)
            key, value = match[2].strip().lower(), [match[3] or ""]
        elif text:
            value.append(text)
    if entry is not None:
        _put(entry, key, value)
        yield entry


def _put(entry: dict[str, Value], key: str, value: Sequence[str]) -> None:
    head, rest = value[0].strip() if value else "", [each for each in value[1:] if each]
    if rest and all(each.startswith("- ") for each in rest):
        entry[key] = [_scalar(each[2:].partition("name:")[2] or each[2:]) for each in rest]
    elif head.startswith("[") and (whole := " ".join([head, *rest])).endswith("]"):
        entry[key] = [_scalar(each) for each in whole[1:-1].split(",") if each.strip()]
    else:
        if _BLOCK.fullmatch(head):
            head = ""
        entry[key] = _scalar(" ".join([head, *rest]))


def _scalar(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _unquoted(text)
    return "" if text in ("null", "~") else text


def _unquoted(text: str) -> str:
    """A text in double quotes: its escapes are JSON's, of which YAML's are more."""
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        return text[1:-1].replace('\\"', '"')
