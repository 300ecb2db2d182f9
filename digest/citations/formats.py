"""The formats of citations, by the end of a file's name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from digest.citations.bibtex import bibtex_file
from digest.citations.csl import csl_file
from digest.citations.reference import Reference, with_own_keys
from digest.citations.ris import ris_file


@dataclass(frozen=True, slots=True)
class CitationFormat:
    """A format: its name for people, its media type (in UTF-8), and what writes it."""

    name: str
    media_type: str
    write: Callable[[Sequence[Reference]], str]

    def text(self, references: Sequence[Reference]) -> str:
        """The file of those references, with keys that differ."""
        return self.write(with_own_keys(references))


CITATION_FORMATS = {
    "bib": CitationFormat("BibTeX", "application/x-bibtex; charset=utf-8", bibtex_file),
    "ris": CitationFormat("RIS", "application/x-research-info-systems; charset=utf-8", ris_file),
    "json": CitationFormat(
        "JSON", "application/vnd.citationstyles.csl+json; charset=utf-8", csl_file
    ),
}
"""Each format by the end of its files' names."""
