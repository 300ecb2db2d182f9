"""The library: read lists of papers, tell their topics, tell whether two are one, make a digest of them.

::

    parse      bytes, text or a file of a list  ->  `ParsedPapers`: the papers, and what was left out
    classify   a paper                          ->  `PaperTopics`: topics, each with its confidence
    compare    two papers                       ->  `PaperMatch`: whether they are one, and the reason
    render     papers                           ->  `RenderedDigest`: subject, HTML, text

All four work on this machine alone: no network, no database, no settings, and the same input gives the
same answer. What cannot be used raises `DigestError`, whose words are one line. Nothing is loaded
before it is used.

The names in ``__all__`` are the whole of the library. Within a major version they stay, with the
parameters and fields that docs/library.md names; any other module may change in every version.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from digest.errors import DigestError
    from digest.library.classifying import classify
    from digest.library.comparing import compare
    from digest.library.parsing import parse
    from digest.library.rendering import render
    from digest.library.values import (
        PaperMatch,
        PaperTopics,
        ParsedPapers,
        RenderedDigest,
        TopicConfidence,
    )
    from digest.model.papers import Record, Rejected

__version__ = "0.2.0"

__all__ = [
    "DigestError",
    "PaperMatch",
    "PaperTopics",
    "ParsedPapers",
    "Record",
    "Rejected",
    "RenderedDigest",
    "TopicConfidence",
    "__version__",
    "classify",
    "compare",
    "parse",
    "render",
]

_HOMES = {
    "DigestError": "digest.errors",
    "Record": "digest.model.papers",
    "Rejected": "digest.model.papers",
    "classify": "digest.library.classifying",
    "compare": "digest.library.comparing",
    "parse": "digest.library.parsing",
    "render": "digest.library.rendering",
    "PaperMatch": "digest.library.values",
    "PaperTopics": "digest.library.values",
    "ParsedPapers": "digest.library.values",
    "RenderedDigest": "digest.library.values",
    "TopicConfidence": "digest.library.values",
}


def __getattr__(name: str) -> object:
    """Load a name of the library at its first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'digest' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the names of the library."""
    return list(__all__)
