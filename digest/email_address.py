"""Spell mail addresses: which spellings are one address, and which addresses are one mailbox.

::

    comparable_address   the one spelling by which a subscriber is looked up
    mailbox_key          one text for all addresses whose mail reaches one person
    address_spellings    an address with its domain in Unicode and as ``xn--``, as reports have it

Only lookups use these; mail goes to the address as it was given.
"""

from __future__ import annotations

import hashlib

from digest.errors import SubscriberError
from digest.unicode_forms import normalise_unicode

_DOTS_DO_NOT_COUNT = frozenset({"gmail.com", "googlemail.com"})


def comparable_address(email: str) -> str:
    """The form in which two spellings of an address are equal.

    Case does not count (RFC 5321 §2.4 lets a host distinguish it in the local part, none that
    matters does), nor does writing an internationalised domain as ``xn--`` (RFC 5891). Raises
    `SubscriberError` for text that is no address at all.
    """
    text = email.strip()
    local, at, domain = normalise_unicode("NFC", text).rpartition("@")
    if not (local and at and domain) or any(c.isspace() or not c.isprintable() for c in text):
        raise SubscriberError("not a mail address", mend="Expected somebody@example.org")
    return f"{local.lower()}@{unicode_domain(domain.lower().rstrip('.'))}"


def mailbox_key(email: str) -> str:
    """One text for every spelling by which mail reaches one person, as SHA-256 in hex.

    What follows a ``+`` is a tag in the local part at nearly every host (RFC 5233), and the two
    domains of Gmail ignore dots. Only limits are counted by this.

    An address without a tag is counted apart from all those with one: where a host knows no tags,
    mail to ``victim+tag`` never arrives, and must not use up what ``victim`` may be asked. Raises
    `SubscriberError` as `comparable_address`.
    """
    return mailbox_keys(email)[0]


def mailbox_keys(email: str) -> tuple[str, str]:
    """The `mailbox_key` of an address, and that of the same mailbox with a tag, or without one.

    What the owner of a mailbox says of it (never again) holds for both. Raises `SubscriberError`
    as `comparable_address`.
    """
    local, _, domain = comparable_address(email).rpartition("@")
    bare, plus, _ = local.partition("+")
    bare = bare or local
    if domain in _DOTS_DO_NOT_COUNT:
        bare, domain = bare.replace(".", "") or bare, "gmail.com"
    untagged, tagged = (
        hashlib.sha256(f"{bare}{mark}@{domain}".encode()).hexdigest() for mark in ("", "+")
    )
    return (tagged, untagged) if plus else (untagged, tagged)


def mailbox_keys_if_any(email: str) -> tuple[str, ...]:
    """The `mailbox_keys`, the address's own first; none for text that is no address, as a damaged
    record may hold.
    """
    try:
        return mailbox_keys(email)
    except SubscriberError:
        return ()


def address_spellings(email: str) -> tuple[str, ...]:
    """The address in lower case as given, and with its domain as the wire has it (RFC 5890)."""
    local, _, domain = email.lower().rpartition("@")
    return tuple(dict.fromkeys((f"{local}@{domain}", f"{local}@{ascii_domain(domain)}")))


def domain_spellings(domain: str) -> frozenset[str]:
    """A domain as given, as people and as the wire write it (RFC 5890)."""
    return frozenset((domain, ascii_domain(domain), unicode_domain(domain)))


def ascii_domain(domain: str) -> str:
    """A domain with its labels as the wire has them, in ``xn--`` where they are not ASCII."""
    return ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"
        for label in domain.split(".")
    )


def unicode_domain(domain: str) -> str:
    """A domain with its ``xn--`` labels in Unicode (NFC); what cannot be decoded stays."""
    return ".".join(map(_unicode_label, domain.split(".")))


def _unicode_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return normalise_unicode("NFC", label[4:].encode("ascii").decode("punycode"))
    except UnicodeError:
        return label
