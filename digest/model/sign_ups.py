"""Sign-ups: a visitor's request, the operator's rule of who may sign up, and invitations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.model.subscribers import Preferences

MAX_NAME_LENGTH = 100
_MOST_NAMED = 3
"""Domains named to a visitor."""


class SignUpMode(StrEnum):
    """Choice of who may sign up: anybody, addresses at some domains, who was invited, or nobody.

    An invitation also lets somebody of another domain in; while sign-up is closed it does not.
    """

    OPEN = "open"
    DOMAINS = "domains"
    INVITE = "invite"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class SignUpRule:
    """The operator's rule of who may sign up by themselves.

    ``domains`` are names such as ``lab.org``, which is that one alone, and ``*.lab.org``, which is
    every name below it. With ``approval`` the operator looks at each request after its address was
    confirmed. ``contact`` is the address to write to for who is refused; ``""`` for none.
    """

    mode: SignUpMode = SignUpMode.OPEN
    domains: tuple[str, ...] = ()
    approval: bool = False
    contact: str = ""

    @property
    def domain_words(self) -> str:
        """The domains in words, the first few of many."""
        named = [
            f"any name below {domain.removeprefix('*.')}" if domain.startswith("*.") else domain
            for domain in self.domains[:_MOST_NAMED]
        ]
        more = len(self.domains) - len(named)
        if more:
            return f"{', '.join(named)} and {more} more {'domain' if more == 1 else 'domains'}"
        return " or ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))

    @property
    def public(self) -> str:
        """The people for whom the form is, as a sentence; ``""`` where it is for anybody."""
        domains = self.mode is SignUpMode.DOMAINS
        return f"For addresses at {self.domain_words}." if domains else ""

    @property
    def friends(self) -> str:
        """The people whom a subscriber may send to the sign-up page; ``""`` where none can come so."""
        if self.mode is SignUpMode.OPEN:
            return "a friend"
        if self.mode is SignUpMode.DOMAINS:
            return f"a friend with an address at {self.domain_words}"
        return ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation link: so many may come by it, until a moment. ``label`` is the operator's note.

    The token of the link is kept as a hash only.
    """

    id: int
    label: str
    uses: int
    used: int
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def fault(self, now: datetime) -> str:
        """The reason that nobody can come by it any more, as a clause; ``""`` while they can."""
        if self.revoked_at is not None:
            return "was withdrawn"
        if self.expires_at <= now:
            return f"ended on {self.expires_at:%Y-%m-%d}"
        if self.used >= self.uses:
            return "has been used as often as it may be"
        return ""


@dataclass(frozen=True, slots=True)
class SignUp:
    """A visitor's request for the digest at an address; nobody has looked yet whose it is.

    ``mailbox`` is one opaque text for every spelling of the address; ``network`` a keyed hash of
    where the visitor came from, ``""`` if unknown; ``wording`` the version of what they agreed to.
    ``name`` is what they want to be called, ``invitation`` the number of the one they came by.
    """

    mailbox: str
    email: str
    preferences: Preferences
    network: str
    wording: str
    due_at: datetime
    name: str = ""
    invitation: int | None = None
