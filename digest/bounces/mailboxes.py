"""The mailboxes that bounces come to: a Maildir, or a folder on an IMAP server.

A message is taken out only after its reader said that what it says is in the store, so a crash at
any moment means reading it again, which changes nothing. A message that must stay is flagged, and
not read again until a person takes the flag away.

IMAPClient and not imaplib alone: it works by UID, verifies certificates in STARTTLS, and
understands answers that imaplib hands over as they came (literals, quoted texts, news about other
messages in between). Every answer has a budget of octets and seconds
(`digest.bounces.imap_client`).
"""

from __future__ import annotations

import contextlib
import heapq
import imaplib
import logging
import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from digest.bounces.reports import LARGEST
from digest.errors import ConfigurationError, MailboxUnavailableError
from digest.tls import Security, verifying_context
from digest.visible import visible

if TYPE_CHECKING:
    from digest.bounces.imap_client import BoundedClient

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds that an IMAP server may take for an answer (RFC 9051 sets a client no limit)."""
AT_ONCE = 50
"""Messages taken out of an IMAP folder with one command."""
LISTED_AT_ONCE = 50_000
"""Messages of an IMAP folder asked for at once: the answer is one line, and imaplib takes none
that is longer than 1 MB.
"""
MOST_LISTED = 20_000
"""Messages that one look takes note of; what is beyond waits for the next, as it does in
`daily`.
"""
MOST_MESSAGES = 5_000_000
"""More than any folder has: a server that says so would be asked about them for hours."""


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A message in a mailbox: its first `LARGEST` octets, and what may be done with it."""

    raw: bytes
    remove: Callable[[], None]
    leave: Callable[[], None]


class Mailbox(Protocol):
    """A mailbox that bounces come to. ``name`` is for people."""

    @property
    def name(self) -> str:
        """The mailbox's place, without a password."""
        ...

    def opened(self) -> AbstractContextManager[Iterator[ReceivedMessage]]:
        """Open it: its messages, oldest first, read one at a time.

        Raises `ConfigurationError` for what a person must mend, `MailboxUnavailableError` for what
        may pass.
        """
        ...


@dataclass(frozen=True, slots=True)
class Maildir:
    """A folder with a file for each message, as ``new/`` and ``cur/`` (Bernstein, 1995).

    By hand and not with `mailbox.Maildir`, which takes a whole file into memory, however large,
    and before Python 3.13 cannot flag one without parsing it and writing it anew.
    """

    path: Path

    @property
    def name(self) -> str:
        """The folder."""
        return str(self.path)

    @contextmanager
    def opened(self) -> Iterator[Iterator[ReceivedMessage]]:
        """See `Mailbox.opened`. A message that another reader took meanwhile is passed over."""
        if not all((self.path / part).is_dir() for part in ("new", "cur")):
            raise ConfigurationError(
                "is no Maildir: it has no folders new and cur, or this user cannot see them",
                where=str(self.path),
                mend="Name the folder that the mail server delivers to, in DIGEST_BOUNCE_MAILDIR",
            )
        with _disk(self.path):
            files = self._files()
        yield self._messages(files)

    def _files(self) -> list[Path]:
        """The oldest of them, as many as one look can need."""
        return [Path(path) for _, path in heapq.nsmallest(MOST_LISTED, self._found())]

    def _found(self) -> Iterator[tuple[float, str]]:
        """The time at which each message came, and its path."""
        for part in ("cur", "new"):
            with os.scandir(self.path / part) as entries:
                for entry in entries:
                    if entry.name.startswith(".") or not entry.is_file(follow_symlinks=False):
                        continue
                    if "F" not in entry.name.partition(":2,")[2]:
                        with contextlib.suppress(FileNotFoundError):
                            yield entry.stat().st_mtime, entry.path

    def _messages(self, files: list[Path]) -> Iterator[ReceivedMessage]:
        for path in files:
            try:
                with path.open("rb") as file:
                    raw = file.read(LARGEST)
            except FileNotFoundError:
                continue
            except OSError as error:
                log.warning("a message in %s cannot be read: %s", self.path, error.strerror)
                continue
            yield ReceivedMessage(raw, _Removal(path), _Flag(path, self.path / "cur"))


