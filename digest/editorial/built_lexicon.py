"""The shipped lexicon in a form that loads at once: ``topics.lexicon.json``, made of ``topics.toml``.

Reading the TOML and stemming its phrases takes ten times as long. The file names the hash of the
``topics.toml`` it was made of; where that was edited since, the TOML is read. After a change of
either the topics or the stemmer, make it anew::

    python -m digest.editorial.built_lexicon
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from digest.editorial import phrases
from digest.editorial.lexicon import Lexicon, Weights, read_lexicon
from digest.model import Topic

SOURCE = "topics.toml"
FILE = "topics.lexicon.json"


@cache
def shipped_lexicon() -> Lexicon:
    """The lexicon of the shipped ``topics.toml``."""
    folder = resources.files("digest.editorial")
    built = decode((folder / FILE).read_text(encoding="utf-8"), (folder / SOURCE).read_bytes())
    return built or read_lexicon()


def encode(lexicon: Lexicon, source: bytes) -> str:
    """Write a lexicon that was read from ``source`` as JSON, a phrase a line."""
    head = {
        "source": hashlib.sha256(source).hexdigest(),
        "trained": lexicon.trained,
        "topics": [[topic.id, topic.name, topic.description] for topic in lexicon.topics],
    }
    rows = [
        [key, spelling, _flat(lexicon.anywhere.get(key, ())), _title_only(lexicon, key)]
        for key, spelling in sorted(lexicon.spelling.items())
    ]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f"[{json.dumps(head, ensure_ascii=False)},\n[{lines}]]\n"


def _title_only(lexicon: Lexicon, key: str) -> list[float] | None:
    """The weights of a phrase in titles, or ``None`` where they are those of anywhere."""
    weights = lexicon.title.get(key, ())
    return None if weights == lexicon.anywhere.get(key) else _flat(weights)


def _flat(weights: Weights) -> list[float]:
    return [number for pair in weights for number in pair]


def decode(text: str, source: bytes) -> Lexicon | None:
    """Read what `encode` wrote; ``None`` if it was made of another ``source``."""
    head, rows = json.loads(text)
    if head["source"] != hashlib.sha256(source).hexdigest():
        return None
    anywhere: dict[str, Weights] = {}
    title: dict[str, Weights] = {}
    spelling: dict[str, str] = {}
    for key, written, numbers, title_numbers in rows:
        spelling[key] = written
        if numbers:
            anywhere[key] = title[key] = _pairs(numbers)
        if title_numbers:
            title[key] = _pairs(title_numbers)
    return Lexicon(
        tuple(Topic(*topic) for topic in head["topics"]),
        title,
        anywhere,
        spelling,
        head["trained"],
        phrases.beginnings(title),
    )


def _pairs(numbers: list[Any]) -> Weights:
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def build() -> None:
    """Write the file beside ``topics.toml``."""
    folder = Path(str(resources.files("digest.editorial")))
    text = encode(read_lexicon(), (folder / SOURCE).read_bytes())
    (folder / FILE).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    build()
