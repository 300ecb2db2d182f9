"""Classify bounces and complaints, and decide what follows for the subscriber, as a value.

Only what says "this address does not exist" ends a subscription at once; a full mailbox or a slow
host counts a point, at most one a day, and is forgotten after a quiet week (the rule of Mailman's
bounce processing). What is about *us* (5.7.x) is an alarm and harms nobody. Without a valid token
nothing changes: anyone can write a bounce (RFC 3464 §4.1). Nor does it with one, where the report
is about somebody else and nowhere names the reader whose token it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from digest.bounces.reports import RecipientReport, Report, ReportKind, parse_report
from digest.bounces.verp import ReadToken, delivery_named
from digest.email_address import address_spellings
from digest.model import SuppressionCause
from digest.redaction import without_addresses

POINTS_TO_SUPPRESS = 5.0
STALE_AFTER = timedelta(days=7)
"""Mailman's defaults for ``bounce_score_threshold`` and ``bounce_info_stale_after``."""

_LARGEST_POINT = 1.0

RecipientOf = Callable[[int], str | None]
"""The address that a delivery went to."""


class BounceKind(StrEnum):
    """The meaning of a message that came back."""

    NO_SUCH_READER = "no such reader"
    FAILED = "failed this time"
    ABOUT_US = "about us"
    COMPLAINT = "complaint"
    NOT_A_FAILURE = "not a failure"
    SOMEONE_ELSE = "about someone else"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Bounce:
    """A message that came back, understood as far as it can be.

    ``delivery_id`` is ``None`` without a valid token. ``words`` is for a person.
    """

    meaning: BounceKind
    delivery_id: int | None = None
    status: str = ""
    recipient: str = ""
    words: str = ""

    @property
    def for_a_person(self) -> bool:
        """True if the message must be kept for a person to look at."""
        if self.meaning is BounceKind.NOT_A_FAILURE:
            return False
        unclear = self.meaning in (BounceKind.UNREADABLE, BounceKind.SOMEONE_ELSE)
        return unclear or self.delivery_id is None


@dataclass(frozen=True, slots=True)
class BounceScore:
    """Points against an address, and when the last was added."""

    points: float = 0.0
    at: datetime | None = None

    def points_at(self, moment: datetime) -> float:
        """The points that still count."""
        if self.at is None or moment - self.at > STALE_AFTER:
            return 0.0
        return self.points

    def with_bounce(self, moment: datetime) -> BounceScore:
        """One point more, unless one was counted on the same day (UTC) already."""
        points = self.points_at(moment)
        if self.at is not None and points and moment.date() <= self.at.date():
            return self
        return BounceScore(points + _LARGEST_POINT, moment)


@dataclass(frozen=True, slots=True)
class Consequence:
    """The decision. ``suppress`` is the reason to send nothing any more, ``alarm`` the operator's.

    A reason outlives the reader's erasure, so it holds codes and no words of the other side, which
    like to name the address.
    """

    score: BounceScore
    suppress: str = ""
    alarm: str = ""
    keep: bool = False


def classify_message(
    raw: bytes,
    *,
    address: str,
    read_token: ReadToken,
    envelope_recipient: str = "",
    recipient_of: RecipientOf = lambda _: None,
) -> Bounce:
    """Understand a message that came to the bounce address ``address``.

    ``recipient_of`` gives the address of a delivery, to choose among several in one report and to
    see that it is in it at all; ``None`` if that is not known (any more).
    """
    report = parse_report(raw, envelope_recipient=envelope_recipient)
    return classify_report(
        report, address=address, read_token=read_token, recipient_of=recipient_of
    )


def classify_report(
    report: Report,
    *,
    address: str,
    read_token: ReadToken,
    recipient_of: RecipientOf = lambda _: None,
) -> Bounce:
    """As `classify_message`, of a message that was parsed already."""
    delivery_id = delivery_named(report.traces, address, read_token)
    known = recipient_of(delivery_id) if delivery_id is not None else None
    expected = address_spellings(known) if known else ()
    if report.form is ReportKind.AUTOMATIC:
        return Bounce(BounceKind.NOT_A_FAILURE, delivery_id, words="automatic reply")
    if expected and _about_someone_else(report, expected):
        return Bounce(BounceKind.SOMEONE_ELSE, delivery_id)
    if report.form is ReportKind.COMPLAINT:
        return Bounce(_complaint(report.feedback), delivery_id, "", known or "", report.feedback)
    recipient_report = _matching(report, expected)
    if recipient_report is None:
        return Bounce(BounceKind.UNREADABLE, delivery_id)
    status = _best_status(recipient_report)
    meaning = _meaning(recipient_report, status, temporary=report.temporary)
    return Bounce(
        meaning,
        delivery_id,
        status,
        recipient_report.recipient,
        _one_line(recipient_report.diagnostic)[:300],
    )


