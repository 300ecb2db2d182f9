"""Serve a page that reloads itself while templates are edited, for ``digest preview --serve``."""

from __future__ import annotations

import http.server
import secrets
import webbrowser
from collections.abc import Callable
from html import escape
from pathlib import Path

from digest.cli.console import say
from digest.errors import DigestError

RELOAD = """<script>
let stamp = null;
setInterval(async () => {
  const now = await (await fetch("stamp")).text();
  if (stamp !== null && stamp !== now) location.reload();
  stamp = now;
}, 700);
</script>"""


def serve_page(render: Callable[[], str], folders: tuple[Path, ...], *, browse: bool) -> None:
    """Serve what ``render`` gives until Ctrl-C; a change in ``folders`` reloads it in the browser."""
    # Every user of this machine can connect, but only this terminal shows the path.
    path = f"/{secrets.token_urlsafe(16)}/"
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), _handler(path, render, lambda: _newest_change(folders))
    )
    address = f"http://127.0.0.1:{server.server_address[1]}{path}"
    say(f"serving {address} until Ctrl-C; edit the templates in {folders[0]}")
    if browse:
        webbrowser.open(address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        say("stopped")
    finally:
        server.server_close()


def _newest_change(folders: tuple[Path, ...]) -> str:
    files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
    return str(max((file.stat().st_mtime_ns for file in files), default=0))


def _handler(
    path: str, render: Callable[[], str], stamp: Callable[[], str]
) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == f"{path}stamp":
                self._answer(stamp(), "text/plain")
                return
            if self.path != path:
                self.send_error(404)
                return
            try:
                page = render()
            except DigestError as error:
                page = f"<!doctype html><title>Cannot render</title><pre>{escape(str(error))}</pre>"
            self._answer(page + RELOAD, "text/html")

        def _answer(self, body: str, kind: str) -> None:
            content = body.encode()
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the terminal for what the person asked for."""

    return Handler
