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

from digest.delivery.connection import AHEAD, Connection, ConnectionLostError
from digest.delivery.envelope import OutgoingMail, ServerExtensions
from digest.delivery.ports import SessionClient
from digest.delivery.retry import Reply, SmtpStage
from digest.delivery.smtp_wire import dot_stuffed


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for each answer of the relay. The defaults are those of RFC 5321 §4.5.3.2.

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


_IDLE_BEFORE_NOOP = 20.0


class Session:
    """Greeted, encrypted and logged-in connection, for one thread."""

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
        self._connection = Connection(sock)
        self._extensions = ServerExtensions(features)
        self._timeouts = timeouts
        self._stage = SmtpStage.MAIL
        self._needs_reset = False
        self.pipelining = pipelining and "pipelining" in features
        self.pipelining_failed = False
        self._no_pipelining = no_pipelining
        self.usable = True
        self.sent = 0

    def deliver(self, mail: OutgoingMail, client: SessionClient) -> None:
        """Send that mail and every further one that the client has at hand.

        Each gets its reply or is handed back, exactly once. Afterwards `usable` says whether the session
        can go on.
        """
        current = self._first_acceptable(mail, client)
        envelope_sent = False
        while current is not None:
            if not envelope_sent and not self._still_connected(current, client):
                return
            if not self._open_envelope(current, client, envelope_sent=envelope_sent):
                envelope_sent = False
                if not self.usable:
                    return
                current = self._first_acceptable(client.next_mail(), client)
                continue
            following = self._first_acceptable(client.next_mail(), client)
            if not self._send_body(current, following, client):
                return
            envelope_sent = self.pipelining and following is not None
            current = following or self._first_acceptable(client.next_mail(), client)

    def close(self) -> None:
        """Say goodbye if the relay still listens, and hang up. Never raises."""
        if self.pipelining_failed:
            self._no_pipelining()
        if self.usable:
            self.usable = False
            try:
                self._connection.write(b"QUIT\r\n", self._timeouts.quit)
                self._connection.read(self._timeouts.quit)
            except (ConnectionLostError, OSError):
                pass
        self._connection.close()

    def _first_acceptable(
        self, mail: OutgoingMail | None, client: SessionClient
    ) -> OutgoingMail | None:
        """Return the first mail from here on that this relay can take; the others get a refusal."""
        while mail is not None:
            refusal = self._extensions.refusal(mail)
            if refusal is None:
                return mail
            client.record_reply(mail, refusal)
            mail = client.next_mail()
        return None

    def _still_connected(self, mail: OutgoingMail, client: SessionClient) -> bool:
        """Ask a connection that lay idle; false, with the mail handed back, if it is gone."""
        if time.monotonic() - self._connection.last_heard < _IDLE_BEFORE_NOOP:
            return True
        try:
            self._connection.write(b"NOOP\r\n", self._timeouts.block)
            if self._connection.read(self._timeouts.quit)[0] == 250:
                return True
        except (ConnectionLostError, OSError):
            pass
        self._give_up()
        client.hand_back(mail)
        return False

    def _open_envelope(
        self, mail: OutgoingMail, client: SessionClient, *, envelope_sent: bool
    ) -> bool:
        """Have the envelope accepted; false if not: the mail has its reply or is handed back."""
        try:
            if not envelope_sent:
                self._stage = SmtpStage.MAIL
                if self._connection.ahead:
                    raise ConnectionLostError(AHEAD)
            if self.pipelining:
                if not envelope_sent:
                    self._connection.write(self._envelope_commands(mail), self._timeouts.block)
                reply = self._read_pipelined_replies()
            else:
                reply = self._send_commands_one_by_one(mail)
        except (ConnectionLostError, OSError) as error:
            stalled = self.pipelining and isinstance(error, TimeoutError)
            self._give_up()
            if stalled:
                self.pipelining_failed = True
                client.hand_back(mail)
            else:
                client.record_reply(mail, Reply(self._stage, text=_describe(error)))
            return False
        if reply is None:
            return True
        if self.pipelining and reply.code == 503 and reply.stage is not SmtpStage.MAIL:
            # The commands were right and in order: the relay dropped some of the group.
            self._give_up()
            self.pipelining_failed = True
            client.hand_back(mail)
            return False
        if reply.code == 421:
            self._give_up()
        self._needs_reset = True
        client.record_reply(mail, reply)
        return False

    def _read_pipelined_replies(self) -> Reply | None:
        """Read the replies to a whole envelope; ``None`` when the relay waits for the body."""
        times, refusal = self._timeouts, None
        if self._needs_reset:
            self._connection.read(min(times.mail, times.stall))
            self._needs_reset = False
        for stage, wait in (
            (SmtpStage.MAIL, times.mail),
            (SmtpStage.RCPT, times.rcpt),
            (SmtpStage.DATA, times.data),
        ):
            self._stage = stage
            code, text = self._connection.read(min(wait, times.stall))
            agreed = code == 354 if stage is SmtpStage.DATA else 200 <= code < 300
            if not agreed and refusal is None:
                refusal = Reply.of(stage, code, text)
            if code == 421:
                self._give_up()
                return refusal
        if refusal is not None and agreed:
            # RFC 2920 §3.1: the relay waits for a body that nobody will get; end it empty.
            self._connection.write(b".\r\n", times.block)
            self._connection.read(times.final)
        return refusal

    def _send_commands_one_by_one(self, mail: OutgoingMail) -> Reply | None:
        times = self._timeouts
        self._stage = SmtpStage.MAIL
        if self._needs_reset:
            self._connection.write(b"RSET\r\n", times.block)
            if self._connection.read(times.mail)[0] != 250:
                raise ConnectionLostError("the relay refuses to start over")
            self._needs_reset = False
        for stage, command, wait in (
            (SmtpStage.MAIL, self._extensions.mail_command(mail), times.mail),
            (SmtpStage.RCPT, self._extensions.rcpt_command(mail), times.rcpt),
            (SmtpStage.DATA, b"DATA\r\n", times.data),
        ):
            self._stage = stage
            self._connection.write(command, times.block)
            code, text = self._connection.read(wait)
            if not (code == 354 if stage is SmtpStage.DATA else 200 <= code < 300):
                return Reply.of(stage, code, text)
        return None

    def _send_body(
        self, mail: OutgoingMail, following: OutgoingMail | None, client: SessionClient
    ) -> bool:
        """Write the body and pass on its reply; false if the session ended."""
        if self._connection.ahead:
            # Nothing is left to be answered, so the next "250" would be taken for this mail's.
            self._give_up()
            client.record_reply(mail, Reply(SmtpStage.DATA, text=AHEAD))
            self._hand_back(client, following)
            return False
        payload = dot_stuffed(mail.content)
        dot = len(payload)
        ride = self.pipelining and following is not None
        if ride and following is not None:
            payload += self._envelope_commands(following)
        if not client.begin_body(mail):
            self._give_up()
            self._hand_back(client, mail, following)
            return False
        try:
            self._connection.write(payload, self._timeouts.block, mark=dot)
            code, text = self._connection.read(self._timeouts.final)
        except (ConnectionLostError, OSError) as error:
            self._give_up()
            in_doubt = self._connection.past_mark
            self.pipelining_failed |= ride and in_doubt and isinstance(error, TimeoutError)
            client.record_reply(
                mail,
                Reply(SmtpStage.FINAL, text=_describe(error))
                if in_doubt
                else self._reply_to_cut_body(error),
            )
            self._hand_back(client, following)
            return False
        self.sent += 1
        client.record_reply(mail, self._reply_to_body(code, text))
        if not self.usable:
            self._hand_back(client, following)
        return self.usable

    def _reply_to_body(self, code: int, text: str) -> Reply:
        """Reply to a whole body; the session ends after one that is out of step, or 421."""
        reply = Reply.of(SmtpStage.FINAL, code, text)
        if code < 400 and not reply.accepted:
            self._give_up()
            return Reply(SmtpStage.FINAL, text=f"out of step: {code} {text}")
        if code == 421:
            self._give_up()
        return reply

    @staticmethod
    def _hand_back(client: SessionClient, *mails: OutgoingMail | None) -> None:
        for mail in mails:
            if mail is not None:
                client.hand_back(mail)

    def _reply_to_cut_body(self, error: Exception) -> Reply:
        """Reply of a relay that did not get the whole body; it may have said why before it hung up."""
        try:
            code, text = self._connection.read(0.2)
        except (ConnectionLostError, OSError):
            code, text = 0, ""
        return (
            Reply.of(SmtpStage.BODY, code, text)
            if code >= 400
            else Reply(SmtpStage.BODY, text=_describe(error))
        )

    def _envelope_commands(self, mail: OutgoingMail) -> bytes:
        reset = b"RSET\r\n" if self._needs_reset else b""
        return (
            reset
            + self._extensions.mail_command(mail)
            + self._extensions.rcpt_command(mail)
            + b"DATA\r\n"
        )

    def _give_up(self) -> None:
        self.usable = False


def _describe(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the relay did not answer in time"
    return str(error) or type(error).__name__
