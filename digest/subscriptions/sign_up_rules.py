"""Rules of who may sign up: asked at every door by which people come by themselves.

The sign-up page, its JSON, the look at what they left (`digest.subscriptions.sign_up`) and the
confirmation all ask here, so a rule that was tightened in between holds. It binds nobody whom the
operator adds: by the command line, by an import, or by a program with the operator's token.

An answer depends on the rule, the address's domain and the invitation, never on whether the address
is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from digest.errors import ConfigurationError, SubscriberError
from digest.mail.list_identity import wire_address
from digest.model import EventKind, Invitation, SignUpMode, SignUpRule, Subscriber, SubscriberState
from digest.store import Store, UnitOfWork

OPEN = SignUpRule()
ORIGIN = "web"
"""The door of who signed up by themselves."""
_BELOW = "*."


@dataclass(frozen=True, slots=True)
class SignUpRefusal:
    """The reason that somebody may not sign up, in sentences for them: why, and what to do.

    ``where`` is the field it is about: ``email``, ``invitation``, or ``""`` for the whole list.
    """

    why: str
    mend: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.why} {self.mend}".strip()


def find_refusal(
    rule: SignUpRule, address: str | None, invitation: Invitation | None, *, now: datetime
) -> SignUpRefusal | None:
    """The reason that ``address`` may not sign up now; ``None`` if it may.

    Without an address (a form that is only looked at) every domain counts as the right one. An
    invitation that has ended is as good as none, and is named as the reason.
    """
    if rule.mode is SignUpMode.OPEN:
        return None
    if rule.mode is SignUpMode.CLOSED:
        return SignUpRefusal("This list takes no new subscribers.", _write_to(rule))
    if rule.mode is SignUpMode.DOMAINS and (
        address is None or is_at(address, domain_patterns(rule.domains))
    ):
        return None
    fault = "" if invitation is None else invitation.fault(now)
    if invitation is not None and not fault:
        return None
    if fault:
        return SignUpRefusal(f"Your invitation {fault}.", _ask_for_another(rule), "invitation")
    if rule.mode is SignUpMode.INVITE:
        return SignUpRefusal(
            "This list takes subscribers by invitation only.",
            f"Open the whole link in your invitation. {_write_to(rule)}".strip(),
            "invitation",
        )
    return SignUpRefusal(
        f"Only addresses at {rule.domain_words} can subscribe.",
        f"Give such an address, or open the whole link in your invitation. {_write_to(rule)}".strip(),
        "email",
    )


def needs_invitation(rule: SignUpRule, address: str) -> bool:
    """True if ``address`` may come by an invitation only, so that its use is counted."""
    if rule.mode is SignUpMode.INVITE:
        return True
    return rule.mode is SignUpMode.DOMAINS and not is_at(address, domain_patterns(rule.domains))


def admit(
    unit: UnitOfWork, subscriber: Subscriber, rule: SignUpRule, now: datetime
) -> SignUpRefusal | None:
    """Let a subscriber in who confirms, or say why not; a use of their invitation is counted here.

    In the transaction that makes them active: a use is counted if, and only if, they come in. Who
    was added by the operator and only has to confirm is bound by no rule.
    """
    if not is_bound(unit, subscriber):
        return None
    number = unit.arrivals.invitation(subscriber.id)
    invitation = None if number is None else unit.invitations.by_id(number)
    refusal = find_refusal(rule, subscriber.email, invitation, now=now)
    if refusal is not None or not needs_invitation(rule, subscriber.email):
        return refusal
    if invitation is not None and unit.invitations.use(invitation.id, now):
        return None
    words = "Your invitation has been used as often as it may be."
    return SignUpRefusal(words, _ask_for_another(rule), "invitation")


def is_bound(unit: UnitOfWork, subscriber: Subscriber) -> bool:
    """True if the rule holds for a subscriber who confirms: they came, or came back, by themselves."""
    if subscriber.state is not SubscriberState.PENDING:
        return True
    added = unit.subscribers.history(subscriber.id, kinds=(EventKind.ADDED,), limit=1)
    return not added or added[-1].detail.get("origin", ORIGIN) == ORIGIN


def find_invitation(store: Store, token: str) -> Invitation | None:
    """The invitation of a link; ``None`` if there is none with that token."""
    if not token or len(token) > 100:
        return None
    with store.read() as unit:
        return unit.invitations.by_token(token)


def is_at(address: str, patterns: frozenset[str]) -> bool:
    """True if mail to ``address`` goes to one of these domains, or below one with a ``*.``.

    Compared is the domain as the wire has it (IDNA), whole labels at a time: it is the one that the
    mail goes to, however the address was written.
    """
    try:
        domain = wire_address(address).rpartition("@")[2]
    except SubscriberError:
        return False
    labels = domain.split(".")
    above = (_BELOW + ".".join(labels[start:]) for start in range(1, len(labels)))
    return domain in patterns or any(pattern in patterns for pattern in above)


@lru_cache(maxsize=16)
def domain_patterns(domains: tuple[str, ...]) -> frozenset[str]:
    """The domains of a rule as the wire has them, a ``*.`` kept.

    Raises `digest.errors.ConfigurationError` for one that can be no domain.
    """
    return frozenset(map(_pattern, domains))


def _pattern(domain: str) -> str:
    below = _BELOW if domain.startswith(_BELOW) else ""
    try:
        return below + wire_address(f"x@{domain.removeprefix(_BELOW)}").rpartition("@")[2]
    except SubscriberError:
        raise ConfigurationError(
            f"{domain[:80]!r} is not a domain",
            where="DIGEST_SIGNUP_DOMAINS",
            mend="Write it as lab.org, or *.lab.org for every name below it",
        ) from None


def _write_to(rule: SignUpRule) -> str:
    return f"If you think you should get it, write to {rule.contact}." if rule.contact else ""


def _ask_for_another(rule: SignUpRule) -> str:
    words = "Ask whoever sent it for another one"
    return f"{words}, or write to {rule.contact}." if rule.contact else f"{words}."
