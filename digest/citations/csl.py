"""References as CSL-JSON (Citation Style Language 1.0.2), which citeproc, pandoc and Zotero read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from digest.citations.reference import Reference, ReferenceKind

_TYPES = {
    ReferenceKind.PREPRINT: "article",
    ReferenceKind.ARTICLE: "article-journal",
    ReferenceKind.CONFERENCE: "paper-conference",
}


def csl_file(references: Iterable[Reference]) -> str:
    """All of them as a JSON array."""
    items = [csl_item(reference) for reference in references]
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"


def csl_item(reference: Reference) -> dict[str, Any]:
    """One item. ``number`` is the arXiv id, as citation styles print a preprint's."""
    item = {
        "id": reference.key,
        "type": _TYPES[reference.kind],
        "title": reference.title,
        "author": [
            {"family": name.family, "given": name.given} if name.given else {"literal": name.family}
            for name in reference.authors
        ],
        "issued": {"date-parts": [list(reference.published)]} if reference.published else {},
        "container-title": reference.venue,
        "publisher": "arXiv" if reference.arxiv and not reference.venue else "",
        "number": f"arXiv:{reference.arxiv}" if reference.arxiv else "",
        "abstract": reference.abstract,
        "DOI": reference.doi,
        "URL": reference.url,
    }
    return {name: value for name, value in item.items() if value}
