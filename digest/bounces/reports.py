"""Read what other mail systems send back: delivery reports, complaints, and everything else.

RFC 3464 and ARF (RFC 5965) are read by their own fields; the many private forms by flufl.bounce,
the library that Mailman uses. All of it is hostile: any field may be missing, doubled, or a lie.
"""

from __future__ import annotations

import base64
import contextlib
import email
import email.policy
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum
from itertools import islice

LARGEST = 256 * 1024
"""Octets of a message that are looked at: a report stands before the mail that it returns, and a
whole mail of ours fits, too. More would only give a hostile message more of our time.
"""
MOST_LINES = 8_000
"""Lines of a message that are looked at: `email` takes its time for each, and every detector of
flufl.bounce goes through them again. As much of a usual mail has 3,500.
"""
_MOST_BOUNDARIES = 30
"""For each line, `email` tries the boundary of every multipart that is open. A report has three."""
_LONGEST_FIELD = 32 * 1024
"""Octets of a header field with its continuation lines: reading parameters out of one takes time
that grows with the square of it.
"""
_SEARCHED = 64 * 1024
_MOST_PARTS = 100
_MOST_RECIPIENTS = 100
_LONGEST_LINE = 320
"""Characters of a line of prose that are searched for an address, which has 254 at most."""


class ReportKind(StrEnum):
    """The kinds of message."""

    REPORT = "report"
    PROSE = "prose"
    COMPLAINT = "complaint"
    AUTOMATIC = "automatic reply"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RecipientReport:
    """One recipient's part of a report. Fields that are missing are ``""``."""

    recipient: str = ""
    original_recipient: str = ""
    action: str = ""
    status: str = ""
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A message that came back. ``traces`` are the places where a return path may stand.

    ``subject`` and ``sender`` (a bare address, in lower case) are those of the message itself.
    ``verdicts`` are the values of its ``Authentication-Results``, from the top. ``answerable``: a
    person may have written it, so that an answer leads to no loop (RFC 3834 §2).
    """

    form: ReportKind
    recipients: tuple[RecipientReport, ...] = ()
    traces: tuple[str, ...] = ()
    feedback: str = ""
    temporary: bool = False
    addresses: tuple[str, ...] = field(default=())
    subject: str = ""
    sender: str = ""
    verdicts: tuple[str, ...] = ()
    answerable: bool = False


_ENVELOPE_HEADERS = (
    "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-RCPT-To", "To", "Cc",
)  # fmt: skip
_ORIGINAL_HEADERS = (
    "Return-Path",
    "Sender",
    "Errors-To",
    "X-Return-Path",
    "Received",
    "Received-SPF",
    "To",
    "Message-ID",
)


def parse_report(raw: bytes, *, envelope_recipient: str = "") -> Report:
    """Parse a message. Never raises: what cannot be read is `ReportKind.OTHER`.

    ``envelope_recipient`` is the address it was delivered to, where the mail system says so. Takes
    less than a second whatever the message: what would take longer is not read, and ``OTHER``.
    """
    raw = _bounded(raw)
    unread = Report(
        ReportKind.OTHER, traces=(envelope_recipient, raw[:_SEARCHED].decode("ascii", "replace"))
    )
    if _is_over_budget(raw):
        return unread
    try:
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
        subject, sender = _subject(message), _sender(message)
        verdicts, answerable = _verdicts(message), _is_answerable(message, sender)
        report = _parsed(message, envelope_recipient)
        return replace(
            report, subject=subject, sender=sender, verdicts=verdicts, answerable=answerable
        )
    except Exception:  # the parser of the standard library fails on some hostile messages
        return unread


def _bounded(raw: bytes) -> bytes:
    """The beginning of a message, with line ends of one kind."""
    raw = raw[:LARGEST].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if raw.count(b"\n") > MOST_LINES:
        raw = b"\n".join(raw.split(b"\n", MOST_LINES)[:MOST_LINES])
    return raw


def _is_over_budget(raw: bytes) -> bool:
    """Tell whether a message is made to take the parser's time: far beyond what any report has."""
    boundaries = sum(1 for _ in islice(_BOUNDARY.finditer(raw), _MOST_BOUNDARIES + 1))
    if boundaries > _MOST_BOUNDARIES:
        return True
    return any(field.end() - field.start() > _LONGEST_FIELD for field in _FIELD.finditer(raw))


_BOUNDARY = re.compile(rb"\bboundary[*0-9]{0,8}\s{0,80}=", re.IGNORECASE)
_FIELD = re.compile(rb"^[!-9;-~]{1,100}[ \t]{0,100}:[^\n]*+(?:\n[ \t][^\n]*+)*+", re.MULTILINE)


