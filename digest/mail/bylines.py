"""Authors, institution, venue and links of a paper, as its card in a mail has them.

All words here are untrusted. Their length is bounded once more, since an edition may be older than
the bounds it was composed with.
"""

from __future__ import annotations

from digest.arxiv_ids import is_arxiv_id
from digest.mail import plain_text, urls
from digest.model import Entry, Link, LinkKind

_LONGEST_NAME = 60
_LONGEST_PLACE = 60
_MOST_NAMES = 4
_LONGEST_LINK_NAME = 48
_LABELS = {
    LinkKind.CODE: "Code",
    LinkKind.PROJECT: "Project page",
    LinkKind.DATA: "Data",
    LinkKind.MODEL: "Model",
}


def byline(entry: Entry) -> str:
    """Write the quiet line of a paper: ``A. Rao, B. Sun, C. Li … Z. Wu (14 authors) · ICLR 2027``."""
    name = plain_text.short_name(plain_text.clean(entry.title)).casefold()
    places = [plain_text.clean(place) for place in (entry.institution, entry.venue)]
    # Some teams name themselves after their paper, which the title says already.
    known = [place for place in places if place.casefold() != name]
    parts = [authors(entry), *(place for place in known if len(place) <= _LONGEST_PLACE)]
    return " · ".join(
        part if at == 0 else plain_text.isolated(part) for at, part in enumerate(parts) if part
    )


def authors(entry: Entry) -> str:
    """Name the first three authors, the last, and how many there are; names as the source gave them."""
    names = [
        plain_text.isolated(name)
        for given in entry.authors[:_MOST_NAMES]
        if (name := plain_text.clean(given)) and len(name) <= _LONGEST_NAME
    ]
    count = max(entry.author_count, len(entry.authors))
    if not names:
        return plain_text.counted(count, "author") if count else ""
    if count <= len(names):
        return plain_text.joined(names)
    if len(names) == _MOST_NAMES:
        return f"{plain_text.joined(names[:-1])} … {names[-1]} ({count:,} authors)"
    return f"{plain_text.joined(names)} and {count - len(names):,} more"


def links(entry: Entry, name: str, *, most: int) -> list[dict[str, str]]:
    """List a paper's links: the PDF, then ``most`` of its own, in their order.

    ``text`` is what all readers see, ``label`` what it is called out of context (``Code of
    FlashThing``), ``note`` what stands after it (``★ 1,204``).
    """
    of = plain_text.clip(name, _LONGEST_LINK_NAME)
    listed: list[dict[str, str]] = []
    identifier = entry.external_id or ""
    if is_arxiv_id(identifier):
        listed.append(_link(f"https://arxiv.org/pdf/{identifier}", "PDF", of))
    own = 0
    for link in entry.links:
        url = urls.safe_url(link.url)
        if link.kind not in _LABELS or url is None or own == most:
            continue
        if any(url == known["url"] for known in listed):
            continue
        own += 1
        listed.append(_link(url, _label(link), of, note=_stars(entry, link)))
    return listed


def _link(url: str, text: str, of: str, note: str = "") -> dict[str, str]:
    return {"url": url, "text": text, "label": f"{text} of {of}" if of else text, "note": note}


def _label(link: Link) -> str:
    return plain_text.clip(plain_text.clean(link.label), 24) or _LABELS[link.kind]


def _stars(entry: Entry, link: Link) -> str:
    """The stars of the code, beside its link."""
    return f"★ {entry.stars:,}" if entry.stars and link.kind is LinkKind.CODE else ""
