"""Files whose words the program takes for its operator's, and who else could reach them.

What gives away the list at once (``.env``, the DKIM keys) is refused where it is read; what is
merely unwise is told by ``digest check``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from digest.settings import ENV_FILE, Settings, secrets_in_file
from digest.settings.rights import danger, is_exposed

MOST = 3
"""Files named of one folder; the rest is a number."""


def warnings(settings: Settings) -> list[str]:
    """One clause for each file that others may read or change and should not."""
    return [*_exposed(settings), *_open_to_change(settings)]


def _exposed(settings: Settings) -> Iterator[str]:
    secret = [Path(ENV_FILE)] if secrets_in_file() else []
    secret += [Path(key.partition(":")[2].strip()) for key in settings.dkim_keys]
    for path in secret:
        if is_exposed(path):
            yield f"every user of this machine can read {path}: chmod o-r {path}"


def _open_to_change(settings: Settings) -> Iterator[str]:
    for path in (settings.topics, settings.smtp_ca_file, settings.bounce_imap_ca_file):
        if path is not None and (trouble := danger(path))[0]:
            yield _clause(path, trouble)
    if settings.templates is None:
        return
    folder = settings.templates
    rooms = [folder / "email", folder / "web"]
    paths = [folder, *rooms, *(file for room in rooms for file in sorted(room.glob("*")))]
    troubled = [(path, found) for path in paths if (found := danger(path))[0]]
    yield from (_clause(path, found) for path, found in troubled[:MOST])
    if len(troubled) > MOST:
        yield f"and {len(troubled) - MOST} more in {folder}"


def _clause(path: Path, trouble: tuple[str, str]) -> str:
    what, mend = trouble
    return f"{path}: {what}. {mend}"
