"""The page of a paper: the whole abstract, its links, when it was seen, and why it ranked."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.citations.bibtex import MOST_AUTHORS_SHOWN, bibtex_entry
from digest.citations.embedded import coins, highwire_tags
from digest.citations.reference import reference_of
from digest.editorial.reasons import is_reason
from digest.mail import plain_text
from digest.model import (
    EditionKind,
    EditionSummary,
    Paper,
    Placing,
    RelatedPaper,
    Sighting,
    VoteLinks,
)
from digest.store import UnitOfWork
from digest.web import display
from digest.web.page_cache import CachedPage
from digest.web.page_context import PageContext
from digest.web.paper_facts import paper_facts, source_summary
from digest.web.readable_texts import READABLE_TEXTS

LONGEST_ABSTRACT = 20_000
MOST_SIGHTINGS = 30
RELATED = 5
"""Related papers that a paper's page names."""
LARGEST_ID = 2**53
_SHOWN = 0.005
"""The smallest part of a score that two decimals show as more than nothing."""


class PaperPages:
    """``/papers/<id>``."""

    def __init__(self, context: PageContext) -> None:
        self._context = context

    def routes(self) -> list[Route]:
        """List the routes."""
        return [Route("/papers/{id}", self.paper)]

    async def paper(self, request: Request) -> Response:
        """The paper with that number."""
        paper_id = parse_paper_id(request.path_params["id"])
        return await self._context.page(
            request, ("paper", paper_id), lambda unit: self._page(unit, paper_id)
        )

    def _page(self, unit: UnitOfWork, paper_id: int) -> CachedPage | None:
        found = unit.papers.with_assignment(paper_id)
        editions = telling_editions(unit, paper_id)
        if found is None or editions is None:
            return None
        paper, assignment = found
        site = self._context.site
        abstract = plain_text.clip(READABLE_TEXTS.text(paper.abstract), LONGEST_ABSTRACT)
        topics = assignment.topics if assignment is not None else ()
        why = assignment.why if assignment is not None else ()
        seen = unit.papers.sightings([paper_id])[paper_id]
        return self._context.html(
            "paper.html.j2",
            title=display.paper_title(paper.title),
            canonical=f"{site.base}/papers/{paper_id}",
            description=plain_text.clip(abstract, 200),
            topics=[{"id": id, "name": site.topic_name(id)} for id in topics],
            authors=_author_line(paper),
            links=display.source_links(paper),
            abstract=abstract,
            facts=paper_facts(paper),
            **_citation(paper),
            related=[_related_row(other) for other in unit.related_papers.of(paper_id, RELATED)],
            source_summary=source_summary(paper),
            reasons=self._reasons(unit, editions, paper_id),
            filed=_filed_line(site.topic_name(topics[0]), why) if topics and why else "",
            seen=_seen_line(paper, len(seen)),
            sightings=[_sighting_row(sighting) for sighting in seen[-MOST_SIGHTINGS:]]
            if len(seen) > 1
            else [],
            **self._buttons(paper_id),
            editions=[
                {
                    "name": plain_text.edition_name(edition.kind, edition.day),
                    "words": display.edition_label(edition),
                }
                for edition in editions
                if edition.kind is not EditionKind.WEEKDAYS
            ],
        )

    def _buttons(self, paper_id: int) -> dict[str, Any]:
        """The answers that subscribers can give on the page: votes, and to read it later."""
        identity = self._context.site.list_identity
        return {
            "vote_on": paper_id if identity.votes is not VoteLinks.OFF else 0,
            "reading_lists": identity.has_reading_lists,
        }

    def _reasons(
        self, unit: UnitOfWork, editions: tuple[EditionSummary, ...], paper_id: int
    ) -> list[str]:
        """Reasons for its place in its first daily edition, and its score as a sum."""
        daily = [edition for edition in editions if edition.kind is EditionKind.DAILY]
        placing = unit.editions.placing(daily[0].id, paper_id) if daily else None
        return _reasons(placing) if placing is not None else []


def telling_editions(unit: UnitOfWork, paper_id: int) -> tuple[EditionSummary, ...] | None:
    """The public editions that tell of a paper. There are none where only one that is held does: its
    preview leads here, search engines are to keep out. ``None`` if no edition at all tells of it.
    """
    editions = unit.editions.with_paper(paper_id)
    return editions if editions or unit.editions.with_paper(paper_id, all=True) else None


def _citation(paper: Paper) -> dict[str, Any]:
    """The citation for people, as files, and for programs that read the page."""
    reference = reference_of(paper)
    return {
        "citation": bibtex_entry(reference, MOST_AUTHORS_SHOWN),
        "files": display.citation_links(f"/papers/{paper.id}"),
        "citation_tags": highwire_tags(reference),
        "coins": coins(reference),
    }


def _related_row(paper: RelatedPaper) -> dict[str, Any]:
    day = paper.first_seen
    return {
        "id": paper.id,
        "title": display.paper_title(paper.title),
        "day": f"{plain_text.short_day(day)} {day.year}",
    }


def _reasons(placing: Placing) -> list[str]:
    """Parts of a paper's score, in words and as a sum."""
    trend = placing.trend
    reasons = [part.words for part in trend.parts if is_reason(part)]
    place = f"Number {placing.place:,} of {placing.of:,} in its edition"
    if trend.score >= _SHOWN:
        place += f", with a score of {trend.score:.2f}"
    counted = [part for part in trend.parts if abs(part.value) >= _SHOWN]
    sum_of = " ".join(f"{part.value:+.2f} {part.name}" for part in counted)
    return [
        *(
            plain_text.clip(plain_text.clean(f"{text[:1].upper()}{text[1:]}"), 200)
            for text in reasons
        ),
        f"{place}: {sum_of}" if sum_of else place,
    ]


def parse_paper_id(text: str) -> int:
    """A paper's number from an address. Raises a 404 for another text."""
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and int(text) <= LARGEST_ID):
        raise HTTPException(404)
    return int(text)


def _author_line(paper: Paper) -> str:
    names = [plain_text.clip(plain_text.clean(name), 80) for name in paper.authors[:30]]
    more = max((paper.author_count or 0) - len(names), len(paper.authors) - len(names))
    people = plain_text.joined(names)
    if names and more > 0:
        people += f" and {more:,} more"
    if not names and paper.author_count:
        people = plain_text.counted(paper.author_count, "author")
    from_where = plain_text.clip(plain_text.clean(paper.organization or ""), 120)
    return " · ".join(part for part in (people, from_where) if part)


def _filed_line(topic: str, why: tuple[str, ...]) -> str:
    phrases = ", ".join(f"“{plain_text.clip(plain_text.clean(phrase), 60)}”" for phrase in why)
    return f"{topic}, because of {phrases}."


def _seen_line(paper: Paper, times: int) -> str:
    first = plain_text.day_in_words(paper.first_seen)
    if paper.first_seen == paper.last_seen:
        words = f"On {first}."
    else:
        words = (
            f"First on {first}, last on {plain_text.day_in_words(paper.last_seen)}, "
            f"{plain_text.counted(times, 'time')} in all."
        )
    if paper.published is not None:
        words += f" Published {plain_text.day_in_words(paper.published)}."
    return words


def _sighting_row(sighting: Sighting) -> dict[str, Any]:
    return {
        "day": plain_text.day_in_words(sighting.day),
        "place": f"{sighting.position:,} of {max(sighting.of, sighting.position):,}",
        "votes": "–" if sighting.votes is None else f"{sighting.votes:,}",
    }
