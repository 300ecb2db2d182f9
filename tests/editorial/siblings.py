"""Invented pairs of different papers as alike as one group's are: one word differs, or one number.

Each pair has two titles and two abstracts from one mould. The abstracts say the same but for what
the titles differ in, and for what `Closeness` tells.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from enum import Enum

from digest.model import Record

TASKS = [
    "Tide Forecasting",
    "Hive Listening",
    "Loom Restoration",
    "Glacier Mapping",
    "Orchard Counting",
    "Rail Inspection",
    "Kelp Segmentation",
    "Snow Depth Estimation",
    "Bell Tuning",
    "Ferry Scheduling",
    "Pollen Tracking",
    "Kiln Control",
]
METHODS = [
    "Optimal Transport",
    "Optimal Control",
    "Contrastive Learning",
    "Graph Attention",
    "Masked Pretraining",
    "Self-Distillation",
    "Diffusion Priors",
    "Bayesian Filtering",
    "Sparse Coding",
    "Curriculum Learning",
    "LoRA",
    "Tensor Sketching",
    "Monte Carlo Search",
    "Neural Operators",
    "Spectral Clustering",
    "Prompt Tuning",
]
TARGETS = [
    "Small Harbours",
    "Mountain Villages",
    "Night Scenes",
    "Low-Cost Sensors",
    "Arid Regions",
    "City Trams",
    "Tiny Drones",
    "Hindi Speech",
    "Swahili Speech",
    "Coastal Radar",
    "Old Photographs",
    "Rural Clinics",
    "Deep Lakes",
    "Windy Ridges",
]
NAMES = [
    "TideNet",
    "HiveLens",
    "LoomBench",
    "KelpSet",
    "RailVerse",
    "SnowGPT",
    "PollenQA",
    "KilnZero",
    "BellBase",
    "Ferry",
]
SUFFIXES = [
    "ASL",
    "SL",
    "SL-25",
    "BSL",
    "DE",
    "FR",
    "Mini",
    "XL",
    "7B",
    "70B",
    "10K",
    "100K",
    "Pro",
    "Lite",
    "Video",
    "Audio",
    "Chat",
    "Code",
]
ADJECTIVES = [
    "Robust",
    "Scalable",
    "Calibrated",
    "Real-Time",
    "Frugal",
    "Interpretable",
    "Unsupervised",
    "Adaptive",
]

SENTENCES = (
    "Practitioners of {task} still rely on rules of thumb that fail as soon as the weather turns.",
    "We study {task} {phrase} and ask how far a modest budget of labels and of hours can carry it.",
    "Our approach to {task} couples a compact encoder with a schedule that was tuned on spare parts.",
    "Built {phrase}, {name} learns from {many} records that volunteers gathered over {few} winters.",
    "A careful ablation shows that the larger share of the gain is owed to the order of the lessons.",
    "Across {few} public collections, errors fall by {part} percent against the strongest rival.",
    "Failures cluster around rare instruments, and a second look at the raw traces explains most.",
    "Maintainers of {few} sites have used the tool for a year and report {many} corrected alarms.",
    "We discuss costs, energy and the duties of whoever runs such a service in a small community.",
    "All recordings, weights and the forms of consent are released for others to build upon.",
)


class Closeness(Enum):
    """The difference between the abstracts of two siblings, beside what their titles differ in."""

    NOTHING = "nothing else"
    FIGURES = "the figures"
    SOME_SENTENCES = "the figures and some sentences"


Shape = Callable[[random.Random], tuple[tuple[str, str, str], tuple[str, str, str]]]
"""Makes (title, name, phrase of the abstract) of each of two siblings."""


def _two(chance: random.Random, words: list[str]) -> tuple[str, str]:
    one, other = chance.sample(words, 2)
    return one, other


def method(chance: random.Random) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    task, how = f"{chance.choice(ADJECTIVES)} {chance.choice(TASKS)}", _opener(chance)
    one, other = ((f"{task} {how} {each}", "it", f"{how} {each}") for each in _two(chance, METHODS))
    return one, other


def named_method(chance: random.Random) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    task, how = f"{chance.choice(ADJECTIVES)} {chance.choice(TASKS)}", _opener(chance)
    names, methods = _two(chance, NAMES), _two(chance, METHODS)
    one, other = (
        (f"{name}: {task} {how} {each}", name, f"{how} {each}")
        for name, each in zip(names, methods, strict=True)
    )
    return one, other


def target(chance: random.Random) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    task = f"{chance.choice(ADJECTIVES)} {chance.choice(TASKS)}"
    head = chance.choice(["", f"{chance.choice(NAMES)}: "])
    where = chance.choice(["for", "in", "on", "from", "across", "under"])
    one, other = (
        (f"{head}{task} {where} {each}", "it", f"{where} {each}") for each in _two(chance, TARGETS)
    )
    return one, other


def suffix(chance: random.Random) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    name, rest = chance.choice(NAMES), f"A Large Open Collection for {chance.choice(TASKS)}"
    joint = chance.choice(["-", " ", ""])
    one, other = (
        (f"{name}{joint}{each}: {rest}", f"{name}{joint}{each}", "at scale")
        for each in _two(chance, SUFFIXES)
    )
    return one, other


def version(chance: random.Random) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    name, rest = chance.choice(NAMES), f"{chance.choice(ADJECTIVES)} {chance.choice(TASKS)}"
    pair = chance.choice([("", "2"), (" v1", " v2"), ("", "-v2"), (" 1.5", " 2"), ("", "++")])
    form = chance.choice(["{name}: {rest}", "{name} Technical Report", "{rest} by {name}"])
    one, other = (
        (form.format(name=name + each, rest=rest), name + each, "at scale") for each in pair
    )
    return one, other


def part(chance: random.Random) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    task = f"{chance.choice(ADJECTIVES)} {chance.choice(TASKS)} {_opener(chance)} Old Logbooks"
    pair = chance.choice([("I", "II"), ("1", "2"), ("One", "Two"), ("II", "III")])
    form = chance.choice(["{task}, Part {each}", "{task} {each}", "{task}: Part {each}"])
    one, other = ((form.format(task=task, each=each), "it", f"in part {each}") for each in pair)
    return one, other


def year(chance: random.Random) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    name, task = chance.choice(NAMES), chance.choice(TASKS)
    form = chance.choice(
        ["The {name} {each} Challenge on {task}", "{task} at {name} {each}: Results"]
    )
    one, other = (
        (form.format(name=name, task=task, each=each), name, f"in {each}")
        for each in map(str, chance.sample(range(2019, 2027), 2))
    )
    return one, other


SHAPES: tuple[Shape, ...] = (method, named_method, target, suffix, version, part, year)


def siblings(chance: random.Random, shape: Shape, close: Closeness) -> tuple[Record, Record]:
    """Two different papers of that shape."""
    length = chance.choice([3, 6, len(SENTENCES)])
    sentences = sorted(chance.sample(range(1, len(SENTENCES)), length - 1))
    kept = chance.sample(sentences, max(1, 2 * len(sentences) // 3))
    task, figures = chance.choice(TASKS).lower(), _figures(chance)
    records = []
    for place, (title, name, phrase) in enumerate(shape(chance)):
        if place and close is not Closeness.NOTHING:
            figures = _figures(chance)
        chosen = kept if place and close is Closeness.SOME_SENTENCES else sentences
        moulds = [SENTENCES[i] for i in sorted({1, *chosen})]
        abstract = " ".join(moulds).format(task=task, name=name, phrase=phrase, **figures)
        records.append(Record(title, abstract))
    return records[0], records[1]


def _figures(chance: random.Random) -> dict[str, int]:
    return {
        "few": chance.randint(3, 40),
        "many": chance.randint(1_000, 90_000),
        "part": chance.randint(5, 70),
    }


def _opener(chance: random.Random) -> str:
    return chance.choice(["via", "with", "using", "through", "by"])
