"""Examine a sender as receivers do in DNS: what is published, and what to publish.

Receivers that take mail in bulk want the sender's domain to vouch for it: a key that verifies its
signature (DKIM), a list of who may send for it (SPF), a policy that ties both to the From address
(DMARC), and a name for the address that it comes from. Nothing here touches the world: whoever
examines a sender brings the `DnsLookup` that does, as `digest.deliverability.resolver` has one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from digest.deliverability.dkim_record import check_dkim_key
from digest.deliverability.dmarc import Dmarc, DmarcTree, place_for_policy
from digest.deliverability.dns_answers import (
    DnsAnswer,
    DnsLookup,
    distrust_empty_answers,
    quoted_text,
)
from digest.deliverability.finding import DnsFinding, DnsRecord, Severity
from digest.deliverability.reverse_dns import RelayHost, check_reverse_dns, find_relay
from digest.deliverability.spf import SpfPolicy, evaluate_spf, spf_records

__all__ = [
    "DnsAnswer",
    "DnsFinding",
    "DnsLookup",
    "DnsRecord",
    "SenderDomain",
    "Severity",
    "examine_sender",
]


@dataclass(frozen=True, slots=True)
class SenderDomain:
    """The domains and host that receivers see of a sender. Every domain is in lower case and in
    IDNA.

    ``author`` is the From address's domain, ``envelope`` that of the bounce address, ``signing``
    that of the signatures, whose ``keys`` are to be published. ``relay`` is its host, a name or an
    address. ``reports`` is the mail address that is to be told how mails fare.
    """

    author: str
    envelope: str
    relay: str
    keys: tuple[DnsRecord, ...] = ()
    signing: str = ""
    reports: str = ""


def examine_sender(sender: SenderDomain, look_up: DnsLookup) -> Iterator[DnsFinding]:
    """Examine every side of that sender, with one finding for each."""
    look_up = distrust_empty_answers(look_up)
    for key in sender.keys:
        yield check_dkim_key(key, look_up)
    relay = find_relay(sender.relay, look_up)
    own = _is_own_relay(relay, sender, look_up)
    yield _check_spf(sender, relay, own=own, look_up=look_up)
    yield from _check_dmarc(sender, look_up)
    yield _check_bounce_mx(sender, look_up)
    yield check_reverse_dns(relay, own=own, look_up=look_up)


def _is_own_relay(relay: RelayHost, sender: SenderDomain, look_up: DnsLookup) -> bool:
    """True if the relay is of the sender's own organisation, so that it delivers by itself."""
    if relay.literal:
        return bool(relay.public)
    tree = DmarcTree(look_up, place_for_policy(sender.author, (sender.envelope,)))
    own = {tree.organisation(sender.author), tree.organisation(sender.envelope)}
    return bool(relay.public) and tree.organisation(relay.host) in own


def _check_spf(
    sender: SenderDomain, relay: RelayHost, *, own: bool, look_up: DnsLookup
) -> DnsFinding:
    """SPF, for the domain of the envelope sender (RFC 7208)."""
    proposed = _propose_spf(sender, relay, own=own)
    answer = look_up(sender.envelope, "TXT")
    if answer.unanswered:
        return DnsFinding("spf", Severity.OK, sender.envelope, proposed, answer.unanswered)
    records = spf_records(answer.values)
    if not records:
        says = f"{sender.envelope} does not say who may send for it: publish the record below"
        return DnsFinding("spf", Severity.WARN, says, proposed)
    if len(records) > 1:
        says = f"{sender.envelope} has {len(records)} SPF records, an error to receivers: make one"
        return DnsFinding("spf", Severity.MEND, says)
    policy = evaluate_spf(sender.envelope, records[0], relay.public if own else (), look_up)
    severity, says = _judge_spf(policy, relay, own=own)
    says = f"the SPF record of {sender.envelope} {says}"
    return DnsFinding("spf", severity, says, unanswered="" if policy.broken else policy.unanswered)


def _propose_spf(sender: SenderDomain, relay: RelayHost, *, own: bool) -> DnsRecord:
    """The record to publish. Only a provider knows which addresses it sends from."""
    if own:
        kind = f"ip{relay.public[0].version}" if relay.literal else "a"
        return DnsRecord(sender.envelope, f"v=spf1 {kind}:{relay.host} ~all")
    if relay.inside:
        blank = "ADDRESS is the public one that the relay sends from"
        return DnsRecord(sender.envelope, "v=spf1 ip4:ADDRESS ~all", blank=blank)
    blank = f"PROVIDER is what whoever runs {relay.host} names for it"
    return DnsRecord(sender.envelope, "v=spf1 include:PROVIDER ~all", blank=blank)


