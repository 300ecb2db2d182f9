"""Ask services for single papers: by their ids, else by the exact title.

``GET https://export.arxiv.org/api/query`` gives up to 100 papers of an ``id_list`` in one answer, but is
empty or refuses at times (429): no answer means nothing. ``GET https://huggingface.co/api/papers/{id}``
gives one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode

from digest.arxiv_ids import arxiv_id
from digest.errors import DigestError
from digest.model import Record, Rejected
from digest.sources.registry import scheme_of
from digest.sources.services import huggingface
from digest.sources.services.pages import read_page
from digest.sources.tools import SourceTools

ARXIV = "https://export.arxiv.org"
BATCH = 100
"""Ids in one request; the API gives up to 2,000, in an address that may be too long."""
_LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True)
class Wanted:
    """A paper to ask for: ``external_id`` as `digest.model.Record` writes it, or its exact title."""

    title: str
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer to one request: papers, or why there are none, in one line for people."""

    source: str
    records: tuple[Record, ...] = ()
    complaint: str = ""


def asks_anybody(locations: Sequence[str]) -> bool:
    """Tell whether one of the locations is of a service that can be asked for single papers."""
    return any(scheme_of(location) in ("arxiv", "hf") for location in locations)


def ask(
    wanted: Sequence[Wanted], locations: Sequence[str], tools: SourceTools, *, today: date
) -> Iterator[Answer]:
    """Yield an answer for each request, the ones that may bring most first.

    Only the services among ``locations`` are asked; each request is made when the answer is taken.
    A host that failed once is not asked again.
    """
    schemes = {scheme_of(location) for location in locations}
    ids = [known for each in wanted if (known := arxiv_id(each.external_id or ""))]
    titles = [each.title for each in wanted if not each.external_id]
    if "arxiv" in schemes:
        yield from _until_it_fails(_arxiv(ids, titles, tools, today))
    if "hf" in schemes and "arxiv" not in schemes:
        yield from _until_it_fails(_hugging_face(ids, tools, today))


def _until_it_fails(answers: Iterator[Answer]) -> Iterator[Answer]:
    for answer in answers:
        yield answer
        if answer.complaint:
            return


def _arxiv(
    ids: Sequence[str], titles: Sequence[str], tools: SourceTools, today: date
) -> Iterator[Answer]:
    base = f"{tools.endpoints.get('api.arxiv', ARXIV).rstrip('/')}/api/query"
    for first in range(0, len(ids), BATCH):
        batch = ids[first : first + BATCH]
        query = urlencode({"id_list": ",".join(batch), "max_results": len(batch)}, safe=",/")
        yield _answer("arxiv", f"{base}?{query}", tools, today)
    for title in titles:
        words = title[:_LONGEST_TITLE].replace('"', " ")
        query = urlencode({"search_query": f'ti:"{words}"', "max_results": 5})
        answer = _answer("arxiv", f"{base}?{query}", tools, today)
        # A title that arXiv has not is no failure.
        yield Answer(
            "arxiv", answer.records, answer.complaint if "nothing" not in answer.complaint else ""
        )


def _hugging_face(ids: Sequence[str], tools: SourceTools, today: date) -> Iterator[Answer]:
    base = tools.endpoints.get("hf", huggingface.ENDPOINT).rstrip("/")
    for known in ids:
        yield _answer("hf", f"{base}/api/papers/{quote(known)}", tools, today)


def _answer(source: str, url: str, tools: SourceTools, today: date) -> Answer:
    try:
        page = read_page(url, location=source, today=today, tools=tools)
    except DigestError as error:
        return Answer(source, complaint=str(error))
    if isinstance(page, Rejected):
        return Answer(source, complaint=page.reason)
    if not page.records:
        return Answer(source, complaint="answers with nothing, which is no word on the papers")
    return Answer(source, page.records)
