"""One open SMTP session: a tight loop that keeps the relay busy and never blurs what happened.

When the relay offers PIPELINING (RFC 2920), MAIL, RCPT and DATA leave in one write, and the next
mail's envelope rides behind the final dot of the body before it, so a mail costs one round trip::

    body₁ CRLF.CRLF MAIL₂ RCPT₂ DATA₂  ─▶
                                       ◀─  250 250 250 354

The dot that ends a body is counted to the byte: a connection cut before it left is "not sent", cut
after it "in doubt". Nothing here knows how the connection was opened; see `digest.delivery.smtp`.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from digest.delivery.retry import Place, Reply
from digest.delivery.wire import ascii_path, patience, stuffed


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait for what, in seconds. The defaults are those of RFC 5321 §4.5.3.2.

    ``stall`` is how long a relay that offers pipelining may sit on a group of commands before the
    offer is taken for an empty one; the commands are then sent again one by one.
    """

    greeting: float = 300.0
    mail: float = 300.0
    rcpt: float = 300.0
    data: float = 120.0
    block: float = 180.0
    final: float = 600.0
    quit: float = 5.0
    stall: float = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Mail:
    """A mail and its envelope. ``content`` has CRLF line ends; ``delivery_id`` comes back as is."""

    delivery_id: int
    sender: str
    recipient: str
    content: bytes


class Courier(Protocol):
    """Who hands mails to a session and hears what became of each."""

    def take(self) -> Mail | None:
        """The next mail, or ``None`` if none is at hand now."""

    def begin(self, mail: Mail) -> bool:
        """The next byte on the wire is the mail's own; false means: not any more."""

    def settle(self, mail: Mail, reply: Reply) -> None:
        """What the relay said of the mail."""

    def give_back(self, mail: Mail) -> None:
        """The mail was not sent and the relay has said nothing of it."""


class Lost(Exception):  # noqa: N818 - it is a state of the connection, caught in this room
    """The connection is gone, silent or out of step."""


_UNFIT_FOR_PATH = re.compile(r"[\x00-\x20\x7f<>]")
_LONGEST_PATH = 254
_LONGEST_REPLY = 65536
_TLS_RECORD = 16384
_IDLE_BEFORE_NOOP = 20.0
_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)


