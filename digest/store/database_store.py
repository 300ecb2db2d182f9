"""The store: a database, its schema and its transactions."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection

from digest.errors import ConfigurationError, StoreBusyError
from digest.store import migrations
from digest.store.arrivals import Arrivals
from digest.store.confirmation_requests import ConfirmationRequests
from digest.store.dialect import wait_for
from digest.store.discarding import Discarding
from digest.store.edition_previews import EditionPreviews
from digest.store.editions import Editions
from digest.store.engine import BUSY_TIMEOUT, READING, Database, open_database
from digest.store.error_translation import MIGRATE, connecting
from digest.store.follows import Follows
from digest.store.held_readings import HeldReadings
from digest.store.holds import Holds
from digest.store.host_turns import HostTurns
from digest.store.invitations import Invitations
from digest.store.outbox import Outbox
from digest.store.papers import Papers
from digest.store.personal_data import PersonalData
from digest.store.posts import Posts
from digest.store.published_papers import PublishedPapers
from digest.store.reading_list import ReadingLists
from digest.store.readings import Readings
from digest.store.related_papers import RelatedPapers
from digest.store.runs import Runs
from digest.store.seeds import Seeds
from digest.store.selections import Selections
from digest.store.senders import Senders
from digest.store.service_mails import ServiceMails
from digest.store.sign_ups import SignUps
from digest.store.source_health import SourceHealths
from digest.store.subscribers import Subscribers
from digest.store.transfer import Progress, TransferReport, copy_rows, require_idle
from digest.store.votes import Votes

log = logging.getLogger(__name__)

MIGRATION_LOCK = 0x6469_6765_7374_0001
"""PostgreSQL advisory lock: one migration at a time. An arbitrary number ("digest", 1)."""


def open_store(url: str) -> Store:
    """The store at ``url`` (``sqlite:///FILE``, ``sqlite://`` in memory, ``postgresql://…``).

    Nothing is connected or created yet. Raises `ConfigurationError` for a wrong address.
    """
    database = open_database(url)
    store = Store(database)
    # From Python 3.13 on a connection that is merely dropped is warned of.
    weakref.finalize(store, database.engine.dispose).atexit = False
    return store


@dataclass(frozen=True)
class UnitOfWork:
    """One transaction, and what it holds by kind."""

    connection: Connection

    def part(self) -> AbstractContextManager[object]:
        """A part of the transaction that is undone alone, if its body raises (a savepoint)."""
        return self.connection.begin_nested()

    @cached_property
    def papers(self) -> Papers:
        """The papers, and when each was seen."""
        return Papers(self.connection)

    @cached_property
    def published_papers(self) -> PublishedPapers:
        """The papers that anybody may see."""
        return PublishedPapers(self.connection)

    @cached_property
    def related_papers(self) -> RelatedPapers:
        """The papers whose words are alike."""
        return RelatedPapers(self.connection)

    @cached_property
    def readings(self) -> Readings:
        """The figures of each source's last readings."""
        return Readings(self.connection)

    @cached_property
    def held_readings(self) -> HeldReadings:
        """The readings that are held as implausible."""
        return HeldReadings(self.connection)

    @cached_property
    def editions(self) -> Editions:
        """The editions that were published."""
        return Editions(self.connection)

    @cached_property
    def subscribers(self) -> Subscribers:
        """The subscribers."""
        return Subscribers(self.connection)

    @cached_property
    def seeds(self) -> Seeds:
        """The papers that subscribers, or the operator, named as a taste."""
        return Seeds(self.connection)

    @cached_property
    def votes(self) -> Votes:
        """The words of subscribers on papers."""
        return Votes(self.connection)

    @cached_property
    def reading_lists(self) -> ReadingLists:
        """The papers that subscribers keep to read later."""
        return ReadingLists(self.connection)

    @cached_property
    def follows(self) -> Follows:
        """The authors and institutions whom subscribers follow."""
        return Follows(self.connection)

    @cached_property
    def selections(self) -> Selections:
        """The papers that mails show by the taste of their subscribers."""
        return Selections(self.connection)

    @cached_property
    def sign_ups(self) -> SignUps:
        """The sign-ups that wait to be processed."""
        return SignUps(self.connection)

    @cached_property
    def invitations(self) -> Invitations:
        """The invitations by which people may sign up."""
        return Invitations(self.connection)

    @cached_property
    def arrivals(self) -> Arrivals:
        """The names subscribers gave, their invitations, and who waits for approval."""
        return Arrivals(self.connection)

    @cached_property
    def confirmation_requests(self) -> ConfirmationRequests:
        """The count of confirmation requests per mailbox, and who never wants another."""
        return ConfirmationRequests(self.connection)

    @cached_property
    def personal_data(self) -> PersonalData:
        """All that is held about one person."""
        return PersonalData(self.connection)

    @cached_property
    def service_mails(self) -> ServiceMails:
        """The mails about subscriptions that are to go out."""
        return ServiceMails(self.connection)

    @cached_property
    def outbox(self) -> Outbox:
        """The deliveries of editions, each with its state."""
        return Outbox(self.connection)

    @cached_property
    def holds(self) -> Holds:
        """The editions that are shown to a few first, or stopped."""
        return Holds(self.connection)

    @cached_property
    def edition_previews(self) -> EditionPreviews:
        """The mails that show a held edition."""
        return EditionPreviews(self.connection)

    @cached_property
    def posts(self) -> Posts:
        """The posts of editions to chat channels and webhooks."""
        return Posts(self.connection)

    @cached_property
    def discarding(self) -> Discarding:
        """The editions, as far as they are taken back."""
        return Discarding(self.connection)

    @cached_property
    def senders(self) -> Senders:
        """The machines that sent from here, and the id of this store."""
        return Senders(self.connection)

    @cached_property
    def host_turns(self) -> HostTurns:
        """Turns at asking a host."""
        return HostTurns(self.connection)

    @cached_property
    def source_health(self) -> SourceHealths:
        """Health of each source."""
        return SourceHealths(self.connection)

    @cached_property
    def runs(self) -> Runs:
        """The runs of jobs, and the pause of sending."""
        return Runs(self.connection)


class Store:
    """A database and its transactions. Safe to share between threads; not between processes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._current = False
        # A database in memory is one connection, so its transactions take turns.
        self._turn = threading.Lock() if database.in_memory else None

    @property
    def dialect(self) -> str:
        """``"sqlite"`` or ``"postgresql"``."""
        return self._database.engine.dialect.name

    @property
    def place(self) -> str:
        """The database as a person knows it; never holds a password."""
        return self._database.place

    @property
    def lasts(self) -> bool:
        """True if what is written here lasts: not in memory, nor in a rehearsal."""
        return not self._database.in_memory

    def close(self) -> None:
        """Close every connection; the store may be used again and reopens them."""
        self._database.engine.dispose()

    def migrate(self) -> str | None:
        """Bring the schema to this program's revision; ``None`` if it was there already.

        Makes the SQLite file and its folders when missing. All or nothing, also when killed.
        """
        self._database.create()
        with self._transaction() as connection:
            wait_for(connection, MIGRATION_LOCK)
            revision = migrations.revision(connection)
            migrations.refuse_newer(revision, self.place)
            if revision == migrations.HEAD:
                return None
            if revision is None:
                migrations.refuse_strange(connection, self.place)
            if self._database.in_memory and revision is None:
                migrations.create_in_memory(connection)
            else:
                migrations.upgrade(connection)
            Senders(connection).ensure_store_id()
        if revision is not None and revision < migrations.OVERWRITES_SINCE:
            self._rewrite_file()
        return migrations.HEAD

    def _rewrite_file(self) -> None:
        if not self._database.compact():
            log.warning(
                "%s could not be written anew, so it still holds what older versions deleted: make "
                "room for a second copy, stop what uses it, and run `digest prune --compact`",
                self.place,
            )

    def clear_log(self) -> bool:
        """Empty the log in which erased rows may still stand; false if somebody reads in it now."""
        return self._database.clear_log()

    def compact(self) -> bool:
        """Write the database's file anew, without what was ever deleted; false if it cannot be now."""
        return self._database.compact()

    def copy_to(
        self,
        target: Store,
        now: datetime,
        progress: Progress = lambda *_: None,
        *,
        idle: bool = True,
    ) -> TransferReport:
        """Copy all rows into ``target``, a new database, and compare each; nothing changes here.

        One transaction of each: the copy is that of one moment, and is there as a whole or not at
        all. Where ``target`` has exactly these rows already it is left alone. With ``idle``, raises
        `digest.errors.StoreBusyError` while mail is being sent from here.
        """
        self._require_current()
        target.migrate()
        with self._transaction(reading=True) as source, target._transaction() as sink:
            if idle:
                require_idle(source, now)
            try:
                return copy_rows(source, sink, progress)
            except ConfigurationError as error:
                raise ConfigurationError(error.what, where=target.place, mend=error.mend) from None

    def snapshot(self, path: Path, progress: Progress = lambda *_: None) -> None:
        """Write this moment of the database into ``path``, an SQLite file that must not be there.

        Who reads and writes here meanwhile is not held up. The file is checked before this returns.
        """
        self._require_current()
        if self.dialect == "sqlite":
            self._database.vacuum_into(path)
            return
        copy = open_store(f"sqlite:///{path}")
        try:
            copy.migrate()
            with self._transaction(reading=True) as source, copy._transaction() as sink:
                copy_rows(source, sink, progress)
        finally:
            copy.close()

    def is_current(self) -> bool:
        """True if the schema is this program's; ``False`` also when there is no database yet.

        Raises `ConfigurationError` when it is newer than this program.
        """
        path = self._database.path
        if path is not None and not path.exists():
            return False
        with self._transaction(reading=True) as connection:
            revision = migrations.revision(connection)
        migrations.refuse_newer(revision, self.place)
        return revision == migrations.HEAD

    def is_sound(self) -> bool:
        """False if an SQLite file is damaged, or none; other databases check themselves."""
        return self._database.is_sound()

    def is_empty(self) -> bool:
        """True if there is no schema yet, so that making one cannot lose anything."""
        path = self._database.path
        if path is not None and not path.exists():
            return True
        with self._transaction(reading=True) as connection:
            return migrations.revision(connection) is None

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """One writing transaction: committed when the body ends, rolled back when it raises."""
        self._require_current()
        with self._transaction() as connection:
            yield UnitOfWork(connection)

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """One reading transaction: a snapshot that neither waits for a writer nor hinders one."""
        self._require_current()
        with self._transaction(reading=True) as connection:
            yield UnitOfWork(connection)

    @contextmanager
    def rehearsal(self) -> Iterator[Store]:
        """A store whose transactions never last: all of them are undone at the end.

        Each of its transactions is a savepoint of one outer transaction, so that later ones see
        what earlier ones did. Readers of the real store see nothing of it; writers wait.
        """
        self._require_current()
        with suppress(_RehearsalEndedError), self._transaction() as connection:
            yield _Rehearsal(self._database, connection)
            raise _RehearsalEndedError

    def _require_current(self) -> None:
        if not self._current:
            if not self.is_current():
                raise ConfigurationError("it is not set up", where=self.place, mend=MIGRATE)
            self._current = True

    @contextmanager
    def _transaction(self, *, reading: bool = False) -> Iterator[Connection]:
        engine = self._database.engine.execution_options(**{READING: reading})
        with connecting(self.place), self._own_turn(), engine.begin() as connection:
            yield connection

    def _own_turn(self) -> AbstractContextManager[object]:
        if self._turn is None:
            return nullcontext()
        return _held(self._turn, self.place)


class _RehearsalEndedError(Exception):
    """The end of a rehearsal: it makes the transaction roll back."""


class _Rehearsal(Store):
    """A store on one connection, inside a transaction that its maker undoes."""

    def __init__(self, database: Database, connection: Connection) -> None:
        super().__init__(database)
        self._connection = connection
        self._current = True
        self._turn = threading.Lock()

    @property
    def lasts(self) -> bool:
        """Never."""
        return False

    def close(self) -> None:
        """Nothing: the connection is its maker's."""

    def migrate(self) -> None:
        """Nothing: only a current store can be rehearsed on."""

    def clear_log(self) -> bool:
        """Nothing: what happens here never lasts."""
        return True

    def compact(self) -> bool:
        """Nothing, as `clear_log`."""
        return True

    def is_current(self) -> bool:
        """Always."""
        return True

    @contextmanager
    def _transaction(self, *, reading: bool = False) -> Iterator[Connection]:
        with self._own_turn(), self._connection.begin_nested():
            yield self._connection


@contextmanager
def _held(lock: threading.Lock, place: str) -> Iterator[None]:
    if not lock.acquire(timeout=BUSY_TIMEOUT):
        raise StoreBusyError("another transaction did not finish in time", where=place)
    try:
        yield
    finally:
        lock.release()
