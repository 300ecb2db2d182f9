"""What ``digest check`` looks at: everything that could keep a mail from leaving or arriving."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from ipaddress import ip_address
from typing import TYPE_CHECKING

from digest.errors import ConfigurationError, DigestError
from digest.settings import load_settings, misspelt
from digest.settings.places import outlook, place_of
from digest.wiring.application import Application

if TYPE_CHECKING:
    from digest.deliverability import DnsRecord, SenderDomain
    from digest.deliverability.resolver import Resolver

UNASKED = "dns"
"""The finding that tells what DNS could not be asked."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that ``digest check`` looked at.

    ``ok`` is false where something must be mended. ``warns`` marks what should be: mail leaves all
    the same. ``records`` are to be published in DNS.
    """

    what: str
    ok: bool
    says: str
    warns: bool = False
    records: tuple[DnsRecord, ...] = ()

    @property
    def published(self) -> str:
        """What is known of its records."""
        if self.what == UNASKED:
            return "to publish, if it is not there yet"
        return "published" if self.ok and not self.warns else "to publish"

    def as_dict(self) -> dict[str, object]:
        """The finding for programs."""
        records = [
            {
                "name": one.name,
                "type": one.kind,
                "value": one.text,
                "blank": one.blank,
                "status": self.published,
            }
            for one in self.records
        ]
        return {
            "what": self.what,
            "ok": self.ok,
            "warns": self.warns,
            "says": self.says,
            "records": records,
        }


class PublishedGap(str):
    """What a look says where something should be mended, though mail leaves all the same."""


def inspect(name_server: str | None = None) -> Iterator[Finding]:
    """Look at everything that could keep a mail from leaving or arriving, without sending one.

    DNS is asked through ``name_server`` (see `digest.deliverability.resolver.Resolver`), by default
    through those of this machine. Raises `ConfigurationError` if that is not an address.
    """
    from digest.deliverability.resolver import Resolver

    resolver = Resolver(name_server)
    try:
        settings = load_settings()
    except ConfigurationError as error:
        yield Finding("settings", False, str(error))
        return
    strays = misspelt()
    yield Finding("settings", not strays, "; ".join(strays) or "every value can be used")
    house = Application(settings, only_looks=True)
    looks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("files", lambda: _look_at_files(house)),
        ("database", lambda: _look_at_store(house)),
        ("state folder", lambda: _look_at_state(house)),
        ("sources", lambda: _look_at_sources(house)),
        ("topics", lambda: f"{len(house.topics.topics)} topics"),
        ("templates", lambda: _look_at_templates(house)),
        ("pages", lambda: _look_at_pages(house)),
        ("relay", lambda: _look_at_relay(house)),
        ("signing", lambda: _look_at_signers(house)),
        ("bounce mailbox", lambda: _look_at_returns(house)),
    )
    for what, look in looks:
        try:
            said = look()
            yield Finding(what, True, str(said), warns=isinstance(said, PublishedGap))
        except DigestError as error:
            yield Finding(what, False, str(error))
    if paused := _pause(house):
        yield Finding("sending", False, f"is paused: {paused}")
    if settings.smtp_host and settings.sender:
        yield from _look_at_standing(house, resolver)


def _look_at_files(house: Application) -> str:
    from digest.wiring.trusted_files import warnings

    found = warnings(house.settings)
    return (
        PublishedGap("; ".join(found))
        if found
        else "nobody else can change what is trusted, or read secrets"
    )


def _look_at_returns(house: Application) -> str:
    from digest.wiring.bounces import mailboxes

    boxes = mailboxes(house.settings)
    for box in boxes:
        with box.opened():
            pass
    if boxes:
        every = house.settings.bounce_every
        often = "minute" if every == 1 else f"{every} minutes"
        return f"{', '.join(box.name for box in boxes)} can be read, every {often}"
    address = house.settings.bounce_address
    if address is None:
        return PublishedGap(
            "nobody reads what comes back: set DIGEST_BOUNCE_ADDRESS and a mailbox that takes its mail"
        )
    return (
        "no mailbox is set: nobody reads what comes back, unless the mail server of "
        f"{address} pipes it"
    )


def _look_at_store(house: Application) -> str:
    from digest.model import SubscriberState
    from digest.store import open_store

    # Looked at as it is: a check makes no database, so that a wrong path shows.
    store = open_store(house.settings.database_url)
    ours = "" if "database_url" in house.settings.model_fields_set else outlook(place_of())
    if store.is_empty():
        return f"none yet: {store.place} will be made by the first command that needs it{ours}"
    with house.store.read() as unit:
        readers = unit.subscribers.counts()[SubscriberState.ACTIVE]
    many = "" if readers == 1 else "s"
    return f"{store.place}: reachable and current; {readers} active reader{many}{ours}"


def _pause(house: Application) -> str:
    """Why nothing is sent, and how to go on; ``""`` if nothing is in the way, or another finding is."""
    from digest.daily.status import resume_hint
    from digest.store import open_store

    if open_store(house.settings.database_url).is_empty():
        return ""
    try:
        with house.store.read() as unit:
            paused = unit.runs.paused()
        paused = paused or house.watch.doubt()
    except DigestError:
        return ""
    return resume_hint(paused) if paused else ""


def _look_at_state(house: Application) -> str:
    from digest.store import open_store

    folder = house.settings.state_folder
    if open_store(house.settings.database_url).is_empty():
        return f"{folder}: nothing yet"
    # Made now, as the first mail would make it: what is wrong with it shows.
    return f"{house.journals.parents[1]} can be used"


def _look_at_sources(house: Application) -> str:
    from digest.model import Rejected
    from digest.sources import open_source
    from digest.sources.isolation import lacking

    papers = 0
    for location in house.sources(None):
        for reading in open_source(location).read(today=house.desk.day(house.clock())):
            if isinstance(reading, Rejected):
                raise ConfigurationError(reading.reason, where=reading.location)
            papers += len(reading.records)
    return "; ".join(filter(None, (f"{papers} papers can be read now", lacking())))


def _look_at_templates(house: Application) -> str:
    from digest.web.templates import PageTemplates

    house.renderer.check()
    PageTemplates(house.settings.templates, house.list_identity).check()
    return f"from {house.settings.templates or 'the package'}; all can be used"


def _look_at_pages(house: Application) -> str:
    from digest.store import open_store
    from digest.wiring.proxy_notice import notice

    wanted = house.settings
    at = f"at {house.address}, from {wanted.web_host} port {wanted.web_port}"
    encrypted = (wanted.base_url or "").startswith("https://")
    if encrypted and not wanted.trusted_proxies and _is_this_machine(wanted.web_host):
        return PublishedGap(
            f"{at}: readers come through a proxy on this machine that is not in "
            "DIGEST_TRUSTED_PROXIES, so all of them share one limit of sign-ups; "
            f"for example DIGEST_TRUSTED_PROXIES={wanted.web_host.replace('localhost', '127.0.0.1')}"
        )
    if not open_store(wanted.database_url).is_empty() and (noticed := notice(house.store)):
        return PublishedGap(f"{at}: {noticed}")
    return at


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _look_at_relay(house: Application) -> str:
    house.require_relay()
    returns = house.return_address
    if house.verp:
        returns = f"{returns}, each with a token"
    if house.alarm is None:
        returns += "; nobody is told when sending pauses: DIGEST_OPERATOR_EMAIL is not set"
    return ", ".join((*house.transport.verify(), f"bounces go to {returns}"))


def _look_at_signers(house: Application) -> str:
    named = [f"{one.selector} of {one.domain} ({one.algorithm})" for one in house.signers]
    return ", ".join(named) or "no DKIM key is set: right where the relay signs"


def _look_at_standing(house: Application, resolver: Resolver) -> Iterator[Finding]:
    """What receivers find in DNS; what could not be asked is one line, and no fault."""
    from digest.deliverability import Severity, examine_sender

    try:
        sender = _sender(house)
    except DigestError:
        return  # an address that is none, of which the relay's finding has told
    unasked: dict[str, list[str]] = {}
    records = []
    for verdict in examine_sender(sender, resolver.look_up):
        if verdict.unanswered:
            unasked.setdefault(verdict.unanswered, []).append(verdict.about)
            records += [verdict.record] if verdict.record else []
            continue
        yield Finding(
            verdict.about,
            verdict.severity is not Severity.MEND,
            verdict.says,
            verdict.severity is Severity.WARN,
            (verdict.record,) if verdict.record else (),
        )
    if unasked:
        reasons = "; ".join(
            f"{', '.join(dict.fromkeys(about))} could not be asked: {reason}"
            for reason, about in unasked.items()
        )
        yield Finding(UNASKED, True, reasons, records=tuple(records))


def _sender(house: Application) -> SenderDomain:
    """What receivers see of who sends. A key that cannot be used is another finding's matter."""
    from digest.deliverability import DnsRecord, SenderDomain

    try:
        signers = house.signers
    except ConfigurationError:
        signers = ()
    author = house.list_identity.domain
    operator = parseaddr(house.settings.operator_email or "")[1]
    # Reports to another domain need that domain's consent in DNS (RFC 9990 §4).
    reports = operator if operator.endswith(f"@{author}") else f"postmaster@{author}"
    return SenderDomain(
        author=author,
        envelope=house.return_address.rpartition("@")[2],
        relay=house.settings.smtp_host or "",
        keys=tuple(DnsRecord(*one.public_record()) for one in signers),
        signing=signers[0].domain if signers else "",
        reports=reports,
    )
