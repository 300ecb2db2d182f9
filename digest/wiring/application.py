"""Where the parts meet: the only room that turns settings into a working house.

``Application`` has the parts; ``checkup`` looks at each of them; ``running`` keeps them at work.
"""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.errors import ConfigurationError
from digest.settings import Settings, load_settings
from digest.settings.places import place_of, take_place
from digest.visible import visible

# Everything else is imported where it is used: `digest parse` needs no database, and `digest
# preview` no SMTP, so neither waits for their libraries.
if TYPE_CHECKING:
    from digest.daily.bounces import BounceContext
    from digest.daily.daily_run import DailyRun
    from digest.daily.deliver import DeliverySettings
    from digest.daily.pause_alert import PauseAlert
    from digest.daily.prune import PruneReport
    from digest.daily.publish import PublishSettings
    from digest.daily.run_record import Clock, EditorialSettings
    from digest.delivery.rate_limit import WarmUp
    from digest.delivery.smtp import SmtpTransport
    from digest.editorial.topics import Topics
    from digest.mail.dkim import Signer
    from digest.mail.list_identity import ListIdentity
    from digest.mail.render import Renderer
    from digest.restore_guard.guard import RestoreGuard
    from digest.store import Store
    from digest.subscriptions import ServiceMailWorker
    from digest.web.serving import Server

log = logging.getLogger(__name__)

PREVIEW_SENDER = "Daily Papers <papers@example.org>"
LINK_KEY = "link-signing"


