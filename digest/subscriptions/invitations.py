"""Invite people: make links by which so many may sign up until a day, list and revoke them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from digest.errors import SubscriberError
from digest.model import Invitation
from digest.store import Store

MOST_USES = 10_000
MAX_LABEL_LENGTH = 100
_TOKEN_BYTES = 16
"""128 random bits: nobody guesses one, so its plain hash may be kept."""


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation with the token of its link, which is kept nowhere else."""

    invitation: Invitation
    token: str

    def link(self, base_url: str) -> str:
        """The link to give to people."""
        return f"{base_url.rstrip('/')}/subscribe?invite={self.token}"


def invite(
    store: Store, *, uses: int, expires_at: datetime, label: str, now: datetime
) -> NewInvitation:
    """Make an invitation. Raises `digest.errors.SubscriberError` for terms that make no sense."""
    if not 1 <= uses <= MOST_USES:
        raise SubscriberError(f"the number of uses is not from 1 to {MOST_USES:,}", where="--uses")
    if expires_at <= now:
        raise SubscriberError(
            "the last day is over already", where="--until", mend="Give a day to come"
        )
    words = " ".join(label.split())
    if len(words) > MAX_LABEL_LENGTH:
        raise SubscriberError(
            f"the label is longer than {MAX_LABEL_LENGTH} characters", where="--label"
        )
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with store.begin() as unit:
        added = unit.invitations.add(token, uses=uses, expires_at=expires_at, label=words, now=now)
    return NewInvitation(added, token)


def list_invitations(store: Store) -> tuple[Invitation, ...]:
    """All invitations that are kept, oldest first."""
    with store.read() as unit:
        return unit.invitations.list()


def revoke_invitation(store: Store, invitation_id: int, *, now: datetime) -> Invitation:
    """Let nobody come by an invitation any more; again changes nothing.

    Who asked by it and has not confirmed is refused when they do. Raises
    `digest.errors.SubscriberError` if there is none with that number.
    """
    with store.begin() as unit:
        unit.invitations.revoke(invitation_id, now)
        invitation = unit.invitations.by_id(invitation_id)
    if invitation is None:
        raise SubscriberError(
            "there is no such invitation",
            where=str(invitation_id),
            mend="See: digest invitations list",
        )
    return invitation
