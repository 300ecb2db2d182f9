"""A reader's reading list: the papers they keep for later. Only their own link shows it.

::

    /reading/<token>                                the list, with buttons; looking changes nothing
    /reading/<token>/papers.bib  .ris  .json        its papers as citations
    /reading/<token>/list.json                      the list itself, for programs
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.citations.embedded import coins
from digest.citations.formats import CITATION_FORMATS
from digest.citations.reference import reference_of
from digest.mail import plain_text
from digest.model import Paper, SavedPaper
from digest.subscriptions import ActionResult, reading_list
from digest.subscriptions.reading_list import ReadingListView
from digest.web import display
from digest.web.forms import PostedForm, read_form
from digest.web.link_pages import LinkPages
from digest.web.taste import is_number

_FILE_HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_MOST_AUTHORS = 3


class ReadingListPages(LinkPages):
    """``/reading/<token>``."""

    purpose = "reading"
    posts_a_minute: ClassVar[int] = 120

    def routes(self) -> list[Route]:
        """List the routes."""
        files = "/reading/{token}"
        return [
            *(Route(f"{files}/papers.{ending}", self.citations) for ending in CITATION_FORMATS),
            Route(f"{files}/list.json", self.as_json),
            *super().routes(),
        ]

    async def citations(self, request: Request) -> Response:
        """The papers of the list as a file for programs that keep references."""
        signed_id = self._signed_id(request)
        ending = request.url.path.rpartition(".")[2]
        if signed_id is None:
            return self._bad_link()
        return await self._threads.run(self._file, signed_id, ending)

    async def as_json(self, request: Request) -> Response:
        """The list for programs."""
        signed_id = self._signed_id(request)
        if signed_id is None:
            return self._bad_link()
        return await self._threads.run(self._json, signed_id)

    async def _submit(self, request: Request, signed_id: int) -> Response:
        form = await read_form(request)
        return await self._threads.run(self._act, signed_id, form)

    def _act(self, signed_id: int, form: PostedForm) -> Response:
        word, _, number = form.one("action").partition(" ")
        paper_id = int(number) if is_number(number) else 0
        store, now = self._site.store, self._site.clock()
        if word == "remove":
            if reading_list.remove_papers(store, signed_id, [paper_id]):
                return self._page(signed_id, "Removed.", f"save {paper_id}")
        elif word == "save":
            if reading_list.save_paper(store, signed_id, paper_id, now=now) is ActionResult.DONE:
                return self._page(signed_id, "It is on your list again.")
        elif word in ("read", "unread"):
            is_read = word == "read"
            if reading_list.mark_paper(store, signed_id, paper_id, now if is_read else None):
                words = "Marked as read." if is_read else "Marked as unread."
                undo = "unread" if is_read else "read"
                return self._page(signed_id, words, f"{undo} {paper_id}")
        elif word == "clear":
            return self._clear(signed_id)
        return self._page(signed_id)

    def _clear(self, signed_id: int) -> Response:
        view = reading_list.find_reading_list(self._site.store, signed_id)
        read = [saved.paper_id for saved in view.saved if saved.read] if view is not None else []
        gone = reading_list.remove_papers(self._site.store, signed_id, read)
        return self._page(signed_id, f"{plain_text.counted(gone, 'paper')} removed.")

    def _page(self, signed_id: int, words: str = "", undo: str = "") -> Response:
        view = reading_list.find_reading_list(self._site.store, signed_id)
        if view is None:
            return self._unknown()
        papers = {paper.id: paper for paper in view.papers}
        rows = [_row(saved, papers[saved.paper_id]) for saved in view.saved]
        return self._context.private(
            "reading.html.j2",
            whose=display.masked_address(view.subscriber.email),
            unread=[row for row in rows if not row["read"]],
            read=[row for row in rows if row["read"]],
            files=display.citation_links(f"{self._link(self.purpose, signed_id)}/papers"),
            list_url=f"{self._link(self.purpose, signed_id)}/list.json",
            words=words,
            undo=undo,
            most=reading_list.MAX_SAVED,
        )

    def _file(self, signed_id: int, ending: str) -> Response:
        view = reading_list.find_reading_list(self._site.store, signed_id)
        if view is None:
            return self._unknown()
        style = CITATION_FORMATS[ending]
        return Response(
            style.text([reference_of(paper) for paper in view.papers]),
            headers={
                **_FILE_HEADERS,
                "Content-Disposition": f'attachment; filename="reading-list.{ending}"',
            },
            media_type=style.media_type,
        )

    def _json(self, signed_id: int) -> Response:
        view = reading_list.find_reading_list(self._site.store, signed_id)
        if view is None:
            return self._unknown()
        return Response(
            json.dumps({"papers": self._items(view)}, ensure_ascii=False, indent=1),
            headers=_FILE_HEADERS,
            media_type="application/json",
        )

    def _items(self, view: ReadingListView) -> list[dict[str, Any]]:
        papers = {paper.id: paper for paper in view.papers}
        return [
            {
                "id": saved.paper_id,
                "title": display.paper_title(saved.title),
                "authors": [plain_text.clean(name) for name in papers[saved.paper_id].authors],
                "external_id": papers[saved.paper_id].external_id,
                "page": f"{self._site.base}/papers/{saved.paper_id}",
                "added": saved.added.isoformat(),
                "read": saved.read.isoformat() if saved.read is not None else None,
            }
            for saved in view.saved
        ]

    def _unknown(self) -> Response:
        return self._context.note(
            "We know nothing about you",
            ["We keep nothing about you and send you no mail."],
            [self._subscribe_link("Subscribe")],
            status=404,
        )


def _row(saved: SavedPaper, paper: Paper) -> dict[str, Any]:
    """A paper as the list shows it, with the citation that programs read from the page."""
    names = [plain_text.clean(name) for name in paper.authors[:_MOST_AUTHORS]]
    if len(paper.authors) > _MOST_AUTHORS:
        names.append(f"and {len(paper.authors) - _MOST_AUTHORS:,} more")
    return {
        "id": saved.paper_id,
        "title": display.paper_title(saved.title),
        "authors": plain_text.clip(", ".join(names), 160),
        "links": display.source_links(paper)[:2],
        "added": plain_text.day_in_words(saved.added),
        "read": plain_text.day_in_words(saved.read) if saved.read is not None else "",
        "coins": coins(reference_of(paper)),
    }
