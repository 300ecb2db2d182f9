"""A made-up month of papers: its ordinary noise, and one topic and one phrase that rise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from digest.editorial import trending

FIRST = date(2026, 10, 1)
TOPICS = tuple(f"topic-{letter}" for letter in "abcdefghijklmnopqrstu")
RISING_TOPIC = "topic-k"
# A word that titles use all the time, and a phrase that they never had.
STEADY, RISING_PHRASE = "lamps", "liquid lattice"
RISES_ON = 20


@dataclass(frozen=True)
class Day:
    """One day of the month: each paper's topic and title."""

    number: int
    papers: tuple[tuple[str, str], ...]

    @property
    def date(self) -> date:
        return FIRST + timedelta(days=self.number)

    @property
    def counts(self) -> dict[str, int]:
        topics = [topic for topic, _ in self.papers]
        return {topic: topics.count(topic) for topic in sorted(set(topics))}


def month(seed: int, *, papers: int = 50, rise: bool = True, days: int = 30) -> tuple[Day, ...]:
    """Thirty days of about ``papers`` papers.

    Topic shares differ by topic and, day by day, more than dice would make them; one topic has
    more every Monday, one goes from two to three papers for good, a word is in a sixth of all
    titles, companion papers share words. With ``rise``, from day 20 on a topic of a twentieth
    takes a quarter of the day, and a phrase never seen before is in four titles a day.
    """
    random = Random(seed)
    words = [_word(random) for _ in range(800)]
    weights = [1 / (rank + 8) for rank in range(len(words))]
    base = [random.gammavariate(2.0, 1.0) + 0.5 for _ in TOPICS]
    base[TOPICS.index(RISING_TOPIC)] = sum(base) / 20
    made = []
    for number in range(days):
        size = max(random.randint(papers * 3 // 4, papers * 5 // 4), 10)
        today = [random.gammavariate(25.0, each / 25.0) for each in base]
        if number % 7 == 0:
            today[0] *= 1.5
        topics = random.choices(TOPICS, today, k=size)
        topics += [TOPICS[1]] * (2 if number < RISES_ON else 3)
        if rise and number >= RISES_ON:
            topics += [RISING_TOPIC] * (size // 4)
        titles = [_title(random, words, weights) for _ in topics]
        if number % 9 == 4:
            titles[1] = " ".join(titles[0].split()[:2]) + " Part II"
        if rise and number >= RISES_ON:
            for at in random.sample(range(len(titles)), 4):
                plural = random.choice(("", "s"))
                titles[at] += f" with {RISING_PHRASE.title()}{plural}"
        made.append(Day(number, tuple(zip(topics, titles, strict=True))))
    return tuple(made)


def flags(days: tuple[Day, ...], *, since: int = 7) -> Iterator[tuple[int, str]]:
    """Everything flagged as rising: the day's number, and the topic or phrase."""
    for day in days[since:]:
        past = days[: day.number]
        today = trending.momentum(day.counts, {one.date: one.counts for one in past})
        for topic, one in today.items():
            if one.rising:
                yield day.number, topic
        history = [(one.date, title) for one in past for _, title in one.papers]
        for phrase in trending.rising_phrases([title for _, title in day.papers], history):
            yield day.number, phrase.name


def _word(random: Random) -> str:
    syllables = random.randint(2, 3)
    return "".join(
        random.choice("bcdfghjklmnprstvwz") + random.choice("aeiou") for _ in range(syllables)
    )


def _title(random: Random, words: list[str], weights: list[float]) -> str:
    chosen = [word.title() for word in random.choices(words, weights, k=random.randint(5, 9))]
    if random.random() < 1 / 6:
        chosen.insert(2, STEADY.title())
    return " ".join(chosen)
