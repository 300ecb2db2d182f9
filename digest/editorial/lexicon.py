"""A topics file read into tables: which topics there are, and which phrases speak for each.

A file is an operator's own, so every mistake in it is named in one line: what, where, what to do.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from digest.editorial import phrases, word_rarity
from digest.errors import ConfigurationError
from digest.model import Topic

OTHER = Topic("other", "Other", "Papers that belong to none of the topics.")
"""Where a paper about nothing known goes."""

HEAVIEST = 9.0
"""Largest weight of a phrase; a phrase of weight 3 decides by itself in a title."""

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_TOPIC_KEYS = ("id", "name", "description", "phrases", "title")
_PLAIN_WEIGHT = 2.0
_MOST_TOPICS = 200
_DESCRIBED = 1.0
_NAMED = 1.5
_COMMONPLACE = 2.5
"""Rarity below which a word of a description says nothing: one abstract in twelve has it."""

Weights = tuple[tuple[int, float], ...]
"""For each topic (by its place) that a phrase speaks for or against, how much."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Topics in order and, by look-up key, the phrases that count in titles and anywhere."""

    topics: tuple[Topic, ...]
    title: Mapping[str, Weights]
    anywhere: Mapping[str, Weights]
    spelling: Mapping[str, str]
    trained: bool
    begun: frozenset[str]

    def table(self, zone: int) -> Mapping[str, Weights]:
        """The phrases that count in a zone of :data:`digest.editorial.features.ZONES`: the first two are titles."""
        return self.title if zone < 2 else self.anywhere


def read_lexicon(path: Path | None = None) -> Lexicon:
    """The lexicon in ``path``, or the one shipped with the program.

    Raises ``ConfigurationError`` for a file that is missing, is not TOML, or says something that
    cannot be meant.
    """
    if path is None:
        return _read_shipped_lexicon()
    return _read(path, str(path))


@cache
def _read_shipped_lexicon() -> Lexicon:
    return _read(resources.files("digest.editorial") / "topics.toml", "topics.toml")


