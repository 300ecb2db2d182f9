"""Check everything that could keep a mail from leaving or arriving, for ``digest check``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.errors import ConfigurationError, DigestError
from digest.settings import load_settings, misspelt
from digest.settings.data_place import (
    describe_claim,
    find_data_place,
)
from digest.wiring.application import Application

if TYPE_CHECKING:
    from digest.deliverability import DnsRecord, SenderDomain
    from digest.deliverability.resolver import Resolver

UNASKED = "dns"
"""The name of the finding that lists what DNS could not be asked."""


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
        """The publication state of its records, for people."""
        if self.what == UNASKED:
            return "to publish, if it is not there yet"
        return "published" if self.ok and not self.warns else "to publish"

    def as_dict(self) -> dict[str, object]:
        """The finding for programs."""
        records = [
            {
                "name": record.name,
                "type": record.kind,
                "value": record.text,
                "blank": record.blank,
                "status": self.published,
            }
            for record in self.records
        ]
        return {
            "what": self.what,
            "ok": self.ok,
            "warns": self.warns,
            "says": self.says,
            "records": records,
        }


@dataclass(frozen=True, slots=True)
class Passed:
    """The result of a check that found nothing to mend; ``warns`` as in `Finding`."""

    says: str
    warns: bool = False


def inspect(name_server: str | None = None) -> Iterator[Finding]:
    """Check everything that could keep a mail from leaving or arriving, without sending one.

    DNS is asked through ``name_server`` (see `digest.deliverability.resolver.Resolver`), by default
    through those of this machine. Raises `ConfigurationError` if that is not an address.
    """
    from digest.deliverability.resolver import Resolver

    resolver = Resolver(name_server)
    try:
        settings = load_settings(refuse_slips=False)
    except ConfigurationError as error:
        yield Finding("settings", False, str(error))
        return
    unknown = misspelt()
    yield Finding("settings", not unknown, "; ".join(unknown) or "every value can be used")
    app = Application(settings, only_looks=True)
    checks: tuple[tuple[str, Callable[[Application], Passed]], ...] = (
        ("files", _check_files),
        ("database", _check_database),
        ("state folder", _check_state_folder),
        ("topics", _check_topics),
        ("templates", _check_templates),
        ("pages", _check_pages),
        ("relay", _check_relay),
        ("signing", _check_signers),
        ("preview", _check_preview),
        ("bounce mailbox", _check_bounce_mailbox),
    )
    yield from (*_check_sources(app), *_check_posts(app))
    for what, check in checks:
        try:
            passed = check(app)
            yield Finding(what, True, passed.says, passed.warns)
        except DigestError as error:
            yield Finding(what, False, str(error))
    if reason := _pause_reason(app):
        yield Finding("sending", False, f"is paused: {reason}")
    if settings.smtp_host and settings.sender:
        yield from _check_dns(app, resolver)


def _check_files(app: Application) -> Passed:
    from digest.wiring.trusted_files import warnings

    exposed = warnings(app.settings)
    if exposed:
        return _warning("; ".join(exposed))
    return Passed("nobody else can change what is trusted, or read secrets")


def _check_preview(app: Application) -> Passed:
    hold = app.preview_hold
    if hold is None:
        return Passed("editions are sent as soon as they are made: DIGEST_PREVIEW_TO names nobody")
    minutes = int(hold.span.total_seconds() // 60)
    lookers = "1 address" if len(hold.addresses) == 1 else f"{len(hold.addresses)} addresses"
    says = f"each edition is held {minutes} min for {lookers} to look at"
    if app.settings.base_url is None:
        return _warning(
            f"{says}, without a link that stops it, because DIGEST_BASE_URL is not set: it is "
            "stopped "
            "with digest stop DATE"
        )
    return Passed(says)


def _check_posts(app: Application) -> Iterator[Finding]:
    """Try each target of posts, where there are any, without posting; say what came of each."""
    if not app.settings.post_to:
        return
    try:
        app.check_post_topics()
        for target, says, well in app.try_post_targets():
            yield Finding("post", well, f"{target.shown}: {says}")
    except DigestError as error:
        yield Finding("post", False, str(error))


def _check_topics(app: Application) -> Passed:
    return Passed(f"{len(app.topics.topics)} topics")


def _check_bounce_mailbox(app: Application) -> Passed:
    from digest.wiring.bounces import mailboxes

    configured = mailboxes(app.settings)
    for mailbox in configured:
        with mailbox.opened():
            pass
    if configured:
        minutes = app.settings.bounce_every
        interval = "minute" if minutes == 1 else f"{minutes} minutes"
        names = ", ".join(mailbox.name for mailbox in configured)
        return Passed(f"{names} can be read, every {interval}")
    address = app.settings.bounce_address
    if address is None:
        return _warning("nobody reads bounces: set DIGEST_BOUNCE_ADDRESS and a mailbox for it")
    return Passed(
        f"no mailbox is set: nobody reads bounces, unless the mail server of {address} pipes it"
    )


def _check_database(app: Application) -> Passed:
    from digest.model import SubscriberState
    from digest.store import open_store

    # A check makes no database, so that a wrong path shows.
    store = open_store(app.settings.database_url)
    followed = (
        "" if "database_url" in app.settings.model_fields_set else describe_claim(find_data_place())
    )
    if store.is_empty():
        return Passed(
            f"none yet: {store.place} will be made by the first command that needs it{followed}"
        )
    with app.store.read() as unit:
        active = unit.subscribers.counts()[SubscriberState.ACTIVE]
    plural = "" if active == 1 else "s"
    return Passed(f"{store.place}: reachable and current; {active} active reader{plural}{followed}")


def _pause_reason(app: Application) -> str:
    """The reason why nothing is sent, and how to go on; ``""`` if another finding tells it."""
    from digest.daily.status import resume_hint
    from digest.store import open_store

    if open_store(app.settings.database_url).is_empty():
        return ""
    try:
        with app.store.read() as unit:
            paused = unit.runs.paused()
        paused = paused or app.restore_guard.restored_reason()
    except DigestError:
        return ""
    return resume_hint(paused) if paused else ""


def _check_state_folder(app: Application) -> Passed:
    from digest.store import open_store

    folder = app.settings.state_folder
    if open_store(app.settings.database_url).is_empty():
        return Passed(f"{folder}: nothing yet")
    # Made now, as the first mail would make it: what is wrong with it shows.
    return Passed(f"{app.journals.parents[1]} can be used")


def _check_sources(app: Application) -> Iterator[Finding]:
    """Try each source, and say what came of each: one that fails hides no other."""
    from digest.sources import source_name
    from digest.sources.isolation import missing_limits

    try:
        locations = list(dict.fromkeys(app.source_locations(None)))
    except DigestError as error:
        yield Finding("sources", False, str(error))
        return
    for location in locations:
        papers, trouble = _try_source(app, location)
        name = "" if len(locations) == 1 else f"{source_name(location)}: "
        says = trouble or "; ".join(
            filter(None, (f"{papers} papers can be read now", missing_limits()))
        )
        # What went wrong names its place itself, mostly.
        yield Finding("sources", not trouble, says if name[:-2] in says else f"{name}{says}")


def _try_source(app: Application, location: str) -> tuple[int, str]:
    """The papers that can be read of a source now, and why it cannot be read (``""``: it can)."""
    from digest.sources import LocationReader

    reader = LocationReader(
        [location], today=app.editorial.day(app.clock()), tools=app.source_tools
    )
    papers = sum(len(dump.records) for dump in reader)
    if reader.failed:
        return papers, str(reader.failed[0])
    if reader.refused:
        return papers, f"{reader.refused[0].location}: {reader.refused[0].reason}"
    return papers, ""


def _check_templates(app: Application) -> Passed:
    from digest.web.templates import PageTemplates

    app.renderer.check()
    PageTemplates(app.settings.templates, app.list_identity).check()
    return Passed(f"from {app.settings.templates or 'the package'}; all can be used")


def _check_pages(app: Application) -> Passed:
    from digest.store import open_store
    from digest.wiring.proxy_notice import notice

    settings = app.settings
    listening = f"at {app.pages_url}, from {settings.web_host} port {settings.web_port}"
    encrypted = (settings.base_url or "").startswith("https://")
    if encrypted and not settings.trusted_proxies and _is_this_machine(settings.web_host):
        example = settings.web_host.replace("localhost", "127.0.0.1")
        return _warning(
            f"{listening}: readers come through a proxy on this machine that is not in "
            "DIGEST_TRUSTED_PROXIES, so all of them share one limit of sign-ups; "
            f"for example DIGEST_TRUSTED_PROXIES={example}"
        )
    host = urlsplit(settings.base_url).hostname if settings.base_url else settings.web_host
    if settings.api_token and not encrypted and not _is_this_machine(host or ""):
        return _warning(
            f"{listening}: the tokens of DIGEST_API_TOKEN cross the network unencrypted; put a proxy "
            "that speaks https in front, for example DIGEST_BASE_URL=https://papers.example.org"
        )
    if open_store(settings.database_url).is_empty():
        return Passed(listening)
    noticed = notice(app.store)
    return _warning(f"{listening}: {noticed}") if noticed else Passed(listening)


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_relay(app: Application) -> Passed:
    app.require_relay()
    bounces = f"bounces go to {app.return_address}"
    if app.uses_verp:
        bounces += ", each with a token"
    if app.pause_alert is None:
        bounces += "; nobody is told when sending pauses: DIGEST_OPERATOR_EMAIL is not set"
    return Passed(", ".join((*app.transport.verify(), bounces)))


def _check_signers(app: Application) -> Passed:
    names = [f"{key.selector} of {key.domain} ({key.algorithm})" for key in app.signers]
    return Passed(", ".join(names) or "no DKIM key is set: fine if the relay signs")


def _check_dns(app: Application, resolver: Resolver) -> Iterator[Finding]:
    """Examine the sender in DNS as receivers do; what could not be asked is one line, and no fault."""
    from digest.deliverability import Severity, examine_sender

    try:
        sender = _sender(app)
    except DigestError:
        return  # the address is wrong, as the relay's finding says
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
        yield Finding(UNASKED, True, reasons, warns=True, records=tuple(records))


def _sender(app: Application) -> SenderDomain:
    """The sender as receivers see it. A key that cannot be used is another finding's matter."""
    from digest.deliverability import DnsRecord, SenderDomain

    try:
        signers = app.signers
    except ConfigurationError:
        signers = ()
    author = app.list_identity.domain
    operator = parseaddr(app.settings.operator_email or "")[1]
    # Reports to another domain need that domain's consent in DNS (RFC 9990 §4).
    reports = operator if operator.endswith(f"@{author}") else f"postmaster@{author}"
    return SenderDomain(
        author=author,
        envelope=app.return_address.rpartition("@")[2],
        relay=app.settings.smtp_host or "",
        keys=tuple(DnsRecord(*signer.public_record()) for signer in signers),
        signing=signers[0].domain if signers else "",
        reports=reports,
    )


def _warning(says: str) -> Passed:
    """The result of a check that found something to mend, though mail leaves all the same."""
    return Passed(says, warns=True)
