"""A mail relay with named bad behaviours: the fault laboratory.

A `Sink` is a real server on a loopback port, one thread per connection. Its `Manners` say how it
behaves; every mail it accepted, or may have accepted, is in `Sink.mails`.
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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Received:
    """A mail that reached the sink's disk, so to speak. ``told`` is whether the sender heard so."""

    sender: str
    recipient: str
    content: bytes
    told: bool = True
    options: str = ""


Say = Callable[[str], str | None]
"""Given an address, the reply instead of the usual one, or ``None`` for the usual one."""


def _usual(_: str) -> str | None:
    return None


@dataclass
class Manners:
    """How a sink behaves. Each field is one way to be bad; the defaults are good manners."""

    greeting: str = "220 sink.test ESMTP"
    hello: str | None = None
    features: tuple[str, ...] = ("PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
    users: dict[str, str] = field(default_factory=dict)
    login: str | None = None
    starttls: str | None = None
    mail: Say = _usual
    rcpt: Say = _usual
    data: Say = _usual
    final: Say = _usual
    refuses_connections: bool = False
    cuts_at: str | None = None
    cuts: Callable[[str], bool] = lambda _: True
    silent_at: str | None = None
    delay: float = 0.0
    mails_per_connection: int | None = None
    drops_rest_of_group: bool = False
    takes_body_of_nobody: bool = False


class CutError(Exception):
    """The sink hangs up."""


class Sink:
    """A server on 127.0.0.1 for as long as its ``with`` block lasts."""

    def __init__(
        self,
        manners: Manners | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        keep: bool = True,
    ) -> None:
        self.manners = manners or Manners()
        self.tls = tls
        self.implicit_tls = implicit_tls
        self.keep = keep
        self.mails: list[Received] = []
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
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.manners.refuses_connections:
                _reset(sock)
                return
            if self.implicit_tls and self.tls is not None:
                sock = self._encrypted(sock)
            conversation = _Conversation(self, sock)
            conversation.hold()
        except (OSError, CutError, ssl.SSLError):
            pass
        finally:
            with self.lock:
                self.open -= 1
                self._sockets.discard(sock if conversation is None else conversation.sock)
            sock.close()
            if conversation is not None:
                conversation.sock.close()

    def _encrypted(self, sock: socket.socket) -> ssl.SSLSocket:
        assert self.tls is not None
        with self.lock:
            self._sockets.discard(sock)
        encrypted = self.tls.wrap_socket(sock, server_side=True)
        with self.lock:
            self._sockets.add(encrypted)
        return encrypted


def _reset(sock: socket.socket) -> None:
    """Close with RST, as a firewall would."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


class _Conversation:
    def __init__(self, sink: Sink, sock: socket.socket) -> None:
        self.sink, self.sock, self.manners = sink, sock, sink.manners
        self.buffer = b""
        self.encrypted = isinstance(sock, ssl.SSLSocket)
        self.sender = self.recipient = self.options = ""
        self.taken = 0
        self.welcome = False

    def hold(self) -> None:
        self._at("greeting")
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
                data = first + b"\n" if rest and self.recipient == "" else data
            with self.sink.lock:
                self.sink.groups.append(data[:200])
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line

    def _say(self, reply: str) -> None:
        if self.manners.delay:
            time.sleep(self.manners.delay)
        self.sock.sendall(reply.encode() + b"\r\n")
        if reply.startswith("421"):
            raise CutError

    def _at(self, step: str, about: str = "") -> None:
        """Do what the manners have in store for this step."""
        if step in (self.manners.cuts_at, self.manners.silent_at) and self.manners.cuts(about):
            self._misbehave()

    def _misbehave(self) -> None:
        if self.manners.silent_at is not None:
            while self.sock.recv(65536):
                pass
        else:
            _reset(self.sock)
        raise CutError

    def _ehlo(self, command: str) -> None:
        self._at("hello")
        if self.manners.hello is not None:
            return self._say(self.manners.hello)
        features = list(self.manners.features)
        if self.sink.tls is not None and not self.encrypted:
            features.append("STARTTLS")
        if self.manners.users:
            features.append("AUTH PLAIN LOGIN")
        lines = ["sink.test", *features]
        for line in lines[:-1]:
            self.sock.sendall(f"250-{line}\r\n".encode())
        return self._say(f"250 {lines[-1]}")

    def _helo(self, command: str) -> None:
        self._say(self.manners.hello or "250 sink.test")

    def _starttls(self, command: str) -> None:
        self._at("starttls")
        if self.manners.starttls is not None:
            return self._say(self.manners.starttls)
        self._say("220 go ahead")
        self.sock = self.sink._encrypted(self.sock)
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
        self._at("mail", self.sender)
        limit = self.manners.mails_per_connection
        if limit is not None and self.taken >= limit:
            return self._say("421 4.7.0 too many mails in this connection")
        refusal = self.manners.mail(self.sender)
        self.welcome = refusal is None
        return self._say(refusal or "250 2.1.0 ok")

    def _rcpt(self, command: str) -> None:
        recipient, _ = _path(command)
        if not self.welcome:
            return self._say("503 5.5.1 from whom?")
        self._at("rcpt", recipient)
        refusal = self.manners.rcpt(recipient)
        self.recipient = "" if refusal else recipient
        return self._say(refusal or "250 2.1.5 ok")

    def _data(self, command: str) -> None:
        self._at("data", self.recipient)
        if not self.recipient and not self.manners.takes_body_of_nobody:
            return self._say("503 5.5.1 to whom?")
        refusal = self.manners.data(self.recipient)
        if refusal:
            return self._say(refusal)
        self._say("354 go on")
        return self._take_body()

    def _take_body(self) -> None:
        self._at("body", self.recipient)
        while b"\r\n.\r\n" not in self.buffer and not self.buffer.startswith(b".\r\n"):
            data = self.sock.recv(1 << 20)
            if not data:
                raise CutError
            self.buffer += data
        if self.buffer.startswith(b".\r\n"):
            body, self.buffer = b"", self.buffer[3:]
        else:
            body, _, self.buffer = self.buffer.partition(b"\r\n.\r\n")
            body += b"\r\n"
        content = re.sub(rb"(?m)^\.", b"", body)
        recipient, self.recipient = self.recipient, ""
        if not recipient:
            return self._say("554 5.5.1 no valid recipients")
        refusal = self.manners.final(recipient)
        # What is cut here may have been kept: that is the doubt this laboratory is about.
        cut = "final" in (self.manners.cuts_at, self.manners.silent_at)
        doubtful = cut and self.manners.cuts(recipient)
        if refusal is None:
            mail = Received(
                self.sender,
                recipient,
                content if self.sink.keep else b"",
                told=not doubtful,
                options=self.options,
            )
            with self.sink.lock:
                self.sink.mails.append(mail)
        if doubtful:
            self._misbehave()
        self.taken += 1
        return self._say(refusal or "250 2.0.0 kept")

    def _rset(self, command: str) -> None:
        self.sender = self.recipient = ""
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
