"""References as RIS, the format of reference managers' "import".

Source: "RIS File Format Specifications" (Research Information Systems, 2011): a tag of two letters,
two blanks, a hyphen, a blank; one value on a line; lines end in CR and LF.
"""

from __future__ import annotations

from collections.abc import Iterable

from digest.citations.reference import PersonName, Reference, ReferenceKind

_TYPES = {
    ReferenceKind.PREPRINT: "UNPB",
    ReferenceKind.ARTICLE: "JOUR",
    ReferenceKind.CONFERENCE: "CONF",
}


def ris_file(references: Iterable[Reference]) -> str:
    """All of them as a RIS file."""
    return "\r\n".join(ris_record(reference) for reference in references)


def ris_record(reference: Reference) -> str:
    """One record, from ``TY`` to ``ER``."""
    year = f"{reference.published[0]:04d}" if reference.published else ""
    day = "/".join(f"{part:02d}" for part in reference.published[1:])
    fields = [
        ("TY", _TYPES[reference.kind]),
        ("TI", reference.title),
        *(("AU", _author(name)) for name in reference.authors),
        ("PY", year),
        ("DA", f"{year}/{day}" if day else ""),
        ("T2", reference.venue),
        ("AB", reference.abstract),
        ("DO", reference.doi),
        ("M1", f"arXiv:{reference.arxiv}" if reference.arxiv else ""),
        ("UR", reference.url),
        ("L1", reference.pdf_url),
        ("ID", reference.key),
    ]
    lines = [f"{tag}  - {value}" for tag, value in fields if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def _author(name: PersonName) -> str:
    return f"{name.family}, {name.given}" if name.given else name.family
