"""Envelope of a mail: what the relay is told before the body, and what it could not take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from digest.delivery.retry import Reply, SmtpStage
from digest.delivery.smtp_wire import ascii_path


@dataclass(frozen=True, slots=True, eq=False)
class OutgoingMail:
    """Mail and its envelope. ``content`` has CRLF line ends; ``delivery_id`` comes back as is."""

    delivery_id: int
    sender: str
    recipient: str
    content: bytes


_PLAIN_PATH = re.compile(r"[!-;=?-~]{1,254}")
"""Path that every relay takes: nearly every address there is."""

_SIZE = re.compile(r"[0-9]{1,20}")
_UNFIT_FOR_PATH = re.compile(r"[\x00-\x20\x7f<>]")
_LONGEST_PATH = 254


class ServerExtensions:
    """Extensions that a relay offers in its answer to EHLO, as far as it changes an envelope."""

    def __init__(self, features: Mapping[str, str]) -> None:
        """Read the offer. ``features`` are the EHLO keywords in lower case with their parameters."""
        limit = features.get("size", "").strip()
        self._size_limit = int(limit) if _SIZE.fullmatch(limit) else 0
        self._says_size = "size" in features
        self._eight_bit = "8bitmime" in features
        self._utf8 = "smtputf8" in features
        self._options = b" BODY=8BITMIME" if self._eight_bit else b""

    def refusal(self, mail: OutgoingMail) -> Reply | None:
        """Refuse a mail that the relay could not take, in the words a relay would use."""
        for path, stage in ((mail.sender, SmtpStage.MAIL), (mail.recipient, SmtpStage.RCPT)):
            if _PLAIN_PATH.fullmatch(path) is not None:
                continue
            if len(path.encode("utf-8", "replace")) > _LONGEST_PATH or _UNFIT_FOR_PATH.search(path):
                return Reply(stage, 501, "5.1.3", "not an address that can be put on the wire")
            if not self._utf8 and ascii_path(path) is None:
                return Reply(stage, 553, "5.6.7", "the relay takes no internationalised address")
        if self._size_limit and len(mail.content) > self._size_limit:
            limit = f"the mail is longer than the relay takes ({self._size_limit} octets)"
            return Reply(SmtpStage.MAIL, 552, "5.3.4", limit)
        if not self._eight_bit and not mail.content.isascii():
            return Reply(SmtpStage.DATA, 554, "5.6.3", "the relay takes no 8-bit mail")
        return None

    def mail_command(self, mail: OutgoingMail) -> bytes:
        """Write MAIL FROM, with what the relay may know of the mail (RFC 1870, 6152, 6531)."""
        size = b" SIZE=%d" % len(mail.content) if self._says_size else b""
        international = self._utf8 and not (mail.sender.isascii() and mail.recipient.isascii())
        options = self._options + (b" SMTPUTF8" if international else b"")
        return b"MAIL FROM:<%b>%b%b\r\n" % (self._path(mail.sender), size, options)

    def rcpt_command(self, mail: OutgoingMail) -> bytes:
        """Write RCPT TO."""
        return b"RCPT TO:<%b>\r\n" % self._path(mail.recipient)

    def _path(self, address: str) -> bytes:
        if address.isascii() or self._utf8:
            return address.encode()
        return (ascii_path(address) or "").encode("ascii")