def decide_consequence(bounce: Bounce, score: BounceScore, now: datetime) -> Consequence:
    """Decide what follows for the subscriber of that bounce, whose score so far is ``score``."""
    if bounce.for_a_person:
        return Consequence(score, keep=True)
    code = bounce.status or "no code"
    if bounce.meaning is BounceKind.NO_SUCH_READER:
        return Consequence(score, suppress=f"{SuppressionCause.BOUNCED}: {code}")
    if bounce.meaning is BounceKind.COMPLAINT:
        return Consequence(score, suppress=SuppressionCause.COMPLAINED)
    if bounce.meaning is BounceKind.ABOUT_US:
        words = without_addresses(f"{bounce.status} {bounce.words}".strip())[:200]
        return Consequence(score, alarm=f"a receiver refuses this sender: {words}")
    if bounce.meaning is BounceKind.FAILED:
        later = score.with_bounce(now)
        if later.points >= POINTS_TO_SUPPRESS:
            reason = f"{SuppressionCause.BOUNCED} on {later.points:.0f} days, the last: {code}"
            return Consequence(later, suppress=reason)
        return Consequence(later)
    return Consequence(score)


def _one_line(words: str) -> str:
    """Words that a terminal shows and does not obey."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(words.split()))


def _about_someone_else(report: Report, expected: tuple[str, ...]) -> bool:
    """Tell whether a report names recipients, and nowhere the one that it should be about.

    A forwarded mail comes back from an address that nobody here knows; but what was returned of
    it still says to whom it went. A complaint may have the local part blotted out (RFC 6590).
    """
    named = [name for recipient_report in report.recipients for name in _names(recipient_report)]
    if report.form is ReportKind.COMPLAINT:
        domains = {address.rpartition("@")[2] for address in expected}
        named = [name for name in named if name.rpartition("@")[2] not in domains]
    if not named or not set(named).isdisjoint(expected):
        return False
    either = "|".join(map(re.escape, expected))
    pattern = re.compile(rf"(?<![\w.+-])(?:{either})(?![\w-])", re.IGNORECASE)
    return not any(pattern.search(trace) for trace in report.traces)


def _names(recipient_report: RecipientReport) -> list[str]:
    return [
        name
        for name in (recipient_report.recipient, recipient_report.original_recipient)
        if "@" in name
    ]


def _complaint(feedback: str) -> BounceKind:
    """RFC 5965 §7.3; ``opt-out`` is of RFC 6430's time and means the same as a complaint."""
    if feedback in ("not-spam",):
        return BounceKind.NOT_A_FAILURE
    if feedback in ("abuse", "fraud", "opt-out", "opt-out-list", "miscategorized", "other"):
        return BounceKind.COMPLAINT
    return BounceKind.ABOUT_US


def _matching(report: Report, expected: tuple[str, ...]) -> RecipientReport | None:
    """The part of a report that is about our reader; else the mildest, which harms least."""
    for recipient_report in report.recipients:
        if (
            recipient_report.recipient in expected
            or recipient_report.original_recipient in expected
        ):
            return recipient_report
    return min(report.recipients, key=_harm, default=None)


def _harm(recipient_report: RecipientReport) -> int:
    return _MILDEST_FIRST.index(
        _meaning(recipient_report, _best_status(recipient_report), temporary=False)
    )


_MILDEST_FIRST = (
    BounceKind.NOT_A_FAILURE,
    BounceKind.ABOUT_US,
    BounceKind.FAILED,
    BounceKind.NO_SUCH_READER,
)


def _best_status(recipient_report: RecipientReport) -> str:
    """The status, or the one in the diagnostic where the field says only "some failure"."""
    match = re.search(r"\b([45]\.\d{1,3}\.\d{1,3})\b", recipient_report.diagnostic)
    if match and (not recipient_report.status or recipient_report.status.endswith(".0.0")):
        return match.group(1)
    return recipient_report.status


def _meaning(recipient_report: RecipientReport, status: str, *, temporary: bool) -> BounceKind:
    """RFC 3464 §2.3.3 for the action, RFC 3463 §3 for the status."""
    if recipient_report.action in ("delayed", "delivered", "relayed", "expanded"):
        return BounceKind.NOT_A_FAILURE
    if not status.startswith("5") or temporary:
        return (
            BounceKind.FAILED
            if status or recipient_report.action == "failed"
            else BounceKind.NOT_A_FAILURE
        )
    _, subject, detail = status.split(".")
    if subject == "7" or (subject == "1" and detail in ("7", "8")):
        return BounceKind.ABOUT_US
    if subject == "1" or (subject, detail) == ("2", "1"):
        return BounceKind.NO_SUCH_READER
    return BounceKind.FAILED
