"""Papers, editions and topics as the public API gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from digest.editorial.summary import badges
from digest.mail import plain_text, urls
from digest.model import Edition, EditionSummary, Entry, Link, Paper, Topic
from digest.web import display
from digest.web.edition_view import topic_names
from digest.web.readable_texts import READABLE_TEXTS

LONGEST_ABSTRACT = 20_000
MOST_AUTHORS = 100
MOST_LINKS = 8


def paper_object(paper: Paper, topics: Sequence[str], base: str) -> dict[str, Any]:
    """A paper; ``base`` is the address that the pages are below."""
    return {
        "id": paper.id,
        "title": display.paper_title(paper.title),
        "abstract": plain_text.clip(READABLE_TEXTS.text(paper.abstract), LONGEST_ABSTRACT),
        "authors": [READABLE_TEXTS.text(name) for name in paper.authors[:MOST_AUTHORS]],
        "author_count": max(paper.author_count or 0, len(paper.authors)),
        "topics": list(topics),
        "page": f"{base}/papers/{paper.id}",
        "external_id": paper.external_id,
        "url": urls.safe_url(paper.url),
        "links": _links(badges(paper.links, paper.abstract)),
        "votes": paper.votes,
        "published": paper.published.isoformat() if paper.published else None,
        "first_seen": paper.first_seen.isoformat(),
        "last_seen": paper.last_seen.isoformat(),
    }


def _links(links: Sequence[Link]) -> list[dict[str, str]]:
    safe = [(link, urls.safe_url(link.url)) for link in links]
    return [
        {"kind": str(link.kind), "url": url} for link, url in safe[:MOST_LINKS] if url is not None
    ]


def summary_object(edition: EditionSummary, base: str) -> dict[str, Any]:
    """An edition in a list of them."""
    name = plain_text.edition_name(edition.kind, edition.day)
    return {
        "name": name,
        "kind": str(edition.kind),
        "date": edition.day.isoformat(),
        "covers": [day.isoformat() for day in edition.covers],
        "papers": edition.papers,
        "subject": plain_text.clean(edition.subject),
        "page": f"{base}/editions/{name}",
        "published_at": edition.published_at.isoformat(),
    }


def edition_object(edition: Edition, name: str, base: str) -> dict[str, Any]:
    """An edition without its papers: their numbers, by section."""
    names = topic_names(edition)
    return {
        "name": name,
        "kind": str(edition.kind),
        "date": edition.day.isoformat(),
        "covers": [day.isoformat() for day in edition.covers],
        "page": f"{base}/editions/{name}",
        "read": edition.read,
        "new": edition.new,
        "picks": list(edition.picks),
        "sections": [
            {
                "topic": section.topic.id,
                "name": names[section.topic.id],
                "papers": list(section.papers),
            }
            for section in edition.sections
        ],
        "updated": list(edition.updated),
    }


def entry_object(entry: Entry, base: str) -> dict[str, Any]:
    """A paper as its edition told of it: frozen then."""
    return {
        "id": entry.paper_id,
        "title": display.paper_title(entry.title),
        "summary": plain_text.clean(entry.summary),
        "summary_source": plain_text.clean(entry.summary_source) or None,
        "why": plain_text.clean(entry.why) or None,
        "topic": entry.topic,
        "topics": list(entry.topics),
        "authors": [plain_text.clean(name) for name in entry.authors],
        "author_count": max(entry.author_count, len(entry.authors)),
        "institution": plain_text.clean(entry.institution) or None,
        "venue": plain_text.clean(entry.venue) or None,
        "page": f"{base}/papers/{entry.paper_id}",
        "external_id": entry.external_id,
        "url": urls.safe_url(entry.url),
        "links": _links(entry.links),
        "votes": entry.votes,
        "score": round(entry.trend.score, 4),
    }


def topic_object(topic: Topic, recent: int, base: str) -> dict[str, Any]:
    """A topic, with the number of its papers of late."""
    return {
        "id": topic.id,
        "name": plain_text.clean(topic.name),
        "description": plain_text.clean(topic.description),
        "recent": recent,
        "page": f"{base}/topics/{topic.id}",
        "feed": f"{base}/topics/{topic.id}/feed.xml",
    }
