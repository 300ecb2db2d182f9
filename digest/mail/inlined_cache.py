"""Templates with their CSS inlined, kept from one run to the next.

premailer and what it brings (cssutils, requests, …) are loaded and run only for templates that this
machine has not inlined yet. A file is named after the hash of all that it was made of: templates,
rules, versions, and the code that inlines. It is JSON in a folder of its user's own, and nothing in
it can run: what somebody else owns or could change is not read, and neither is a file whose Jinja
constructs are not those of the templates. Where the folder cannot be used, each run inlines anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from digest.mail import inlining

log = logging.getLogger(__name__)

ENGINES = ("premailer", "cssutils", "cssselect", "lxml")
MOST_FILES = 20
"""Kept at most: a look that changes often, as while it is edited, leaves no heap behind."""
LARGEST = 2 * 1024 * 1024
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)

TemplateTexts = Mapping[str, str]


def cache_key(sources: TemplateTexts, css: str, code: Iterable[Path]) -> str:
    """The name of what these templates and rules become, by this code and these libraries."""
    made_of = [
        sorted(sources.items()),
        css,
        [(name, _version(name)) for name in ENGINES],
        [hashlib.sha256(path.read_bytes()).hexdigest() for path in code],
    ]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()


def load_or_inline(
    folder: Path | None,
    sources: TemplateTexts,
    css: str,
    make: Callable[[], dict[str, str]],
    *,
    maker: Path,
) -> dict[str, str]:
    """Inline by ``make``, whose code is in the file ``maker``, unless that was done before.

    It is taken from the folder if it was made before; ``None`` keeps nothing.
    """
    if folder is None:
        return make()
    code = (maker, Path(inlining.__file__), Path(__file__))
    path = folder / f"{cache_key(sources, css, code)}.json"
    templates = _read(path, sources)
    if templates is None:
        templates = make()
        _write(path, templates)
    return templates


def _read(path: Path, sources: TemplateTexts) -> dict[str, str] | None:
    """The kept templates, or ``None`` where there are none, or none to be trusted."""
    try:
        if not _is_private(path.parent.lstat()):
            return None
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
            if not _is_private(os.fstat(file.fileno())):
                return None
            templates = json.loads(file.read(LARGEST))
    except (OSError, ValueError, RecursionError) as error:
        if not isinstance(error, FileNotFoundError):
            log.debug("%s is not used: %s", path, type(error).__name__)
        return None
    if not isinstance(templates, dict) or templates.keys() != sources.keys():
        return None
    if not all(isinstance(text, str) for text in templates.values()):
        return None
    return templates if _constructs(templates) == _constructs(sources) else None


def _write(path: Path, templates: TemplateTexts) -> None:
    beside = path.with_name(f".{secrets.token_hex(8)}")
    try:
        missing = [folder for folder in (path.parent, *path.parent.parents) if not folder.exists()]
        for folder in reversed(missing):  # mkdir's own parents=True leaves those to the umask
            folder.mkdir(mode=0o700, exist_ok=True)
        if not _is_private(path.parent.lstat()):
            return
        try:
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(json.dumps(templates).encode())
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
        _delete_oldest(path.parent)
    except OSError as error:
        log.debug("%s is not kept: %s", path, error.strerror)


def _delete_oldest(folder: Path) -> None:
    """Delete what is beyond `MOST_FILES`, the oldest first."""
    files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in files[MOST_FILES:]:
        with contextlib.suppress(FileNotFoundError):  # another process did
            file.unlink()


def _is_private(status: os.stat_result) -> bool:
    """Tell whether it is a folder or a file of this user that nobody else can change."""
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return False
    return not hasattr(os, "geteuid") or (
        status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    )


def _constructs(templates: TemplateTexts) -> dict[str, list[str]]:
    """List what Jinja runs of each template. Inlining moves none of it and changes none."""
    return {
        name: sorted(
            construct for construct in _JINJA.findall(text) if not construct.startswith("{#")
        )
        for name, text in templates.items()
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
