"""What a campaign found, in figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from chaos.auditor import Auditor
from chaos.fault_injection import DEEDS
from chaos.ledger_audit import Page

from digest.model import Tally


@dataclass
class Verdict:
    """What a campaign found. ``problems`` is empty when every promise was kept."""

    recipients: int
    kills: int
    seconds: float
    tally: Tally
    problems: list[str]
    looks: int
    looks_at_work: int
    doubts_per_kill: Counter[int]
    killed_while: Counter[str]
    deeds: Counter[str]
    senders: Counter[str]
    in_doubt_by_relay: int
    in_doubt_by_death: int
    of_them_kept: int
    taken_from_the_dead: int
    torn: int
    copies_beyond_one: int

    @property
    def missing_deeds(self) -> list[str]:
        """The faults that never happened, to the relay's side and to ours."""
        never = [deed for deed in DEEDS if not self.deeds[deed]]
        return never + [what for what in ("paused", "halted") if not self.senders[what]]

    @classmethod
    def of(
        cls,
        auditor: Auditor,
        page: Page,
        *,
        seconds: float,
        killed_while: Counter[str],
        senders: Counter[str],
    ) -> Verdict:
        """The figures of a campaign whose last audit read ``page``."""
        tally, doubts = page.tally, auditor.doubts(page)
        by_death = [number for numbers in doubts.values() for number in numbers]
        copies = auditor.copies()
        readers = {email for email, _ in copies}
        return cls(
            recipients=auditor.recipients,
            kills=len(auditor.killed),
            seconds=seconds,
            tally=Tally(planned_at_start=page.planned_at_start, **tally),
            problems=auditor.problems,
            looks=auditor.looks,
            looks_at_work=auditor.looks_at_work,
            doubts_per_kill=Counter(len(doubts.get(name, ())) for name in auditor.killed),
            killed_while=killed_while,
            deeds=auditor.sink.misdeeds,
            senders=senders,
            in_doubt_by_relay=tally["unknown"] - len(by_death),
            in_doubt_by_death=len(by_death),
            of_them_kept=sum(auditor.addresses[number] in readers for number in by_death),
            taken_from_the_dead=auditor.taken_from_the_dead(),
            torn=auditor.torn(),
            copies_beyond_one=sum(copies.values()) - len(readers),
        )
