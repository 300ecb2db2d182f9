"""Tell what a dump brings: each record new, revised or seen, and why, repeats in the dump included.

A pure function of the records and of what the memory found for their keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from digest.editorial.identity import Match, MatchStrength, match_exactly, match_paper
from digest.editorial.identity_keys import shares_id, without_surplus_id
from digest.editorial.paper_limits import Budget
from digest.editorial.revision import Wording, compare_wording
from digest.model import Change, IdentityKeys, Novelty, Paper, Record

PER_KEY = 32
"""Papers of the same dump that are looked at under one key, as many as the memory gives: a key that
more of them share tells nothing, and a hostile dump must not cost the square of its length."""

_REASONS = {
    Wording.SAME: "text unchanged",
    Wording.SHORTER: "a shorter form of the known text",
    Wording.FULLER: "the known text in full",
    Wording.CHANGED: "text changed",
}


def decide_changes(
    records: Sequence[Record],
    keys: Sequence[IdentityKeys],
    candidates: Sequence[Sequence[Paper]],
    budget: Budget | None = None,
) -> tuple[Change, ...]:
    """One change per record, in order.

    ``keys`` and ``candidates`` are aligned with ``records``; the candidates are the remembered
    papers that share a key. A record that repeats a new one of the same dump is seen, with
    ``same_as``; the text that counts for later records is always the latest or fullest so far. Once
    the ``budget`` is used up, no texts are compared any more, only keys.
    """
    comparison = _Comparison(budget)
    planned = _remembered(records, keys, candidates, comparison)
    dump = _Dump(comparison)
    return tuple(
        dump.decide(index, record, keys[index], candidates[index], planned[index])
        for index, record in enumerate(records)
    )


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Compares records with papers, by their keys alone once the time for it is used up."""

    budget: Budget | None

    @property
    def is_exact(self) -> bool:
        return self.budget is not None and self.budget.is_used_up

    def match(
        self,
        record: Record,
        keys: IdentityKeys,
        candidates: Sequence[Paper],
        least: MatchStrength = MatchStrength.LIKELY,
    ) -> Match | None:
        if self.is_exact:
            return match_exactly(record, keys, candidates)
        return match_paper(record, keys, candidates, least=least)


def _remembered(
    records: Sequence[Record],
    keys: Sequence[IdentityKeys],
    candidates: Sequence[Sequence[Paper]],
    comparison: _Comparison,
) -> list[Match | None]:
    """The remembered paper of each record. A page lists a paper once, so a mere resemblance yields
    to a record that surely is that paper, and of two resemblances the weaker yields."""
    matches = [comparison.match(record, keys[i], candidates[i]) for i, record in enumerate(records)]
    taken = {each.paper.id for each in matches if each and each.evidence is MatchStrength.SURE}
    guesses: dict[int, tuple[float, int]] = {}
    for index, guess in enumerate(matches):
        if guess is None or guess.evidence is MatchStrength.SURE:
            continue
        if guess.paper.id in taken:
            free = [paper for paper in candidates[index] if paper.id not in taken]
            guess = comparison.match(records[index], keys[index], free)
        matches[index] = None
        if guess and (guess.score, -index) > guesses.get(guess.paper.id, (0.0, 0)):
            if guess.paper.id in guesses:
                matches[-guesses[guess.paper.id][1]] = None
            guesses[guess.paper.id] = (guess.score, -index)
            matches[index] = guess
    return matches


@dataclass(slots=True)
class _Dump:
    """The papers that this dump has brought so far. New papers go by negative ids: -1 - index."""

    comparison: _Comparison
    papers: dict[int, Paper] = field(default_factory=dict)
    met: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    revised: set[int] = field(default_factory=set)

    def decide(
        self,
        index: int,
        record: Record,
        keys: IdentityKeys,
        candidates: Sequence[Paper],
        planned: Match | None,
    ) -> Change:
        met = {
            paper_id: self.papers[paper_id]
            for key in keys.lookup
            for paper_id in self.met[key][-PER_KEY:]
        }
        is_exact = self.comparison.is_exact
        match = planned or self.comparison.match(
            record, keys, tuple(met.values()), least=MatchStrength.SURE
        )
        if match is None:
            self._keep(_paper(-1 - index, record, keys), keys)
            disputed = any(shares_id(record, paper) for paper in (*candidates, *met.values()))
            return Change(
                record,
                keys,
                Novelty.NEW,
                _unlike(len(candidates) + len(met)),
                exactly=is_exact,
                disputed_id=record.external_id if disputed else None,
            )
        latest = self.papers.get(match.paper.id, match.paper)
        return self._again(record, keys, replace(match, paper=latest))

    def _again(self, record: Record, keys: IdentityKeys, match: Match) -> Change:
        paper = match.paper
        keys = without_surplus_id(keys, paper)
        how = _wording(record, keys, paper)
        inside = paper.id < 0
        # The first listing of a dump decides what its news about a paper is.
        revised = how is Wording.CHANGED and not inside and paper.id not in self.revised
        if revised:
            self.revised.add(paper.id)
        kept = paper
        if revised or how is Wording.FULLER:
            kept = replace(
                paper,
                title=record.title,
                abstract=record.abstract,
                keys=replace(paper.keys, content=keys.content),
            )
        lookup = tuple(dict.fromkeys(paper.keys.lookup + keys.lookup))
        external = paper.external_id or record.external_id
        self._keep(
            replace(kept, keys=replace(kept.keys, lookup=lookup), external_id=external), keys
        )
        where = "repeated in this dump: " if inside else ""
        return Change(
            record,
            keys,
            Novelty.REVISED if revised else Novelty.SEEN,
            f"{where}{match.reason}; {_REASONS[how]}",
            paper_id=None if inside else paper.id,
            matched=paper.title,
            same_as=-1 - paper.id if inside else None,
            fuller=how is Wording.FULLER,
        )

    def _keep(self, paper: Paper, keys: IdentityKeys) -> None:
        self.papers[paper.id] = paper
        for key in keys.lookup:
            if paper.id not in self.met[key]:
                self.met[key].append(paper.id)


def _wording(record: Record, keys: IdentityKeys, paper: Paper) -> Wording:
    if keys.content == paper.keys.content or keys.content in paper.keys.lookup:
        return Wording.SAME
    return compare_wording((record.title, record.abstract), (paper.title, paper.abstract))


def _unlike(compared: int) -> str:
    if not compared:
        return "nothing like it is known"
    return (
        f"differs from the {compared} most like it"
        if compared > 1
        else "differs from the one like it"
    )


def _paper(paper_id: int, record: Record, keys: IdentityKeys) -> Paper:
    return Paper(
        paper_id,
        record.title,
        record.abstract,
        keys,
        date.min,
        date.min,
        external_id=record.external_id,
        authors=record.authors,
        author_count=record.author_count,
        published=record.published,
    )
