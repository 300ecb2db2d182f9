"""One open SMTP session: a tight loop that keeps the relay busy and never blurs what happened.

When the relay offers PIPELINING (RFC 2920), MAIL, RCPT and DATA leave in one write, and the next
mail's envelope rides behind the final dot of the body before it, so a mail costs one round trip::

    body₁ CRLF.CRLF MAIL₂ RCPT₂ DATA₂  ─▶
                                       ◀─  250 250 250 354

The dot that ends a body is counted to the byte: a connection cut before it left is "not sent", cut
after it "in doubt". Nothing here knows how the connection was opened; see `digest.delivery.smtp`.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from digest.delivery.connection import AHEAD, Connection, ConnectionLostError
from digest.delivery.envelope import OutgoingMail, ServerExtensions
from digest.delivery.retry import Reply, SmtpStage
from digest.delivery.smtp_wire import dot_stuffed

__all__ = ["OutgoingMail", "Session", "SessionClient", "Timeouts"]


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


class SessionClient(Protocol):
    """Who hands mails to a session and hears what became of each."""

    def take(self) -> OutgoingMail | None:
        """The next mail, or ``None`` if none is at hand now."""

    def begin(self, mail: OutgoingMail) -> bool:
        """The next byte on the wire is the mail's own; false means: not any more."""

    def settle(self, mail: OutgoingMail, reply: Reply) -> None:
        """What the relay said of the mail."""

    def give_back(self, mail: OutgoingMail) -> None:
        """The mail was not sent and the relay has said nothing of it."""