@dataclass(frozen=True, slots=True)
class _Removal:
    path: Path

    def __call__(self) -> None:
        with _disk(self.path.parent):
            self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Flag:
    path: Path
    current: Path

    def __call__(self) -> None:
        unique, _, flags = self.path.name.partition(":2,")
        name = f"{unique}:2,{''.join(sorted({*flags, 'F'}))}"
        with _disk(self.current), contextlib.suppress(FileNotFoundError):
            self.path.rename(self.current / name)


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MailboxUnavailableError(
            f"the Maildir cannot be used ({error.strerror})",
            where=str(path),
            mend="Give this user the right to read it and to take messages out",
        ) from error


@dataclass(frozen=True, slots=True)
class Imap:
    """A folder on an IMAP server (RFC 9051, RFC 3501), read by UID.

    Certificates are verified, against ``ca_file`` if it is given. With `Security.STARTTLS`, no
    password leaves before the connection is encrypted.
    """

    host: str
    port: int
    security: Security
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    ca_file: Path | None = None
    patience: float = PATIENCE

    @property
    def name(self) -> str:
        """Server and folder."""
        return f"{self.folder} at {self.host}:{self.port}"

    @contextmanager
    def opened(self) -> Iterator[Iterator[ReceivedMessage]]:
        """See `Mailbox.opened`."""
        client = self._connected()
        try:
            imap_folder = _ImapFolder(client, self.name)
            imap_folder.select(self.folder)
            try:
                yield imap_folder.messages()
            except MailboxUnavailableError:
                raise
            except BaseException:
                # Whatever went wrong here, what was handled before need not be read again.
                with contextlib.suppress(MailboxUnavailableError):
                    imap_folder.take_out()
                raise
            imap_folder.take_out()
            with _talking(self.name, client):
                client.logout()
        except BaseException:
            _hang_up(client)
            raise

    def _connected(self) -> BoundedClient:
        from digest.bounces.imap_client import BoundedClient

        plain = self.security is Security.NONE
        context = None if plain else verifying_context(self.ca_file)
        with _talking(self.name):
            client = BoundedClient(
                self.host,
                self.port,
                context,
                tls=self.security is Security.TLS,
                patience=self.patience,
            )
            try:
                if self.security is Security.STARTTLS:
                    self._encrypt(client, context)
                self._log_in(client)
            except BaseException:
                _hang_up(client)
                raise
        return client

    def _encrypt(self, client: BoundedClient, context: ssl.SSLContext | None) -> None:
        if not client.has_capability("STARTTLS"):
            raise ConfigurationError(
                "the server does not offer STARTTLS, and the password is not sent in the clear",
                where=self.name,
                mend="Set DIGEST_BOUNCE_IMAP_SECURITY=tls, or find out who took the offer away",
            )
        client.starttls(context)

    def _log_in(self, client: BoundedClient) -> None:
        from digest.bounces.imap_client import LoginError

        try:
            client.login(self.username, self.password)
        except LoginError as error:
            if isinstance(error.__context__, imaplib.IMAP4.abort):
                # It calls so what is no refusal: the server hung up.
                raise error.__context__ from None
            raise ConfigurationError(
                f"the server refused the login ({_words(error)})",
                where=self.name,
                mend="Check DIGEST_BOUNCE_IMAP_USERNAME and DIGEST_BOUNCE_IMAP_PASSWORD",
            ) from None
        except UnicodeError:
            raise ConfigurationError(
                "the user name or the password has letters that IMAP's LOGIN cannot carry",
                where=self.name,
                mend="Choose another password",
            ) from None


def _hang_up(client: BoundedClient) -> None:
    """End a connection of which nothing more is expected."""
    with contextlib.suppress(imaplib.IMAP4.error, OSError):
        client.shutdown()


