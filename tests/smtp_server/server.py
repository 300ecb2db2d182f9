"""A mail relay with named bad behaviours: the fault laboratory.

A `Sink` is a real server on a loopback port, one thread per connection. Its `Manners` say how it
behaves; every mail it accepted, or may have accepted, is in `Sink.mails`, every envelope it was
offered in `Sink.attempts`, and what it did wrong is counted in `Sink.misdeeds`.
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

from smtp_server.behaviours import Attempt, Manners, Received, fingerprint

_DEEDS = {"cut": "hung up", "lose": "hung up and lost the mail", "silence": "fell silent"}
_SIP = 8192
_ESTABLISHED = 1
_MESSAGE_ID = re.compile(rb"(?mi)^Message-ID: *<([^>\r\n]*)>")


class CutError(Exception):
    """The sink hangs up."""


class Sink:
    """A server on 127.0.0.1 for as long as its ``with`` block lasts."""

    def __init__(
        self,
        manners: Manners | Callable[[], Manners] | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        keep: bool = True,
    ) -> None:
        self._mood = manners if callable(manners) else None
        self.manners = Manners() if manners is None or callable(manners) else manners
        self.tls = tls
        self.implicit_tls = implicit_tls
        self.keep = keep
        self.mails: list[Received] = []
        self.attempts: list[Attempt] = []
        self.misdeeds: Counter[str] = Counter()
        self._clients: dict[str, set[_Conversation]] = defaultdict(set)
        self.most_of_one_client = 0
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
        """What that address got."""
        return [mail for mail in self.mails if mail.recipient == recipient]

    def count(self, misdeed: str) -> None:
        """The sink did that to somebody."""
        with self.lock:
            self.misdeeds[misdeed] += 1

    def talks_to(self, client: str) -> bool:
        """Whether a conversation with that client, or with what it left behind, still goes on."""
        with self.lock:
            return bool(self._clients[client])

    def joined(self, conversation: _Conversation) -> None:
        """Its client has said its name."""
        with self.lock:
            held = self._clients[conversation.client]
            held.add(conversation)
            count = sum(_is_open(one.sock) for one in held)
            self.most_of_one_client = max(self.most_of_one_client, count)

    def left(self, conversation: _Conversation) -> None:
        """And it is over."""
        with self.lock:
            self._clients[conversation.client].discard(conversation)

    def manners_of_the_moment(self) -> Manners:
        """How to treat the next connection."""
        return self.manners if self._mood is None else self._mood()

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
        conversation: _Conversation | None = None
        manners = self.manners_of_the_moment()
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if manners.refuses_connections:
                self.count("refused the connection")
                _reset(sock)
                return
            if manners.sips:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
            if self.implicit_tls and self.tls is not None:
                sock = self._encrypted(sock, self.tls)
            conversation = _Conversation(self, sock, manners)
            conversation.hold()
        except (OSError, CutError, ssl.SSLError):
            pass
        finally:
            if conversation is not None:
                conversation.end()
            with self.lock:
                self.open -= 1
                self._sockets.discard(sock if conversation is None else conversation.sock)
            sock.close()
            if conversation is not None:
                conversation.sock.close()

    def _encrypted(self, sock: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
        with self.lock:
            self._sockets.discard(sock)
        encrypted = context.wrap_socket(sock, server_side=True)
        with self.lock:
            self._sockets.add(encrypted)
        return encrypted


def _is_open(sock: socket.socket) -> bool:
    """Whether the other side still holds the connection, whatever we have read of it so far."""
    try:
        return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == _ESTABLISHED
    except OSError:
        return False


def _reset(sock: socket.socket) -> None:
    """Close with RST, as a firewall would."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


