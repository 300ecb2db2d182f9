"""Process what came back by mail: bounces, complaints, and requests to leave.

::

    a message ─▶ unsubscribe TOKEN ──────────────▶ the reader is gone
              ├▶ vote TOKEN PAPER more ──────────▶ the reader's word on that paper
              ├▶ unsubscribe ─▶ sender proven ───▶ the reader is gone
              │                └▶ not proven ────▶ a mail with a link asks the reader
              ├▶ bounce or complaint, its token ─▶ a point, a suppression, an alarm, or nothing
              └▶ anything else ──────────────────▶ quarantine, for a person

What a message says is in the store before the message is taken out of its mailbox. A delivery
counts once for each thing that is said of it, so reading a message again changes nothing.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from digest.bounces.authentication_results import is_proven
from digest.bounces.classify import (
    Bounce,
    BounceKind,
    BounceScore,
    classify_report,
    decide_consequence,
)
from digest.bounces.quarantine import Quarantine, QuarantineReason
from digest.bounces.reports import Report, ReportKind, parse_report
from digest.daily.mail_votes import read_vote, vote_by_mail
from digest.daily.run_record import Clock, plural, utc_now
from digest.errors import SubscriberError
from digest.mail.tokens import read_bounce_token, read_token
from digest.model import EventKind, Subscriber, SubscriberState
from digest.redaction import without_addresses
from digest.store import Store, UnitOfWork
from digest.subscriptions import (
    ActionResult,
    LeaveOffer,
    offer_to_leave,
    unsubscribe,
)

log = logging.getLogger(__name__)

ALARM_FLAG = "bounces-about-us"
NOT_KEPT_FLAG = "bounces-not-kept"
SHOWN_FOR = timedelta(days=7)
"""How long after the last of them a status tells of alarms and of messages that were not kept."""

_AT_ONCE = 200
_BY_MAIL = "unsubscribed by mail"
_ASKS_TO_LEAVE = "asks to leave"
_UNSUBSCRIBE_SUBJECT = re.compile(
    r"(?:(?:re|aw|fwd?|wg|sv|vs|tr|rv)\s*:\s*)*unsubscribe(?:\s+(\S{1,256}))?", re.IGNORECASE
)
_SERVICE_MAIL_ID = r"<(?:confirm|welcome|goodbye|leave|paused|alert)\.[0-9a-f]{24}@%s>"


class BounceEffect(StrEnum):
    """The action taken on a message."""

    SUPPRESSED = "suppressed"
    COUNTED = "counted"
    UNSUBSCRIBED = "unsubscribed"
    VOTED = "voted"
    ANSWERED = "answered"
    ALARM = "alarm"
    NOTHING = "nothing"
    QUARANTINED = "kept"
    NOT_QUARANTINED = "not kept"
    LEFT_IN_MAILBOX = "left"


@dataclass(frozen=True, slots=True)
class BounceContext:
    """The parts that returned mail is processed with.

    ``address`` is the bounce address, bare; ``keys`` check tokens; ``domain`` is where our
    Message-IDs live. ``goodbye``: who leaves gets a last mail. ``authserv_id`` is the name under
    which the receiving mail server vouches for senders; without it none is believed.
    """

    store: Store
    address: str
    keys: Sequence[str]
    quarantine: Quarantine
    domain: str
    goodbye: bool = False
    authserv_id: str = ""


@dataclass(frozen=True, slots=True)
class BounceResult:
    """The outcome of one message: its meaning, the action taken, and the reason."""

    meaning: str
    effect: BounceEffect
    reason: str = ""
    delivery_id: int | None = None
    subscriber_id: int | None = None
    status: str = ""
    file: str = ""

    @property
    def summary(self) -> str:
        """One line for people, without an address."""
        about = " ".join(
            part
            for part in (self.status, f"delivery {self.delivery_id}" if self.delivery_id else "")
            if part
        )
        words = f"{self.meaning}{f' ({about})' if about else ''}: {self.effect}"
        return f"{words}, {self.reason}" if self.reason else words

    def as_dict(self) -> dict[str, Any]:
        """The object that ``digest bounce --json`` prints."""
        return {**asdict(self), "effect": str(self.effect)}


def process_message(
    context: BounceContext, raw: bytes, *, envelope_recipient: str = "", clock: Clock = utc_now
) -> BounceResult:
    """Understand one message and do what follows. Safe to repeat.

    Raises what the store raises, and `digest.errors.TemporaryError` where a message for a person
    cannot be written; then nothing was lost, and the message is to be given again.
    """
    report = parse_report(raw, envelope_recipient=envelope_recipient)
    now = clock()
    request = _UNSUBSCRIBE_SUBJECT.fullmatch(report.subject)
    if request is not None:
        result = _unsubscribe_by_mail(context, request.group(1) or "", report, now)
        if result is not None:
            return result
    vote = read_vote(report.subject, context.keys) if report.form is ReportKind.OTHER else None
    if vote is not None:
        changed, reason = vote_by_mail(context.store, vote, now)
        effect = BounceEffect.VOTED if changed else BounceEffect.NOTHING
        return BounceResult("a vote", effect, reason, subscriber_id=vote.subscriber_id)
    bounce = classify_report(
        report,
        address=context.address,
        read_token=lambda token: read_bounce_token(token, context.keys),
        recipient_of=lambda delivery_id: _recipient(context.store, delivery_id),
    )
    if bounce.for_a_person:
        if _is_of_service_mail(context, report, bounce):
            return BounceResult(
                "of a letter", BounceEffect.NOTHING, "letters are not sent twice anyway"
            )
        return _for_a_person(context, raw, bounce, request is not None, now)
    if bounce.delivery_id is None:
        reason = without_addresses(bounce.words)
        return BounceResult(bounce.meaning, BounceEffect.NOTHING, reason, status=bounce.status)
    return _apply_and_keep_alarm(context, raw, bounce, bounce.delivery_id, now)


def _apply_and_keep_alarm(
    context: BounceContext, raw: bytes, bounce: Bounce, delivery_id: int, now: datetime
) -> BounceResult:
    """Apply a bounce; a message that raises the alarm is kept for a person, once a day."""
    with context.store.begin() as unit:
        result = _apply_bounce(unit, bounce, delivery_id, now)
        if result.effect is BounceEffect.ALARM:
            # Before the store has it for good: given again, it would be nothing new.
            once = f"{now:%Y-%m-%d} {bounce.status}"
            kept = context.quarantine.keep(
                raw, QuarantineReason.ABOUT_US, now, vouched=True, once=once
            )
            result = replace(result, file=kept.name if kept is not None else "")
    if result.effect is BounceEffect.ALARM:
        log.warning("mail came back: %s", result.summary)
    return result


def _unsubscribe_by_mail(
    context: BounceContext, token: str, report: Report, now: datetime
) -> BounceResult | None:
    """Unsubscribe who asks for it by mail; ``None`` where a person must see to it.

    A token is as good as the link it stands for. Without one, as from somebody who only replies
    "unsubscribe", the sender's address says who it is: believed where our own mail server proved
    it, and else asked back, with a token. Mail that a program or a list wrote asks for nothing, and
    gets no answer (RFC 3834 §2).
    """
    number = read_token("unsubscribe", token, context.keys) if token else None
    if number is not None:
        return _unsubscribed(context, number, "mail", now)
    if report.form is not ReportKind.OTHER or not report.answerable:
        return None
    with context.store.read() as unit:
        try:
            known = unit.subscribers.by_email(report.sender)
        except SubscriberError:
            known = None
    if known is None:
        return None
    if is_proven(report.verdicts, context.authserv_id, report.sender):
        return _unsubscribed(context, known.id, "mail, its sender proven", now)
    offer = offer_to_leave(context.store, known.id, now=now)
    if offer is LeaveOffer.ENOUGH:
        return None
    planned = offer is LeaveOffer.PLANNED
    effect = BounceEffect.ANSWERED if planned else BounceEffect.NOTHING
    reason = "its sender is not proven, so a mail asks the reader" if planned else str(offer)
    return BounceResult(_ASKS_TO_LEAVE, effect, reason, subscriber_id=known.id)


def _unsubscribed(context: BounceContext, number: int, origin: str, now: datetime) -> BounceResult:
    action = unsubscribe(
        context.store, number, reason=_BY_MAIL, now=now, goodbye=context.goodbye, origin=origin
    )
    effect = BounceEffect.UNSUBSCRIBED if action is ActionResult.DONE else BounceEffect.NOTHING
    reason = "" if action is ActionResult.DONE else str(LeaveOffer.LEFT)
    return BounceResult(_ASKS_TO_LEAVE, effect, reason, subscriber_id=number)


def _recipient(store: Store, delivery_id: int) -> str | None:
    with store.read() as unit:
        return unit.subscribers.email_of_delivery(delivery_id)


def _is_of_service_mail(context: BounceContext, report: Report, bounce: Bounce) -> bool:
    """Tell whether it is a bounce of a service mail, which bears no token.

    There is nothing to change, so it does not matter that it could be forged; but a list that many
    sign up to with wrong addresses would fill the quarantine with these.
    """
    if bounce.delivery_id is not None or report.form not in (ReportKind.REPORT, ReportKind.PROSE):
        return False
    ours = re.compile(_SERVICE_MAIL_ID % re.escape(context.domain), re.IGNORECASE)
    return any(ours.search(trace) for trace in report.traces)


def _for_a_person(
    context: BounceContext, raw: bytes, bounce: Bounce, asks_to_leave: bool, now: datetime
) -> BounceResult:
    vouched = bounce.delivery_id is not None
    if asks_to_leave:
        why, reason = (
            QuarantineReason.ASKS_TO_LEAVE,
            "it asks to leave, and its sender is neither proven nor to be asked",
        )
    elif not vouched:
        why, reason = QuarantineReason.NO_TOKEN, "it bears no valid token"
    elif bounce.meaning is BounceKind.SOMEONE_ELSE:
        why, reason = (
            QuarantineReason.SOMEONE_ELSE,
            "it is not about the reader whose token it bears",
        )
    else:
        why, reason = QuarantineReason.UNREADABLE, "nothing could be made of it"
    # A token is good for any number of messages, so one of each kind is kept for its delivery.
    once = f"delivery {bounce.delivery_id} {why}" if vouched else ""
    kept = context.quarantine.keep(raw, why, now, vouched=vouched, once=once)
    effect = BounceEffect.QUARANTINED
    if kept is None:
        effect = BounceEffect.LEFT_IN_MAILBOX if vouched else BounceEffect.NOT_QUARANTINED
    elif once and not context.quarantine.holds(kept, raw):
        effect = BounceEffect.NOT_QUARANTINED
        reason = f"{reason}, and one like it is kept of this delivery"
    if effect is not BounceEffect.QUARANTINED:
        with context.store.begin() as unit:
            _count_problem(unit, NOT_KEPT_FLAG, f"the last: {reason}", now)
    return BounceResult(
        bounce.meaning,
        effect,
        reason,
        bounce.delivery_id,
        status=bounce.status,
        file=kept.name if kept is not None else "",
    )


def count_refusals(store: Store, edition_id: int, now: datetime) -> None:
    """Count a point against each reader whom the relay refused; safe to repeat.

    Never more than a point a day, also for "no such address": a relay that has lost its own list of
    mailboxes says that of everybody, and by the next day somebody has mended it.
    """
    with store.read() as unit:
        refused = unit.outbox.refused(edition_id)
    for start in range(0, len(refused), _AT_ONCE):
        with store.begin() as unit:
            for delivery_id, status in refused[start : start + _AT_ONCE]:
                _apply_bounce(
                    unit, Bounce(BounceKind.FAILED, delivery_id, status), delivery_id, now
                )


def _apply_bounce(
    unit: UnitOfWork, bounce: Bounce, delivery_id: int, now: datetime
) -> BounceResult:
    """Do what follows from a bounce of that delivery, in one transaction."""
    result = BounceResult(
        bounce.meaning, BounceEffect.NOTHING, delivery_id=delivery_id, status=bounce.status
    )
    recipient = unit.subscribers.of_delivery(delivery_id)
    if recipient is None:
        return replace(result, reason="the reader is forgotten")
    subscriber, sent_at = recipient
    result = replace(result, subscriber_id=subscriber.id)
    if bounce.meaning is BounceKind.NOT_A_FAILURE:
        return result
    statement = {"delivery": str(delivery_id), "meaning": str(bounce.meaning)}
    for event in unit.subscribers.history(subscriber.id, kinds=(EventKind.BOUNCED,)):
        if statement.items() <= event.detail.items():
            return replace(result, reason="it was said of this delivery before")
    detail = {**statement, "status": bounce.status, "words": without_addresses(bounce.words)[:200]}
    unit.subscribers.note(subscriber.id, EventKind.BOUNCED, now, detail)
    score = BounceScore(*unit.subscribers.bounce_points(subscriber.id))
    consequence = decide_consequence(bounce, score, now)
    if consequence.alarm:
        _count_problem(unit, ALARM_FLAG, consequence.alarm, now)
        return replace(result, effect=BounceEffect.ALARM, reason=consequence.alarm)
    if bounce.meaning is not BounceKind.COMPLAINT:
        outdated = _why_outdated(subscriber, sent_at)
        if outdated:
            return replace(result, reason=outdated)
    score = consequence.score
    unit.subscribers.set_bounce_points(subscriber.id, score.points, score.at)
    if not consequence.suppress:
        reason = f"{score.points:g} against the mailbox"
        return replace(result, effect=BounceEffect.COUNTED, reason=reason)
    reason = consequence.suppress
    unit.subscribers.set_state(
        subscriber.id, SubscriberState.SUPPRESSED, reason, now, detail=detail
    )
    return replace(result, effect=BounceEffect.SUPPRESSED, reason=reason)


def _why_outdated(subscriber: Subscriber, sent_at: datetime | None) -> str:
    """The reason that a bounce no longer says anything about a mailbox; ``""`` if it does."""
    if subscriber.state is not SubscriberState.ACTIVE:
        return f"the reader is {subscriber.state}"
    if (
        sent_at is not None
        and subscriber.confirmed_at is not None
        and sent_at < subscriber.confirmed_at
    ):
        return "the reader confirmed after that mail"
    return ""


@dataclass(frozen=True, slots=True)
class RecurringProblem:
    """Something that keeps happening: how often since when, and what was said the last time."""

    count: int
    first: datetime
    last: datetime
    words: str

    @property
    def summary(self) -> str:
        """One line for people."""
        return f"{plural(self.count, 'message')} since {self.first:%Y-%m-%d}: {self.words}"

    def as_dict(self) -> dict[str, Any]:
        """As ``digest status --json`` has it."""
        first, last = self.first.isoformat(), self.last.isoformat()
        return {"count": self.count, "first": first, "last": last, "words": self.words}


def recurring_problem(unit: UnitOfWork, name: str, now: datetime) -> RecurringProblem | None:
    """The problem kept under `ALARM_FLAG` or `NOT_KEPT_FLAG`; ``None`` once a week has passed without
    more.
    """
    flag = unit.runs.flag(name)
    if flag is None:
        return None
    known = json.loads(flag)
    first, last = (datetime.fromisoformat(known[moment]) for moment in ("first", "last"))
    if now - last > SHOWN_FOR:
        return None
    return RecurringProblem(known["count"], first, last, known["words"])


def _count_problem(unit: UnitOfWork, name: str, words: str, now: datetime) -> None:
    known = recurring_problem(unit, name, now)
    value = {
        "count": known.count + 1 if known is not None else 1,
        "first": (known.first if known is not None else now).isoformat(),
        "last": now.isoformat(),
        "words": words,
    }
    unit.runs.set_flag(name, json.dumps(value), now)
