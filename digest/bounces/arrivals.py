"""Find a mail that was just sent in the mailbox it goes to, and read the head it arrived with.

A Maildir and an mbox are read without changing anything; so is an IMAP folder (`Mailbox.opened`, of
which nothing is removed or flagged). Only what came since the sending is looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from email import policy
from email.parser import BytesHeaderParser
from pathlib import Path

from digest.bounces.mailboxes import Mailbox
from digest.errors import ConfigurationError, MailboxUnavailableError
from digest.visible import visible

LONGEST_HEAD = 64 * 1024
"""Octets of a message in which its head must end."""
_TAIL = 4 * 1024 * 1024
"""Octets at the end of an mbox in which new mail is looked for."""
_CLOCKS_APART = 120.0
"""Seconds by which the time of a file may be before that of the sending."""
TRACE = ("authentication-results", "arc-authentication-results", "received-spf", "received")
"""The fields that receiving servers write, and that tell how a mail arrived."""
_LONGEST_FIELD = 1_000
_MOST_FIELDS = 30


def trace_of(
    place: Path | Mailbox, message_id: str, *, since: float
) -> list[tuple[str, str]] | None:
    """The trace fields of the message with that Message-ID, as (name, value); ``None`` if it is not there.

    ``since`` is when it was sent, in seconds of the epoch. Raises `ConfigurationError` for a path
    that is no mailbox, `MailboxUnavailableError` for one that cannot be read now.
    """
    for raw in _heads(place, since):
        if message_id.encode("ascii", "replace") not in raw:
            continue
        message = BytesHeaderParser(policy=policy.compat32).parsebytes(raw)
        if " ".join(str(message["Message-ID"] or "").split()) == message_id:
            fields = ((name, str(value)) for name, value in message.items())
            found = [
                (name, visible(" ".join(value.split()))[:_LONGEST_FIELD])
                for name, value in fields
                if name.lower() in TRACE
            ]
            return found[:_MOST_FIELDS]
    return None


def _heads(place: Path | Mailbox, since: float) -> Iterator[bytes]:
    if not isinstance(place, Path):
        with place.opened() as messages:
            yield from (_head(message.raw) for message in messages)
        return
    try:
        if place.is_dir():
            yield from _maildir(place, since)
        elif place.is_file():
            yield from _mbox(place)
        else:
            raise ConfigurationError(
                "is no Maildir and no mbox file", where=str(place), mend="Check the path"
            )
    except OSError as error:
        raise MailboxUnavailableError(
            f"cannot be read ({error.strerror})",
            where=str(place),
            mend="Give this user the right to read it",
        ) from error


def _head(raw: bytes) -> bytes:
    return raw[:LONGEST_HEAD].replace(b"\r\n", b"\n").partition(b"\n\n")[0] + b"\n\n"


def _maildir(folder: Path, since: float) -> Iterator[bytes]:
    parts = [folder / part for part in ("new", "cur")]
    if not all(part.is_dir() for part in parts):
        raise ConfigurationError(
            "is no Maildir: it has no folders new and cur",
            where=str(folder),
            mend="Name the folder that the mail server delivers to",
        )
    for part in parts:
        with os.scandir(part) as entries:
            for entry in entries:
                if not entry.is_file(follow_symlinks=False):
                    continue
                if entry.stat(follow_symlinks=False).st_mtime < since - _CLOCKS_APART:
                    continue
                with open(entry.path, "rb") as file:
                    yield _head(file.read(LONGEST_HEAD))


def _mbox(path: Path) -> Iterator[bytes]:
    """The heads at the end of an mbox (RFC 4155): each message begins behind a line ``From …``."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        tail = file.read(_TAIL).replace(b"\r\n", b"\n")
    for message in reversed((b"\n" + tail).split(b"\nFrom ")[1:]):
        yield _head(message.partition(b"\n")[2])
