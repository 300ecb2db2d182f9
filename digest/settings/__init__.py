"""Everything an operator can set: environment variables ``DIGEST_…``, read from ``.env`` too,
or from the file that ``--env-file`` names.

A value in the environment wins over the same name in ``.env``. A wrong value is named with what was
expected and an example, all of them at once, as one `digest.errors.ConfigurationError`.

::

    fields            the settings, a field each; sending_fields has the first of them
    values            the forms that settings are written in
    names             misspelt names, and lines of ``.env`` that are no setting
    env_file          which file of settings a process reads
    data_place        which database and state folder a working folder means
    file_permissions  who may have written a file of settings or secrets
    signing_keys      which keys are too weak to sign with
    api_tokens        which tokens are too weak for the API, or cannot be sent
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from dotenv import dotenv_values
from pydantic import ValidationError

from digest.errors import ConfigurationError
from digest.model import SummaryChoice, UnknownPolicy
from digest.settings import names
from digest.settings.env_file import env_file, require_named
from digest.settings.fields import PREFIX, Settings
from digest.settings.file_permissions import require_private
from digest.settings.values import SmtpSecurity, Weekday

__all__ = [
    "PREFIX",
    "Settings",
    "SmtpSecurity",
    "SummaryChoice",
    "UnknownPolicy",
    "Weekday",
    "env_file",
    "load_settings",
    "misspelt",
    "secrets_in_file",
]


def load_settings(*, refuse_slips: bool = True) -> Settings:
    """Read the settings of this process.

    Raises `digest.errors.ConfigurationError` that names every wrong value in one line, a misspelt
    name, a line of ``.env`` that is no setting, and for a ``.env`` that somebody else owns or can
    change: its settings would be theirs. Without ``refuse_slips`` misspelt names are let be, for
    who tells of them beside all else (`misspelt`).
    """
    require_named()
    file = env_file()
    require_private(file)
    try:
        _require_settings_only(file, refuse_slips=refuse_slips)
        return Settings(_env_file=file)
    except ValidationError as error:
        raise ConfigurationError("; ".join(_complaints(error))) from None
    except (UnicodeDecodeError, OSError):
        raise ConfigurationError(
            "is a folder, not a file" if file.is_dir() else "is no UTF-8 text, or cannot be read",
            where=str(file),
            mend="Save it as UTF-8 text, readable by this user",
        ) from None


_PLAIN = {
    "int_parsing": "is no whole number, written in digits alone",
    "int_from_float": "is no whole number",
    "float_parsing": "is no number, written in digits and a point",
    "bool_parsing": "is neither true nor false",
    "time_parsing": "is no time of day, written as 08:00",
    "date_from_datetime_parsing": "is no day, written as 2026-11-20",
    "date_parsing": "is no day, written as 2026-11-20",
}
"""What is wrong with a value, by pydantic's name for it, in words for people."""


def _complaints(error: ValidationError) -> Iterable[str]:
    for problem in error.errors(include_url=False, include_input=False):
        name = str(problem["loc"][0])
        field = Settings.model_fields.get(name)
        example = field.examples[0] if field is not None and field.examples else ""
        says = _PLAIN.get(problem["type"]) or problem["msg"].removeprefix("Value error, ")
        yield f"{PREFIX}{name.upper()}: {says}; for example {PREFIX}{name.upper()}={example}"


def _require_settings_only(file: Path, *, refuse_slips: bool) -> None:
    """Raise `ConfigurationError` for what was surely meant as a setting and is read by nothing."""
    in_file = names.names_in_file(file, PREFIX)
    if in_file.complaints:
        raise ConfigurationError(
            "; ".join(in_file.complaints),
            where=str(file),
            mend=f"Write each setting as NAME=VALUE, for example {PREFIX}SEND_AT=08:00",
        )
    if not refuse_slips:
        return
    slips = names.slips(_known_names(), PREFIX, in_file.names)
    if slips:
        raise ConfigurationError("; ".join(slips))


def _known_names() -> tuple[str, ...]:
    return tuple(name.upper() for name in Settings.model_fields)


def misspelt(environment: Iterable[str] | None = None) -> tuple[str, ...]:
    """Complain, a line each, of every ``DIGEST_`` variable that nothing reads, naming the likely meant one.

    ``environment`` has the names that are set. Default: those of this process and of ``.env``.
    """
    if environment is None:
        environment = {*dotenv_values(env_file()), *os.environ}
    return tuple(names.misspelt(_known_names(), PREFIX, environment))


def secrets_in_file() -> tuple[str, ...]:
    """The names in the file of settings whose values nobody else should know."""
    in_file = dotenv_values(env_file())
    fields = Settings.model_fields.items()
    secret = [
        f"{PREFIX}{name.upper()}" for name, field in fields if "Secret" in str(field.annotation)
    ]
    if "@" in (in_file.get(f"{PREFIX}DATABASE_URL") or ""):
        secret.append(f"{PREFIX}DATABASE_URL")
    return tuple(name for name in secret if in_file.get(name))
