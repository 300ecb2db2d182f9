"""Texts that hold no papers, mutated as saving, converting and mailing mutates them; by a seed."""

from __future__ import annotations

import html
import random
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path

from sources.not_papers import NOT_PAPERS, OTHER_LISTS

HERE = Path(__file__).parents[2]
_LONGEST = 30_000
_CODE = (
    "digest/scheduler.py",
    "digest/cli/console.py",
    "digest/mail/preview.py",
    "tests/conftest.py",
)

Mutation = Callable[[random.Random, str], str]


@cache
def texts() -> dict[str, str]:
    """Every text by a name: what is saved by mistake, this project's guides, and its code."""
    files = [*sorted(HERE.glob("*.md")), *sorted(HERE.glob("docs/*.md")), HERE / "pyproject.toml"]
    files += [HERE / name for name in _CODE if (HERE / name).exists()]
    lists = {name: text for name, (text, _) in OTHER_LISTS.items()}
    written = {path.name: path.read_text("utf-8")[:_LONGEST] for path in files}
    return NOT_PAPERS | lists | written


def cut(dice: random.Random, text: str) -> str:
    start = dice.randrange(len(text))
    return text[start : start + dice.choice([200, 2_000, 20_000])]


def shuffled(dice: random.Random, text: str) -> str:
    parts = text.split(dice.choice(["\n", "\n\n"]))
    dice.shuffle(parts)
    return "\n".join(parts)


def spaced(dice: random.Random, text: str) -> str:
    return text.replace("\n", dice.choice(["\n\n", "\r\n", "\n \n", "\n\n\n"]))


def wrapped(dice: random.Random, text: str) -> str:
    width = dice.choice([40, 72, 100])
    return "\n".join(
        line for each in text.split("\n") for line in textwrap.wrap(each, width) or [""]
    )


def run_together(dice: random.Random, text: str) -> str:
    return "\n\n".join(" ".join(part.split("\n")) for part in text.split("\n\n"))


def marked(dice: random.Random, text: str) -> str:
    """Some of the lines as headings, items, quotes, bold or links."""
    marks = [
        "# {}",
        "### {}",
        "- {}",
        "> {}",
        "**{}**",
        "[{}](https://example.org/x)",
        "{}.",
        "| {} |",
    ]
    mark, often = dice.choice(marks), dice.choice([0.1, 0.5, 1.0])
    return "\n".join(
        mark.format(line) if line.strip() and dice.random() < often else line
        for line in text.split("\n")
    )


def numbered(dice: random.Random, text: str) -> str:
    parts = text.split("\n\n")
    return "\n\n".join(f"{place}. {part}" for place, part in enumerate(parts, start=1))


def as_page(dice: random.Random, text: str) -> str:
    tag = dice.choice(["p", "li", "div", "h3"])
    body = "".join(f"<{tag}>{html.escape(part)}</{tag}>" for part in text.split("\n\n"))
    return f"<!doctype html><html><body>{body}</body></html>"


def joined(dice: random.Random, text: str) -> str:
    return text + dice.choice(["\n", "\n\n", "\n---\n"]) + dice.choice(list(texts().values()))


def repeated(dice: random.Random, text: str) -> str:
    return "\n\n".join([text[:3_000]] * dice.choice([2, 3, 9]))


def flipped(dice: random.Random, text: str) -> str:
    letters = list(text)
    for _ in range(len(letters) // dice.choice([20, 200])):
        letters[dice.randrange(len(letters))] = chr(
            dice.choice([10, 32, 9, 46, 0x200B, 0xE9, 0x4E00])
        )
    return "".join(letters)


MUTATIONS: tuple[Mutation, ...] = (
    cut, shuffled, spaced, wrapped, run_together, marked, numbered, as_page, joined, repeated, flipped,
)  # fmt: skip


def mistake(seed: int) -> tuple[str, bytes]:
    """What was done to which text, and the file that came of it."""
    dice = random.Random(seed)
    name = dice.choice(list(texts()))
    text, done = texts()[name], []
    for mutation in dice.choices(MUTATIONS, k=dice.choice([1, 2, 3])):
        text = mutation(dice, text or "x")[:200_000]
        done.append(mutation.__name__)
    return f"{name}: {', '.join(done)}", text.encode("utf-8", "replace")