_IDLE_BEFORE_NOOP = 20.0


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
        self._channel = Connection(sock)
        self._offer = ServerExtensions(features)
        self._timeouts = timeouts
        self._place = SmtpStage.MAIL
        self._dirty = False
        self.pipelining = pipelining and "pipelining" in features
        self.pipelining_failed = False
        self._no_pipelining = no_pipelining
        self.usable = True
        self.sent = 0

    def deliver(self, mail: OutgoingMail, courier: SessionClient) -> None:
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
                self._channel.write(b"QUIT\r\n", self._timeouts.quit)
                self._channel.read(self._timeouts.quit)
            except (ConnectionLostError, OSError):
                pass
        self._channel.close()

    def _fit(self, mail: OutgoingMail | None, courier: SessionClient) -> OutgoingMail | None:
        """The first mail from here on that this relay can take; the others are settled."""
        while mail is not None:
            refusal = self._offer.refusal(mail)
            if refusal is None:
                return mail
            courier.settle(mail, refusal)
            mail = courier.take()
        return None

    def _awake(self, mail: OutgoingMail, courier: SessionClient) -> bool:
        """Whether a connection that lay idle is still there."""
        if time.monotonic() - self._channel.last_heard < _IDLE_BEFORE_NOOP:
            return True
        try:
            self._channel.write(b"NOOP\r\n", self._timeouts.block)
            if self._channel.read(self._timeouts.quit)[0] == 250:
                return True
        except (ConnectionLostError, OSError):
            pass
        self._abandon()
        courier.give_back(mail)
        return False

    def _agreed(self, mail: OutgoingMail, courier: SessionClient, *, offered: bool) -> bool:
        """Whether the relay waits for the body; otherwise the mail is settled or given back."""
        try:
            if not offered:
                self._place = SmtpStage.MAIL
                if self._channel.ahead:
                    raise ConnectionLostError(AHEAD)
            if self.pipelining:
                if not offered:
                    self._channel.write(self._envelope(mail), self._timeouts.block)
                reply = self._pipelined_answer()
            else:
                reply = self._stepwise_answer(mail)
        except (ConnectionLostError, OSError) as error:
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
        if self.pipelining and reply.code == 503 and reply.place is not SmtpStage.MAIL:
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
            self._channel.read(min(times.mail, times.stall))
            self._dirty = False
        for place, wait in (
            (SmtpStage.MAIL, times.mail),
            (SmtpStage.RCPT, times.rcpt),
            (SmtpStage.DATA, times.data),
        ):
            self._place = place
            code, text = self._channel.read(min(wait, times.stall))
            agreed = code == 354 if place is SmtpStage.DATA else 200 <= code < 300
            if not agreed and refusal is None:
                refusal = Reply.of(place, code, text)
            if code == 421:
                self._abandon()
                return refusal
        if refusal is not None and agreed:
            # RFC 2920 §3.1: the relay waits for a body that nobody will get; end it empty.
            self._channel.write(b".\r\n", times.block)
            self._channel.read(times.final)
        return refusal

    def _stepwise_answer(self, mail: OutgoingMail) -> Reply | None:
        times = self._timeouts
        self._place = SmtpStage.MAIL
        if self._dirty:
            self._channel.write(b"RSET\r\n", times.block)
            if self._channel.read(times.mail)[0] != 250:
                raise ConnectionLostError("the relay refuses to start over")
            self._dirty = False
        for place, command, wait in (
            (SmtpStage.MAIL, self._offer.mail_command(mail), times.mail),
            (SmtpStage.RCPT, self._offer.rcpt_command(mail), times.rcpt),
            (SmtpStage.DATA, b"DATA\r\n", times.data),
        ):
            self._place = place
            self._channel.write(command, times.block)
            code, text = self._channel.read(wait)
            if not (code == 354 if place is SmtpStage.DATA else 200 <= code < 300):
                return Reply.of(place, code, text)
        return None

    def _sent(
        self, mail: OutgoingMail, following: OutgoingMail | None, courier: SessionClient
    ) -> bool:
        """Write the body, settle the mail; false if the session ended."""
        if self._channel.ahead:
            # Nothing is left to be answered, so the next "250" would be taken for this mail's.
            self._abandon()
            courier.settle(mail, Reply(SmtpStage.DATA, text=AHEAD))
            self._hand_back(courier, following)
            return False
        payload = dot_stuffed(mail.content)
        dot = len(payload)
        ride = self.pipelining and following is not None
        if ride and following is not None:
            payload += self._envelope(following)
        if not courier.begin(mail):
            self._abandon()
            self._hand_back(courier, mail, following)
            return False
        try:
            self._channel.write(payload, self._timeouts.block, mark=dot)
            code, text = self._channel.read(self._timeouts.final)
        except (ConnectionLostError, OSError) as error:
            self._abandon()
            in_doubt = self._channel.past_mark
            self.pipelining_failed |= ride and in_doubt and isinstance(error, TimeoutError)
            courier.settle(
                mail,
                Reply(SmtpStage.FINAL, text=_words(error)) if in_doubt else self._cut_off(error),
            )
            self._hand_back(courier, following)
            return False
        self.sent += 1
        reply = Reply.of(SmtpStage.FINAL, code, text)
        if code < 400 and not reply.accepted:
            self._abandon()
            reply = Reply(SmtpStage.FINAL, text=f"out of step: {code} {text}")
        elif code == 421:
            self._abandon()
        courier.settle(mail, reply)
        if not self.usable:
            self._hand_back(courier, following)
        return self.usable

    @staticmethod
    def _hand_back(courier: SessionClient, *mails: OutgoingMail | None) -> None:
        for mail in mails:
            if mail is not None:
                courier.give_back(mail)

    def _cut_off(self, error: Exception) -> Reply:
        """The relay did not get the whole body; perhaps it said why before it hung up."""
        try:
            code, text = self._channel.read(0.2)
        except (ConnectionLostError, OSError):
            code, text = 0, ""
        return (
            Reply.of(SmtpStage.BODY, code, text)
            if code >= 400
            else Reply(SmtpStage.BODY, text=_words(error))
        )

    def _envelope(self, mail: OutgoingMail) -> bytes:
        reset = b"RSET\r\n" if self._dirty else b""
        return reset + self._offer.mail_command(mail) + self._offer.rcpt_command(mail) + b"DATA\r\n"

    def _abandon(self) -> None:
        self.usable = False


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the relay did not answer in time"
    return str(error) or type(error).__name__
