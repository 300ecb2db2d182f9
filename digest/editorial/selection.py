"""Choose what one mail shows of an edition: the general choice, or the reader's own."""

from __future__ import annotations

from collections.abc import Mapping

from digest.editorial.arrangement import EditionLimits
from digest.editorial.keywords import Mentions, folded
from digest.editorial.shares import choose_picks, fair_shares, how_many_picks
from digest.model import Edition, Entry, Preferences, SectionChoice, Selection

# What a reader asked for goes before what everybody looks at (a trend score is about 0 to 2).
_FOR_A_KEYWORD = 1.0
_FOR_THE_TOPIC = 0.5
_FOR_A_SECOND_TOPIC = 0.25


def select_for(
    edition: Edition,
    preferences: Preferences | None = None,
    *,
    caps: EditionLimits = EditionLimits(),  # noqa: B008 - frozen
    index: Mentions | None = None,
) -> Selection | None:
    """Choose what these preferences get of ``edition``; ``None`` if there is nothing new.

    A paper is wanted if one of its topics is followed or a keyword is in its title or abstract
    (everything is, if the reader named neither). An unwanted keyword always leaves it out, an
    unwanted topic unless the paper's first topic is followed. ``max_papers`` replaces the caps'
    budget; what is beyond it is named by its title. ``why`` has a reason for each paper with a
    summary that the preferences brought in. ``index`` is the edition's (`indexed`), kept by callers.
    """
    if preferences is None or not preferences.narrows:
        return _general(edition)
    matches = _PreferenceMatches(edition, _meaningful(preferences), index or indexed(edition))
    new = {id for section in edition.sections for id in section.papers}
    wanted = [entry for entry in edition.entries if _wanted(entry, matches)]
    matched = [entry for entry in wanted if entry.paper_id in new]
    if not matched:
        return None
    budget = caps.papers if preferences.max_papers is None else max(preferences.max_papers, 1)
    picks, sections = _share_out(edition, matched, matches, budget, caps.picks)
    shown = [*picks, *(id for section in sections for id in section.papers)]
    by_id = {entry.paper_id: entry for entry in wanted}
    updated = tuple(id for id in edition.updated if id in by_id and id not in new)
    limited = preferences.max_papers is not None
    room = min(caps.updated, max(budget - len(shown), 0)) if limited else caps.updated
    return Selection(
        picks,
        sections,
        updated[:room],
        total=len(matched),
        why=_reasons(edition, [by_id[id] for id in (*shown, *updated[:room])], matches),
        personal=True,
        updated_titles=updated[room:],
        limited=limited,
    )


def matching(
    edition: Edition, preferences: Preferences, index: Mentions | None = None
) -> tuple[list[Entry], dict[int, str]]:
    """The entries that these preferences want, and why, for those that they brought in."""
    if not preferences.narrows:
        return list(edition.entries), {}
    matches = _PreferenceMatches(edition, _meaningful(preferences), index or indexed(edition))
    wanted = [entry for entry in edition.entries if _wanted(entry, matches)]
    return wanted, _reasons(edition, wanted, matches)


def indexed(edition: Edition) -> Mentions:
    """Index which entries of an edition mention which words."""
    return Mentions([(entry.title, entry.abstract) for entry in edition.entries])


class _PreferenceMatches:
    """A subscriber's preferences, and the entries of an edition that mention their words."""

    def __init__(self, edition: Edition, preferences: Preferences, index: Mentions) -> None:
        self.topics = frozenset(preferences.topics)
        self.exclude_topics = frozenset(preferences.exclude_topics)
        self.keywords = preferences.keywords
        ids = [entry.paper_id for entry in edition.entries]
        self.refused = {
            ids[number] for word in preferences.exclude_keywords for number in index.of(word)
        }
        self._keywords: dict[int, list[str]] = {}
        for word in preferences.keywords:
            for number in index.of(word):
                self._keywords.setdefault(ids[number], []).append(word)

    def keywords_in(self, entry: Entry) -> list[str]:
        """The words of the reader that an entry mentions, in the reader's order."""
        return self._keywords.get(entry.paper_id, [])


