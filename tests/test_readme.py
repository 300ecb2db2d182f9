"""The README keeps its word: its commands exist, and its settings table is the settings."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic_core import PydanticUndefined

from digest.cli import app
from digest.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


DEFAULTS = {"database_url": "SQLite beside the `.env`", "state_folder": "your state folder"}


def settings_table() -> str:
    """The settings as a Markdown table; the README carries exactly this."""
    rows = ["| setting | default | what it is for |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.default
        if field.default_factory is not None:
            shown = DEFAULTS[name]
        elif default in (None, "", (), PydanticUndefined):
            shown = ""
        elif hasattr(default, "strftime"):
            shown = f"`{default:%H:%M}`"
        else:
            shown = f"`{default}`"
        description = (field.description or "").replace("|", "\\|")
        rows.append(f"| `{PREFIX}{name.upper()}` | {shown} | {description} |")
    return "\n".join(rows)


def test_the_settings_table_is_the_settings() -> None:
    carried = README.partition("<!-- settings -->")[2].partition("<!-- /settings -->")[0].strip()
    assert carried == settings_table()


def test_every_command_it_names_exists() -> None:
    known = {command.name or command.callback.__name__ for command in app.registered_commands}  # type: ignore[union-attr]
    known |= {str(group.name) for group in app.registered_groups}
    named = set(re.findall(r"`digest ([a-z]+)", README))
    assert named
    assert named <= known


def test_every_file_it_links_to_exists() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_its_two_commands_are_one_line_each() -> None:
    for mark in ("show", "test"):
        block = README.partition(f"<!-- {mark} -->")[2].partition("```sh\n")[2].partition("```")[0]
        assert len(block.strip().splitlines()) == 1