def _read(source: Traversable, where: str) -> Lexicon:
    try:
        table = tomllib.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise _wrong(
            f"cannot be read ({error.strerror or error})",
            where,
            "Set DIGEST_TOPICS to a topics file",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(f"is not TOML ({error})", where, "Correct that line") from error
    return _lexicon(table, where)


def _wrong(what: str, where: str, mend: str) -> ConfigurationError:
    return ConfigurationError(what, where=where, mend=f"{mend}.")


def _lexicon(table: Mapping[str, Any], where: str) -> Lexicon:
    _refuse_unknown(table, ("topic", "trained"), where)
    trained = table.get("trained", False)
    if not isinstance(trained, bool):
        raise _wrong("trained must be true or false", where, "Leave it out of a file of your own")
    entries = table.get("topic")
    if not isinstance(entries, list) or not entries or not isinstance(entries[0], dict):
        raise _wrong(
            "has no topics", where, 'Begin each topic with a line [[topic]] and an id = "…"'
        )
    if len(entries) > _MOST_TOPICS:
        raise _wrong(f"has more than {_MOST_TOPICS} topics", where, "Join some")
    topics: list[Topic] = []
    title: dict[str, dict[int, float]] = {}
    anywhere: dict[str, dict[int, float]] = {}
    spelling: dict[str, str] = {}
    for place, entry in enumerate(entries):
        topic = _topic(entry, place, where)
        if any(topic.id == other.id for other in topics):
            raise _wrong(f'id "{topic.id}" is used twice', where, "Give each topic its own id")
        topics.append(topic)
        for group, into in (("phrases", anywhere), ("title", title)):
            at = f'{where}, topic "{topic.id}", {group}'
            for phrase, weight in _weighted(entry.get(group, []), at):
                key = phrases.phrase_key(phrase)
                if not key:
                    raise _wrong(f'phrase "{phrase}" has no word in it', at, "Take it out")
                into.setdefault(key, {})[place] = weight
                spelling.setdefault(key, phrase)
    if not trained:
        _add_descriptions(topics, anywhere, spelling)
    for key, weights in anywhere.items():
        title[key] = weights | title.get(key, {})
    begun = phrases.beginnings(title)
    return Lexicon(tuple(topics), _frozen(title), _frozen(anywhere), spelling, trained, begun)


def _add_descriptions(
    topics: Sequence[Topic], anywhere: dict[str, dict[int, float]], spelling: dict[str, str]
) -> None:
    """Let the words of names and descriptions count too, unless many topics use them."""
    used: dict[str, dict[int, tuple[float, str]]] = {}
    for place, topic in enumerate(topics):
        for text, weight in ((topic.description, _DESCRIBED), (topic.name, _NAMED)):
            for key, written, length in phrases.pieces(text):
                used.setdefault(key, {})[place] = (weight * length, written)
    for key, uses in used.items():
        if len(uses) > 1 + len(topics) // 8 or word_rarity.rarity(key) < _COMMONPLACE:
            continue
        for place, (weight, written) in uses.items():
            anywhere.setdefault(key, {}).setdefault(place, weight / len(uses))
            spelling.setdefault(key, written)


def _frozen(table: Mapping[str, Mapping[int, float]]) -> dict[str, Weights]:
    return {key: tuple(weights.items()) for key, weights in table.items()}


def _refuse_unknown(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for name in table:
        if name not in known:
            raise _wrong(f'"{name}" is not known here', where, f"Use {', '.join(known)}")


def _topic(entry: Any, place: int, where: str) -> Topic:
    at = f"{where}, topic {place + 1}"
    if not isinstance(entry, dict):
        raise _wrong("is not a table", at, "Begin it with a line [[topic]]")
    id = entry.get("id")
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise _wrong(
            "has no id" if id is None else f"id {id!r} cannot be used",
            at,
            'Give it one of small letters, digits and "-", such as id = "vision"',
        )
    at = f'{where}, topic "{id}"'
    if id == OTHER.id:
        raise _wrong(f'id "{id}" is taken', at, "It is where papers about nothing known go")
    _refuse_unknown(entry, _TOPIC_KEYS, at)
    name, description = entry.get("name", ""), entry.get("description", "")
    if not isinstance(name, str) or not name.strip():
        raise _wrong("has no name", at, 'Add a line such as name = "Labour markets"')
    if not isinstance(description, str):
        raise _wrong("description must be text", at, "Put it in quotes")
    if not (description.strip() or entry.get("phrases") or entry.get("title")):
        raise _wrong("has nothing to know it by", at, "Add a description or phrases")
    return Topic(id, " ".join(name.split()), " ".join(description.split()))


def _weighted(group: Any, at: str) -> list[tuple[str, float]]:
    if isinstance(group, list):
        group = {str(_PLAIN_WEIGHT): group}
    if not isinstance(group, dict):
        raise _wrong("must be a list of phrases", at, 'Write ["inflation", "monetary policy"]')
    weighted: list[tuple[str, float]] = []
    for written, listed in group.items():
        weight = _weight(written)
        if weight is None:
            raise _wrong(
                f'weight "{written}" cannot be used',
                at,
                f"Use a number from -{HEAVIEST:g} to {HEAVIEST:g} that is not 0",
            )
        if not isinstance(listed, list) or not all(isinstance(entry, str) for entry in listed):
            raise _wrong(
                f"weight {written} must have a list of phrases", at, 'Write 3 = ["…", "…"]'
            )
        weighted += [(phrase, weight) for phrase in listed]
    return weighted


def _weight(written: str) -> float | None:
    try:
        weight = float(written)
    except ValueError:
        return None
    return weight if math.isfinite(weight) and 0 < abs(weight) <= HEAVIEST else None