def _general(edition: Edition) -> Selection | None:
    if not edition.entries:
        return None
    picked = set(edition.picks)
    sections = []
    for section in edition.sections:
        rest = [id for id in section.papers if id not in picked]
        if rest:
            shown, beyond = tuple(rest[: section.shown]), tuple(rest[section.shown :])
            sections.append(SectionChoice(section.topic.id, shown, titles=beyond))
    return Selection(
        edition.picks,
        tuple(sections),
        edition.updated[: edition.updated_shown],
        total=edition.new,
        updated_titles=edition.updated[edition.updated_shown :],
    )


def _meaningful(preferences: Preferences) -> Preferences:
    """The preferences without keywords that say nothing (no letter or digit in them)."""
    return Preferences(
        topics=preferences.topics,
        exclude_topics=preferences.exclude_topics,
        keywords=tuple(word for word in preferences.keywords if folded(word).strip()),
        exclude_keywords=tuple(
            word for word in preferences.exclude_keywords if folded(word).strip()
        ),
    )


def _wanted(entry: Entry, matches: _PreferenceMatches) -> bool:
    if entry.paper_id in matches.refused:
        return False
    if entry.topic in matches.exclude_topics:
        return False
    if entry.topic not in matches.topics and not set(entry.topics).isdisjoint(
        matches.exclude_topics
    ):
        return False
    if not matches.topics and not matches.keywords:
        return True
    if not set(entry.topics).isdisjoint(matches.topics):
        return True
    return bool(matches.keywords_in(entry))


def _share_out(
    edition: Edition,
    matched: list[Entry],
    matches: _PreferenceMatches,
    budget: int,
    most_picks: int,
) -> tuple[tuple[int, ...], tuple[SectionChoice, ...]]:
    bonus = {entry.paper_id: _bonus(entry, matches) for entry in matched}
    common = min(bonus.values())  # what all have in common says nothing: who follows all is general
    scores = {
        entry.paper_id: entry.trend.score + bonus[entry.paper_id] - common for entry in matched
    }
    ranked = sorted(matched, key=lambda entry: (-scores[entry.paper_id], entry.paper_id))
    number = how_many_picks(min(len(ranked), budget), most_picks)
    chosen = choose_picks([(entry, scores[entry.paper_id]) for entry in ranked], number)
    picks = tuple(entry.paper_id for entry in chosen)
    left: dict[str, list[Entry]] = {section.topic.id: [] for section in edition.sections}
    for entry in ranked:
        if entry.paper_id not in picks:
            left[entry.topic].append(entry)
    left = {topic: entries for topic, entries in left.items() if entries}
    shares = fair_shares(
        {topic: [scores[entry.paper_id] for entry in entries] for topic, entries in left.items()},
        max(budget - len(picks), 0),
    )
    sections = tuple(
        SectionChoice(
            topic,
            tuple(entry.paper_id for entry in entries[: shares[topic]]),
            titles=tuple(entry.paper_id for entry in entries[shares[topic] :]),
        )
        for topic, entries in left.items()
    )
    return picks, sections


def _bonus(entry: Entry, matches: _PreferenceMatches) -> float:
    bonus = _FOR_A_KEYWORD * len(matches.keywords_in(entry))
    if entry.topic in matches.topics:
        return bonus + _FOR_THE_TOPIC
    if not set(entry.topics).isdisjoint(matches.topics):
        return bonus + _FOR_A_SECOND_TOPIC
    return bonus


def _reasons(edition: Edition, entries: list[Entry], matches: _PreferenceMatches) -> dict[int, str]:
    names = {section.topic.id: section.topic.name for section in edition.sections}
    reasons = {entry.paper_id: _why(entry, matches, names) for entry in entries}
    return {id: why for id, why in reasons.items() if why}


def _why(entry: Entry, matches: _PreferenceMatches, names: Mapping[str, str]) -> str:
    followed = [topic for topic in entry.topics if topic in matches.topics]
    keywords = matches.keywords_in(entry)
    reasons = []
    if followed:
        reasons.append(f"you follow {names.get(followed[0], followed[0])}")
    if keywords:
        reasons.append(f"mentions {' and '.join(map(_quoted, keywords[:2]))}")
    return "; ".join(reasons)


def _quoted(word: str) -> str:
    return f"'{' '.join(word.split())}'"
