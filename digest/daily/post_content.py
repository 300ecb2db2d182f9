"""Turn an edition, or the part of it that a channel asked for, into what a post says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from digest.channels.content import PostContent, PostedPaper
from digest.mail import urls
from digest.mail.headlines import NO_TOPIC
from digest.mail.list_identity import ListIdentity
from digest.mail.plain_text import (
    clean,
    counted,
    edition_date,
    first_fitting,
    picks_heading,
    summary_credit,
)
from digest.model import Edition, Entry, PublishedEdition, Selection

_PAPERS_WITHOUT_PICKS = 4
_LONGEST_SUMMARY = 270


def post_content(
    published: PublishedEdition, selection: Selection, identity: ListIdentity
) -> PostContent:
    """Make the content of a post of these papers of an edition."""
    edition = published.edition
    entries = {entry.paper_id: entry for entry in edition.entries}
    heading, shown = _leading(edition, selection)
    url = urls.edition_url(edition, identity)
    total = selection.total
    return PostContent(
        heading=f"{clean(identity.list_name)}, {edition_date(edition)}",
        news=_news(total, selection.updates),
        papers_heading=heading,
        papers=tuple(_paper(entries[id], identity) for id in shown),
        topics=_topics(edition, selection, entries),
        url=url,
        url_label=f"All {total:,} new papers" if total > len(shown) else "The edition on the web",
        edition=edition_data(published, selection, identity),
    )


def _news(new: int, updated: int) -> str:
    parts = [counted(new, "new paper")] if new else []
    if updated:
        parts.append(f"{updated:,} updated" if new else counted(updated, "updated paper"))
    return ", ".join(parts) or "no papers"


def _leading(edition: Edition, selection: Selection) -> tuple[str, tuple[int, ...]]:
    """The heading of the papers that a post names, and which these are."""
    if selection.picks:
        return picks_heading(edition.kind), selection.picks
    new = [id for section in selection.sections for id in (*section.papers, *section.titles)]
    if new:
        return "New papers", tuple(new[:_PAPERS_WITHOUT_PICKS])
    return "Updated papers", selection.updated[:_PAPERS_WITHOUT_PICKS]


def _paper(entry: Entry, identity: ListIdentity) -> PostedPaper:
    summary = first_fitting(_LONGEST_SUMMARY, clean(entry.brief), clean(entry.summary))
    credit = summary_credit(entry) if summary else ""
    return PostedPaper(
        clean(entry.title) or f"Paper {entry.paper_id}",
        urls.paper_url(entry, identity),
        f"{summary} {credit}".strip(),
    )


def _topics(
    edition: Edition, selection: Selection, entries: Mapping[int, Entry]
) -> tuple[tuple[str, int], ...]:
    """The new papers by topic, the largest first; those of no topic last."""
    counts = {section.topic: section.listed for section in selection.sections}
    for id in selection.picks:
        topic = entries[id].topic
        counts[topic] = counts.get(topic, 0) + 1
    names = {section.topic.id: section.topic.name for section in edition.sections}
    ordered = sorted(counts.items(), key=lambda item: (item[0] == NO_TOPIC, -item[1]))
    return tuple((clean(names.get(id) or id), count) for id, count in ordered if count)


def edition_data(
    published: PublishedEdition, selection: Selection, identity: ListIdentity
) -> dict[str, object]:
    """The edition as JSON has it, for a webhook: the papers with all that the mail says of them."""
    edition = published.edition
    chosen = set(_all_papers(selection)) if selection.personal else None
    updated, picks = set(edition.updated), set(selection.picks)
    return {
        "list": clean(identity.list_name),
        "kind": str(edition.kind),
        "date": edition.day.isoformat(),
        "covers": [day.isoformat() for day in edition.covers],
        "subject": published.rendering.subject,
        "url": urls.edition_url(edition, identity),
        "new": selection.total,
        "updated": selection.updates,
        "papers": [
            {
                **_paper_data(entry, identity),
                "novelty": "updated" if entry.paper_id in updated else "new",
                "pick": entry.paper_id in picks,
            }
            for entry in edition.best_first()
            if chosen is None or entry.paper_id in chosen
        ],
        "topics": [
            {"id": section.topic.id, "name": clean(section.topic.name)}
            for section in edition.sections
        ],
    }


def _all_papers(selection: Selection) -> Iterable[int]:
    yield from selection.picks
    for section in selection.sections:
        yield from section.papers
        yield from section.titles
    yield from selection.updated
    yield from selection.updated_titles


def _paper_data(entry: Entry, identity: ListIdentity) -> dict[str, object]:
    return {
        "id": entry.paper_id,
        "title": clean(entry.title),
        "url": urls.paper_url(entry, identity),
        "source_url": urls.safe_url(entry.url),
        "external_id": entry.external_id,
        "authors": [clean(author) for author in entry.authors],
        "author_count": entry.author_count,
        "topic": entry.topic,
        "topics": list(entry.topics),
        "summary": clean(entry.summary),
        "votes": entry.votes,
    }
