"""The relay's address, and whether its name leads back to it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from digest.deliverability.dns_answers import (
    DnsLookup,
    quoted_text,
)
from digest.deliverability.finding import DnsFinding, DnsRecord, Severity
from digest.deliverability.spf import Address

_MOST_ADDRESSES = 4


@dataclass(frozen=True, slots=True)
class RelayHost:
    """A relay and where it is. ``inside`` is this machine or a network that the world cannot see.

    ``literal`` is whether the host was given as an address. ``unasked`` is why its addresses are
    not known.
    """

    host: str
    public: tuple[Address, ...] = ()
    inside: bool = False
    literal: bool = False
    unanswered: str = ""


def find_relay(host: str, look_up: DnsLookup) -> RelayHost:
    """The relay of that name or address."""
    host = host.strip("[]").rstrip(".").lower()
    try:
        address = ip_address(host)
    except ValueError:
        pass
    else:
        inside = not address.is_global
        return RelayHost(host, () if inside else (address,), inside=inside, literal=True)
    if "." not in host or host.endswith(".localhost"):
        return RelayHost(host, inside=True)
    answers = [look_up(host, kind) for kind in ("A", "AAAA")]
    addresses = [ip_address(value) for answer in answers for value in answer.values]
    public = tuple(a for a in addresses if a.is_global)[:_MOST_ADDRESSES]
    unasked = "" if addresses else next((a.unanswered for a in answers if a.unanswered), "")
    return RelayHost(host, public, inside=bool(addresses) and not public, unanswered=unasked)


def check_reverse_dns(relay: RelayHost, *, own: bool, look_up: DnsLookup) -> DnsFinding:
    """Check that each public address of the relay has a name that leads back to it (RFC 1912 §2.1).

    Gmail and others refuse mail from an address without one.
    """
    if relay.unanswered:
        return DnsFinding("reverse", Severity.OK, relay.host, unanswered=relay.unanswered)
    if relay.inside:
        says = f"{relay.host} is not a public address: the name of the address that it sends from"
        return DnsFinding("reverse", Severity.OK, f"{says} counts, which only the relay knows")
    if not relay.public:
        says = f"{relay.host} has no address in DNS, so its reverse name is not known"
        return DnsFinding("reverse", Severity.OK, says)
    led_back = []
    for address in relay.public:
        answer = look_up(address.reverse_pointer, "PTR")
        if answer.unanswered:
            return DnsFinding("reverse", Severity.OK, str(address), unanswered=answer.unanswered)
        name = next((n for n in answer.values if _leads_to(n, address, look_up)), "")
        if not name:
            return _without_name(relay, address, answer.values, own=own)
        led_back.append(f"{address} is {quoted_text(name)}")
    return DnsFinding("reverse", Severity.OK, f"{', '.join(led_back)}, and the name leads back")


def _leads_to(name: str, address: Address, look_up: DnsLookup) -> bool:
    kind = "A" if address.version == 4 else "AAAA"
    return any(ip_address(value) == address for value in look_up(name, kind).values)


def _without_name(
    relay: RelayHost, address: Address, names: tuple[str, ...], *, own: bool
) -> DnsFinding:
    lacks = (
        f"is called {quoted_text(names[0])}, which does not lead back" if names else "has no name"
    )
    if not own:
        says = (
            f"{address} {lacks}: if {relay.host} delivers from it, its provider must correct that"
        )
        return DnsFinding("reverse", Severity.WARN, says)
    says = f"{address} {lacks}: have whoever runs the address publish a PTR record"
    host = DnsRecord(address.reverse_pointer, f"{relay.host}.", "PTR")
    if relay.literal:
        blank = f"NAME is a name whose address is {address}"
        host = DnsRecord(address.reverse_pointer, "NAME.", "PTR", blank)
    return DnsFinding("reverse", Severity.WARN, says, host)