class Application:
    """The parts, each made when it is first asked for."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        store: Store | None = None,
        notice: Callable[[str], None] | None = None,
        only_looks: bool = False,
    ) -> None:
        """``notice`` is told in one line which database is used, where that is news.

        Who ``only_looks`` does not settle whose list a database of earlier versions is.
        """
        self._settles = store is None and not only_looks
        self.settings = settings
        self.notice = notice or log.info
        self.clock: Clock = clock or _utc_now
        self._store = store

    @cached_property
    def store(self) -> Store:
        """The memory, its tables made on first use."""
        from digest.store import open_store

        store = self._store or open_store(self.settings.database_url)
        if self._settles:
            settle(self.settings, self.notice)
        if not store.is_current():
            if not store.is_empty():
                raise ConfigurationError(
                    "the database is of an older version of digest",
                    where="DIGEST_DATABASE_URL",
                    mend="Run: digest migrate",
                )
            if self._settles and "database_url" not in self.settings.model_fields_set:
                self.notice(f"a new list begins: {store.place}")
            store.migrate()
        return store

    @cached_property
    def journals(self) -> Path:
        """Where this machine's senders note the mail in flight; made if missing.

        The folder is named after the store, so that two databases of one user stay apart.
        Raises `digest.errors.ConfigurationError` where it cannot be made.
        """
        with self.store.begin() as unit:
            name = unit.senders.identify()
        folder = self.settings.state_folder / "journals" / name
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"{self.settings.state_folder} cannot be used ({error.strerror})",
                where="DIGEST_STATE_FOLDER",
                mend="Name a folder on a local disk that this user may write to",
            ) from error
        return folder

    @cached_property
    def watch(self) -> RestoreGuard:
        """What tells a database that was restored from a copy."""
        from digest.restore_guard.guard import RestoreGuard

        return RestoreGuard(self.store, self.settings.state_folder / "witness")

    @cached_property
    def topics(self) -> Topics:
        """The topics that papers are sorted into."""
        from digest.editorial.topics import load_topics

        return load_topics(self.settings.topics)

    @cached_property
    def desk(self) -> EditorialSettings:
        """The editorial side."""
        from digest.daily.run_record import EditorialSettings
        from digest.editorial.edition import EditionLimits

        return EditorialSettings(
            self.topics,
            self.settings.zone,
            self.settings.send_at,
            EditionLimits(papers=self.settings.max_papers, picks=self.settings.picks),
        )

    @cached_property
    def list_identity(self) -> ListIdentity:
        """Who sends; a stand-in where no sender is set, which only a preview may use."""
        from digest.mail.list_identity import ListIdentity
        from digest.wiring.bounces import requests_address

        wanted = self.settings
        return ListIdentity(
            list_name=wanted.list_name,
            sender=wanted.sender or PREVIEW_SENDER,
            base_url=wanted.base_url,
            postal_address=wanted.postal_address,
            list_id=wanted.list_id or "",
            source_note=self._source_note(),
            requests=requests_address(wanted),
        )

    @cached_property
    def renderer(self) -> Renderer:
        """The templates, read and checked."""
        return self.fresh_renderer()

    def fresh_renderer(self) -> Renderer:
        """A renderer that reads the templates as they are now."""
        import platformdirs

        from digest.mail.render import Renderer

        cache = platformdirs.user_cache_path("digest") / "templates"
        return Renderer(self.settings.templates, cache=cache)

    @cached_property
    def press(self) -> PublishSettings:
        """What turns an edition into mail."""
        from digest.daily.publish import PublishSettings

        return PublishSettings(self.renderer, self.list_identity, self.settings.expiry)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The secrets that sign links, newest first; one is made and kept if none is set."""
        wanted = self.settings
        older = tuple(key.get_secret_value() for key in wanted.secret_keys)
        if wanted.secret_key is not None:
            return (wanted.secret_key.get_secret_value(), *older)
        with self.store.begin() as unit:
            kept = unit.runs.keep_flag(LINK_KEY, secrets.token_urlsafe(32))
        return (kept, *older)

    @cached_property
    def transport(self) -> SmtpTransport:
        """The door to the relay."""
        from digest.delivery.smtp import SmtpTransport
        from digest.wiring.sending import relay

        return SmtpTransport(relay(self.settings))

    @cached_property
    def post(self) -> DeliverySettings:
        """What carries mail out.

        Raises `digest.errors.ConfigurationError` where the relay or the sender is not set.
        """
        from digest.daily.deliver import DeliverySettings
        from digest.delivery.rate_limit import RateLimits
        from digest.delivery.retry import RetryPolicy
        from digest.delivery.send_loop import SendLimits

        self.require_relay()
        wanted = self.settings
        return DeliverySettings(
            transport=self.transport,
            list_identity=self.list_identity,
            keys=self.keys,
            envelope_sender=self.return_address,
            policy=RetryPolicy(first_wait=timedelta(seconds=wanted.retry_after)),
            limits=SendLimits(
                connections=wanted.smtp_connections,
                rates=RateLimits(wanted.smtp_rate, wanted.smtp_domain_rate),
            ),
            unknown_policy=wanted.unknown_policy.value,
            journals=self.journals,
            witness=self.watch.folder,
            verp=self.verp,
            signers=self.signers,
            warm_up=self.warm_up,
            alarm=self.alarm,
        )

    @cached_property
    def signers(self) -> tuple[Signer, ...]:
        """What signs every mail with DKIM; nobody, where no key is set.

        Raises `digest.errors.ConfigurationError` for a key that cannot be used.
        """
        from digest.wiring.sending import read_signers

        return read_signers(self.settings, self.list_identity.domain)

    @cached_property
    def bounce_reader(self) -> BounceContext:
        """The reader of mail that came back.

        Raises `digest.errors.ConfigurationError` where no address is set that it could come to.
        """
        from digest.daily.bounces import BounceContext
        from digest.wiring.bounces import quarantine

        return BounceContext(
            store=self.store,
            address=self.return_address,
            keys=self.keys,
            quarantine=quarantine(self.settings),
            domain=self.list_identity.domain,
            goodbye=self.settings.goodbye_mail,
            authserv_id=self.settings.bounce_authserv_id or "",
        )

    @property
    def verp(self) -> bool:
        """Whether each mail's envelope sender names its delivery: not where bounces go to From."""
        return self.settings.verp and self.settings.bounce_address is not None

    @cached_property
    def return_address(self) -> str:
        """Where bounces go, as the wire takes it, without a token.

        Raises `digest.errors.ConfigurationError` where a token would not find room in it.
        """
        from digest.wiring.sending import return_address

        return return_address(self.settings, with_token=self.verp)

    @property
    def warm_up(self) -> WarmUp | None:
        """How many mails a day may leave while nobody knows the sender yet."""
        from digest.delivery.rate_limit import WarmUp

        first_day = self.settings.warm_up_from
        return WarmUp(first_day, self.settings.zone) if first_day is not None else None

    @cached_property
    def alarm(self) -> PauseAlert | None:
        """Who tells the operator that sending is paused; nobody, where no address is set."""
        from digest.daily.pause_alert import PauseAlert
        from digest.wiring.sending import bare_address

        operator = self.settings.operator_email
        if operator is None:
            return None
        return PauseAlert(
            operator=bare_address("DIGEST_OPERATOR_EMAIL", operator),
            transport=self.transport,
            renderer=self.renderer,
            list_identity=self.list_identity,
            envelope_sender=self.return_address,
            signers=self.signers,
        )

    @property
    def day(self) -> DailyRun:
        """The whole day's work, put together."""
        from digest.daily.daily_run import DailyRun

        return DailyRun(
            self.store,
            self.desk,
            self.press,
            self.post,
            self.sources(None),
            self.settings.weekly_weekday,
        )

    @property
    def address(self) -> str:
        """Where readers reach the pages; on this machine only, if nothing is set."""
        wanted = self.settings
        host = "localhost" if wanted.web_host in ("0.0.0.0", "::") else wanted.web_host  # noqa: S104
        shown = f"[{host}]" if ":" in host else host
        return wanted.base_url or f"http://{shown}:{wanted.web_port}"

    @cached_property
    def service_mail_worker(self) -> ServiceMailWorker:
        """What confirms sign-ups by mail. Raises `digest.errors.ConfigurationError` as `post`."""
        from digest.subscriptions import ServiceMailSettings, ServiceMailWorker

        self.require_relay()
        return ServiceMailWorker(
            self.store,
            ServiceMailSettings(
                transport=self.transport,
                renderer=self.renderer,
                list_identity=replace(self.list_identity, base_url=self.address),
                keys=self.keys,
                envelope_sender=self.return_address,
                signers=self.signers,
                check=self.watch.check,
                pages_are_known=self.settings.base_url is not None,
            ),
            clock=self.clock,
            unconfirmed_lasts=timedelta(days=self.settings.keep_unconfirmed),
        )

    def prune(self, *, compact: bool = False) -> PruneReport:
        """Let go of personal data that the settings keep no longer."""
        from digest.daily.prune import Retention, prune
        from digest.wiring.bounces import quarantine

        wanted = self.settings
        kept = Retention(
            departed=timedelta(days=wanted.keep_departed),
            unconfirmed=timedelta(days=wanted.keep_unconfirmed),
            networks=timedelta(days=wanted.keep_networks),
            quarantine=timedelta(days=wanted.keep_quarantine),
        )
        return prune(self.store, quarantine(wanted), kept, clock=self.clock, compact=compact)

    def pages(self, ring: Callable[[], None] | None = None) -> Server:
        """The web pages, listening. ``ring`` is called when a letter may be due."""
        from digest.subscriptions import SignUpLimits
        from digest.web.app import create_app
        from digest.web.serving import Server
        from digest.web.site import Site
        from digest.wiring.bounces import quarantine
        from digest.wiring.proxy_notice import keeper

        wanted = self.settings
        site = Site(
            store=self.store,
            topics=self.topics.topics,
            list_identity=replace(self.list_identity, base_url=self.address),
            keys=self.keys,
            zone=wanted.zone,
            send_at=wanted.send_at,
            templates=wanted.templates,
            clock=self.clock,
            wake=ring or (lambda: None),
            proxies=wanted.trusted_proxies,
            notice=keeper(self.store, self.clock),
            rates=SignUpLimits(
                per_network=wanted.signups_per_network, in_all=wanted.signups_per_hour
            ),
            forget_files=quarantine(wanted).forget,
            welcome=wanted.welcome_mail,
            goodbye=wanted.goodbye_mail,
            bounce_address=parseaddr(wanted.bounce_address or "")[1],
        )
        return Server(
            create_app(site),
            host=wanted.web_host,
            port=wanted.web_port,
            proxies=wanted.trusted_proxies,
        )

    def require_relay(self) -> None:
        """Raise `digest.errors.ConfigurationError` if mail cannot leave for want of a setting."""
        wanted = self.settings
        missing = [
            f"{name} is missing, for example {name}={example}"
            for name, value, example in (
                ("DIGEST_SMTP_HOST", wanted.smtp_host, "smtp.example.org"),
                ("DIGEST_SENDER", wanted.sender, PREVIEW_SENDER),
            )
            if not value
        ]
        if missing:
            raise ConfigurationError(
                "; ".join(missing), mend="Set it in the environment or in .env"
            )

    def sources(self, given: Sequence[str] | None) -> list[str]:
        """The locations to read: those given, else the configured ones.

        Raises `digest.errors.ConfigurationError` where there are none.
        """
        locations = list(given or self.settings.sources)
        if not locations:
            raise ConfigurationError(
                "no source is given or configured",
                where="DIGEST_SOURCES",
                mend="Name a file, folder or https:// address, as an argument or in DIGEST_SOURCES",
            )
        return locations

    def _source_note(self) -> str:
        """Where the papers come from, in a sentence, as far as the sources' addresses say it."""
        hosts = {urlsplit(source).hostname for source in self.settings.sources}
        named = sorted(host for host in hosts if host)
        return f"The papers were listed on {', '.join(named)}." if named else ""


def open_application() -> Application:
    """The house as the environment and ``.env`` describe it."""
    return Application(load_settings(), notice=say_on_stderr)


def migrate_store() -> str:
    """Bring the configured database to this version; says what was done."""
    from digest.store import open_store

    settings = load_settings()
    store = open_store(settings.database_url)
    settle(settings, say_on_stderr)
    done = store.migrate()
    store.close()
    return f"{store.place}: at version {done} now" if done else f"{store.place}: current already"


def settle(settings: Settings, notice: Callable[[str], None]) -> None:
    """Settle whose list the database is, where no setting says it, and tell where that is news.

    Raises `digest.errors.ConfigurationError` where it cannot be known.
    """
    if "database_url" not in settings.model_fields_set and (said := take_place(place_of())):
        notice(said)


def say_on_stderr(line: str) -> None:
    """One line for whoever runs a command, apart from what it prints."""
    print(f"digest: {visible(line)}", file=sys.stderr)


def _utc_now() -> datetime:
    return datetime.now(UTC)
