"""Readings and holds of a store that forgets all: for dumps that nobody keeps."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from digest.model import Dump, HeldReading, HoldReason, SourceReading


class ThrowawayReadings:
    """The figures of each source's readings."""

    def __init__(self) -> None:
        self._readings: dict[str, list[SourceReading]] = defaultdict(list)

    def history(self, source: str) -> tuple[SourceReading, ...]:
        """The readings of ``source`` that were taken in, oldest first."""
        return tuple(self._readings[source])

    def record(self, reading: SourceReading) -> None:
        """Add a reading that was taken in."""
        self._readings[reading.source].append(reading)

    def forget(self, source: str) -> None:
        """Forget what is usual for ``source``."""
        self._readings[source].clear()


class ThrowawayHeldReadings:
    """The readings that are held; each for itself, however alike they are."""

    def __init__(self) -> None:
        self._held: dict[int, tuple[HeldReading, Dump]] = {}
        self._fingerprints: set[str] = set()

    def hold(
        self, reading: SourceReading, dump: Dump, reason: HoldReason, words: str
    ) -> HeldReading:
        """Keep ``dump`` aside."""
        self._fingerprints.add(dump.fingerprint)
        number = max(self._held, default=0) + 1
        held = HeldReading(number, reading, dump.location, reason, words, reading.read_at)
        self._held[number] = held, dump
        return held

    def held(self, source: str | None = None) -> tuple[HeldReading, ...]:
        """Readings that are held (of ``source``), oldest first."""
        return tuple(
            held for held, _ in self._held.values() if source in (None, held.reading.source)
        )

    def with_bytes(self, fingerprint: str) -> HeldReading | None:
        """Find a hold of these very bytes that no good reading came after."""
        for held, dump in self._held.values():
            if dump.fingerprint == fingerprint and held.passed_at is None:
                return held
        return None

    def dump(self, held_id: int) -> Dump:
        """Contents of a held reading."""
        return self._held[held_id][1]

    def fingerprints(self) -> frozenset[str]:
        """The fingerprints of what is held, or was."""
        return frozenset(self._fingerprints)

    def mark_passed(self, held_id: int, unconfirmed: int, now: datetime) -> None:
        """Note that a good reading came after it, in which ``unconfirmed`` of its papers were not."""
        if not unconfirmed:
            self.decide(held_id)
            return
        held, dump = self._held[held_id]
        passed = replace(held, passed_at=held.passed_at or now, unconfirmed=unconfirmed)
        self._held[held_id] = passed, dump

    def decide(self, held_id: int) -> None:
        """Let go of what a held reading has."""
        self._held.pop(held_id, None)
