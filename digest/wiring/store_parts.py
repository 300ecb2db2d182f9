"""Make what remembers, from the settings: the database, the journals, the guard against restored copies.

Libraries are imported where they are used, here and in what builds on this: ``digest parse`` needs
no database and ``digest preview`` no SMTP, so neither waits for their libraries.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import ConfigurationError
from digest.private_files import make_private_folder
from digest.settings import Settings
from digest.settings.data_place import (
    claim_data_place,
    find_data_place,
)

if TYPE_CHECKING:
    from digest.daily.run_record import Clock
    from digest.restore_guard.guard import RestoreGuard
    from digest.store import Store

log = logging.getLogger(__name__)

LINK_KEY = "link-signing"


class StoreParts:
    """The settings and what remembers, each made when it is first asked for."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        store: Store | None = None,
        notice: Callable[[str], None] | None = None,
        only_looks: bool = False,
    ) -> None:
        """Keep the settings; ``notice`` gets a line about which database is used, where that is news.

        With ``only_looks`` it stays open whose list a database of earlier versions is.
        """
        self._settles = store is None and not only_looks
        self.settings = settings
        self.notice = notice or log.info
        self.clock: Clock = clock or _utc_now
        self._store = store

    @cached_property
    def store(self) -> Store:
        """The database, its tables made on first use."""
        from digest.store import open_store

        store = self._store or open_store(self.settings.database_url)
        if self._settles:
            settle_database(self.settings, self.notice)
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
        """The folder in which this machine's senders note the mail in flight; made if missing.

        The folder is named after the store, so that two databases of one user stay apart.
        Raises `digest.errors.ConfigurationError` where it cannot be made.
        """
        with self.store.begin() as unit:
            store_id = unit.senders.ensure_store_id()
        folder = self.settings.state_folder / "journals" / store_id
        try:
            make_private_folder(self.settings.state_folder)
            make_private_folder(folder)
        except OSError as error:
            raise ConfigurationError(
                f"{self.settings.state_folder} cannot be used ({error.strerror})",
                where="DIGEST_STATE_FOLDER",
                mend="Name a folder on a local disk that this user may write to",
            ) from error
        return folder

    @cached_property
    def restore_guard(self) -> RestoreGuard:
        """The guard that notices a database restored from a copy."""
        from digest.restore_guard.guard import RestoreGuard

        return RestoreGuard(self.store, self.settings.state_folder / "witness")

    @cached_property
    def link_keys(self) -> tuple[str, ...]:
        """The secrets that sign links, newest first; one is made and kept if none is set."""
        settings = self.settings
        older = tuple(key.get_secret_value() for key in settings.secret_keys)
        if settings.secret_key is not None:
            return (settings.secret_key.get_secret_value(), *older)
        with self.store.begin() as unit:
            generated = unit.runs.keep_flag(LINK_KEY, secrets.token_urlsafe(32))
        return (generated, *older)


def settle_database(settings: Settings, notice: Callable[[str], None]) -> None:
    """Settle whose list the database is, where no setting says it, and report where that is news.

    Raises `digest.errors.ConfigurationError` where it cannot be known.
    """
    if "database_url" in settings.model_fields_set:
        return
    if line := claim_data_place(find_data_place()):
        notice(line)


def _utc_now() -> datetime:
    return datetime.now(UTC)
