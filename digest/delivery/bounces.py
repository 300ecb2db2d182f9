"""What a bounce or a complaint means for a reader: a decision as a value.

Only what says "this address does not exist" ends a subscription at once; a full mailbox or a slow
host counts a point, at most one a day, and is forgotten after a quiet week (the rule of Mailman's
bounce processing). What is about *us* (5.7.x) is an alarm and harms nobody. Without a valid token
nothing changes: anyone can write a bounce (RFC 3464 §4.1).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from digest.delivery.reports import Form, RecipientReport, Report, parse
from digest.delivery.verp import ReadToken, delivery_named

POINTS_TO_SUPPRESS = 5.0
STALE_AFTER = timedelta(days=7)
"""Mailman's defaults for ``bounce_score_threshold`` and ``bounce_info_stale_after``."""

_LARGEST_POINT = 1.0


class Meaning(StrEnum):
    """What a message that came back says."""

    NO_SUCH_READER = "no such reader"
    FAILED = "failed this time"
    ABOUT_US = "about us"
    COMPLAINT = "complaint"
    NOT_A_FAILURE = "not a failure"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Bounce:
    """A message that came back, understood as far as it can be.

    ``delivery_id`` is ``None`` without a valid token. ``words`` is for a person.
    """

    meaning: Meaning
    delivery_id: int | None = None
    status: str = ""
    recipient: str = ""
    words: str = ""

    @property
    def for_a_person(self) -> bool:
        """Whether the message must be kept for a person to look at."""
        if self.meaning is Meaning.NOT_A_FAILURE:
            return False
        return self.meaning is Meaning.UNREADABLE or self.delivery_id is None


@dataclass(frozen=True, slots=True)
class Score:
    """Points against an address, and when the last was added."""

    points: float = 0.0
    at: datetime | None = None

    def now(self, moment: datetime) -> float:
        """The points that still count."""
        if self.at is None or moment - self.at > STALE_AFTER:
            return 0.0
        return self.points

    def bounced(self, moment: datetime) -> Score:
        """One point more, unless one was counted on the same day (UTC) already."""
        points = self.now(moment)
        if self.at is not None and points and moment.date() <= self.at.date():
            return self
        return Score(points + _LARGEST_POINT, moment)


@dataclass(frozen=True, slots=True)
class Consequence:
    """What to do. ``suppress`` is the reason to send nothing any more, ``alarm`` the operator's."""

    score: Score
    suppress: str = ""
    alarm: str = ""
    keep: bool = False


def read(
    raw: bytes,
    *,
    address: str,
    read_token: ReadToken,
    envelope_recipient: str = "",
    recipient_of: Callable[[int], str | None] = lambda _: None,
) -> Bounce:
    """Understand a message that came to the bounce address ``address``.

    ``recipient_of`` gives the address of a delivery, to choose among several in one report.
    """
    report = parse(raw, envelope_recipient=envelope_recipient)
    delivery_id = delivery_named(report.traces, address, read_token)
    expected = recipient_of(delivery_id) if delivery_id is not None else None
    if report.form is Form.COMPLAINT:
        return Bounce(_complaint(report.feedback), delivery_id, "", expected or "", report.feedback)
    if report.form is Form.AUTOMATIC:
        return Bounce(Meaning.NOT_A_FAILURE, delivery_id, words="automatic reply")
    one = _matching(report, (expected or "").lower())
    if one is None:
        return Bounce(Meaning.UNREADABLE, delivery_id)
    status = _best_status(one)
    meaning = _meaning(one, status, temporary=report.temporary)
    words = " ".join(one.diagnostic.split())[:300]
    return Bounce(meaning, delivery_id, status, one.recipient, words)


def consequence(bounce: Bounce, score: Score, now: datetime) -> Consequence:
    """What follows from that bounce for its reader, whose score so far is ``score``."""
    if bounce.for_a_person:
        return Consequence(score, keep=True)
    said = f"{bounce.status} {bounce.words}".strip()[:200]
    if bounce.meaning is Meaning.NO_SUCH_READER:
        return Consequence(score, suppress=f"bounced: {said}")
    if bounce.meaning is Meaning.COMPLAINT:
        return Consequence(score, suppress="complained")
    if bounce.meaning is Meaning.ABOUT_US:
        return Consequence(score, alarm=f"a receiver refuses this sender: {said}")
    if bounce.meaning is Meaning.FAILED:
        later = score.bounced(now)
        if later.points >= POINTS_TO_SUPPRESS:
            reason = f"bounced on {later.points:.0f} days, the last: {said}"
            return Consequence(later, suppress=reason)
        return Consequence(later)
    return Consequence(score)


def _complaint(feedback: str) -> Meaning:
    """RFC 5965 §7.3; ``opt-out`` is of RFC 6430's time and means the same as a complaint."""
    if feedback in ("not-spam",):
        return Meaning.NOT_A_FAILURE
    if feedback in ("abuse", "fraud", "opt-out", "opt-out-list", "miscategorized", "other"):
        return Meaning.COMPLAINT
    return Meaning.ABOUT_US


def _matching(report: Report, expected: str) -> RecipientReport | None:
    """The part of a report that is about our reader; else the mildest, which harms least."""
    for one in report.recipients:
        if expected and expected in (one.recipient, one.original_recipient):
            return one
    return min(report.recipients, key=_harm, default=None)


def _harm(one: RecipientReport) -> int:
    return _MILDEST_FIRST.index(_meaning(one, _best_status(one), temporary=False))


_MILDEST_FIRST = (
    Meaning.NOT_A_FAILURE,
    Meaning.ABOUT_US,
    Meaning.FAILED,
    Meaning.NO_SUCH_READER,
)


def _best_status(one: RecipientReport) -> str:
    """The status, or the one in the diagnostic where the field says only "some failure"."""
    found = re.search(r"\b([45]\.\d{1,3}\.\d{1,3})\b", one.diagnostic)
    if found and (not one.status or one.status.endswith(".0.0")):
        return found.group(1)
    return one.status


def _meaning(one: RecipientReport, status: str, *, temporary: bool) -> Meaning:
    """RFC 3464 §2.3.3 for the action, RFC 3463 §3 for the status."""
    if one.action in ("delayed", "delivered", "relayed", "expanded"):
        return Meaning.NOT_A_FAILURE
    if not status.startswith("5") or temporary:
        return Meaning.FAILED if status or one.action == "failed" else Meaning.NOT_A_FAILURE
    _, subject, detail = status.split(".")
    if subject == "7" or (subject == "1" and detail in ("7", "8")):
        return Meaning.ABOUT_US
    if subject == "1" or (subject, detail) == ("2", "1"):
        return Meaning.NO_SUCH_READER
    return Meaning.FAILED
