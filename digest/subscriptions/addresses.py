"""Mail addresses: the form in which one is kept, and which of them are one mailbox."""

from __future__ import annotations

import hashlib

from digest.errors import SubscriberError
from digest.store.subscribers import normal_form

_DOTS_DO_NOT_COUNT = frozenset({"gmail.com", "googlemail.com"})


def normal_address(text: str) -> str:
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
        found = validate_email(
            text.strip(), check_deliverability=False, globally_deliverable=False, strict=True
        )
    except EmailNotValidError as error:
        shown = text.strip()[:80] or "(empty)"
        raise SubscriberError(
            f"not a mail address: {str(error).rstrip('.')}",
            where=shown,
            mend="Give it as name@example.org",
        ) from None
    return found.normalized


def mailbox(address: str) -> str:
    """One text for every spelling by which mail reaches one person, as SHA-256 in hex.

    What follows a ``+`` is a tag in the local part at nearly every host (RFC 5233), and the two
    domains of Gmail ignore dots. Only limits are counted by this; mail goes to the address as given.
    """
    local, _, domain = normal_form(address).rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTS_DO_NOT_COUNT:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return hashlib.sha256(f"{local}@{domain}".encode()).hexdigest()
