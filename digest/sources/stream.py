"""Read one dump from a stream, such as standard input."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from digest.model import Dump, Rejected
from digest.sources.isolation import read_apart
from digest.sources.source_limits import (
    SourceLimits,
    too_big,
)

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class StreamSource:
    """Source of one dump: all that comes in until the stream ends."""

    stream: BinaryIO
    limits: SourceLimits
    name: str = "standard input"

    def read(
        self, *, today: date, known: Container[str] = frozenset()
    ) -> Iterator[Dump | Rejected]:
        """Yield the dump, or why there is none. A stream can be read once."""
        pieces: list[bytes] = []
        left = self.limits.max_bytes + 1
        try:
            while left > 0 and (piece := self.stream.read(min(_CHUNK, left))):
                pieces.append(piece)
                left -= len(piece)
        except (OSError, ValueError) as error:
            yield Rejected(f"cannot be read ({error}): pipe a page into it", self.name)
            return
        if left <= 0:
            yield too_big(self.name, self.limits)
            return
        yield read_apart(b"".join(pieces), location=self.name, today=today, limits=self.limits)