def _parsed(message: Message, envelope_recipient: str) -> Report:
    parts = list(islice(_walk(message), _MOST_PARTS))
    traces = (envelope_recipient, *_traces(message, parts))
    feedback = _part(parts, "message/feedback-report")
    if feedback is not None:
        fields = _fields(_text(feedback))
        kind = fields.get("feedback-type", "other").lower()
        traces += (fields.get("original-mail-from", ""),)
        about = _address(fields.get("original-rcpt-to", ""))
        recipients = (RecipientReport(about),) if about else ()
        return Report(ReportKind.COMPLAINT, recipients, traces, feedback=kind)
    status = _part(parts, "message/delivery-status", "message/global-delivery-status")
    if status is not None:
        return Report(
            ReportKind.REPORT, tuple(islice(_recipients(status), _MOST_RECIPIENTS)), traces
        )
    if _is_automatic(message):
        return Report(ReportKind.AUTOMATIC, traces=traces)
    return _prose(message, parts, traces)


def _walk(message: Message, depth: int = 0) -> Iterator[Message]:
    """Every part, but only so deep: a message may contain itself a thousand times."""
    yield message
    if message.is_multipart() and depth < 8:
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _walk(part, depth + 1)


def _part(parts: list[Message], *kinds: str) -> Message | None:
    return next((part for part in parts if part.get_content_type() in kinds), None)


def _recipients(status: Message) -> Iterator[RecipientReport]:
    """The groups of fields behind the first, which is about the whole message (RFC 3464 §2.1)."""
    for block in re.split(r"\n[ \t]*\n", _text(status).replace("\r\n", "\n")):
        fields = _fields(block)
        if {"final-recipient", "original-recipient", "action", "status"} & fields.keys():
            yield RecipientReport(
                recipient=_address(fields.get("final-recipient", "")),
                original_recipient=_address(fields.get("original-recipient", "")),
                action=fields.get("action", "").split("(")[0].strip().lower(),
                status=_status(fields.get("status", "")),
                diagnostic=fields.get("diagnostic-code", "")[:1000],
            )


def _fields(text: str) -> dict[str, str]:
    """Header-like lines; of a field given twice the first counts."""
    fields: dict[str, str] = {}
    for line in re.sub(r"\r?\n[ \t]+", " ", text).splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def _address(value: str) -> str:
    """The address of an ``rfc822; reader@example.org`` field."""
    return value.rpartition(";")[2].strip().strip("<>").lower()


def _status(value: str) -> str:
    match = re.search(r"\b([245]\.\d{1,3}\.\d{1,3})\b", value)
    return match.group(1) if match else ""


def _text(part: Message) -> str:
    """The text of a part, also of one that the parser took for a container of messages."""
    payload = part.get_payload()
    if isinstance(payload, list):
        first = (
            inner_message
            for inner_message in islice(payload, _MOST_RECIPIENTS)
            if isinstance(inner_message, Message)
        )
        inner = "\n\n".join(map(_flat, first))
        if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
            with contextlib.suppress(ValueError):
                return base64.b64decode(inner).decode("utf-8", "replace")
        return inner
    decoded = part.get_payload(decode=True)
    if isinstance(decoded, bytes):
        return decoded[: _SEARCHED * 4].decode("utf-8", "replace")
    return str(payload)[: _SEARCHED * 4]


def _flat(message: Message) -> str:
    head = "".join(f"{name}: {value}\n" for name, value in message.items())
    return head + _text(message)


def _traces(message: Message, parts: list[Message]) -> Iterator[str]:
    for name in _ENVELOPE_HEADERS:
        yield from (str(value) for value in message.get_all(name, ()))
    for part in parts[1:]:
        for name in _ORIGINAL_HEADERS:
            yield from (str(value) for value in part.get_all(name, ()))
    for part in parts:
        if not part.is_multipart() and part.get_content_type().startswith(("text/", "message/")):
            yield _text(part)[:_SEARCHED]


def _subject(message: Message) -> str:
    """The subject in clear text on one line; as it is where it is encoded wrongly."""
    raw = str(message.get("Subject", ""))[:2000]
    try:
        words = str(make_header(decode_header(raw)))
    except (ValueError, LookupError):
        words = raw
    return " ".join(words.split())


def _sender(message: Message) -> str:
    """The one address in ``From``; ``""`` where there is none, or more than one."""
    from_lines = [str(value) for value in message.get_all("From", ())]
    # The standard library recurses once for every bracket.
    if len(from_lines) != 1 or len(from_lines[0]) > 500 or from_lines[0].count("(") > 10:
        return ""
    addresses = getaddresses(from_lines)
    return addresses[0][1].lower() if len(addresses) == 1 else ""


def _verdicts(message: Message) -> tuple[str, ...]:
    """The results of mail servers on the way about the sender, the last one's first."""
    headers = islice(message.get_all("Authentication-Results", ()), _MOST_VERDICTS)
    return tuple(str(value)[:_LONGEST_VERDICT] for value in headers)


_MOST_VERDICTS = 50
_LONGEST_VERDICT = 4000


