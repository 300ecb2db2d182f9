"""Alert of the operator by one mail when people wait for approval: once a day at most."""

from __future__ import annotations

from datetime import datetime, timedelta

from digest.daily.pause_alert import PauseAlert
from digest.store import Store

EVERY = timedelta(days=1)
"""Time between two such mails."""
_REMEDY = (
    "See them with: digest subscribers waiting. Then digest subscribers approve EMAIL lets one in, "
    "and digest subscribers decline EMAIL does not. Each of them gets one mail that says what you "
    "decided."
)


def alert_of_waiting(store: Store, alert: PauseAlert | None, now: datetime) -> None:
    """Tell the operator how many wait, where somebody has begun to since the last such mail.

    At most once in `EVERY`, also where several machines try, and also where one is killed in
    between: the mail is noted before it is sent. One that the relay refuses is taken back, and tried
    at a later call.
    """
    if alert is None:
        return
    with store.read() as unit:
        last = unit.arrivals.told_at()
        due = last is None or last <= now - EVERY
        if not due or not unit.arrivals.count_waiting(since=last):
            return
    with store.begin() as unit:
        if not unit.arrivals.claim_alert(last, now):
            return
        count = unit.arrivals.count_waiting()
    who = "1 person has" if count == 1 else f"{count:,} people have"
    verb = "waits" if count == 1 else "wait"
    reason = f"{who} confirmed an address, and {verb} for your approval."
    if not alert.tell_waiting(reason, _REMEDY, now):
        with store.begin() as unit:
            unit.arrivals.return_alert(last)
