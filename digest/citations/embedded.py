"""References inside a web page, for Zotero, Google Scholar and other readers of pages.

Highwire's ``citation_*`` are what Google Scholar's "Inclusion Guidelines for Webmasters" ask for;
COinS is an OpenURL (ANSI/NISO Z39.88-2004) in the title of an empty ``span``.
"""

from __future__ import annotations

from urllib.parse import urlencode

from digest.citations.reference import Reference, ReferenceKind

_MOST_AUTHORS = 100
"""Authors that a page names to programs; a page stays small."""
_VENUES = {
    ReferenceKind.ARTICLE: "citation_journal_title",
    ReferenceKind.CONFERENCE: "citation_conference_title",
}


def highwire_tags(reference: Reference) -> list[tuple[str, str]]:
    """Name and content of each ``meta`` element, in order."""
    venue_name = _VENUES.get(reference.kind, "")
    tags = [
        ("citation_title", reference.title),
        *(("citation_author", name.spoken) for name in reference.authors[:_MOST_AUTHORS]),
        ("citation_publication_date", "/".join(f"{part:02d}" for part in reference.published)),
        (venue_name, reference.venue if venue_name else ""),
        ("citation_doi", reference.doi),
        ("citation_arxiv_id", reference.arxiv),
        ("citation_pdf_url", reference.pdf_url),
        ("citation_public_url", reference.url),
    ]
    return [(name, content) for name, content in tags if content]


def coins(reference: Reference) -> str:
    """The title of a COinS ``span``, not yet escaped for HTML."""
    published = "-".join(f"{part:02d}" for part in reference.published)
    genres = {ReferenceKind.ARTICLE: "article", ReferenceKind.CONFERENCE: "proceeding"}
    pairs = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"),
        ("rft.genre", genres.get(reference.kind, "preprint")),
        ("rft.atitle", reference.title),
        ("rft.jtitle", reference.venue),
        ("rft.date", published),
        *(("rft.au", name.spoken) for name in reference.authors[:_MOST_AUTHORS]),
        ("rft_id", f"info:doi/{reference.doi}" if reference.doi else ""),
        ("rft_id", reference.url),
    ]
    return urlencode([(name, value) for name, value in pairs if value])
