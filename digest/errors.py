"""Every error this program raises on purpose, split by what the caller should do.

::

    DigestError                   one clear line for a person; never a traceback
    ├── ConfigurationError        fix the configuration, then run again
    ├── InputError                skip this input, report it, use the rest
    │   ├── SourceError           a dump, folder or page that cannot be read
    │   ├── AlreadyIngestedError  a dump that was remembered before
    │   ├── AlreadyPublishedError an edition that exists for that kind and day
    │   └── SubscriberError       an address or a preference that cannot be used
    └── TemporaryError            nothing is wrong here: try again later
        ├── StoreBusyError        the database is locked or out of reach
        ├── RelayUnavailableError the mail relay is out of reach
        └── MailboxUnavailableError the mailbox that bounces come to is out of reach

A refusal of the relay is not an error but a value: `digest.delivery.retry.RetryDecision`.

Anything else that surfaces is a bug in this program, and is reported as one.
"""

from __future__ import annotations


class DigestError(Exception):
    """Root of the tree. ``str(error)`` is one line: what is wrong, where, and what to do."""

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        self.what = what
        self.where = where
        self.mend = mend
        line = f"{where}: {what}" if where else what
        super().__init__(" ".join((f"{line}. {mend}" if mend else line).split()))


class ConfigurationError(DigestError):
    """A setting, template or topics file is wrong or missing."""


class InputError(DigestError):
    """This input cannot be used; the rest can."""


class SourceError(InputError):
    """A dump, folder or page cannot be read at all."""


class AlreadyIngestedError(InputError):
    """The memory holds this dump already; nothing was changed."""


class AlreadyPublishedError(InputError):
    """An edition of that kind and day exists already; nothing was changed."""


class SubscriberError(InputError):
    """An address or a preference cannot be used."""


class TemporaryError(DigestError):
    """Nothing is wrong with the input or the configuration; a later try may succeed."""


class StoreBusyError(TemporaryError):
    """The database is locked, full or out of reach."""


class RelayUnavailableError(TemporaryError):
    """The mail relay cannot be reached or will not talk now."""


class MailboxUnavailableError(TemporaryError):
    """The mailbox that bounces come to cannot be read now."""


def error_location(error: BaseException) -> str:
    """The file and line where an error arose: for a log, as its words may hold an address."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    if at is None:
        return "an unknown place"
    return f"{at.tb_frame.f_code.co_filename.rpartition('/')[2]}:{at.tb_lineno}"