def _is_answerable(message: Message, sender: str) -> bool:
    """Tell whether an answer would reach no program or list (RFC 3834 §2; RFC 2076, Precedence)."""
    submitted = str(message.get("Auto-Submitted", "no")).split("(")[0].split(";")[0]
    if submitted.strip().lower() != "no" or _is_automatic(message):
        return False
    if str(message.get("Precedence", "")).strip().lower() in ("bulk", "junk", "list"):
        return False
    if any(name.lower().startswith("list-") or name.lower() in _OF_PROGRAMS for name in message):
        return False
    if str(message.get("Return-Path", "")).strip() == "<>":
        return False
    local = sender.rpartition("@")[0]
    return bool(local) and _PROGRAM.search(local) is None


_OF_PROGRAMS = frozenset({"x-loop", "mailing-list", "x-mailing-list", "x-auto-response-suppress"})
_PROGRAM = re.compile(
    r"\A(mailer-daemon|postmaster|owner-.*|majordomo|listserv|no-?reply|do-?not-?reply"
    r"|.*-(request|owner|bounces?))\Z",
    re.IGNORECASE,
)


def _is_automatic(message: Message) -> bool:
    """A reply by a machine on behalf of a person (RFC 3834 §5, and its many forerunners)."""
    submitted = str(message.get("Auto-Submitted", "")).lower()
    if submitted.startswith("auto-replied"):
        # Some systems call their bounces replies; those come from the empty address.
        return not _from_a_mailer(message)
    if any(name in message for name in ("X-Autoreply", "X-Autorespond", "X-Vacation")):
        return True
    return _OUT_OF_OFFICE.match(str(message.get("Subject", ""))) is not None


def _from_a_mailer(message: Message) -> bool:
    sender = str(message.get("From", "")).lower()
    empty = str(message.get("Return-Path", "")).strip() == "<>"
    return empty and ("mailer-daemon" in sender or "postmaster" in sender)


_OUT_OF_OFFICE = re.compile(
    r"\s*(auto(matic(al)?)?[ -]?(reply|response|antwort)|out of (the )?office|abwesen|vacation"
    r"|r[ée]ponse automatique|automatisch antwoord|respuesta autom)",
    re.IGNORECASE,
)


def _prose(message: Message, parts: list[Message], traces: tuple[str, ...]) -> Report:
    """A report in words: flufl.bounce knows who is meant, the words may say why."""
    if sum(1 for _ in islice(message.walk(), _MOST_PARTS)) == _MOST_PARTS:
        # Also those deeper than `_walk` goes: every detector of flufl.bounce visits them all.
        return Report(ReportKind.OTHER, traces=traces)
    mailer = _from_a_mailer(message) or _MAILER.search(str(message.get("From", ""))) is not None
    texts = [_text(p) for p in parts if p.get_content_maintype() == "text"]
    words = _before_original("\n".join(texts)[:_SEARCHED])
    _shorten(message)
    temporary, permanent = _failures(message)
    addresses = tuple(sorted(a.decode("ascii", "replace") for a in permanent or temporary))
    status = _status(words)
    if not addresses and not (status and mailer):
        return Report(ReportKind.OTHER, traces=traces)
    first = addresses[0].lower() if addresses else ""
    report = RecipientReport(first, "", "failed" if permanent else "", status, words[:1000])
    return Report(
        ReportKind.PROSE, (report,), traces, temporary=not permanent and bool(temporary),
        addresses=addresses,
    )  # fmt: skip


def _shorten(message: Message) -> None:
    """Leave of its texts what flufl.bounce may search: clear text, bounded, in short lines.

    Its patterns take time that grows with the square of a line: with one line as long as a message
    may be, anybody could keep us busy for a quarter of an hour.
    """
    room = _SEARCHED
    for part in message.walk():
        if part.is_multipart():
            continue
        text = _text(part)[:room] if part.get_content_maintype() == "text" else ""
        text = "\n".join(line[:_LONGEST_LINE] for line in text.split("\n"))
        text = text.encode("ascii", "replace").decode("ascii")
        room -= len(text)
        del part["Content-Transfer-Encoding"]
        part.set_payload(text)


def _failures(message: Message) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """The addresses that flufl.bounce finds to have failed, for now and for good."""
    from flufl.bounce import all_failures

    # Its detectors need a sender, which not every bounce has, and log a traceback without one.
    logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)
    if not _sender(message):
        del message["From"]
        message["From"] = "nobody@invalid"
    try:
        return all_failures(message)
    except Exception:  # one hostile message or another trips every one of them
        return frozenset(), frozenset()


_MAILER = re.compile(r"mailer-daemon|postmaster|mail delivery|mdaemon", re.IGNORECASE)
_ORIGINAL = re.compile(
    # Not "-{3,}.*": on a long line of dashes, that tries every place for the end of each.
    r"^(---.*(original|copy of|headers|below this line)|Return-Path:|Received:|>[ \t]*Received:)",
    re.IGNORECASE | re.MULTILINE,
)


def _before_original(words: str) -> str:
    """The words of the mail system, without our own mail that it quotes."""
    match = _ORIGINAL.search(words)
    return words[: match.start()] if match and match.start() > 0 else words