class _ImapFolder:
    """The selected folder of one connection."""

    def __init__(self, client: BoundedClient, name: str) -> None:
        self._client = client
        self._name = name
        self._handled: list[int] = []
        self._messages = 0

    def select(self, folder: str) -> None:
        with _talking(self._name, self._client):
            try:
                self._messages = self._client.select_folder(folder).get(b"EXISTS", 0)
            except imaplib.IMAP4.readonly as error:
                raise ConfigurationError(
                    "the folder may only be read, so nothing could be taken out of it",
                    where=self._name,
                    mend="Give this login the right to delete in it",
                ) from error
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                raise ConfigurationError(
                    f"the folder cannot be opened ({_words(error)})",
                    where=self._name,
                    mend="Name one that exists, in DIGEST_BOUNCE_IMAP_FOLDER",
                ) from error

    def messages(self) -> Iterator[ReceivedMessage]:
        for uid in self._listed():
            raw = self._read(uid)
            if raw is not None:
                yield ReceivedMessage(raw, partial(self._remove, uid), partial(self._flag, uid))

    def _listed(self) -> list[int]:
        """The messages to read, by UID, oldest first: all of them or the first many."""
        if self._messages > MOST_MESSAGES:
            raise MailboxUnavailableError(
                f"the server says that the folder holds {self._messages:,} messages",
                where=self._name,
                mend="Move what is not needed to another folder, if that is true",
            )
        wanted, many = ["UNDELETED", "UNFLAGGED"], self._messages > LISTED_AT_ONCE
        uids: set[int] = set()
        for first in range(1, self._messages + 1, LISTED_AT_ONCE):
            last = min(first + LISTED_AT_ONCE - 1, self._messages)
            with _talking(self._name, self._client):
                uids.update(self._client.search([f"{first}:{last}", *wanted] if many else wanted))
            if len(uids) >= MOST_LISTED:
                break
        return sorted(uids)[:MOST_LISTED]

    def _read(self, uid: int) -> bytes | None:
        """The message; ``None`` if it is gone, or if the server cannot give this one."""
        with _talking(self._name, self._client):
            try:
                fetched = self._client.fetch([uid], [f"BODY.PEEK[]<0.{LARGEST}>"])
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                log.warning("message %d cannot be read: %s", uid, _words(error))
                return None
        items: dict[bytes, Any] = fetched.get(uid, {})
        for key, value in items.items():
            if key.startswith(b"BODY[]"):
                return bytes(value or b"")[:LARGEST]
        return None

    def _remove(self, uid: int) -> None:
        self._handled.append(uid)
        if len(self._handled) >= AT_ONCE:
            self.take_out()

    def _flag(self, uid: int) -> None:
        with _talking(self._name, self._client):
            self._client.add_flags([uid], [b"\\Flagged"], silent=True)

    def take_out(self) -> None:
        """Delete what was handled, and nothing that somebody else marked as deleted.

        A server without UIDPLUS (RFC 4315) expunges all marked messages or none: there they stay
        marked if a stranger's mark is among them, and are not read again.
        """
        handled, self._handled = self._handled, []
        if not handled:
            return
        with _talking(self._name, self._client):
            self._client.delete_messages(handled, silent=True)
            if self._client.has_capability("UIDPLUS"):
                self._client.uid_expunge(handled)
            elif set(self._client.search(["DELETED"])) <= set(handled):
                self._client.expunge()


@contextmanager
def _talking(name: str, client: BoundedClient | None = None) -> Iterator[None]:
    """Let what goes wrong between the server and us arise as one of the program's errors.

    What is said of a ``client`` is one command, with a budget of its own for the answer.
    """
    if client is not None:
        client.renew()
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise ConfigurationError(
            f"the server's certificate does not verify: {error.verify_message}",
            where=name,
            mend="Name the authority's certificates in DIGEST_BOUNCE_IMAP_CA_FILE",
        ) from error
    except TimeoutError as error:
        raise MailboxUnavailableError("the server did not answer in time", where=name) from error
    except (imaplib.IMAP4.error, OSError) as error:
        raise MailboxUnavailableError(_words(error), where=name) from error
    except _NOT_UNDERSTOOD as error:
        raise MailboxUnavailableError(
            f"the server's answer makes no sense ({type(error).__name__})", where=name
        ) from error


_NOT_UNDERSTOOD = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
)
"""How the parsers of imaplib and IMAPClient fail on an answer that they did not expect."""


def _words(error: BaseException) -> str:
    """The other side's words, on one line of bounded length."""
    answer = str(error) or type(error).__name__
    return visible(" ".join(answer[:2000].split()))[:200]
