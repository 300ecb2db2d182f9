"""Check that receivers find the key that verifies what we sign (RFC 6376 §3.6)."""

from __future__ import annotations

import base64
import binascii

from digest.deliverability.dns_answers import (
    DnsLookup,
    parse_tags,
    quoted_text,
)
from digest.deliverability.finding import DnsFinding, DnsRecord, Severity

_SMALLEST_RSA = 256  # octets of a bare RSAPublicKey of 2048 bits, and more


def check_dkim_key(ours: DnsRecord, look_up: DnsLookup) -> DnsFinding:
    """Check what is published at the name of one of our keys. ``ours`` is what should be."""
    answer = look_up(ours.name, "TXT")
    if answer.unanswered:
        return DnsFinding("dkim", Severity.OK, ours.name, ours, answer.unanswered)
    severity, says = compare_keys(ours.text, answer.values)
    return DnsFinding("dkim", severity, f"{ours.name} {says}", ours)


def compare_keys(ours: str, published: tuple[str, ...]) -> tuple[Severity, str]:
    """Judge those TXT records as a verifier does of mails signed with the key of ``ours``."""
    if not published:
        return _mend("is not published, so no signature can be verified: publish the record below")
    if len(published) > 1:
        return _mend(
            f"has {len(published)} TXT records, and receivers take any of them: leave only ours"
        )
    published_key, wanted = parse_tags(published[0]), parse_tags(ours) or {}
    if published_key is None or (
        "v" in published_key and (next(iter(published_key)), published_key["v"]) != ("v", "DKIM1")
    ):
        return _mend(
            f"is no DKIM key ({quoted_text(published[0])}): publish the record below instead"
        )
    if "p" not in published_key:
        return _mend("holds no key (p= is missing): publish the record below instead")
    if not published_key["p"]:
        return _mend("is revoked (p= is empty): sign with another selector")
    kind = published_key.get("k", "rsa").lower()
    if kind != wanted["k"]:
        return _mend(
            f"is for {quoted_text(kind)} keys, ours is {wanted['k']}: publish the record below"
        )
    if not _same_key(published_key["p"], wanted["p"]):
        return _mend(
            "holds another key than the one that signs: publish the record below, or sign with the"
            " key that belongs to it"
        )
    if not _listed("sha256", published_key.get("h", "sha256")):
        return _mend("does not allow sha256 (h=): publish the record below instead")
    services = published_key.get("s", "*")
    if not _listed("*", services) and not _listed("email", services):
        return _mend("is not for mail (s=): publish the record below instead")
    if _listed("y", published_key.get("t", "")):
        return Severity.WARN, "is in testing (t=y), so signatures count for nothing: take t=y away"
    return Severity.OK, f"holds the key that signs ({kind})"


def _mend(says: str) -> tuple[Severity, str]:
    return Severity.MEND, says


def _listed(item: str, value: str) -> bool:
    return item in (tag_value.strip().lower() for tag_value in value.split(":"))


def _same_key(published_key: str, ours: str) -> bool:
    """True if both are one key. An RSA key may stand there without its outer wrapping (§3.6.1)."""
    try:
        theirs = base64.b64decode("".join(published_key.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    own = base64.b64decode(ours)
    return theirs == own or (len(theirs) > _SMALLEST_RSA and own.endswith(b"\x00" + theirs))
