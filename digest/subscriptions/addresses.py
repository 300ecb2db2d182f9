"""Validate mail addresses: the form in which one is kept, and which a visitor may sign up."""

from __future__ import annotations

from collections.abc import Collection

from digest.email_address import mailbox_key, mailbox_keys
from digest.errors import SubscriberError


def validate_address(text: str) -> str:
    """The address in the form it is kept and written to.

    Lengths and forms as RFC 5321 §4.5.3.1 and RFC 6531 have them, judged by email-validator. No
    look at DNS: whether a domain takes mail is the relay's to say.

    Raises `digest.errors.SubscriberError` with what is wrong; it never repeats more than the text
    given.
    """
    from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

    # Its documented switch for closed networks: a lab's relay may well know reader@host.local.
    SPECIAL_USE_DOMAIN_NAMES.clear()
    try:
        validated = validate_email(
            text.strip(), check_deliverability=False, globally_deliverable=False, strict=True
        )
    except EmailNotValidError as error:
        shown = text.strip()[:80] or "(empty)"
        if text.count("@") > 1 and any(sign in text for sign in ",; "):
            raise SubscriberError(
                "not a mail address: several in one", where=shown, mend="Give each by itself"
            ) from None
        raise SubscriberError(
            f"not a mail address: {str(error).rstrip('.')}",
            where=shown,
            mend="Give it as name@example.org",
        ) from None
    return validated.normalized


_NOWHERE = frozenset({"localhost", "localdomain", "invalid"})
"""Last labels that name no host others can reach (RFC 6761 §6.3, §6.4)."""


def validate_visitor_address(text: str, *, own: Collection[str] = ()) -> str:
    """The `validate_address` that a visitor may sign up: not the list's ``own``, nor this
    machine's.

    A mail to ``root@localhost`` or ``user@host`` would stay on the relay, at somebody's whom no
    visitor can be; one to the list's own mailboxes would come back as a reply or a bounce. An
    operator may add the former by hand.

    Raises `digest.errors.SubscriberError` with what is wrong.
    """
    address = validate_address(text)
    labels = address.rpartition("@")[2].lower().rstrip(".").split(".")
    if len(labels) < 2 or labels[-1] in _NOWHERE:
        raise SubscriberError(
            "not an address that mail from here can reach",
            where=address[:80],
            mend="Give it in full, as name@example.org",
        )
    if mailbox_key(address) in {key for own_address in own for key in mailbox_keys(own_address)}:
        raise SubscriberError(
            "this is the list's own address", where=address[:80], mend="Give your own"
        )
    return address
