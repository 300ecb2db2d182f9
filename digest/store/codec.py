"""Frozen values of the model as JSON text, and back: strict, so that damage is never rendered.

A value is written as ``{"format": 1, "value": …}``. On reading, a field that the type does not know
is refused (it was written by a newer program); a missing one is taken from the type's default, so
that the model may grow fields without a new format.
"""

from __future__ import annotations

import json
import types
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from digest.errors import ConfigurationError

FORMAT = 1
"""The format of the envelope and of the fields' spelling inside it."""

T = TypeVar("T")


class _MismatchError(ValueError):
    """The JSON does not have the shape of the type; ``str`` says where."""


def to_json(value: object) -> str:
    """``value`` (a dataclass of the model) as JSON text in an envelope."""
    return _text({"format": FORMAT, "value": to_plain(value)})


def from_json(kind: type[T], text: str, *, where: str) -> T:
    """Read the ``kind`` that :func:`to_json` wrote; ``ConfigurationError`` naming ``where`` if damaged."""
    try:
        envelope = json.loads(text)
        if not isinstance(envelope, dict) or set(envelope) != {"format", "value"}:
            raise _MismatchError("no envelope")
        if envelope["format"] != FORMAT:
            raise _MismatchError(f"format {envelope['format']!r}, not {FORMAT}")
        return from_plain(kind, envelope["value"])
    except (ValueError, RecursionError) as error:
        why = "nested too deep" if isinstance(error, RecursionError) else error
        raise ConfigurationError(
            f"the stored {kind.__name__.lower()} cannot be read ({why})",
            where=where,
            mend="It was written by a newer version or is damaged: upgrade, or restore a backup",
        ) from error


def deflate(value: object) -> bytes:
    """:func:`to_json`, compressed: an edition of 250 papers is about 120 kB instead of 600."""
    return zlib.compress(to_json(value).encode(), 6)


def inflate(kind: type[T], data: bytes, *, where: str) -> T:
    """Read the ``kind`` that :func:`deflate` wrote; errors as :func:`from_json`."""
    try:
        text = zlib.decompress(data).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"the stored {kind.__name__.lower()} is damaged ({error})",
            where=where,
            mend="Restore a backup of the database",
        ) from error
    return from_json(kind, text, where=where)


def pack(values: Sequence[object]) -> str | None:
    """A short sequence as a JSON list; ``None`` when empty, the usual case."""
    return _text(to_plain(values)) if values else None


def unpack(kind: type[T], text: str | None) -> tuple[T, ...]:
    """The tuple of ``kind`` that :func:`pack` packed."""
    if text is None:
        return ()
    return tuple(from_plain(kind, item) for item in json.loads(text))


def _text(tree: object) -> str:
    return json.dumps(tree, separators=(",", ":"), allow_nan=False)


def to_plain(value: object) -> object:
    """``value`` as what JSON has: dataclasses become objects, days and moments ISO 8601 text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_name(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [to_plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _name(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key of a JSON object is a string, not {key!r}")
    return key


def from_plain(kind: type[T], tree: object) -> T:
    """``tree`` (from JSON) as a ``kind``; ``ValueError`` where it is not one."""
    reader: Callable[[Any], Any] = _reader(cast(Any, kind))
    return cast(T, reader(tree))


@cache
def _reader(hint: Any) -> Callable[[Any], Any]:
    """The function that reads one type; made once per type."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _optional(hint)
    if origin is tuple:
        return _tuple(get_args(hint))
    if hint is object or hint is Any:
        return lambda tree: tree
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _exactly(dict)
    if is_dataclass(hint):
        return _record(hint)
    if issubclass(hint, StrEnum | date):
        return _spelled(hint)
    if hint is float:
        return lambda tree: float(_number(tree))
    return _exactly(hint)


def _optional(hint: Any) -> Callable[[Any], Any]:
    (inner,) = (argument for argument in get_args(hint) if argument is not types.NoneType)
    read_inner = _reader(inner)
    return lambda tree: None if tree is None else read_inner(tree)


def _tuple(arguments: tuple[Any, ...]) -> Callable[[Any], Any]:
    if arguments[-1] is Ellipsis:
        read_item = _reader(arguments[0])
        as_list = _exactly(list)
        return lambda tree: tuple([read_item(item) for item in as_list(tree)])
    readers = [_reader(argument) for argument in arguments]

    def read_fixed(tree: Any) -> tuple[Any, ...]:
        if not isinstance(tree, list) or len(tree) != len(readers):
            raise _MismatchError(f"expected {len(readers)} items, found {tree!r:.60}")
        return tuple(reader(item) for reader, item in zip(readers, tree, strict=True))

    return read_fixed


def _record(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}
    required = {
        field.name
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }

    def read_record(tree: Any) -> Any:
        if not isinstance(tree, dict):
            raise _MismatchError(f"expected a {kind.__name__}, found {tree!r:.60}")
        if unknown := tree.keys() - readers.keys():
            raise _MismatchError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
        if missing := required - tree.keys():
            raise _MismatchError(f"{kind.__name__} lacks {', '.join(sorted(missing))}")
        return kind(**{name: readers[name](item) for name, item in tree.items()})

    return read_record


def _spelled(kind: Any) -> Callable[[Any], Any]:
    make = kind if issubclass(kind, StrEnum) else kind.fromisoformat

    def read_spelled(tree: Any) -> Any:
        if not isinstance(tree, str):
            raise _MismatchError(f"expected a {kind.__name__}, found {tree!r:.60}")
        value = make(tree)
        if kind is datetime and value.tzinfo is None:
            raise _MismatchError("a datetime without a time zone")
        return value

    return read_spelled


def _number(tree: Any) -> float:
    if isinstance(tree, bool) or not isinstance(tree, int | float):
        raise _MismatchError(f"expected a number, found {tree!r:.60}")
    return tree


def _exactly(kind: type) -> Callable[[Any], Any]:
    def read_exactly(tree: Any) -> Any:
        if type(tree) is not kind:
            raise _MismatchError(f"expected {kind.__name__}, found {tree!r:.60}")
        return tree

    return read_exactly
