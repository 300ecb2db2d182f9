"""Deliver what has become due since: retries, subscribers' own hours, what a dead sender left.

Any number of machines may do so on one store; see `digest worker`.
"""

from __future__ import annotations

import threading
from datetime import datetime

from digest.daily.deliver import DeliverOptions, DeliverReport, deliver
from digest.daily.delivery_settings import DeliverySettings
from digest.daily.run_record import Clock, EditorialSettings, utc_now
from digest.daily.warm_up_status import warm_up_status
from digest.store import Store, UnitOfWork


def deliver_due(
    store: Store,
    editorial: EditorialSettings,
    settings: DeliverySettings,
    *,
    clock: Clock = utc_now,
    stop: threading.Event | None = None,
) -> DeliverReport | None:
    """Send what is due; ``None`` where there is nothing to do, or nothing may leave."""
    with store.read() as unit:
        if not _work_waits(unit, settings, clock()):
            return None
    options = DeliverOptions(stop=stop or threading.Event())
    return deliver(store, editorial, settings, options, clock=clock)


def _work_waits(unit: UnitOfWork, settings: DeliverySettings, now: datetime) -> bool:
    """True if a delivery is due, was left in hand or in doubt, or is yet to be planned.

    Nothing does while sending is paused, as soon as the operator was told of that; and what is due
    does not as long as the warm-up holds it back: a run each minute would only say so again.
    """
    if unit.runs.paused() is not None:
        return settings.pause_alert is not None and not unit.runs.pause_alert_sent()
    if unit.holds.work_waits(now, tells=settings.pause_alert is not None):
        return True
    if settings.posts is not None and settings.posts.work_waits(unit, now):
        return True
    undelivered = unit.editions.undelivered(now, resend=settings.resends)
    blocked = unit.holds.blocked(undelivered)
    tallies = [unit.outbox.tally(id) for id in undelivered if id not in blocked]
    if any(tally.leased or tally.sending for tally in tallies):
        return True
    if any(tally.planned_at_start and not tally.unfinished for tally in tallies):
        return True
    if any(not tally.planned_at_start for tally in tallies) and unit.subscribers.active(limit=1):
        return True
    due = unit.outbox.next_due(now)
    if due is None or due > now:
        return False
    today = warm_up_status(unit, settings.warm_up, now)
    return today is None or today.left > 0
