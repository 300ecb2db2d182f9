"""The sum of deliveries by state, for people."""

from __future__ import annotations

from digest.model import Tally


def equation(tally: Tally) -> str:
    """``212 planned = 210 accepted + 2 rejected``, and a complaint where it does not add up."""
    parts = [
        f"{getattr(tally, name):,} {name}"
        for name in (
            "planned", "leased", "sending", "deferred", "accepted", "rejected", "excluded", "unknown",
        )
        if getattr(tally, name)
    ]  # fmt: skip
    line = f"{tally.planned_at_start:,} planned = {' + '.join(parts) or '0'}"
    return line if tally.balanced else f"{line}  DOES NOT ADD UP: report this"
