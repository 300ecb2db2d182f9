"""Read the list of subscribers that another program exported, whatever its columns are called.

Columns are recognised by name: those of listmonk, Mailchimp, Ghost, Substack, Buttondown and Mailman,
and of our own export. A file without a header line is a plain list: the column with addresses is
found by what stands in it.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING

from digest.errors import SubscriberError
from digest.subscriptions.preferences import COLUMNS

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

LONGEST_NOTE = 200
"""Characters kept of a name, of all tags, and of a reason."""
_SEPARATORS = (",", ";", "\t")
_NEARLY = 0.8
"""Likeness (difflib's ratio) from which an unknown column is taken for a slip of one of ours."""


class Standing(StrEnum):
    """The standing of a person on the list that a file came from."""

    SUBSCRIBED = "subscribed"
    UNCONFIRMED = "unconfirmed"
    LEFT = "left"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


# The worst a row says counts: a mail too few can be asked for, one too many cannot be taken back.
_WORST_LAST = (
    Standing.SUBSCRIBED,
    Standing.UNCONFIRMED,
    Standing.LEFT,
    Standing.BOUNCED,
    Standing.COMPLAINED,
)

_EMAIL = (
    "email",
    "email_address",
    "e_mail",
    "e_mail_address",
    "mail",
    "address",
    "subscriber_email",
)
_STATUS = ("status", "state", "subscription_status", "subscriber_type", "subscriber_status")
_LOOSE_STATUS = ("type", "list_status", "bounce_status")
"""Columns that may hold a standing, and in other programs hold something else."""
_NAME = ("name", "display_name", "full_name", "subscriber_name", "real_name")
_FIRST_AND_LAST = (("first_name", "last_name"), ("firstname", "lastname"), ("fname", "lname"))
_TAGS = ("tags", "labels", "segments")
_REASON = ("reason", "unsub_reason", "unsubscription_reason", "undeliverability_reason")
_IF_FILLED = {
    "unsub_time": Standing.LEFT,
    "unsubscribed_at": Standing.LEFT,
    "unsubscribe_date": Standing.LEFT,
    "unsubscription_date": Standing.LEFT,
    "optout_date": Standing.LEFT,
    "opt_out_date": Standing.LEFT,
    "deleted_at": Standing.LEFT,
    "clean_time": Standing.BOUNCED,
    "bounced_at": Standing.BOUNCED,
    "undeliverability_date": Standing.BOUNCED,
    "complained_at": Standing.COMPLAINED,
}
_IF_TRUE = {
    "email_disabled": Standing.LEFT,
    "unsubscribed": Standing.LEFT,
    "opted_out": Standing.LEFT,
    "bounced": Standing.BOUNCED,
    "blocklisted": Standing.COMPLAINED,
    "blacklisted": Standing.COMPLAINED,
}
_IF_FALSE = {
    "subscribed_to_emails": Standing.LEFT,
    "subscribed": Standing.LEFT,
    "confirmed": Standing.UNCONFIRMED,
    "email_verified": Standing.UNCONFIRMED,
}
_OURS_TOO = ("created_at", "confirmed_at")
_WORDS = {
    Standing.SUBSCRIBED: "active enabled subscribed confirmed regular premium gifted trialed unpaid "
    "churning churned free paid comp normal member members upcoming",
    Standing.UNCONFIRMED: "pending unconfirmed unactivated not_confirmed nonsubscribed "
    "non_subscribed transactional invited",
    Standing.LEFT: "unsubscribed left removed disabled inactive opted_out optedout archived deleted "
    "cancelled canceled",
    Standing.BOUNCED: "bounced cleaned undeliverable invalid suppressed hard_bounced",
    Standing.COMPLAINED: "complained spam blocklisted blacklisted blocked banned junk",
}
_STANDING_OF_WORD = {word: standing for standing, words in _WORDS.items() for word in words.split()}
_YES = frozenset({"true", "yes", "1", "t", "y"})
_NO = frozenset({"false", "no", "0", "f", "n"})


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A row of a list: an address as written, preferences as cells, and the standing there.

    ``row`` is the row as it stood, for who is to mend it.
    """

    line: int
    address: str
    standing: Standing
    preference_cells: Mapping[str, str]
    name: str = ""
    tags: str = ""
    reason: str = ""
    row: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row that cannot be used, and why."""

    line: int
    why: str
    row: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"row {self.line}: {self.why}"


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list being read. ``ignored`` are its columns that mean nothing here, as they are written.

    ``rows`` can be gone through once: a list of millions is never held as a whole.
    """

    header: tuple[str, ...]
    ignored: tuple[str, ...]
    rows: Iterator[ListedPerson | UnreadableRow] = field(repr=False)


def decode_list(raw: bytes) -> str:
    """Decode a list: UTF-8, UTF-16 as spreadsheets write it, or else Windows-1252, which has every octet.

    Raises `digest.errors.SubscriberError` for a file that is no text.
    """
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _decoded(raw, "utf-16")
    even, odd = raw[:2000:2].count(0), raw[1:2000:2].count(0)
    if max(even, odd) > len(raw[:2000]) // 4:
        return _decoded(raw, "utf-16-le" if odd > even else "utf-16-be")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    if "\0" in text:
        raise SubscriberError("is no text", mend="Give a CSV file or a list of addresses")
    return text


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise SubscriberError("is no text", mend="Give a CSV file or a list of addresses") from None


def read_list(text: str) -> ListFile:
    """Read a list of subscribers, with a header line or without; its rows as they are asked for.

    Raises `digest.errors.SubscriberError` where no column holds addresses, or one is nearly named
    like ours.
    """
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    separator = max(_SEPARATORS, key=lambda candidate: (first.count(candidate), candidate == ","))
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=separator != "\t")
    filled = (
        (reader.line_num, cells)
        for cells in reader
        if any(cell.strip() for cell in cells) and not cells[0].startswith("#")
    )
    try:
        line, cells = next(filled, (0, None))
    except csv.Error as error:
        raise SubscriberError(
            f"row {reader.line_num}: not CSV ({error})", mend=f"Start with: {','.join(COLUMNS)}"
        ) from None
    if cells is None:
        raise SubscriberError("the file is empty", mend=f"Start with: {','.join(COLUMNS)}")
    if any(_looks_like_address(cell) for cell in cells):
        columns = _Columns.of_plain_list(cells)
        return ListFile((), columns.ignored, _rows(reader, columns, chain([(line, cells)], filled)))
    header = tuple(cell.strip() for cell in cells)
    columns = _Columns.of_header(header)
    return ListFile(header, columns.ignored, _rows(reader, columns, filled))


def _rows(
    reader: CsvReader, columns: _Columns, filled: Iterable[tuple[int, list[str]]]
) -> Iterator[ListedPerson | UnreadableRow]:
    try:
        for line, cells in filled:
            yield columns.read(line, [_read_cell(cell) for cell in cells])
    except csv.Error as error:
        why = f"not CSV from here on ({error}); rows before it count"
        yield UnreadableRow(reader.line_num, why)


class _Columns:
    """The columns of a list, by what they mean."""

    def __init__(self, names: Sequence[str], email: int, name: int | None = None) -> None:
        self._names = list(names)
        self._email = email
        self._name = name

    @classmethod
    def of_header(cls, header: Sequence[str]) -> _Columns:
        """Recognise the columns of a header line."""
        names = [_normal(name) for name in header]
        emails = [names.index(alias) for alias in _EMAIL if alias in names]
        if not emails:
            raise SubscriberError(
                "the header line names no column email", mend=f"Start with: {','.join(COLUMNS)}"
            )
        for name in names:
            meant = difflib.get_close_matches(name, COLUMNS, n=1, cutoff=_NEARLY)
            if name and name not in _KNOWN and meant:
                raise SubscriberError(
                    f"unknown column {name[:40]!r}",
                    mend=f"Did you mean {meant[0]!r}? Known are: {', '.join(COLUMNS)}",
                )
        return cls(names, emails[0])

    @classmethod
    def of_plain_list(cls, cells: Sequence[str]) -> _Columns:
        """Take the column with an address in the first row, and a name beside it where there is one."""
        email = next(at for at, cell in enumerate(cells) if _looks_like_address(cell))
        others = [at for at in range(len(cells)) if at != email]
        return cls([""] * len(cells), email, others[0] if len(others) == 1 else None)

    @property
    def ignored(self) -> tuple[str, ...]:
        """The columns that mean nothing here."""
        return tuple(name for name in self._names if name and name not in _KNOWN)

    def read(self, line: int, cells: Sequence[str]) -> ListedPerson | UnreadableRow:
        """Read one row."""
        if len(cells) > len(self._names) and any(cell for cell in cells[len(self._names) :]):
            return UnreadableRow(line, "more cells than the header has columns", tuple(cells))
        padded = [*cells, *[""] * (len(self._names) - len(cells))]
        named = {name: cell for name, cell in zip(self._names, padded, strict=False) if name}
        spoken, address = parseaddr(padded[self._email])
        try:
            standing = _standing(named)
        except SubscriberError as error:
            return UnreadableRow(line, str(error), tuple(cells))
        name = spoken if self._name is None else padded[self._name]
        return ListedPerson(
            line,
            address if spoken and address else padded[self._email],
            standing,
            {column: named.get(column, "") for column in COLUMNS},
            _note(_first(named, _NAME) or _two_names(named) or name),
            _note(_first(named, _TAGS)),
            _note(_first(named, _REASON)),
            tuple(cells),
        )


_KNOWN = frozenset(
    (
        *COLUMNS, *_EMAIL, *_STATUS, *_LOOSE_STATUS, *_NAME, *_TAGS, *_REASON, *_OURS_TOO,
        *_IF_FILLED, *_IF_TRUE, *_IF_FALSE, *(name for pair in _FIRST_AND_LAST for name in pair),
    )
)  # fmt: skip


def _standing(cells: Mapping[str, str]) -> Standing:
    """Tell the standing of a row: the worst that one of its cells says."""
    return max(_standings(cells), key=_WORST_LAST.index, default=Standing.SUBSCRIBED)


def _standings(cells: Mapping[str, str]) -> Iterator[Standing]:
    for name, cell in cells.items():
        word = _normal(cell)
        if not word:
            continue
        if name in _STATUS or name in _LOOSE_STATUS:
            known = _STANDING_OF_WORD.get(word)
            if known is not None:
                if word == "suppressed" and "complain" in _first(cells, _REASON).lower():
                    known = Standing.COMPLAINED
                yield known
            elif name in _STATUS:
                raise SubscriberError(f"{cell[:20]!r} is no known status", where=name)
        elif name in _IF_FILLED and word not in _NO:
            yield _IF_FILLED[name]
        elif name in _IF_TRUE and word in _YES:
            yield _IF_TRUE[name]
        elif name in _IF_FALSE and word in _NO:
            yield _IF_FALSE[name]


def _first(cells: Mapping[str, str], names: Sequence[str]) -> str:
    return next((cells[name] for name in names if cells.get(name, "").strip()), "")


def _two_names(cells: Mapping[str, str]) -> str:
    for first, last in _FIRST_AND_LAST:
        joined = f"{cells.get(first, '')} {cells.get(last, '')}".strip()
        if joined:
            return joined
    return ""


def _note(text: str) -> str:
    return " ".join(text.split())[:LONGEST_NOTE]


def _normal(name: str) -> str:
    """A column's name, or a word in a cell, in small letters with ``_`` between its parts."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _looks_like_address(cell: str) -> bool:
    local, _, domain = parseaddr(cell)[1].rpartition("@")
    return bool(local) and "." in domain


_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""What a spreadsheet may take for a formula, and run, also in full-width letters; and the same
behind the apostrophes by which it is kept from that, so that a cell is read back as it was.
"""


def safe_cell(value: object) -> str:
    """A value as a cell that a spreadsheet shows and does not run."""
    text = str(value)
    return f"'{text}" if _FORMULA.match(text) else text


def _read_cell(text: str) -> str:
    """The value of a cell that `safe_cell` made; any other cell is its own value."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