def _judge_spf(policy: SpfPolicy, relay: RelayHost, *, own: bool) -> tuple[Severity, str]:
    if policy.broken:
        return Severity.MEND, f"is an error to receivers: {policy.broken}"
    if not policy.names_senders and policy.rest != "+":
        return Severity.MEND, "lets nobody send: add what the relay sends from"
    if policy.rest == "+":
        return Severity.WARN, "lets everybody send: end it in ~all, not +all"
    left_out = sorted(str(address) for address in set(relay.public) - policy.permitted)
    if own and left_out and not policy.opaque:
        add = f"ip{relay.public[0].version}" if relay.literal else "a"
        addresses = ", ".join(left_out)
        return Severity.WARN, f"does not permit {addresses}: add {add}:{relay.host} to it"
    if own and not left_out:
        return Severity.OK, f"permits {relay.host} ({policy.lookups} of 10 lookups)"
    included = ", ".join(map(quoted_text, policy.includes)) or "no other"
    return Severity.OK, f"includes {included}: see that it has the address {relay.host} sends from"


def _check_dmarc(sender: SenderDomain, look_up: DnsLookup) -> Iterator[DnsFinding]:
    """DMARC and what it ties together, for the domain of the From address."""
    others = tuple(domain for domain in (sender.envelope, sender.signing) if domain)
    place = place_for_policy(sender.author, others)
    reports = f"; rua=mailto:{sender.reports}" if sender.reports else ""
    proposed = DnsRecord(f"_dmarc.{place}", f"v=DMARC1; p=none{reports}")
    published = DmarcTree(look_up).governing(sender.author)
    if published.record is not None:
        yield DnsFinding("dmarc", Severity.OK, _describe_dmarc(published.record))
        yield _check_alignment(sender, published.record, DmarcTree(look_up), "")
        return
    says = published.flaw or f"{sender.author} has no DMARC record, which Gmail and others ask for"
    severity = Severity.OK if published.unanswered else Severity.WARN
    mend = f"{says}: publish the record below{' instead' if published.flaw else ''}"
    yield DnsFinding("dmarc", severity, mend, proposed, published.unanswered)
    yield _check_alignment(sender, Dmarc(place), DmarcTree(look_up, place), published.unanswered)


def _describe_dmarc(record: Dmarc) -> str:
    reports = (
        f"reports to {quoted_text(record.reports)}"
        if record.reports
        else "nobody gets reports (rua=)"
    )
    return f"_dmarc.{record.domain} asks receivers for p={record.policy}; {reports}"


def _check_alignment(
    sender: SenderDomain, record: Dmarc, tree: DmarcTree, unasked: str
) -> DnsFinding:
    """Check that what SPF or DKIM proves is proven for the From address: one of both must be."""
    spf = tree.aligned(sender.envelope, sender.author, strict=record.strict_spf)
    dkim = bool(sender.signing) and tree.aligned(
        sender.signing, sender.author, strict=record.strict_dkim
    )
    facts = [f"SPF {'aligns' if spf else 'does not align'} (bounces to {sender.envelope})"]
    if sender.signing:
        facts.append(f"DKIM {'aligns' if dkim else 'does not align'} (d={sender.signing})")
    says = f"{', '.join(facts)} with From {sender.author}"
    if spf or dkim:
        return DnsFinding("alignment", Severity.OK, says)
    mend = f"set DIGEST_BOUNCE_ADDRESS or DIGEST_DKIM_DOMAIN within {sender.author}"
    if not sender.signing:
        mend = f"set DIGEST_BOUNCE_ADDRESS, or have mails signed, within {sender.author}"
    fatal = sender.signing and record.policy != "none"
    severity = Severity.MEND if fatal else Severity.WARN
    return DnsFinding("alignment", severity, f"{says}, so DMARC fails: {mend}", unanswered=unasked)


def _check_bounce_mx(sender: SenderDomain, look_up: DnsLookup) -> DnsFinding:
    """Check that a bounce finds its way home (RFC 5321 §5.1, RFC 7505)."""
    domain = sender.envelope
    blank = f"SERVER is the one that takes mail for {domain}"
    proposed = DnsRecord(domain, "10 SERVER.", "MX", blank)
    answer = look_up(domain, "MX")
    hosts = [value.partition(" ")[2] for value in answer.values]
    if answer.unanswered:
        return DnsFinding("bounces", Severity.OK, domain, proposed, answer.unanswered)
    if hosts == [""]:
        says = f"{domain} says that it takes no mail (MX 0 .), so bounces are lost: publish an MX"
        return DnsFinding("bounces", Severity.WARN, says, proposed)
    if hosts:
        return DnsFinding("bounces", Severity.OK, f"go to {', '.join(map(quoted_text, hosts[:3]))}")
    addresses = [look_up(domain, kind) for kind in ("A", "AAAA")]
    if any(reply.values for reply in addresses):
        says = f"go to the server at the address of {domain}, which has no MX; see that it listens"
        return DnsFinding("bounces", Severity.OK, says)
    says = (
        f"{domain} has no MX, so bounces are lost and many receivers refuse its mail: publish one"
    )
    unasked = next((reply.unanswered for reply in addresses if reply.unanswered), "")
    return DnsFinding("bounces", Severity.WARN, says, proposed, unasked)
