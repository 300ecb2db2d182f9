"""What a person sees: the preview as it is served while templates change, and the bar."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from cli.conftest import Terminal
from processes import PROGRAM

from digest.cli.progress import delivery_bar
from digest.delivery.progress import SendProgress


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
    servers: list[ThreadingHTTPServer] = []
    monkeypatch.setattr(
        "digest.cli.preview_server.secrets.token_urlsafe", lambda _: "path-of-this-test"
    )

    class Kept(ThreadingHTTPServer):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            servers.append(self)

    monkeypatch.setattr("digest.cli.preview_server.http.server.ThreadingHTTPServer", Kept)
    preview = threading.Thread(target=digest, args=("preview", "--serve", "--no-open"))
    preview.start()
    until = time.monotonic() + 60
    while not servers and time.monotonic() < until:
        time.sleep(0.05)
    origin = f"http://127.0.0.1:{servers[0].server_address[1]}"
    for unknown in ("/", "/stamp", "/other/", "/path-of-this-test/../"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            fetch(f"{origin}{unknown}")
    address = f"{origin}/path-of-this-test"
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
        show(SendProgress(3, 1, 0, 0, 0, left=6, per_second=120.0))
    assert "3 accepted, 1 deferred, 120/s" in screen.getvalue()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_preview_for_a_reader_is_readable_by_its_owner_only(
    digest: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest("subscribers", "add", "--confirmed", "ada@example.org")
    monkeypatch.setenv("XDG_CACHE_HOME", str(digest.folder / "cache"))
    old = os.umask(0)
    try:
        answer = digest("preview", "--for", "ada@example.org", "--output", "new/out")
        page = digest("preview", "--for", "ada@example.org", "--no-open", "--json").json["written"]
    finally:
        os.umask(old)
    assert "act for ada@example.org" in answer.out
    for name in ("digest.html", "digest.txt", "digest.eml"):
        assert mode(Path("new/out") / name) == 0o600
    assert mode(Path("new/out")) == 0o700
    assert mode(Path(page)) == 0o600
    assert mode(Path(page).parent) == 0o700


def test_a_preview_replaces_what_stood_there_and_writes_through_no_link(digest: Terminal) -> None:
    out, elsewhere = Path("out"), Path("elsewhere")
    out.mkdir()
    elsewhere.write_text("untouched")
    (out / "digest.html").symlink_to(elsewhere.absolute())
    (out / "digest.txt").write_text("old")
    (out / "digest.txt").chmod(0o644)
    assert digest("preview", "--output", "out").code == 0
    assert elsewhere.read_text() == "untouched"
    assert "</html>" in (out / "digest.html").read_text()
    assert mode(out / "digest.txt") == 0o600
    assert sorted(one.name for one in out.iterdir()) == ["digest.eml", "digest.html", "digest.txt"]


def test_an_export_is_readable_by_its_owner_only(digest: Terminal) -> None:
    digest("subscribers", "add", "--confirmed", "ada@example.org")
    Path("readers.csv").touch(mode=0o644)
    assert digest("subscribers", "export", "readers.csv").code == 0
    assert mode(Path("readers.csv")) == 0o600
    assert "ada@example.org" in Path("readers.csv").read_text()


def test_an_export_into_shared_memory_is_readable_by_its_owner_only(digest: Terminal) -> None:
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        pytest.skip("no shared memory here")
    digest("subscribers", "add", "--confirmed", "ada@example.org")
    with TemporaryDirectory(dir=memory) as folder:
        assert digest("subscribers", "export", f"{folder}/readers.csv").code == 0
        assert mode(Path(folder) / "readers.csv") == 0o600


def test_an_export_to_standard_output_by_its_name_replaces_nothing(
    digest: Terminal, tmp_path: Path
) -> None:
    digest("subscribers", "add", "--confirmed", "ada@example.org")
    with open("file.csv", "wb") as file:
        subprocess.run(
            [*PROGRAM, "subscribers", "export", "/dev/stdout"], stdout=file, check=True, timeout=60
        )
    assert "ada@example.org" in Path("file.csv").read_text()
    assert Path("/dev/stdout").is_symlink()
