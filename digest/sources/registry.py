"""The kinds of sources that are named by a scheme (``hf:daily``): this program's own, and others'.

A package adds one by an entry point of the group ``digest.sources``: its name is the scheme, its
object a function of a location and `SourceTools` that returns a source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from digest.errors import SourceError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

    from digest.sources.tools import SourceTools

ENTRY_POINTS = "digest.sources"
OpenSource = Callable[[str, "SourceTools"], Any]
"""Location (with its scheme) and tools to a source; nothing is read yet."""

_SCHEME = re.compile(r"([a-z][a-z0-9+-]{1,30}):(?!//)")
_OWN: Mapping[str, str] = {
    "hf": "digest.sources.services.huggingface",
    "arxiv": "digest.sources.services.arxiv",
    "biorxiv": "digest.sources.services.biorxiv",
    "medrxiv": "digest.sources.services.biorxiv",
    "oai": "digest.sources.services.oai",
}


def scheme_of(location: str) -> str:
    """The scheme of a location; ``""`` if it has none (a path, an address, a drive letter)."""
    match = _SCHEME.match(location)
    return match[1] if match else ""


def schemes() -> tuple[str, ...]:
    """Every scheme that is known, this program's own first."""
    return (*_OWN, *sorted({point.name for point in _entry_points()} - {*_OWN}))


def find(scheme: str) -> OpenSource | None:
    """The function that opens locations of a scheme; `None` if nobody brings one.

    Raises `SourceError` if a package's own cannot be imported.
    """
    if scheme in _OWN:
        opener: OpenSource = import_module(_OWN[scheme]).open_source
        return opener
    for point in _entry_points().select(name=scheme):
        try:
            loaded: OpenSource = point.load()
        except Exception as error:  # somebody else's code
            raise SourceError(
                f"the package that brings {scheme}: cannot be used ({type(error).__name__}: "
                f"{error})",
                where=point.value,
                mend="Fix or remove that package",
            ) from error
        return loaded
    return None


def _entry_points() -> EntryPoints:
    # Imported here: it takes long, and most locations are files and addresses.
    from importlib.metadata import entry_points

    return entry_points(group=ENTRY_POINTS)
