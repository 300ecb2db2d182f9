"""A chat service on this machine that answers as it is told to, and keeps what was posted to it."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from fakes import QuietHttpServer


@dataclass(frozen=True)
class Answer:
    """The answer to one request. ``posts`` says whether the message stands in the channel then.

    ``delay`` are seconds before it, ``close`` ends the connection instead of it.
    """

    status: int = 200
    body: str = "ok"
    headers: Mapping[str, str] = field(default_factory=dict)
    posts: bool = True
    delay: float = 0.0
    close: bool = False


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        fields: dict[str, Any] = json.loads(self.body)
        return fields

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


OK = Answer()


class ChatServer:
    """Listens while it is entered; ``behaviour`` answers each request.

    ``posted`` are the messages in its channels: a repeat with a known ``webhook-id``, or under the
    path of a known Matrix transaction, is dropped as these services do.
    """

    def __init__(self, behaviour: Callable[[Received], Answer] = lambda request: OK) -> None:
        self.behaviour = behaviour
        self.received: list[Received] = []
        self.posted: list[Received] = []
        self._ids: set[str] = set()
        self._lock = threading.Lock()
        self._server = QuietHttpServer(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> ChatServer:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _keep(self, request: Received) -> None:
        id = request.headers.get("webhook-id", "")
        if "/_matrix/" in request.path:
            id = request.path
        with self._lock:
            if not id or id not in self._ids:
                self.posted.append(request)
            self._ids |= {id}

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Nothing is printed."""

            def do_any(self) -> None:
                size = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(size)
                if len(body) < size:
                    return  # whoever sent it is gone
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Received(self.command, self.path, headers, body)
                with server._lock:
                    server.received.append(request)
                answer = server.behaviour(request)
                if answer.posts and answer.status < 400:
                    server._keep(request)
                time.sleep(answer.delay)
                if answer.close:
                    self.close_connection = True
                    return
                octets = answer.body.encode()
                self.send_response(answer.status)
                for name, value in {**answer.headers, "Content-Length": str(len(octets))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(octets)

        for method in ("GET", "POST", "PUT"):
            setattr(Handler, f"do_{method}", Handler.do_any)
        return Handler


def one_after_the_other(*answers: Answer) -> Callable[[Received], Answer]:
    """Answer the first request with the first, and so on; from then on with the last."""
    left = list(answers)
    lock = threading.Lock()

    def behave(_: Received) -> Answer:
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    return behave
