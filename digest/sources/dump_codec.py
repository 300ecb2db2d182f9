"""Encode what was read as plain data (JSON), to cross from one process to another, and back.

What comes back is checked piece by piece: the process that wrote it had read untrusted text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from digest.model import AnnounceType, Dump, Link, LinkKind, PaperDetails, Record, Rejected

OVER_MEMORY = 77
"""The exit status of a process that needed more memory than it may have."""

Checked = Callable[[Any], Any]


class NotPlainError(ValueError):
    """The data is not what `encode` makes."""


class BugError(Exception):
    """Reading raised what it must not raise; the words say what and where in the code."""


def encode(reading: Dump | Rejected) -> bytes:
    """The records and rejected pieces of a dump (or why there is none) as UTF-8 JSON."""
    if isinstance(reading, Rejected):
        return _json({"refused": _values(reading)})
    return _json(
        {
            "records": [_values(record) for record in reading.records],
            "rejected": [_values(piece) for piece in reading.rejected],
            "day": reading.day,
            "understood": reading.understood,
            "more": reading.more,
            "kind": reading.kind,
        }
    )


def encode_bug(where: str) -> bytes:
    """Encode that reading failed by a fault of its own."""
    return _json({"bug": where})


def decode(data: bytes) -> Dump | Rejected:
    """The dump, without what only its reader's caller knows (location, fingerprint, time of change).

    Raises `NotPlainError` if anything in it is not as `encode` makes it, and `BugError` if it is
    what `encode_bug` makes.
    """
    try:
        values = json.loads(data)
        if "bug" in values:
            raise BugError(_text(values["bug"])[:200])
        if "refused" in values:
            return _rejected(values["refused"])
        records = tuple(map(_record, values["records"]))
        rejected = tuple(map(_rejected, values["rejected"]))
        day, share = _maybe(_day)(values["day"]), _share(values["understood"])
        return Dump(
            "",
            "",
            records,
            rejected,
            day,
            None,
            share,
            _text(values["more"]),
            _text(values["kind"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotPlainError(str(error)) from None


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True, default=str).encode("ascii")


def _values(value: Any) -> dict[str, Any]:
    """The fields of a record, a link or a rejected piece by name."""
    return {
        field.name: _plain(field.name, item)
        for field in fields(value)
        for item in (getattr(value, field.name),)
    }


def _plain(name: str, item: Any) -> Any:
    if name == "links":
        return [_values(each) for each in item]
    return _values(item) if name == "details" else item


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise NotPlainError("not a text")
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise NotPlainError("not a number")
    return value


def _share(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise NotPlainError("not a share")
    return float(value)


def _day(value: Any) -> date:
    return date.fromisoformat(_text(value))


def _maybe(check: Checked) -> Checked:
    return lambda value: None if value is None else check(value)


def _each(check: Checked) -> Checked:
    def all_of(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise NotPlainError("not a list")
        return tuple(map(check, value))

    return all_of


def _address(value: Any) -> str:
    if not _text(value).lower().startswith(("http://", "https://")):
        raise NotPlainError("not a web address")
    return str(value)


_LINK: Mapping[str, Checked] = {"kind": LinkKind, "url": _address, "label": _text}
_REJECTED: Mapping[str, Checked] = {
    "reason": _text,
    "location": _text,
    "line": _number,
    "excerpt": _text,
}
_DETAILS: Mapping[str, Checked] = {
    "doi": _maybe(_text),
    "categories": _each(_text),
    "licence": _maybe(_text),
    "affiliations": _each(_text),
    "stars": _maybe(_number),
    "media": _each(_address),
    "source_summary": _text,
    "comment": _text,
    "venue": _text,
    "version": _maybe(_number),
}
_RECORD: Mapping[str, Checked] = {
    "title": _text,
    "abstract": _text,
    "position": _number,
    "external_id": _maybe(_text),
    "url": _maybe(_address),
    "votes": _maybe(_number),
    "authors": _each(_text),
    "author_count": _maybe(_number),
    "organization": _maybe(_text),
    "published": _maybe(_day),
    "links": _each(lambda value: Link(**_checked(_LINK, value))),
    "comments": _maybe(_number),
    "details": lambda value: PaperDetails(**_checked(_DETAILS, value)),
    "announced": _maybe(AnnounceType),
}


def _checked(checks: Mapping[str, Checked], value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != checks.keys():
        raise NotPlainError("other fields")
    return {name: check(value[name]) for name, check in checks.items()}


def _record(value: Any) -> Record:
    return Record(**_checked(_RECORD, value))


def _rejected(value: Any) -> Rejected:
    return Rejected(**_checked(_REJECTED, value))
