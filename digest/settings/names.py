"""The names that settings go by: which are unknown, and which lines of ``.env`` are no setting."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from dotenv.parser import parse_stream

# A stem this much like a known one is taken for a slip (difflib's ratio): "SMTP_HOTS", "SMTP_USER",
# "DATABASE", but not what another program may have put into the environment for itself.
_SLIP = 0.75
_READ_BY_TESTS = ("REAL_DATA",)
_FROM_KUBERNETES = re.compile(
    r"(?:[A-Z0-9_]{1,63}_)?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]{1,63})?"
    r"|PORT(?:_[0-9]{1,5}_(?:TCP|UDP)(?:_(?:PROTO|PORT|ADDR))?)?)"
)
"""Variables that Kubernetes sets in every pod beside a service whose name begins with "digest"."""


def misspelt(
    known: Collection[str], prefix: str, environment: Mapping[str, str | None]
) -> Iterator[str]:
    """Complain, a line each, of every variable with ``prefix`` that nothing reads.

    ``known`` are names without the prefix, in capitals. A line names the likely meant variable,
    where one is near enough.
    """
    for name in sorted(environment):
        stem = name.removeprefix(prefix)
        if (
            stem == name
            or stem in known
            or stem in _READ_BY_TESTS
            or _FROM_KUBERNETES.fullmatch(stem)
        ):
            continue
        meant = likely_meant(stem, known)
        hint = f"; did you mean {prefix}{meant}?" if meant else ""
        yield f"{name} is set, but nothing reads it{hint}"


def slips(
    known: Collection[str], prefix: str, in_file: Mapping[str, str | None]
) -> tuple[str, ...]:
    """Complain of the variables that must be a mistake for a setting.

    In a file of settings that is every unknown one. The environment may hold variables of other
    programs: there it is those that are nearly the name of a setting.
    """
    near = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(prefix) and likely_meant(name.removeprefix(prefix), known)
    }
    return tuple(misspelt(known, prefix, {**in_file, **near}))


def likely_meant(stem: str, known: Collection[str]) -> str | None:
    """Find the known name that ``stem`` is nearly; ``None`` if none is near."""
    if stem in known:
        return None
    nearest = difflib.get_close_matches(stem, known, n=1, cutoff=_SLIP)
    return nearest[0] if nearest else None


def unreadable_lines(path: Path, prefix: str) -> tuple[str, ...]:
    """Complain of each line of a file of settings that is none, by its number, never its words.

    A line may hold half a password. Raises ``OSError`` and ``UnicodeDecodeError`` as reading does.
    """
    try:
        stream = path.open(encoding="utf-8")
    except FileNotFoundError:
        return ()
    complaints = []
    with stream:
        for binding in parse_stream(stream):
            text = binding.original.string
            blank = text[: len(text) - len(text.lstrip())].count("\n")
            line = binding.original.line + blank
            if binding.error:
                complaints.append(f"line {line} is no setting")
            elif binding.key and binding.key.startswith(prefix) and binding.value is None:
                complaints.append(f"line {line} names {binding.key} and gives it no value")
    return tuple(complaints)