class _Conversation:
    def __init__(self, sink: Sink, sock: socket.socket, manners: Manners) -> None:
        self.sink, self.sock, self.manners = sink, sock, manners
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
            self.sink.left(self)
        self._over()

    def _over(self) -> None:
        """Nothing more will become of the last envelope."""
        if self.attempt is not None:
            self.attempt.over = True
            self.answered.append(self.attempt)
        self.attempt = None

    def hold(self) -> None:
        self._at("greeting")
        if not self.manners.greeting.startswith("220"):
            self.sink.count(f"greeted with {self.manners.greeting[:3]}")
        self._say(self.manners.greeting)
        while (line := self._line()) is not None:
            command = line.decode("utf-8", "replace").rstrip("\r\n")
            with self.sink.lock:
                self.sink.commands.append(command)
            verb = command.split(" ", 1)[0].split(":", 1)[0].upper()
            handler = getattr(self, f"_{verb.lower()}", None)
            if handler is None:
                self._say("502 5.5.1 what?")
            elif handler(command) is False:
                return

    def _line(self) -> bytes | None:
        while b"\n" not in self.buffer:
            data = self.sock.recv(65536)
            if not data:
                return None
            if self.manners.drops_rest_of_group:
                first, _, rest = data.partition(b"\n")
                if rest and self.recipient == "":
                    data = first + b"\n"
                    self.sink.count("offered pipelining and dropped a group")
            with self.sink.lock:
                self.sink.groups.append(data[:200])
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line

    def _say(self, reply: str) -> None:
        if self.manners.delay:
            self.sink.count("answered slowly")
            time.sleep(self.manners.delay)
        self.sock.sendall(reply.encode() + b"\r\n")
        if reply.startswith("421"):
            raise CutError

    def _whim(self, step: str, about: str) -> str | None:
        """What the manners have in store for this step."""
        whim = self.manners.whim(step, about)
        if whim is None and step in (self.manners.cuts_at, self.manners.silent_at):
            hit = self.manners.cuts(about)
            whim = ("cut" if self.manners.silent_at is None else "silence") if hit else None
        return whim

    def _at(self, step: str, about: str = "") -> None:
        whim = self._whim(step, about)
        if whim is not None:
            self._misbehave(step, whim)

    def _misbehave(self, step: str, whim: str) -> None:
        self.sink.count(f"{_DEEDS[whim]} at {step}")
        if self.attempt is not None:
            self.attempt.fault = f"{whim} at {step}"
        if whim == "silence":
            while self.sock.recv(65536):
                pass
        else:
            _reset(self.sock)
        raise CutError

    def _refuse(self, step: str, reply: str) -> None:
        self.sink.count(f"{reply[:3]} at {step}")
        if self.attempt is not None:
            self.attempt.reply = reply
        self._say(reply)

    def _called(self, command: str) -> None:
        if not self.client:
            self.client = command.partition(" ")[2].strip()
            self.sink.joined(self)

    def _ehlo(self, command: str) -> None:
        self._at("hello")
        self._called(command)
        if self.manners.hello is not None:
            return self._refuse("hello", self.manners.hello)
        features = list(self.manners.features)
        if self.sink.tls is not None and not self.encrypted:
            if self.manners.strips_starttls:
                self.sink.count("stripped STARTTLS")
            else:
                features.append("STARTTLS")
        if self.manners.users:
            features.append("AUTH PLAIN LOGIN")
        lines = ["sink.test", *features]
        for line in lines[:-1]:
            self.sock.sendall(f"250-{line}\r\n".encode())
        return self._say(f"250 {lines[-1]}")

    def _helo(self, command: str) -> None:
        self._called(command)
        self._say(self.manners.hello or "250 sink.test")

    def _starttls(self, command: str) -> None:
        self._at("starttls")
        if self.manners.starttls is not None:
            return self._say(self.manners.starttls)
        self._say("220 go ahead")
        context = self.manners.stranger or self.sink.tls
        assert context is not None
        if context is self.manners.stranger:
            self.sink.count("showed a stranger's certificate")
        self.sock = self.sink._encrypted(self.sock, context)
        self.encrypted = True
        return None

    def _auth(self, command: str) -> None:
        self._at("login")
        decoded = base64.b64decode(command.split()[-1]).decode().split("\0")
        name, password = decoded[-2], decoded[-1]
        good = self.manners.users.get(name) == password
        self._say(self.manners.login or ("235 2.7.0 welcome" if good else "535 5.7.8 wrong"))

    def _mail(self, command: str) -> None:
        self.sender, self.options = _path(command)
        self._over()
        if self.in_mail:
            # RFC 5321 §4.1.4; a client that goes on after a refusal must say RSET.
            return self._say("503 5.5.1 one mail at a time")
        self._at("mail", self.sender)
        limit = self.manners.mails_per_connection
        if limit is not None and self.taken >= limit:
            return self._refuse("mail", "421 4.7.0 too many mails in this connection")
        refusal = self.manners.mail(self.sender)
        self.welcome = self.in_mail = refusal is None
        if refusal:
            return self._refuse("mail", refusal)
        return self._say("250 2.1.0 ok")

    def _rcpt(self, command: str) -> None:
        recipient, _ = _path(command)
        if not self.welcome:
            return self._say("503 5.5.1 from whom?")
        self._over()
        self.attempt = Attempt(self.client, self.sender, recipient)
        with self.sink.lock:
            self.sink.attempts.append(self.attempt)
        self._at("rcpt", recipient)
        refusal = self.manners.rcpt(recipient)
        self.recipient = "" if refusal else recipient
        if refusal:
            return self._refuse("rcpt", refusal)
        return self._say("250 2.1.5 ok")

    def _data(self, command: str) -> None:
        self._at("data", self.recipient)
        if not self.recipient and not self.manners.takes_body_of_nobody:
            return self._say("503 5.5.1 to whom?")
        refusal = self.manners.data(self.recipient)
        if refusal:
            return self._refuse("data", refusal)
        attempt = self.attempt if self.recipient else None
        if attempt is None:
            self.sink.count("waited for the body of nobody")
            attempt = Attempt(self.client, self.sender, "")
        attempt.agreed = True
        self._say("354 go on")
        return self._take_body(attempt)

    def _begins(self, attempt: Attempt) -> None:
        """A body shows that its client has read every answer before it."""
        attempt.begun = True
        for one in self.answered:
            one.heard = one is not attempt
        self.answered = [attempt]

    def _take_body(self, attempt: Attempt) -> None:
        self._at("body", self.recipient)
        while b"\r\n.\r\n" not in self.buffer and not self.buffer.startswith(b".\r\n"):
            data = self.sock.recv(_SIP if self.manners.sips else 1 << 20)
            if not data:
                raise CutError
            self._begins(attempt)
            self.buffer += data
            if self.manners.sips:
                time.sleep(0.003)
        self._begins(attempt)
        attempt.whole = True
        if self.manners.sips:
            self.sink.count("read slowly")
        if self.buffer.startswith(b".\r\n"):
            body, self.buffer = b"", self.buffer[3:]
        else:
            body, _, self.buffer = self.buffer.partition(b"\r\n.\r\n")
            body += b"\r\n"
        content = re.sub(rb"(?m)^\.", b"", body)
        recipient, self.recipient = self.recipient, ""
        self.in_mail = False
        if not recipient:
            return self._say("554 5.5.1 no valid recipients")
        refusal = self.manners.final(recipient)
        # What is cut here may have been kept: that is the doubt this laboratory is about.
        whim = self._whim("final", recipient)
        if refusal is None and whim != "lose":
            self._keep(attempt, content, told=whim is None)
        if whim is not None:
            self._misbehave("final", whim)
        self.taken += 1
        if refusal:
            return self._refuse("final", refusal)
        attempt.reply = "250 2.0.0 kept"
        return self._say(attempt.reply)

    def _keep(self, attempt: Attempt, content: bytes, *, told: bool) -> None:
        kept = content if self.sink.keep else b""
        mail = Received(self.sender, attempt.recipient, kept, told=told, options=self.options)
        found = _MESSAGE_ID.search(content)
        attempt.message_id = found.group(1).decode() if found else ""
        attempt.digest = fingerprint(content)
        with self.sink.lock:
            attempt.kept, attempt.at = True, time.monotonic()
            self.sink.mails.append(mail)

    def _rset(self, command: str) -> None:
        self.sender = self.recipient = ""
        self.in_mail = False
        self._say("250 2.0.0 ok")

    def _noop(self, command: str) -> None:
        self._at("noop")
        self._say("250 2.0.0 ok")

    def _quit(self, command: str) -> bool:
        self._say("221 2.0.0 bye")
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
