"""Inlined templates are kept, found again only for the very same input, and never trusted blindly."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from mail.sample_editions import (
    LIST,
    edition,
)

from digest.mail import render
from digest.mail.inlined_cache import MOST_FILES
from digest.mail.render import Renderer


@pytest.fixture
def inlinings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each time that premailer was asked."""
    pages: list[str] = []
    engine = render._premailer

    def counting(page: str) -> str:
        pages.append(page)
        return engine(page)

    monkeypatch.setattr(render, "_premailer", counting)
    return pages


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def own_theme(folder: Path, colour: str) -> Path:
    (folder / "email").mkdir(parents=True, exist_ok=True)
    (folder / "email" / "theme.toml").write_text(f'[light]\nlink = "{colour}"\n', encoding="utf-8")
    return folder


def html(cache: Path | None, templates: Path | None = None) -> str:
    return str(Renderer(templates, cache=cache).render(edition(), LIST))


def kept(cache: Path) -> Path:
    (file,) = cache.glob("*.json")
    return file


def test_the_second_renderer_inlines_nothing_and_makes_the_same_mail(
    cache: Path, inlinings: list[str]
) -> None:
    first = html(cache)
    second = html(cache)
    assert len(inlinings) == 1
    assert first == second == html(None)
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept(cache).stat().st_mode) == 0o600


def test_a_changed_template_or_rule_is_inlined_anew(
    cache: Path, inlinings: list[str], tmp_path: Path
) -> None:
    html(cache)
    theme = own_theme(tmp_path / "own", "#123456")
    assert "#123456" in html(cache, theme)
    own_theme(tmp_path / "own", "#654321")
    assert "#654321" in html(cache, theme)
    (theme / "email" / "note.html.j2").write_text('<p class="note">{{ why }}</p>\n')
    html(cache, theme)
    assert len(inlinings) == 4


def _world_writable(file: Path) -> None:
    file.chmod(0o666)


def _world_writable_folder(file: Path) -> None:
    file.parent.chmod(0o777)


def _a_link(file: Path) -> None:
    real = file.with_suffix(".elsewhere")
    file.rename(real)
    file.symlink_to(real)


def _of_another(file: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(file, 12345, 12345)


@pytest.mark.parametrize("spoil", [_world_writable, _world_writable_folder, _a_link, _of_another])
def test_what_somebody_else_could_have_written_is_not_read(
    cache: Path, inlinings: list[str], spoil: Callable[[Path], None]
) -> None:
    html(cache)
    file = kept(cache)
    file.write_text(file.read_text().replace("</table>", "</table><p>planted</p>"))
    assert "planted" in html(cache)  # its own user may do as they like
    spoil(file)
    assert "planted" not in html(cache)
    assert len(inlinings) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"\x80\x04\x95",
        b'{"shell.html.j2": 1}',
    ],
)
def test_a_spoilt_file_is_made_anew(cache: Path, inlinings: list[str], content: bytes) -> None:
    expected = html(cache)
    kept(cache).write_bytes(content)
    assert html(cache) == expected
    assert html(cache) == expected
    assert len(inlinings) == 2


def test_no_file_can_bring_in_anything_that_jinja_would_run(
    cache: Path, inlinings: list[str]
) -> None:
    expected = html(cache)
    file = kept(cache)
    templates = json.loads(file.read_text())
    templates["note.html.j2"] += "{{ ''.__class__.__mro__ }}"
    file.write_text(json.dumps(templates))
    assert html(cache) == expected
    assert len(inlinings) == 2


def test_a_folder_that_cannot_be_made_costs_time_only(tmp_path: Path, inlinings: list[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    assert html(tmp_path / "file" / "cache") == html(None)
    assert len(inlinings) == 2


def test_only_the_newest_are_kept(cache: Path, tmp_path: Path) -> None:
    html(cache)
    for number in range(MOST_FILES + 5):
        (cache / f"{number}.json").write_text("{}")
        os.utime(cache / f"{number}.json", (number, number))
    html(cache, own_theme(tmp_path / "own", "#123456"))
    assert len(list(cache.iterdir())) == MOST_FILES


def test_what_premailer_brings_is_not_loaded_for_templates_that_did_not_change(
    cache: Path,
) -> None:
    program = (
        "import sys; from pathlib import Path; from digest.mail.render import Renderer;"
        "Renderer(cache=Path(sys.argv[1])).check();"
        "print(*sorted({'premailer', 'cssutils', 'requests', 'urllib3'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program, str(cache)]
    loaded = [
        subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        for _ in range(2)
    ]
    assert "premailer" in loaded[0]
    assert loaded[1].strip() == ""
