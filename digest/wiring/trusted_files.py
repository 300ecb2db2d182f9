"""Find files that the program trusts and that others could read or change.

What gives away the list at once (``.env``, the DKIM keys) is refused where it is read; what is
merely unwise is a warning of ``digest check``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from digest.settings import Settings, env_file, secrets_in_file
from digest.settings.file_permissions import (
    describe_exposure,
    is_exposed,
)

MOST_NAMED = 3
"""Files named of one folder; the rest is a number."""


def warnings(settings: Settings) -> list[str]:
    """Describe each file that others may read or change and should not, in a clause each."""
    return [*_exposed(settings), *_open_to_change(settings)]


def _exposed(settings: Settings) -> Iterator[str]:
    secret_files = [env_file()] if secrets_in_file() else []
    secret_files += [Path(key.partition(":")[2].strip()) for key in settings.dkim_keys]
    for path in secret_files:
        if is_exposed(path):
            yield f"every user of this machine can read {path}: chmod o-r {path}"


def _open_to_change(settings: Settings) -> Iterator[str]:
    for path in (settings.topics, settings.smtp_ca_file, settings.bounce_imap_ca_file):
        if path is not None and (trouble := describe_exposure(path))[0]:
            yield _clause(path, trouble)
    if settings.templates is None:
        return
    folder = settings.templates
    subfolders = [folder / "email", folder / "web"]
    files = (file for subfolder in subfolders for file in sorted(subfolder.glob("*")))
    paths = [folder, *subfolders, *files]
    troubled = [(path, trouble) for path in paths if (trouble := describe_exposure(path))[0]]
    yield from (_clause(path, trouble) for path, trouble in troubled[:MOST_NAMED])
    if len(troubled) > MOST_NAMED:
        yield f"and {len(troubled) - MOST_NAMED} more in {folder}"


def _clause(path: Path, trouble: tuple[str, str]) -> str:
    problem, mend = trouble
    return f"{path}: {problem}. {mend}"
