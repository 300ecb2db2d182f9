"""Votes by mail, for lists without pages: ``vote TOKEN PAPER more`` in the subject of a mail.

The ``mailto:`` links of a mail write it (`digest.mail.list_identity.ListIdentity.votes_url`). The
token is as good as the link it stands for; sending the mail is the press of the button.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.mail.tokens import read_token
from digest.model import VoteDirection
from digest.store import Store
from digest.subscriptions import ActionResult
from digest.subscriptions.taste import cast_vote

_SUBJECT = re.compile(r"vote\s+(\S{1,256})\s+(\d{1,15})\s+(more|less)\s{0,9}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MailVote:
    """A vote as the subject of a mail says it, of the subscriber whose token it bears."""

    subscriber_id: int
    paper_id: int
    direction: VoteDirection


def read_vote(subject: str, keys: Sequence[str]) -> MailVote | None:
    """Read the vote that a subject says; ``None`` for another subject, or a token that nobody signed."""
    match = _SUBJECT.fullmatch(subject.strip())
    if match is None:
        return None
    number = read_token("vote", match[1], keys)
    if number is None:
        return None
    return MailVote(number, int(match[2]), VoteDirection(match[3].lower()))


def vote_by_mail(store: Store, vote: MailVote, now: datetime) -> tuple[bool, str]:
    """Cast a vote that came by mail: whether it changed anything, and why not if it did not."""
    result = cast_vote(store, vote.subscriber_id, vote.paper_id, vote.direction, now=now)
    if result is ActionResult.GONE:
        return False, "no such paper, or the reader is forgotten"
    return result is ActionResult.DONE, "" if result is ActionResult.DONE else "it was said before"
