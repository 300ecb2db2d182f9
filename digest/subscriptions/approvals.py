"""Approval by the operator: who confirmed and waits, and what is decided of each.

Decision and the one mail that tells of it are one transaction: neither is without the other,
whatever is killed in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.email_address import mailbox_keys_if_any
from digest.errors import SubscriberError
from digest.model import ServiceMailKind, Subscriber, SubscriberState
from digest.store import Store, UnitOfWork
from digest.subscriptions.administration import parse_id_or_address
from digest.subscriptions.service_mails import plan_service_mail
from digest.subscriptions.sign_up import DECLINED_BY_OPERATOR

APPROVED_BY_OPERATOR = "approved by the operator"


@dataclass(frozen=True, slots=True)
class WaitingSubscriber:
    """Somebody who confirmed their address and waits for the operator's approval since ``since``.

    ``name`` is what they gave; ``invitation`` the label (or number) of the one they came by, ``""``
    without any.
    """

    subscriber: Subscriber
    name: str
    since: datetime
    invitation: str = ""


def waiting_subscribers(store: Store) -> tuple[WaitingSubscriber, ...]:
    """Those who wait for approval, longest first."""
    with store.read() as unit:
        return tuple(
            WaitingSubscriber(subscriber, name, since, _invitation_words(unit, subscriber.id))
            for subscriber, name, since in unit.arrivals.waiting()
        )


def approve(store: Store, email: str, *, now: datetime) -> Subscriber:
    """Let somebody in who waits, by address or number, and plan the mail that tells them.

    Raises `digest.errors.SubscriberError` if they do not wait.
    """
    with store.begin() as unit:
        subscriber = _waiting(unit, email)
        _decide(unit, subscriber, SubscriberState.ACTIVE, APPROVED_BY_OPERATOR, now)
        for key in mailbox_keys_if_any(subscriber.email):
            unit.confirmation_requests.reset(key)
        plan_service_mail(unit, subscriber.id, ServiceMailKind.APPROVED, now)
    return subscriber


def decline(store: Store, email: str, *, now: datetime, tell: bool = True) -> Subscriber:
    """Do not let in somebody who waits; with ``tell`` a mail says so to them.

    They are not asked to confirm again, however often the address is typed into the form. Raises
    `digest.errors.SubscriberError` if they do not wait.
    """
    with store.begin() as unit:
        subscriber = _waiting(unit, email)
        _decide(unit, subscriber, SubscriberState.UNSUBSCRIBED, DECLINED_BY_OPERATOR, now)
        if tell:
            plan_service_mail(unit, subscriber.id, ServiceMailKind.DECLINED, now)
    return subscriber


def _waiting(unit: UnitOfWork, email: str) -> Subscriber:
    known = parse_id_or_address(email)
    subscriber = (
        unit.subscribers.by_id(known, lock=True)
        if isinstance(known, int)
        else unit.subscribers.by_email(known, lock=True)
    )
    if subscriber is None or not unit.arrivals.awaits(subscriber.id):
        raise SubscriberError(
            "nobody with that address waits for approval",
            where=str(known),
            mend="See: digest subscribers waiting",
        )
    return subscriber


def _decide(
    unit: UnitOfWork, subscriber: Subscriber, state: SubscriberState, reason: str, now: datetime
) -> None:
    unit.subscribers.set_state(subscriber.id, state, reason, now, detail={"origin": "operator"})
    unit.arrivals.end_wait(subscriber.id)


def _invitation_words(unit: UnitOfWork, subscriber_id: int) -> str:
    number = unit.arrivals.invitation(subscriber_id)
    invitation = None if number is None else unit.invitations.by_id(number)
    if invitation is None:
        return ""
    return invitation.label or f"number {invitation.id}"
