"""The names that settings go by: which are unknown, and which lines of ``.env`` are no setting."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dotenv.parser import parse_stream

# A stem this much like a known one is taken for a slip (difflib's ratio): "SMTP_HOTS", "SMTP_USER",
# "DATABASE", but not what another program may have put into the environment for itself.
_SLIP = 0.75
_NO_SETTINGS = ("REAL_DATA", "ENV_FILE")
"""Variables that tests read, and that choose the file of settings."""
_FROM_KUBERNETES = re.compile(
    r"(?:[A-Z0-9_]{1,63}_)?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]{1,63})?"
    r"|PORT(?:_[0-9]{1,5}_(?:TCP|UDP)(?:_(?:PROTO|PORT|ADDR))?)?)"
)
"""Variables that Kubernetes sets in every pod beside a service whose name begins with "digest"."""


def misspelt(known: Collection[str], prefix: str, names: Iterable[str]) -> Iterator[str]:
    """Complain, a line each, of every name with ``prefix`` that nothing reads.

    ``known`` are names without the prefix, in capitals. A line names the likely meant variable,
    where one is near enough.
    """
    for name, meant in _unknown(known, prefix, names):
        hint = f"; did you mean {prefix}{meant}?" if meant else ""
        yield f"{name} is set, but nothing reads it{hint}"


def slips(known: Collection[str], prefix: str, in_file: Collection[str]) -> tuple[str, ...]:
    """Complain of the variables that must be a mistake for a setting.

    In a file of settings that is every unknown one. The environment may hold variables of other
    programs: there it is those that are nearly the name of a setting.
    """
    near = [name for name, meant in _unknown(known, prefix, os.environ) if meant]
    return tuple(misspelt(known, prefix, {*in_file, *near}))


def _unknown(
    known: Collection[str], prefix: str, names: Iterable[str]
) -> Iterator[tuple[str, str | None]]:
    """Pick, in order, the names with ``prefix`` that nothing reads, with the likely meant one."""
    for name in sorted(names):
        stem = name.removeprefix(prefix)
        if (
            stem != name
            and stem not in known
            and stem not in _NO_SETTINGS
            and not _FROM_KUBERNETES.fullmatch(stem)
        ):
            yield name, likely_meant(stem, known)


def likely_meant(stem: str, known: Collection[str]) -> str | None:
    """Find the known name that ``stem`` is nearly; ``None`` if none is near."""
    if stem in known:
        return None
    nearest = difflib.get_close_matches(stem, known, n=1, cutoff=_SLIP)
    return nearest[0] if nearest else None


CURLY = frozenset("“”„‘’‚«»")
"""Quotes that word processors write, and that no program takes off."""


@dataclass(frozen=True, slots=True)
class NamesInFile:
    """The names that a file of settings sets, and a complaint for each line that sets none."""

    names: tuple[str, ...] = ()
    complaints: tuple[str, ...] = ()


def names_in_file(path: Path, prefix: str) -> NamesInFile:
    """Read the names in a file of settings. A complaint gives the line's number, never its words.

    A line may hold half a password. Raises ``OSError`` and ``UnicodeDecodeError`` as reading does.
    """
    try:
        stream = path.open(encoding="utf-8")
    except FileNotFoundError:
        return NamesInFile()
    names, complaints = [], []
    with stream:
        for binding in parse_stream(stream):
            text = binding.original.string
            blank = text[: len(text) - len(text.lstrip())].count("\n")
            line = binding.original.line + blank
            if binding.error:
                complaints.append(f"line {line} is no setting")
            elif binding.key and (binding.value or "")[:1] in CURLY:
                complaints.append(f"line {line} has curly quotes: use straight ones, or none")
            elif binding.key and binding.key.startswith(prefix) and binding.value is None:
                complaints.append(f"line {line} names {binding.key} and gives it no value")
            elif binding.key:
                names.append(binding.key)
    return NamesInFile(tuple(names), tuple(complaints))
