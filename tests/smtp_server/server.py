"""An SMTP server for tests that misbehaves on request (RFC 5321).

A `Sink` is a real server on a loopback port, one thread per connection. Its `Behaviour` names its
faults; every mail it accepted, or may have accepted, is in `Sink.mails`, every envelope it was
offered in `Sink.attempts`, and each fault it showed is counted in `Sink.fault_counts`.
"""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import ssl
import struct
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from smtp_server.behaviours import Attempt, Behaviour, Received, fingerprint

_FAULT_NAMES = {"cut": "hung up", "lose": "hung up and lost the mail", "silence": "fell silent"}
_SLOW_READ = 8192
_ESTABLISHED = 1
_MESSAGE_ID = re.compile(rb"(?mi)^Message-ID: *<([^>\r\n]*)>")


class DisconnectError(Exception):
    """The server disconnects."""


class Sink:
    """A server on 127.0.0.1 for as long as its ``with`` block lasts."""

    def __init__(
        self,
        behaviour: Behaviour | Callable[[], Behaviour] | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        keep_content: bool = True,
    ) -> None:
        self._choose_behaviour = behaviour if callable(behaviour) else None
        self.behaviour = Behaviour() if behaviour is None or callable(behaviour) else behaviour
        self.tls = tls
        self.implicit_tls = implicit_tls
        self.keep_content = keep_content
        self.mails: list[Received] = []
        self.attempts: list[Attempt] = []
        self.fault_counts: Counter[str] = Counter()
        self._clients: dict[str, set[_Session]] = defaultdict(set)
        self.most_connections_of_one_client = 0
        self.commands: list[str] = []
        self.groups: list[bytes] = []
        self.connections = 0
        self.open = 0
        self.most_open = 0
        self.lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Sink:
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self.lock:
            for sock in self._sockets:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        for thread in self._threads:
            thread.join()

    def mailbox(self, recipient: str) -> list[Received]:
        """List the mails that address got."""
        return [mail for mail in self.mails if mail.recipient == recipient]

    def count_fault(self, fault: str) -> None:
        """Count a fault that was shown to a client."""
        with self.lock:
            self.fault_counts[fault] += 1

    def has_session_with(self, client: str) -> bool:
        """True while a session with that client, or with data it left behind, still goes on."""
        with self.lock:
            return bool(self._clients[client])

    def add_session(self, session: _Session) -> None:
        """Add a session whose client has said its name (EHLO)."""
        with self.lock:
            sessions = self._clients[session.client]
            sessions.add(session)
            connections = sum(_is_open(each.sock) for each in sessions)
            self.most_connections_of_one_client = max(
                self.most_connections_of_one_client, connections
            )

    def remove_session(self, session: _Session) -> None:
        """Remove a session that has ended."""
        with self.lock:
            self._clients[session.client].discard(session)

    def next_behaviour(self) -> Behaviour:
        """Choose the behaviour on the next connection."""
        return self.behaviour if self._choose_behaviour is None else self._choose_behaviour()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with self.lock:
            self.connections += 1
            self.open += 1
            self.most_open = max(self.most_open, self.open)
            self._sockets.add(sock)
        session: _Session | None = None
        behaviour = self.next_behaviour()
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if behaviour.refuses_connections:
                self.count_fault("refused the connection")
                _reset(sock)
                return
            if behaviour.reads_slowly:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
            if self.implicit_tls and self.tls is not None:
                sock = self._encrypted(sock, self.tls)
            session = _Session(self, sock, behaviour)
            session.run()
        except (OSError, DisconnectError, ssl.SSLError):
            pass
        finally:
            if session is not None:
                session.end()
            with self.lock:
                self.open -= 1
                self._sockets.discard(sock if session is None else session.sock)
            sock.close()
            if session is not None:
                session.sock.close()

    def _encrypted(self, sock: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
        with self.lock:
            self._sockets.discard(sock)
        encrypted = context.wrap_socket(sock, server_side=True)
        with self.lock:
            self._sockets.add(encrypted)
        return encrypted


def _is_open(sock: socket.socket) -> bool:
    """True if the client still holds the connection, whatever we have read of it so far."""
    try:
        return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == _ESTABLISHED
    except OSError:
        return False


def _reset(sock: socket.socket) -> None:
    """Close with RST, as a firewall would."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


class _Session:
    def __init__(self, sink: Sink, sock: socket.socket, behaviour: Behaviour) -> None:
        self.sink, self.sock, self.behaviour = sink, sock, behaviour
        self.buffer = b""
        self.client = ""
        self.attempt: Attempt | None = None
        self.answered: list[Attempt] = []
        self.in_mail = False
        self.encrypted = isinstance(sock, ssl.SSLSocket)
        self.sender = self.recipient = self.options = ""
        self.taken = 0
        self.welcome = False

    def end(self) -> None:
        if self.client:
            self.sink.remove_session(self)
        self._over()

    def _over(self) -> None:
        """Close the last envelope: nothing more will happen to it."""
        if self.attempt is not None:
            self.attempt.closed = True
            self.answered.append(self.attempt)
        self.attempt = None

    def run(self) -> None:
        self._apply_fault("greeting")
        if not self.behaviour.greeting.startswith("220"):
            self.sink.count_fault(f"greeted with {self.behaviour.greeting[:3]}")
        self._reply(self.behaviour.greeting)
        while (line := self._line()) is not None:
            command = line.decode("utf-8", "replace").rstrip("\r\n")
            with self.sink.lock:
                self.sink.commands.append(command)
            verb = command.split(" ", 1)[0].split(":", 1)[0].upper()
            handler = getattr(self, f"_{verb.lower()}", None)
            if handler is None:
                self._reply("502 5.5.1 what?")
            elif handler(command) is False:
                return

    def _line(self) -> bytes | None:
        while b"\n" not in self.buffer:
            data = self.sock.recv(65536)
            if not data:
                return None
            if self.behaviour.drops_pipelined_commands:
                first, _, rest = data.partition(b"\n")
                if rest and self.recipient == "":
                    data = first + b"\n"
                    self.sink.count_fault("dropped pipelined commands")
            with self.sink.lock:
                self.sink.groups.append(data[:200])
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line

    def _reply(self, reply: str) -> None:
        if self.behaviour.delay:
            self.sink.count_fault("answered slowly")
            time.sleep(self.behaviour.delay)
        self.sock.sendall(reply.encode() + b"\r\n")
        if reply.startswith("421"):
            raise DisconnectError

    def _fault_at(self, step: str, about: str) -> str | None:
        """Choose the fault to show at this step, if any."""
        fault = self.behaviour.fault_at(step, about)
        if fault is None and step in (self.behaviour.disconnects_at, self.behaviour.silent_at):
            hit = self.behaviour.disconnects_for(about)
            fault = ("cut" if self.behaviour.silent_at is None else "silence") if hit else None
        return fault

    def _apply_fault(self, step: str, about: str = "") -> None:
        fault = self._fault_at(step, about)
        if fault is not None:
            self._show_fault(step, fault)

    def _show_fault(self, step: str, fault: str) -> None:
        self.sink.count_fault(f"{_FAULT_NAMES[fault]} at {step}")
        if self.attempt is not None:
            self.attempt.fault = f"{fault} at {step}"
        if fault == "silence":
            while self.sock.recv(65536):
                pass
        else:
            _reset(self.sock)
        raise DisconnectError

    def _refuse(self, step: str, reply: str) -> None:
        self.sink.count_fault(f"{reply[:3]} at {step}")
        if self.attempt is not None:
            self.attempt.reply = reply
        self._reply(reply)

    def _note_client(self, command: str) -> None:
        if not self.client:
            self.client = command.partition(" ")[2].strip()
            self.sink.add_session(self)

    def _ehlo(self, command: str) -> None:
        self._apply_fault("hello")
        self._note_client(command)
        if self.behaviour.hello is not None:
            return self._refuse("hello", self.behaviour.hello)
        features = list(self.behaviour.features)
        if self.sink.tls is not None and not self.encrypted:
            if self.behaviour.hides_starttls:
                self.sink.count_fault("hid STARTTLS")
            else:
                features.append("STARTTLS")
        if self.behaviour.users:
            features.append("AUTH PLAIN LOGIN")
        lines = ["sink.test", *features]
        for line in lines[:-1]:
            self.sock.sendall(f"250-{line}\r\n".encode())
        return self._reply(f"250 {lines[-1]}")

    def _helo(self, command: str) -> None:
        self._note_client(command)
        self._reply(self.behaviour.hello or "250 sink.test")

    def _starttls(self, command: str) -> None:
        self._apply_fault("starttls")
        if self.behaviour.starttls is not None:
            return self._reply(self.behaviour.starttls)
        self._reply("220 go ahead")
        context = self.behaviour.other_certificate or self.sink.tls
        assert context is not None
        if context is self.behaviour.other_certificate:
            self.sink.count_fault("showed another certificate")
        self.sock = self.sink._encrypted(self.sock, context)
        self.encrypted = True
        return None

    def _auth(self, command: str) -> None:
        self._apply_fault("login")
        decoded = base64.b64decode(command.split()[-1]).decode().split("\0")
        name, password = decoded[-2], decoded[-1]
        good = self.behaviour.users.get(name) == password
        self._reply(self.behaviour.login or ("235 2.7.0 welcome" if good else "535 5.7.8 wrong"))

    def _mail(self, command: str) -> None:
        self.sender, self.options = _path(command)
        self._over()
        if self.in_mail:
            # RFC 5321 §4.1.4; a client that goes on after a refusal must say RSET.
            return self._reply("503 5.5.1 one mail at a time")
        self._apply_fault("mail", self.sender)
        limit = self.behaviour.mails_per_connection
        if limit is not None and self.taken >= limit:
            return self._refuse("mail", "421 4.7.0 too many mails in this connection")
        refusal = self.behaviour.mail(self.sender)
        self.welcome = self.in_mail = refusal is None
        if refusal:
            return self._refuse("mail", refusal)
        return self._reply("250 2.1.0 ok")

    def _rcpt(self, command: str) -> None:
        recipient, _ = _path(command)
        if not self.welcome:
            return self._reply("503 5.5.1 from whom?")
        self._over()
        self.attempt = Attempt(self.client, self.sender, recipient)
        with self.sink.lock:
            self.sink.attempts.append(self.attempt)
        self._apply_fault("rcpt", recipient)
        refusal = self.behaviour.rcpt(recipient)
        self.recipient = "" if refusal else recipient
        if refusal:
            return self._refuse("rcpt", refusal)
        return self._reply("250 2.1.5 ok")

    def _data(self, command: str) -> None:
        self._apply_fault("data", self.recipient)
        if not self.recipient and not self.behaviour.accepts_data_without_recipient:
            return self._reply("503 5.5.1 to whom?")
        refusal = self.behaviour.data(self.recipient)
        if refusal:
            return self._refuse("data", refusal)
        attempt = self.attempt if self.recipient else None
        if attempt is None:
            self.sink.count_fault("took a body without a recipient")
            attempt = Attempt(self.client, self.sender, "")
        attempt.data_accepted = True
        self._reply("354 go on")
        return self._take_body(attempt)

    def _begins(self, attempt: Attempt) -> None:
        """Note that a body began: so its client has read every reply before it."""
        attempt.body_begun = True
        for attempt in self.answered:
            attempt.reply_seen = attempt is not attempt
        self.answered = [attempt]

    def _take_body(self, attempt: Attempt) -> None:
        self._apply_fault("body", self.recipient)
        while b"\r\n.\r\n" not in self.buffer and not self.buffer.startswith(b".\r\n"):
            data = self.sock.recv(_SLOW_READ if self.behaviour.reads_slowly else 1 << 20)
            if not data:
                raise DisconnectError
            self._begins(attempt)
            self.buffer += data
            if self.behaviour.reads_slowly:
                time.sleep(0.003)
        self._begins(attempt)
        attempt.body_complete = True
        if self.behaviour.reads_slowly:
            self.sink.count_fault("read slowly")
        if self.buffer.startswith(b".\r\n"):
            body, self.buffer = b"", self.buffer[3:]
        else:
            body, _, self.buffer = self.buffer.partition(b"\r\n.\r\n")
            body += b"\r\n"
        content = re.sub(rb"(?m)^\.", b"", body)
        recipient, self.recipient = self.recipient, ""
        self.in_mail = False
        if not recipient:
            return self._reply("554 5.5.1 no valid recipients")
        refusal = self.behaviour.final(recipient)
        # A mail cut off here may have been stored: the state `unknown` exists for this.
        fault = self._fault_at("final", recipient)
        if refusal is None and fault != "lose":
            self._keep(attempt, content, acknowledged=fault is None)
        if fault is not None:
            self._show_fault("final", fault)
        self.taken += 1
        if refusal:
            return self._refuse("final", refusal)
        attempt.reply = "250 2.0.0 kept"
        return self._reply(attempt.reply)

    def _keep(self, attempt: Attempt, content: bytes, *, acknowledged: bool) -> None:
        stored = content if self.sink.keep_content else b""
        mail = Received(
            self.sender, attempt.recipient, stored, acknowledged=acknowledged, options=self.options
        )
        found = _MESSAGE_ID.search(content)
        attempt.message_id = found.group(1).decode() if found else ""
        attempt.digest = fingerprint(content)
        with self.sink.lock:
            attempt.stored, attempt.at = True, time.monotonic()
            self.sink.mails.append(mail)

    def _rset(self, command: str) -> None:
        self.sender = self.recipient = ""
        self.in_mail = False
        self._reply("250 2.0.0 ok")

    def _noop(self, command: str) -> None:
        self._apply_fault("noop")
        self._reply("250 2.0.0 ok")

    def _quit(self, command: str) -> bool:
        self._reply("221 2.0.0 bye")
        return False


def _path(command: str) -> tuple[str, str]:
    found = re.search(r"<([^>]*)>\s*(.*)", command)
    assert found is not None, command
    return found.group(1), found.group(2)


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]