class Session:
    """A greeted, encrypted and logged-in connection, for one thread."""

    def __init__(
        self,
        sock: socket.socket,
        features: Mapping[str, str],
        *,
        timeouts: Timeouts,
        pipelining: bool = True,
        no_pipelining: Callable[[], None] = lambda: None,
    ) -> None:
        """``features`` are the EHLO keywords in lower case with their parameters.

        ``no_pipelining`` hears, at the end, that the relay offers pipelining and cannot do it.
        """
        self._sock = sock
        self._timeouts = timeouts
        self._buffer = b""
        self._place = Place.MAIL
        self._patience = patience(sock)
        self._wrote_last = False
        self._dirty = False
        self._last_used = time.monotonic()
        self._piece = _TLS_RECORD if isinstance(sock, ssl.SSLSocket) else 1 << 20
        self._size_limit = _size_limit(features.get("size"))
        self._says_size = "size" in features
        self._eight_bit = "8bitmime" in features
        self._utf8 = "smtputf8" in features
        self.pipelining = pipelining and "pipelining" in features
        self.pipelining_failed = False
        self._no_pipelining = no_pipelining
        self.usable = True
        self.sent = 0

    def deliver(self, mail: Mail, courier: Courier) -> None:
        """Send that mail and every further one that the courier has at hand.

        Each is settled or given back, exactly once. Afterwards `usable` says whether the session
        can go on.
        """
        current = self._fit(mail, courier)
        offered = False
        while current is not None:
            if not offered and not self._awake(current, courier):
                return
            if not self._agreed(current, courier, offered=offered):
                offered = False
                if not self.usable:
                    return
                current = self._fit(courier.take(), courier)
                continue
            following = self._fit(courier.take(), courier)
            if not self._sent(current, following, courier):
                return
            offered = self.pipelining and following is not None
            current = following or self._fit(courier.take(), courier)

    def close(self) -> None:
        """Say goodbye if the relay still listens, and hang up. Never raises."""
        if self.pipelining_failed:
            self._no_pipelining()
        if self.usable:
            self.usable = False
            try:
                self._write(b"QUIT\r\n", self._timeouts.quit)
                self._read(self._timeouts.quit)
            except (Lost, OSError):
                pass
        self._sock.close()

    def _fit(self, mail: Mail | None, courier: Courier) -> Mail | None:
        """The first mail from here on that this relay can take; the others are settled."""
        while mail is not None:
            refusal = self._unfit(mail)
            if refusal is None:
                return mail
            courier.settle(mail, refusal)
            mail = courier.take()
        return None

    def _unfit(self, mail: Mail) -> Reply | None:
        """Why the relay could not take that mail, in the words a relay would use."""
        for path, place in ((mail.sender, Place.MAIL), (mail.recipient, Place.RCPT)):
            if len(path.encode("utf-8", "replace")) > _LONGEST_PATH or _UNFIT_FOR_PATH.search(path):
                return Reply(place, 501, "5.1.3", "not an address that can be put on the wire")
            if not self._utf8 and ascii_path(path) is None:
                return Reply(place, 553, "5.6.7", "the relay takes no internationalised address")
        if self._size_limit and len(mail.content) > self._size_limit:
            limit = f"the mail is longer than the relay takes ({self._size_limit} octets)"
            return Reply(Place.MAIL, 552, "5.3.4", limit)
        if not self._eight_bit and not mail.content.isascii():
            return Reply(Place.DATA, 554, "5.6.3", "the relay takes no 8-bit mail")
        return None

    def _awake(self, mail: Mail, courier: Courier) -> bool:
        """Whether a connection that lay idle is still there."""
        if time.monotonic() - self._last_used < _IDLE_BEFORE_NOOP:
            return True
        try:
            self._write(b"NOOP\r\n", self._timeouts.block)
            if self._read(self._timeouts.quit)[0] == 250:
                return True
        except (Lost, OSError):
            pass
        self._abandon()
        courier.give_back(mail)
        return False

    def _agreed(self, mail: Mail, courier: Courier, *, offered: bool) -> bool:
        """Whether the relay waits for the body; otherwise the mail is settled or given back."""
        try:
            if self.pipelining:
                if not offered:
                    self._place = Place.MAIL
                    self._write(self._envelope(mail), self._timeouts.block)
                reply = self._pipelined_answer()
            else:
                reply = self._stepwise_answer(mail)
        except (Lost, OSError) as error:
            stalled = self.pipelining and isinstance(error, TimeoutError)
            self._abandon()
            if stalled:
                self.pipelining_failed = True
                courier.give_back(mail)
            else:
                courier.settle(mail, Reply(self._place, text=_words(error)))
            return False
        if reply is None:
            return True
        if self.pipelining and reply.code == 503 and reply.place is not Place.MAIL:
            # The commands were right and in order: the relay dropped some of the group.
            self._abandon()
            self.pipelining_failed = True
            courier.give_back(mail)
            return False
        if reply.code == 421:
            self._abandon()
        self._dirty = True
        courier.settle(mail, reply)
        return False

    def _pipelined_answer(self) -> Reply | None:
        """Read the answers to a whole envelope; ``None`` when all of them agree."""
        times, refusal = self._timeouts, None
        if self._dirty:
            self._read(min(times.mail, times.stall))
            self._dirty = False
        for place, wait in (
            (Place.MAIL, times.mail),
            (Place.RCPT, times.rcpt),
            (Place.DATA, times.data),
        ):
            self._place = place
            code, text = self._read(min(wait, times.stall))
            agreed = code == 354 if place is Place.DATA else 200 <= code < 300
            if not agreed and refusal is None:
                refusal = Reply.of(place, code, text)
            if code == 421:
                self._abandon()
                return refusal
        if refusal is not None and agreed:
            # RFC 2920 §3.1: the relay waits for a body that nobody will get; end it empty.
            self._write(b".\r\n", times.block)
            self._read(times.final)
        return refusal

    def _stepwise_answer(self, mail: Mail) -> Reply | None:
        times = self._timeouts
        self._place = Place.MAIL
        if self._dirty:
            self._write(b"RSET\r\n", times.block)
            if self._read(times.mail)[0] != 250:
                raise Lost("the relay refuses to start over")
            self._dirty = False
        for place, command, wait in (
            (Place.MAIL, self._mail_command(mail), times.mail),
            (Place.RCPT, self._rcpt_command(mail), times.rcpt),
            (Place.DATA, b"DATA\r\n", times.data),
        ):
            self._place = place
            self._write(command, times.block)
            code, text = self._read(wait)
            if not (code == 354 if place is Place.DATA else 200 <= code < 300):
                return Reply.of(place, code, text)
        return None

    def _sent(self, mail: Mail, following: Mail | None, courier: Courier) -> bool:
        """Write the body, settle the mail; false if the session ended."""
        payload = stuffed(mail.content)
        dot = len(payload)
        ride = self.pipelining and following is not None
        if ride and following is not None:
            payload += self._envelope(following)
        if not courier.begin(mail):
            self._abandon()
            self._hand_back(courier, mail, following)
            return False
        self._place = Place.BODY
        try:
            self._write(payload, self._timeouts.block, dot=dot)
            code, text = self._read(self._timeouts.final)
        except (Lost, OSError) as error:
            silent = self._place is Place.FINAL and isinstance(error, TimeoutError)
            self.pipelining_failed |= ride and silent
            self._abandon()
            courier.settle(mail, self._last_words() or Reply(self._place, text=_words(error)))
            self._hand_back(courier, following)
            return False
        self.sent += 1
        reply = Reply.of(Place.FINAL, code, text)
        if code < 400 and not reply.accepted:
            self._abandon()
            reply = Reply(Place.FINAL, text=f"out of step: {code} {text}")
        elif code == 421:
            self._abandon()
        courier.settle(mail, reply)
        if not self.usable:
            self._hand_back(courier, following)
        return self.usable

    @staticmethod
    def _hand_back(courier: Courier, *mails: Mail | None) -> None:
        for mail in mails:
            if mail is not None:
                courier.give_back(mail)

    def _last_words(self) -> Reply | None:
        """A refusal that the relay sent before it hung up in the middle of a body."""
        if self._place is not Place.BODY:
            return None
        try:
            code, text = self._read(0.2)
        except (Lost, OSError):
            return None
        return Reply.of(Place.BODY, code, text) if code >= 400 else None

    def _envelope(self, mail: Mail) -> bytes:
        reset = b"RSET\r\n" if self._dirty else b""
        return reset + self._mail_command(mail) + self._rcpt_command(mail) + b"DATA\r\n"

    def _mail_command(self, mail: Mail) -> bytes:
        command = b"MAIL FROM:<" + self._path(mail.sender) + b">"
        if self._says_size:
            command += b" SIZE=%d" % len(mail.content)
        if self._eight_bit:
            command += b" BODY=8BITMIME"
        if self._utf8 and not (mail.sender.isascii() and mail.recipient.isascii()):
            command += b" SMTPUTF8"
        return command + b"\r\n"

    def _rcpt_command(self, mail: Mail) -> bytes:
        return b"RCPT TO:<" + self._path(mail.recipient) + b">\r\n"

    def _path(self, address: str) -> bytes:
        if address.isascii() or self._utf8:
            return address.encode()
        return (ascii_path(address) or "").encode("ascii")

    def _write(self, data: bytes, timeout: float, *, dot: int | None = None) -> None:
        """Write it all. With ``dot`` the place becomes FINAL once the relay may have got that many
        bytes; a plain socket that fails took nothing of the piece, a TLS one may have.
        """
        self._patience.writing(timeout)
        self._wrote_last = True
        view = memoryview(data)
        send, piece, written = self._sock.send, self._piece, 0
        encrypted = piece == _TLS_RECORD
        while written < len(data):
            if dot is not None and encrypted and written + piece >= dot:
                self._place = Place.FINAL
            try:
                written += send(view[written : written + piece])
            except BlockingIOError:
                raise TimeoutError from None
            if dot is not None and written >= dot:
                self._place = Place.FINAL

    def _read(self, timeout: float) -> tuple[int, str]:
        """One reply: its code and its text. Raises `Lost` or `OSError`."""
        lines: list[bytes] = []
        while True:
            end = self._buffer.find(b"\n")
            if end < 0:
                self._fill(timeout)
                continue
            line, self._buffer = self._buffer[:end], self._buffer[end + 1 :]
            if not line[:3].isdigit() or line[3:4] not in (b" ", b"-", b"\r", b""):
                raise Lost("the relay does not speak SMTP")
            lines.append(line[4:].strip())
            if line[3:4] != b"-":
                return int(line[:3]), b" ".join(lines).decode("utf-8", "replace")
            if len(lines) > 1000:
                raise Lost("the relay's reply never ends")

    def _fill(self, timeout: float) -> None:
        if _QUICK_ACK is not None and not self._wrote_last:
            # A relay that sends the replies of a group one by one waits for our ACK in between.
            self._sock.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
        self._wrote_last = False
        self._patience.reading(timeout)
        try:
            data = self._sock.recv(4096)
        except BlockingIOError:
            raise TimeoutError from None
        if not data:
            raise Lost("the relay closed the connection")
        self._buffer += data
        self._last_used = time.monotonic()
        if len(self._buffer) > _LONGEST_REPLY:
            raise Lost("the relay's reply never ends")

    def _abandon(self) -> None:
        self.usable = False


def _size_limit(parameter: str | None) -> int:
    """The SIZE that the relay offers, 0 for none (RFC 1870 §4)."""
    return int(parameter) if parameter and parameter.strip().isdigit() else 0


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the relay did not answer in time"
    return str(error) or type(error).__name__
