"""Alert of the operator by one mail when readings are held: nothing else would go out with them."""

from __future__ import annotations

from datetime import datetime, timedelta

from digest.daily.pause_alert import PauseAlert
from digest.store import Store

EVERY = timedelta(days=1)
"""Time between two alerts about one source."""
_MOST_TOLD = 10
_REMEDY = (
    "Look at each with the command given beside it. If it is right, accept it. If it is not, fix "
    "the source: its next good reading is published as usual. digest status shows what is held."
)


def alert_of_held(store: Store, alert: PauseAlert | None, now: datetime) -> None:
    """Tell the operator of the readings that are held and that nobody was told of yet.

    Once for each, at most once a day for each source, also where several machines try. What is not
    sent now, because the relay or this process failed, is told at a later call.
    """
    if alert is None:
        return
    with store.begin() as unit:
        held = unit.held_readings.claim_alerts(now, EVERY)
    if not held:
        return
    lines = [reading.line for reading in held[:_MOST_TOLD]]
    if len(held) > 1:
        lines = [f"({number}) {line}." for number, line in enumerate(lines, 1)]
    if len(held) > _MOST_TOLD:
        lines.append(f"And {len(held) - _MOST_TOLD} more.")
    delivered = alert.tell_held(" ".join(lines), _REMEDY, now)
    with store.begin() as unit:
        unit.held_readings.end_alerts(held, now if delivered else None)
