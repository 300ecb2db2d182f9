"""Open sessions with a relay: connect, check who it is, encrypt, log in.

There is no fallback anywhere: STARTTLS that is missing or fails ends the connection, a certificate
that does not verify ends it too, and a password leaves in the clear only where the operator said
that nothing is to be encrypted.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from digest.bounded_reader import BoundedReader
from digest.delivery.connection import AHEAD, LONGEST_REPLY
from digest.delivery.retry import Reply, SmtpStage
from digest.delivery.session import Session, Timeouts
from digest.errors import ConfigurationError, RelayUnavailableError
from digest.tls import Security, verifying_context
from digest.visible import visible


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """Relay that mail goes out by, and how to reach it. ``ca_file`` replaces the system's authorities (PEM).

    ``local_name`` is what EHLO says; by default this machine's full name. ``pipelining`` may be
    switched off for a relay that offers what it cannot do.
    """

    host: str
    port: int
    security: Security = Security.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    local_name: str | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    pipelining: bool = True
    mails_per_connection: int = 10_000


class _BoundedClient(smtplib.SMTP):
    """SMTP client that reads replies within a budget, and cleaned of what steers a terminal.

    smtplib itself takes lines without end into memory, and any number of hours for them.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        self.reader = BoundedReader()
        super().__init__(*args, **named)

    def send(self, s: Any) -> None:
        """Send as `smtplib` does, unless the relay spoke already: then no reply fits its command."""
        if self.reader.ahead:
            self.close()
            raise smtplib.SMTPServerDisconnected(AHEAD)
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """Read a reply as `smtplib` does: a code, -1 where there is none, and the lines of the text."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("please run connect() first")
        self.reader.allow(LONGEST_REPLY, self.timeout)
        lines: list[str] = []
        while True:
            try:
                line = self.reader.line(self.sock, LONGEST_REPLY)
            except TimeoutError as error:
                self.close()
                raise smtplib.SMTPServerDisconnected("the relay did not answer in time") from error
            except OSError as error:
                self.close()
                raise smtplib.SMTPServerDisconnected(str(error)) from error
            if not line:
                self.close()
                raise smtplib.SMTPServerDisconnected("the relay closed the connection")
            lines.append(visible(line[4:].strip().decode("utf-8", "replace")))
            if not line[:3].isdigit() or line[3:4] != b"-":
                code = int(line[:3]) if line[:3].isdigit() else -1
                return code, "\n".join(lines).encode()


class _EncryptedClient(_BoundedClient, smtplib.SMTP_SSL):
    """SMTP client encrypted from the first octet."""


class _Closable(Protocol):
    def close(self) -> None: ...


class NoSessionError(RelayUnavailableError):
    """No session with the relay could be opened; ``reply`` says at which stage."""

    def __init__(self, reply: Reply, relay: RelaySettings) -> None:
        self.reply = reply
        super().__init__(
            f"no session at {reply.stage}: {reply.summary}", where=f"{relay.host}:{relay.port}"
        )


class SmtpTransport:
    """Source of sessions with one relay. May be shared by threads."""

    def __init__(self, relay: RelaySettings) -> None:
        self.relay = relay
        self._context = (
            None if relay.security is Security.NONE else verifying_context(relay.ca_file)
        )
        self._local_name = relay.local_name or socket.getfqdn()
        self._pipelining = relay.pipelining

    def open(self) -> Session:
        """Open a session ready for mail. Raises `NoSessionError`."""
        smtp = self._open_client()
        sock = smtp.sock
        if sock is None:
            raise NoSessionError(Reply(SmtpStage.HELLO, text="the relay hung up"), self.relay)
        if smtp.reader.ahead:
            smtp.close()
            raise NoSessionError(Reply(SmtpStage.HELLO, text=AHEAD), self.relay)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Session(
            sock,
            smtp.esmtp_features,
            timeouts=self.relay.timeouts,
            pipelining=self._pipelining,
            no_pipelining=self._disable_pipelining,
        )

    def closed(self, session: _Closable) -> None:
        """Close a session that is not needed any more."""
        session.close()

    def _disable_pipelining(self) -> None:
        self._pipelining = False

    def verify(self) -> tuple[str, ...]:
        """Open a session, close it, and return what was found, a line each.

        Raises `NoSessionError`.
        """
        smtp = self._open_client()
        sock = smtp.sock
        facts = [f"{self.relay.host}:{self.relay.port} answers"]
        if isinstance(sock, ssl.SSLSocket):
            facts.append(f"encrypted with {sock.version()}, certificate verified")
        else:
            facts.append("NOT encrypted, as configured")
        if self.relay.username is not None:
            facts.append(f"logged in as {self.relay.username}")
        offered = ", ".join(sorted(name.upper() for name in smtp.esmtp_features))
        facts.append(f"offers {offered or 'no extensions'}")
        try:
            smtp.quit()
        except (smtplib.SMTPException, OSError):
            smtp.close()
        return tuple(facts)

    def _open_client(self) -> _BoundedClient:
        smtp: _BoundedClient | None = None
        stage = SmtpStage.CONNECT
        try:
            smtp = self._greet()
            stage = SmtpStage.HELLO
            smtp.ehlo_or_helo_if_needed()
            if self.relay.security is Security.STARTTLS:
                stage = SmtpStage.TLS
                code, text = smtp.starttls(context=self._context)
                if code != 220:
                    raise smtplib.SMTPResponseException(code, text)
                stage = SmtpStage.HELLO
                smtp.ehlo_or_helo_if_needed()
            if self.relay.username is not None:
                stage = SmtpStage.LOGIN
                self._log_in(smtp)
        except (smtplib.SMTPException, OSError) as error:
            if smtp is not None:
                smtp.close()
            raise NoSessionError(_reply_of_error(error, stage), self.relay) from error
        except BaseException:
            if smtp is not None:
                smtp.close()
            raise
        return smtp

    def _greet(self) -> _BoundedClient:
        relay, patience = self.relay, self.relay.timeouts.greeting
        if relay.security is Security.TLS:
            return _EncryptedClient(
                relay.host, relay.port, self._local_name, timeout=patience, context=self._context
            )
        return _BoundedClient(relay.host, relay.port, self._local_name, timeout=patience)

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.login(self.relay.username or "", self.relay.password or "")
        except UnicodeError as error:
            raise ConfigurationError(
                "the relay's user name or password has letters beyond ASCII",
                mend="Choose another password",
            ) from error


def _unverified(error: ssl.SSLCertVerificationError) -> str:
    """Tell why a certificate does not verify, and what an operator does about a private authority."""
    return (
        f"its certificate does not verify: {error.verify_message}. If its authority is a private "
        "one, name its certificates in DIGEST_SMTP_CA_FILE"
    )


def _reply_of_error(error: Exception, stage: SmtpStage) -> Reply:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Reply(SmtpStage.TLS, text=_unverified(error))
    if isinstance(error, ssl.SSLError):
        return Reply(SmtpStage.TLS, text=f"encryption failed: {error.reason or error}")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        missing = "STARTTLS" if stage is SmtpStage.TLS else "a login that both sides know"
        return Reply(stage, text=f"the relay does not offer {missing}")
    if isinstance(error, smtplib.SMTPConnectError):
        stage = SmtpStage.GREETING
    if isinstance(error, smtplib.SMTPServerDisconnected) and stage is SmtpStage.CONNECT:
        stage = SmtpStage.GREETING
    if isinstance(error, smtplib.SMTPResponseException):
        return _reply_of_response(stage, error)
    if isinstance(error, TimeoutError):
        return Reply(stage, text="the relay did not answer in time")
    return Reply(stage, text=str(error) or type(error).__name__)


def _reply_of_response(stage: SmtpStage, error: smtplib.SMTPResponseException) -> Reply:
    raw = error.smtp_error
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    if error.smtp_code < 200:
        return Reply(stage, text=f"the relay does not speak SMTP: {text}")
    return Reply.of(stage, error.smtp_code, text)
