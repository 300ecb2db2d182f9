"""DMARC: what the author's domain asks of receivers, and which domains may speak for it.

After RFC 9989: the organisation of a domain is found by walking up the names (§4.10), not in a list
of public suffixes.
"""

from __future__ import annotations

from dataclasses import dataclass

from digest.deliverability.dns_answers import (
    DnsLookup,
    is_within,
    parse_tags,
)

POLICIES = ("none", "quarantine", "reject")
_LONGEST_WALK = 8  # questions, §4.10


@dataclass(frozen=True, slots=True)
class Dmarc:
    """A DMARC record: where it stands, its policy, and whether SPF and DKIM must match strictly."""

    domain: str
    policy: str = "none"
    reports: str = ""
    strict_spf: bool = False
    strict_dkim: bool = False
    psd: str = "u"


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """The outcome for one ``_dmarc`` name: a record that counts, or the reason that none does."""

    record: Dmarc | None = None
    flaw: str = ""
    unanswered: str = ""


def read_dmarc(domain: str, texts: tuple[str, ...]) -> DmarcRecord:
    """The DMARC record among the TXT records at ``_dmarc.`` of that domain."""
    ours = [text for text in texts if text.lstrip().lower().startswith("v=dmarc1")]
    if len(ours) != 1:
        counted = f"{len(ours)} DMARC records" if ours else "a TXT record that is none of DMARC's"
        return DmarcRecord(flaw=f"_dmarc.{domain} has {counted}, so none counts" if texts else "")
    tags = parse_tags(ours[0])
    if tags is None or tags.get("v") != "DMARC1":
        return DmarcRecord(flaw=f"the record at _dmarc.{domain} cannot be read")
    policy = tags.get("p", "none").lower()
    if policy not in POLICIES:
        return DmarcRecord(flaw=f"p= at _dmarc.{domain} is none of {', '.join(POLICIES)}")
    return DmarcRecord(
        Dmarc(
            domain,
            policy,
            tags.get("rua", ""),
            strict_spf=tags.get("aspf", "r").lower() == "s",
            strict_dkim=tags.get("adkim", "r").lower() == "s",
            psd=tags.get("psd", "u").lower(),
        )
    )


class DmarcTree:
    """The DMARC records of names and of what is above them.

    ``proposed`` is a domain whose record is yet to be published and is taken for there.
    """

    def __init__(self, look_up: DnsLookup, proposed: str = "") -> None:
        self._look_up = look_up
        self._proposed = proposed

    def at(self, domain: str) -> DmarcRecord:
        """The record at that very domain."""
        if domain == self._proposed:
            return DmarcRecord(Dmarc(domain))
        answer = self._look_up(f"_dmarc.{domain}", "TXT")
        return (
            DmarcRecord(unanswered=answer.unanswered)
            if answer.unanswered
            else read_dmarc(domain, answer.values)
        )

    def governing(self, author: str) -> DmarcRecord:
        """The record that governs mail from that domain: its own, or its organisation's (§4.10)."""
        own = self.at(author)
        if own.record is not None or own.flaw or own.unanswered:
            return own
        above = self.records(author)
        return DmarcRecord(above[-1]) if above else own

    def records(self, domain: str) -> list[Dmarc]:
        """The records at the domain and above it, nearest first."""
        labels = domain.split(".")
        above = [".".join(labels[at:]) for at in range(1, len(labels))]
        outcomes = (self.at(name).record for name in [domain, *above[1 - _LONGEST_WALK :]])
        return [record for record in outcomes if record is not None]

    def organisation(self, domain: str) -> str:
        """The organisational domain, by which domains are compared unless strictly (§4.10)."""
        records = self.records(domain)
        for record in records:
            if record.psd == "n":
                return record.domain
            if record.psd == "y" and record.domain != domain:
                own = domain.removesuffix(f".{record.domain}").rpartition(".")[2]
                return f"{own}.{record.domain}"
        return records[-1].domain if records else domain

    def aligned(self, domain: str, author: str, *, strict: bool) -> bool:
        """True if what is proven for ``domain`` is proven for the author's."""
        if domain == author:
            return True
        return not strict and self.organisation(domain) == self.organisation(author)


def place_for_policy(author: str, others: tuple[str, ...]) -> str:
    """The domain to publish at: the author's, or one above it if that brings the others in as
    well.
    """
    return min([author, *(other for other in others if is_within(author, other))], key=len)
