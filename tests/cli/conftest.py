"""The command line in an empty folder, with nothing set, and a real mail server beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dns.resolver
import pytest
from smtp_server.mailboxes import Mailboxes, serve

from digest.cli import run_command


@dataclass
class Answer:
    """What one command line printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Terminal:
    """Runs command lines in this process."""

    capsys: pytest.CaptureFixture[str]
    folder: Path
    set: Any = field(default=None)

    def __call__(self, *arguments: str, debug: bool = False) -> Answer:
        self.capsys.readouterr()
        code = run_command(list(arguments), debug=debug)
        out, err = self.capsys.readouterr()
        return Answer(code, out, err)

    def text_file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)


def _no_name_server(*_: object) -> None:
    """These tests ask no name server but their own."""
    raise dns.resolver.NoResolverConfiguration


@pytest.fixture
def digest(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Terminal:
    for name in list(os.environ):
        if name.startswith("DIGEST_") and name != "DIGEST_STATE_FOLDER":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIGEST_DATABASE_URL", f"sqlite:///{tmp_path / 'digest.db'}")
    monkeypatch.setattr(dns.resolver.Resolver, "read_resolv_conf", _no_name_server)
    return Terminal(capsys, tmp_path, monkeypatch.setenv)


@pytest.fixture
def relay(digest: Terminal) -> Iterator[Mailboxes]:
    """A real SMTP server, and the settings that lead to it."""
    mailboxes = Mailboxes()
    with serve(mailboxes) as port:
        digest.set("DIGEST_SMTP_HOST", "127.0.0.1")
        digest.set("DIGEST_SMTP_PORT", str(port))
        digest.set("DIGEST_SMTP_SECURITY", "none")
        digest.set("DIGEST_SENDER", "Daily Papers <papers@example.org>")
        yield mailboxes
