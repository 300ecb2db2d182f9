"""``digest`` as an operator runs it: one process a command, settings in the environment."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAM = (sys.executable, "-m", "digest")
SHARED = ("PATH", "XDG_CACHE_HOME", "PYTHONPYCACHEPREFIX")
"""What such a process has from here: where programs are, and what is kept only for speed."""


def environment_of(home: Path, **settings: str) -> dict[str, str]:
    """An environment with a home of its own and no settings but those."""
    inherited = {name: os.environ[name] for name in SHARED if name in os.environ}
    return {**inherited, "HOME": str(home), "DIGEST_STATE_FOLDER": str(home / "state"), **settings}


def relay_settings(port: int, *, connections: int = 1) -> dict[str, str]:
    """The settings that lead to a relay on this machine."""
    return {
        "DIGEST_SMTP_HOST": "127.0.0.1",
        "DIGEST_SMTP_PORT": str(port),
        "DIGEST_SMTP_SECURITY": "none",
        "DIGEST_SMTP_CONNECTIONS": str(connections),
        "DIGEST_SENDER": "papers@example.org",
    }


def start_digest(
    *arguments: str, folder: Path, environment: dict[str, str]
) -> subprocess.Popen[str]:
    """Start a command in that folder; both its outputs are kept."""
    return subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class CommandLine:
    """Commands in one folder, each in a process of its own, with one database and one relay."""

    def __init__(self, folder: Path, port: int, *, connections: int = 2) -> None:
        self.folder = folder
        self.environment = environment_of(
            folder,
            DIGEST_DATABASE_URL=f"sqlite:///{folder / 'digest.db'}",
            **relay_settings(port, connections=connections),
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return start_digest(*arguments, folder=self.folder, environment=self.environment)

    def __call__(self, *arguments: str) -> str:
        """Run a command to its good end; what it printed."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return out

    def refuses(self, *arguments: str) -> str:
        """What a command says that ends with status 1."""
        process = self.start(*arguments)
        _, err = process.communicate(timeout=120)
        assert process.returncode == 1, err
        assert "Traceback" not in err
        return err

    def import_subscribers(self, count: int) -> None:
        emails = [f"reader{number}@example.org" for number in range(count)]
        (self.folder / "readers.csv").write_text("\n".join(["email", *emails]), encoding="utf-8")
        self("subscribers", "import", "--confirmed", "readers.csv")

    def deliveries(self) -> dict[str, Any]:
        """How many deliveries of the only edition are in which state."""
        (edition,) = json.loads(self("status", "--json"))["editions"]
        assert edition["balanced"]
        return dict(edition["deliveries"])


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
