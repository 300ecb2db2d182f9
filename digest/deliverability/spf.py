"""Evaluate a domain's SPF record: who may send for it (RFC 7208)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from digest.deliverability.dns_answers import (
    DnsAnswer,
    DnsLookup,
    quoted_text,
)

Address = IPv4Address | IPv6Address

MOST_LOOKUPS = 10  # §4.6.4
_MOST_EXCHANGERS = 10  # §4.6.4
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE)
_MECHANISM = re.compile(
    r"([+?~-]?)(all|include|a|mx|ptr|exists)(?::([^/]+))?((?:/[0-9]{1,3})?(?://[0-9]{1,3})?)",
    re.IGNORECASE,
)
_NETWORK = re.compile(r"([+?~-]?)ip([46]):(.+)", re.IGNORECASE)


@dataclass(slots=True)
class SpfPolicy:
    """An SPF record with everything that it includes.

    ``permitted`` are those of the addresses asked about that may send. ``broken`` is why receivers
    see a permanent error. ``opaque`` is set where only the mail itself would tell (macros,
    ``exists``, ``ptr``). ``names_senders`` is whether it permits anything beside ``all``, whose
    qualifier is ``rest``.
    """

    lookups: int = 0
    includes: list[str] = field(default_factory=list)
    permitted: set[Address] = field(default_factory=set)
    rest: str = ""
    opaque: bool = False
    names_senders: bool = False
    broken: str = ""
    unanswered: str = ""


def spf_records(texts: Collection[str]) -> list[str]:
    """Those of the TXT records that are SPF's (§4.5)."""
    return [text for text in texts if re.match(r"v=spf1( |\Z)", text, re.IGNORECASE)]


def evaluate_spf(
    domain: str, text: str, addresses: Collection[Address], look_up: DnsLookup
) -> SpfPolicy:
    """The SPF record ``text`` of ``domain``, and which of the addresses it permits.

    Every branch is walked, as for a mail that no mechanism matches: that is the most lookups the
    record can cost.
    """
    evaluation = _Evaluation(look_up)
    evaluation.follow(domain, text, frozenset(addresses), top=True)
    return evaluation.policy


class _Evaluation:
    def __init__(self, look_up: DnsLookup) -> None:
        self._look_up = look_up
        self.policy = SpfPolicy()

    def follow(self, domain: str, text: str, wanted: frozenset[Address], *, top: bool) -> None:
        """Walk one record. ``top`` is whether its ``all`` speaks for the domain."""
        redirect, ends = "", False
        for term in text.split()[1:]:
            network, modifier = _NETWORK.fullmatch(term), _MODIFIER.fullmatch(term)
            mechanism = _MECHANISM.fullmatch(term)
            if network is not None:
                self._network(term, network, wanted)
            elif modifier is not None:
                redirect = modifier[2] if modifier[1].lower() == "redirect" else redirect
                self.policy.names_senders |= bool(redirect)
            elif mechanism is None:
                self.policy.broken = f"{quoted_text(term)} is nothing that SPF knows"
            elif mechanism[2].lower() == "all":
                ends = True
                if top:
                    self.policy.rest = mechanism[1] or "+"
            else:
                self._mechanism(mechanism, domain, wanted, top=top)
            if ends or self.policy.broken:
                break
        if redirect and not ends and not self.policy.broken:
            self._another(redirect, "redirect=", wanted, top=top)

    def _network(self, term: str, mechanism: re.Match[str], wanted: frozenset[Address]) -> None:
        try:
            network = ip_network(mechanism[3], strict=False)
        except ValueError:
            network = None
        if network is None or network.version != int(mechanism[2]):
            self.policy.broken = f"{quoted_text(term)} is no network"
        elif mechanism[1] in ("", "+"):
            self.policy.names_senders = True
            self._permit(network, wanted)

    def _mechanism(
        self, mechanism: re.Match[str], domain: str, wanted: frozenset[Address], *, top: bool
    ) -> None:
        kind, target = mechanism[2].lower(), mechanism[3] or ""
        if mechanism[1] in ("", "+"):
            self.policy.names_senders = True
        else:
            wanted = frozenset()
        if kind == "include":
            if top:
                self.policy.includes.append(target)
            self._another(target, "include:", wanted, top=False)
        elif self._counted():
            if kind in ("ptr", "exists") or "%" in target:
                self.policy.opaque = True
            elif wanted:
                self._hosts(kind, target or domain, mechanism[4], wanted)

    def _another(self, target: str, how: str, wanted: frozenset[Address], *, top: bool) -> None:
        """Walk the record of another domain, which must be there (§5.2, §6.1)."""
        if not self._counted():
            return
        if "%" in target:
            self.policy.opaque = True
            return
        records = spf_records(self._answer(target, "TXT").values)
        if len(records) == 1:
            self.follow(target, records[0], wanted, top=top)
        elif not self.policy.unanswered:
            many = f"{len(records)} SPF records" if records else "no SPF record"
            self.policy.broken = f"{how}{quoted_text(target)} leads to {many}"

    def _hosts(self, kind: str, name: str, sizes: str, wanted: frozenset[Address]) -> None:
        hosts = [name]
        if kind == "mx":
            exchangers = self._answer(name, "MX").values[:_MOST_EXCHANGERS]
            hosts = [value.partition(" ")[2] for value in exchangers]
        four, _, six = sizes.partition("//")
        for host in hosts:
            for family, size in (("A", four.removeprefix("/") or "32"), ("AAAA", six or "128")):
                for address in self._answer(host, family).values:
                    try:
                        self._permit(ip_network(f"{address}/{size}", strict=False), wanted)
                    except ValueError:
                        self.policy.broken = f"{quoted_text(sizes)} is no size of a network"

    def _permit(self, network: IPv4Network | IPv6Network, wanted: frozenset[Address]) -> None:
        self.policy.permitted.update(address for address in wanted if address in network)

    def _counted(self) -> bool:
        """Count a lookup; false where it is one too many."""
        self.policy.lookups += 1
        if self.policy.lookups > MOST_LOOKUPS:
            self.policy.broken = f"it needs more than {MOST_LOOKUPS} lookups, so take out includes"
        return not self.policy.broken

    def _answer(self, name: str, kind: str) -> DnsAnswer:
        answer = self._look_up(name, kind)
        self.policy.unanswered = self.policy.unanswered or answer.unanswered
        return answer
