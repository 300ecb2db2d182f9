"""The whole application: its parts from settings, and the use-cases that need most of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import ConfigurationError
from digest.settings import load_settings
from digest.visible import visible
from digest.wiring.delivery_parts import DeliveryParts
from digest.wiring.store_parts import settle_database

if TYPE_CHECKING:
    from digest.daily.backups import RestoreReport
    from digest.daily.daily_run import DailyRun
    from digest.daily.prune import PruneReport
    from digest.store.transfer import TransferReport
    from digest.web.serving import Server


class Application(DeliveryParts):
    """The parts, each made when it is first asked for."""

    @property
    def daily_run(self) -> DailyRun:
        """The daily run: ingest, publish and deliver."""
        from digest.daily.daily_run import DailyRun

        return DailyRun(
            self.store,
            self.editorial,
            self.publish_settings,
            self.delivery_settings,
            self.source_locations(None),
            self.settings.weekly_weekday,
            self.shared_source_tools,
        )

    def prune(self, *, compact: bool = False) -> PruneReport:
        """Delete personal data that is older than the settings keep it."""
        from digest.daily.prune import Retention, prune
        from digest.wiring.bounces import quarantine

        settings = self.settings
        retention = Retention(
            departed=timedelta(days=settings.keep_departed),
            unconfirmed=timedelta(days=settings.keep_unconfirmed),
            networks=timedelta(days=settings.keep_networks),
            quarantine=timedelta(days=settings.keep_quarantine),
            held=timedelta(days=settings.keep_held),
            locations=tuple(settings.sources),
        )
        return prune(self.store, quarantine(settings), retention, clock=self.clock, compact=compact)

    def web_server(self, wake_worker: Callable[[], None] | None = None) -> Server:
        """Make the server of the web pages; ``wake_worker`` is called when a service mail may be due."""
        from digest.subscriptions import SignUpLimits
        from digest.web.app import create_app
        from digest.web.serving import Server
        from digest.web.site import Site
        from digest.wiring.bounces import quarantine
        from digest.wiring.proxy_notice import notice_keeper

        settings = self.settings
        site = Site(
            store=self.store,
            topics=self.topics.topics,
            list_identity=replace(self.list_identity, base_url=self.pages_url),
            keys=self.link_keys,
            zone=settings.zone,
            send_at=settings.send_at,
            templates=settings.templates,
            clock=self.clock,
            wake=wake_worker or (lambda: None),
            proxies=settings.trusted_proxies,
            notify_operator=notice_keeper(self.store, self.clock),
            sign_up_limits=SignUpLimits(
                per_network=settings.signups_per_network, in_all=settings.signups_per_hour
            ),
            forget_files=quarantine(settings).forget,
            welcome=settings.welcome_mail,
            goodbye=settings.goodbye_mail,
            bounce_address=parseaddr(settings.bounce_address or "")[1],
            api_tokens=tuple(token.get_secret_value() for token in settings.api_token),
            asks_to_confirm=settings.base_url is not None,
            sign_up_rule=self.sign_up_rule,
            embedders=settings.signup_embed,
        )
        return Server(
            create_app(site),
            host=settings.web_host,
            port=settings.web_port,
            proxies=settings.trusted_proxies,
        )


def open_application() -> Application:
    """The application as the environment and ``.env`` describe it.

    Raises `digest.errors.ConfigurationError` for a setting that cannot be used.
    """
    app = Application(load_settings(), notice=say_on_stderr)
    _ = app.post_targets  # a mistake in one shows with the first command, not with the next edition
    return app


def migrate_store() -> str:
    """Bring the configured database to this version, and say in one line what was done."""
    from digest.store import open_store

    settings = load_settings()
    store = open_store(settings.database_url)
    settle_database(settings, say_on_stderr)
    revision = store.migrate()
    store.close()
    if revision is None:
        return f"{store.place}: current already"
    return f"{store.place}: at version {revision} now"


def move_store(source: str, target: str, progress: Callable[[str, int], None]) -> TransferReport:
    """Copy the database at one address into a new one at another; both are URLs of databases.

    Raises `digest.errors.ConfigurationError` for a wrong address, or a target with other rows.
    """
    from digest.store import open_store

    if source == target:
        raise ConfigurationError("--from and --to are the same database", where=target)
    old, new = open_store(source), open_store(target)
    try:
        return old.copy_to(new, datetime.now(UTC), progress)
    finally:
        old.close()
        new.close()


def restore_store(
    file: Path, identity: Path | None, progress: Callable[[str, int], None]
) -> RestoreReport:
    """Copy a backup into the configured database, which must be new."""
    from digest.daily.backups import restore
    from digest.store import open_store

    settings = load_settings()
    store = open_store(settings.database_url)
    settle_database(settings, say_on_stderr)
    try:
        now = datetime.now(UTC)
        return restore(file, store, now=now, identity=identity, progress=progress)
    finally:
        store.close()


def say_on_stderr(line: str) -> None:
    """One line for whoever runs a command, apart from what it prints."""
    print(f"digest: {visible(line)}", file=sys.stderr)
