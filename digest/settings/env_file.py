"""Choose the file of settings that a process reads: ``.env`` in the working folder, or one that was named.

One installation serves several lists by a file for each. The choice is an environment variable,
so that every process that is started from this one reads the same file.
"""

from __future__ import annotations

import os
from pathlib import Path

from digest.errors import ConfigurationError

DEFAULT_NAME = ".env"
VARIABLE = "DIGEST_ENV_FILE"


def env_file() -> Path:
    """The file of settings of this process; it need not exist unless it was named."""
    return named_env_file() or Path(DEFAULT_NAME)


def named_env_file() -> Path | None:
    """The file that was named, as an absolute path; ``None`` where none was."""
    named = os.environ.get(VARIABLE)
    return Path(named).absolute() if named else None


def use_env_file(path: Path) -> None:
    """Let this process, and those it starts, read their settings from ``path``."""
    os.environ[VARIABLE] = str(path.absolute())


def require_named() -> None:
    """Raise `digest.errors.ConfigurationError` if a file was named that is not there."""
    named = named_env_file()
    if named is not None and not named.is_file():
        problem = "is a folder" if named.is_dir() else "no such file"
        raise ConfigurationError(
            problem,
            where=str(named),
            mend="Name the list's file of settings, as /etc/digest/ml.env",
        )
