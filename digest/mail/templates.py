"""The operator's side of a mail's look: which template files there are, and the theme.

A template is taken from the operator's own folder if it is there, else from the shipped ones: in
an installed package those lie beside the code, in a checkout in ``templates/``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from digest.errors import ConfigurationError

_PACKAGE = Path(__file__).resolve().parents[1]
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_UNSAFE = re.compile(r"[<>{}\"\\;]")

Palette = Mapping[str, str]


def shipped_templates() -> Path:
    """The folder of the templates that come with the program."""
    for folder in (_PACKAGE / "_templates", _PACKAGE.parent / "templates"):
        if (folder / "email").is_dir():
            return folder
    raise ConfigurationError(
        "the templates are missing", where=str(_PACKAGE), mend="Install the package again."
    )


class ServiceTemplate(StrEnum):
    """The templates of service mails: ``service-confirm.html.j2`` and so on."""

    CONFIRM = "confirm"
    WELCOME = "welcome"
    GOODBYE = "goodbye"
    LEAVE = "leave"
    APPROVED = "approved"
    DECLINED = "declined"
    APPROVALS = "approvals"
    PAUSED = "paused"
    ALERT = "alert"
    STOPPED = "stopped"
    HELD = "held"
    SOURCES = "sources"


@dataclass(frozen=True, slots=True)
class Theme:
    """Values that restyle mails without touching a template. Colours are ``#rrggbb``."""

    brand: Mapping[str, str]
    fonts: Mapping[str, str]
    light: Palette
    dark: Palette


@dataclass(frozen=True, slots=True)
class TemplateFolders:
    """Folders in which templates are looked for, the operator's own first.

    ``own`` is laid out like the shipped ``templates/``: it holds ``email/`` (or ``web/``), with any
    subset of the files. Raises ``ConfigurationError`` for a folder that is not one.
    """

    own: Path | None = None

    def __post_init__(self) -> None:
        if self.own is None:
            return
        if not self.own.is_dir():
            raise ConfigurationError(
                "there is no such folder of templates",
                where=str(self.own),
                mend="Correct DIGEST_TEMPLATES, or leave it out for the shipped ones",
            )
        if not any((self.own / name).is_dir() for name in ("email", "web")):
            raise ConfigurationError(
                "this folder of templates has neither email/ nor web/ in it",
                where=str(self.own),
                mend="Copy the shipped folder templates/ and change what you like",
            )

    def folders(self) -> tuple[Path, ...]:
        """The folders with e-mail templates, in the order in which they are asked."""
        own = () if self.own is None else (self.own / "email",)
        return (*own, shipped_templates() / "email")

    def names(self, ending: str) -> list[str]:
        """Every template whose name ends so, own or shipped, in alphabetical order."""
        return sorted(
            {path.name for folder in self.folders() for path in folder.glob(f"*{ending}")}
        )

    def path(self, name: str) -> Path:
        """The file that is used for that name."""
        for folder in self.folders():
            if (folder / name).is_file():
                return folder / name
        raise ConfigurationError("there is no such template", where=name)

    def read(self, name: str) -> str:
        """The text of that template."""
        path = self.path(name)
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"cannot be read ({error})", where=str(path)) from error

    def theme(self) -> Theme:
        """The shipped theme with the operator's values over it, checked."""
        tables: dict[str, dict[str, str]] = {}
        for folder in reversed(self.folders()):
            path = folder / "theme.toml"
            if path.is_file():
                _lay_over(tables, path)
        for palette in ("light", "dark"):
            for name, colour in tables[palette].items():
                if not _COLOUR.fullmatch(colour):
                    raise ConfigurationError(
                        f"{palette}.{name} is {colour!r}, not a colour",
                        where="theme.toml",
                        mend="Write it as #rrggbb, for example #1a4fb4.",
                    )
        return Theme(tables["brand"], tables["fonts"], tables["light"], tables["dark"])


def _lay_over(tables: dict[str, dict[str, str]], path: Path) -> None:
    try:
        theme = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"cannot be read ({error})", where=str(path)) from error
    is_first = not tables
    for table, values in theme.items():
        if not isinstance(values, dict) or not (is_first or table in tables):
            raise ConfigurationError(f"[{table}] is not a table of the theme", where=str(path))
        for name, value in values.items():
            if not (is_first or name in tables[table]):
                raise ConfigurationError(
                    f"{table}.{name} is not part of the theme", where=str(path)
                )
            if not isinstance(value, str) or (table == "fonts" and _UNSAFE.search(value)):
                raise ConfigurationError(f"{table}.{name} is not usable text", where=str(path))
            tables.setdefault(table, {})[name] = value
