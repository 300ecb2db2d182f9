"""Services on this machine: what each address answers is the test's to say."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from installation import ABOUTS, abstract


@dataclass
class LocalServices:
    """Answers by path: a body, or the status of an error. ``hf`` has the papers of each day."""

    pages: dict[str, str | int] = field(default_factory=dict)
    hf: dict[str, list[dict[str, Any]]] | int = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def endpoints(self) -> str:
        """The setting that leads every service here."""
        schemes = ("hf", "arxiv", "oai.arxiv", "biorxiv")
        return ",".join(f"{scheme}={self.address(scheme)}" for scheme in schemes)

    def address(self, path: str) -> str:
        """An address of this server."""
        return f"http://127.0.0.1:{self.port}/{path}"

    def answer(self, target: str) -> str | int:
        """The body, or the status of an error, for what is asked."""
        self.asked.append(target)
        parts = urlsplit(target)
        if parts.path == "/hf/api/daily_papers":
            if isinstance(self.hf, int):
                return self.hf
            words = {name: value for name, (value,) in parse_qs(parts.query).items()}
            rows = self.hf.get(words.get("date", "latest"), [])
            return json.dumps(rows if words["p"] == "0" else [])
        return self.pages.get(parts.path, 404)


@contextmanager
def local_services() -> Iterator[LocalServices]:
    """Serve until the end of the block."""
    services = LocalServices()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = services.answer(self.path)
            status = answer if isinstance(answer, int) else 200
            body = b"" if isinstance(answer, int) else answer.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *values: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    services.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield services
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def hf_row(letter: str, **more: Any) -> dict[str, Any]:
    """A paper of the known ones, as Hugging Face's API lists it."""
    title, _ = ABOUTS[letter]
    paper = {
        "id": f"2611.{ord(letter):05}",
        "title": title,
        "summary": abstract(letter),
        "authors": [{"name": "Ada Invented"}, {"name": "Ben Made-Up"}],
        "publishedAt": "2026-11-19T00:00:00.000Z",
        "upvotes": ord(letter),
        **more,
    }
    return {"paper": paper, "title": title, "numComments": 2}
