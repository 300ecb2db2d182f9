"""What a person sees: the preview as it is served while templates change, and the bar."""

from __future__ import annotations

import io
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest
from cli.conftest import Terminal

from digest.cli import proofs
from digest.cli.progress import delivery_bar
from digest.delivery.dispatch import Advance


def fetch(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return str(answer.read().decode())


def test_a_served_preview_follows_the_templates(
    digest: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = digest.folder / "templates" / "email"
    own.mkdir(parents=True)
    theme = own / "theme.toml"
    theme.write_text("[brand]\nlogo = 'Before'\n", encoding="utf-8")
    digest.set("DIGEST_TEMPLATES", str(digest.folder / "templates"))
    servers: list[proofs.http.server.ThreadingHTTPServer] = []

    class Kept(proofs.http.server.ThreadingHTTPServer):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)  # type: ignore[arg-type]
            servers.append(self)

    monkeypatch.setattr(proofs.http.server, "ThreadingHTTPServer", Kept)
    preview = threading.Thread(target=digest, args=("preview", "--serve", "--no-open"))
    preview.start()
    until = time.monotonic() + 60
    while not servers and time.monotonic() < until:
        time.sleep(0.05)
    address = f"http://127.0.0.1:{servers[0].server_address[1]}"
    before, stamp = fetch(f"{address}/"), fetch(f"{address}/stamp")
    assert "Before" in before
    theme.write_text("[brand]\nlogo = 'Afterwards'\n", encoding="utf-8")
    assert fetch(f"{address}/stamp") != stamp
    assert "Afterwards" in fetch(f"{address}/")
    theme.write_text("[brand\n", encoding="utf-8")
    broken = fetch(f"{address}/")
    assert "theme.toml" in broken
    servers[0].shutdown()
    preview.join(timeout=30)
    assert not preview.is_alive()


def test_a_folder_that_cannot_be_written_is_one_line(digest: Terminal) -> None:
    Path("file").write_text("in the way", encoding="utf-8")
    answer = digest("preview", "--output", "file")
    assert answer.code == 1
    assert answer.err.count("\n") == 1
    assert "cannot be written" in answer.err


def test_the_bar_shows_on_a_terminal_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    with delivery_bar() as nobody_watches:
        assert nobody_watches is None

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    with delivery_bar() as show:
        assert show is not None
        show(Advance(3, 1, 0, 0, 0, left=6, per_second=120.0))
    assert "3 accepted, 1 deferred, 120/s" in screen.getvalue()
