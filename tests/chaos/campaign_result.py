"""Result of a campaign, in figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from chaos.fault_injection import FAULTS
from chaos.invariants import InvariantChecker
from chaos.outbox_reader import OutboxSnapshot

from digest.model import Tally


@dataclass
class CampaignResult:
    """Result of a campaign; ``problems`` is empty when every invariant held.

    ``unknown_by_kill`` deliveries were left in doubt by a kill (``of_these_stored`` are in the
    mailbox), ``unknown_by_server`` by the server. The server took ``accepted_after_kill`` mails
    whole after their sender was dead; of ``cut_off_bodies`` it got only a part. ``duplicates``
    counts copies beyond the first.
    """

    recipients: int
    kills: int
    seconds: float
    tally: Tally
    problems: list[str]
    checks: int
    checks_beside_senders: int
    unknown_per_kill: Counter[int]
    killed_while: Counter[str]
    fault_counts: Counter[str]
    senders: Counter[str]
    unknown_by_server: int
    unknown_by_kill: int
    of_these_stored: int
    accepted_after_kill: int
    cut_off_bodies: int
    duplicates: int

    @property
    def missing_faults(self) -> list[str]:
        """List the faults that never happened, on the server's side and on ours."""
        never = [fault for fault in FAULTS if not self.fault_counts[fault]]
        return never + [event for event in ("paused", "halted") if not self.senders[event]]

    @classmethod
    def of(
        cls,
        invariants: InvariantChecker,
        snapshot: OutboxSnapshot,
        *,
        seconds: float,
        killed_while: Counter[str],
        senders: Counter[str],
    ) -> CampaignResult:
        """The figures of a campaign whose last audit read ``snapshot``."""
        tally, unknown_by_sender = snapshot.tally, invariants.unknown_by_sender(snapshot)
        by_kill = [
            delivery_id
            for delivery_ids in unknown_by_sender.values()
            for delivery_id in delivery_ids
        ]
        copies = invariants.copies()
        recipients = {email for email, _ in copies}
        return cls(
            recipients=invariants.recipients,
            kills=len(invariants.killed),
            seconds=seconds,
            tally=Tally(planned_at_start=snapshot.planned_at_start, **tally),
            problems=invariants.problems,
            checks=invariants.checks,
            checks_beside_senders=invariants.checks_beside_senders,
            unknown_per_kill=Counter(
                len(unknown_by_sender.get(name, ())) for name in invariants.killed
            ),
            killed_while=killed_while,
            fault_counts=invariants.sink.fault_counts,
            senders=senders,
            unknown_by_server=tally["unknown"] - len(by_kill),
            unknown_by_kill=len(by_kill),
            of_these_stored=sum(
                invariants.addresses[delivery_id] in recipients for delivery_id in by_kill
            ),
            accepted_after_kill=invariants.accepted_after_kill(),
            cut_off_bodies=invariants.cut_off_bodies(),
            duplicates=sum(copies.values()) - len(recipients),
        )
