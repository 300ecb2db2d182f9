"""Shell completion: what a shell asks for while a command line is typed, and the script it loads."""

from __future__ import annotations

import pytest
from cli.conftest import Terminal


def complete(digest: Terminal, monkeypatch: pytest.MonkeyPatch, line: str) -> list[str]:
    """The words that bash is offered at the end of ``line``."""
    monkeypatch.setenv("_DIGEST_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
    return digest().out.split()


def test_commands_are_completed(digest: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    assert complete(digest, monkeypatch, "digest pre") == ["preview"]
    assert complete(digest, monkeypatch, "digest subscribers ex") == ["export"]


def test_options_are_completed(digest: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    assert complete(digest, monkeypatch, "digest preview --out") == ["--output"]


def test_the_script_for_a_shell_names_the_command(digest: Terminal) -> None:
    for shell in ("bash", "zsh", "fish"):
        answer = digest("--show-completion", shell)
        assert answer.code == 0
        assert "_DIGEST_COMPLETE" in answer.out
