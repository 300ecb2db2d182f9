"""Votes: pages behind a mail's links, where looking changes nothing, and buttons on a paper's page.

::

    /vote/<token>/<edition>                      the whole mail, with buttons
    /vote/<token>/<edition>/<paper>/<more|less>  one paper, its answer chosen already; ``later``, too
    /papers/<id>/vote                            buttons of a paper's page, on a device that is known

A vote is a POST. The first on a device takes a press of a button, which sets a cookie
(`device_cookie`). Where that cookie and the link's token name the same subscriber, the page comes
with a script that presses the button; without the cookie there is no script to run, so no scanner
votes, whatever it executes. The token opens nothing but votes: who is forwarded a mail cannot reach
its reader's taste or preferences by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from digest.editorial.selection import select_for
from digest.errors import InputError
from digest.mail import plain_text
from digest.model import Edition, EditionKind, Frequency, Selection, Subscriber
from digest.store import UnitOfWork
from digest.web import display
from digest.web.device_cookie import DeviceCookie
from digest.web.editions import edition_summaries, parse_edition_name
from digest.web.forms import is_cross_site, read_form
from digest.web.link_pages import LinkPages
from digest.web.paper_answers import LINKED, PaperAnswer, answer_paper
from digest.web.papers import parse_paper_id, telling_editions
from digest.web.security import POLICY

SCRIPT = b"""(function () {
  var form = document.getElementById("vote-now"), sent = false;
  function press() {
    if (sent || document.prerendering || document.visibilityState !== "visible") return;
    sent = true;
    history.replaceState(null, "", form.getAttribute("data-after"));
    form.elements.auto.value = "1";
    form.submit();
  }
  document.addEventListener("visibilitychange", press);
  document.addEventListener("prerenderingchange", press);
  press();
})();
"""
"""Presses the button of a vote, once somebody sees the page. Served with the page of a device that is
known, and with no other."""
SCRIPT_NAME = "vote.js"
_WITH_SCRIPT = f"{POLICY}; script-src 'self'"
_MOST_PAPERS = 200


class VotePages(LinkPages):
    """``/vote/<token>/…``, and the votes of ``/papers/<id>``."""

    purpose = "vote"
    posts_a_minute: ClassVar[int] = 120

    def routes(self) -> list[Route]:
        """List the routes."""
        mail = "/vote/{token}/{edition}"
        one = f"{mail}/{{paper}}/{{direction}}"
        return [
            Route(mail, self.show, methods=["GET"]),
            Route(mail, self.submit, methods=["POST"]),
            Route(one, self.show_one, methods=["GET"]),
            Route(one, self.submit, methods=["POST"]),
            Route("/papers/{paper}/vote", self.submit_on_paper, methods=["POST"]),
            Route(f"/{SCRIPT_NAME}", self.script),
        ]

    async def show(self, request: Request) -> Response:
        """Show the papers of a mail with buttons; changes nothing."""
        signed_id = self._signed_id(request)
        if signed_id is None:
            return self._bad_link()
        name = request.path_params["edition"]
        said = _read_said(request)
        return await self._threads.run(self._mail_page, signed_id, name, said)

    async def show_one(self, request: Request) -> Response:
        """Show one paper with the answer chosen; changes nothing.

        On a device of the same subscriber, and not for a browser that looks ahead, the page comes
        with the script that presses its button.
        """
        signed_id = self._signed_id(request)
        if signed_id is None:
            return self._bad_link()
        paper_id = parse_paper_id(request.path_params["paper"])
        answer = self._linked(request.path_params["direction"])
        ahead = request.headers.get("sec-purpose") or request.headers.get("purpose")
        known = DeviceCookie(self._site).read(request) == signed_id and not ahead
        return await self._threads.run(
            self._paper_page, signed_id, request.path_params["edition"], paper_id, answer, known
        )

    async def _submit(self, request: Request, signed_id: int) -> Response:
        form = await read_form(request)
        word, _, paper = form.one("vote").partition(" ")
        paper_id = parse_paper_id(paper)
        answer = self._answer(word)
        cookie = DeviceCookie(self._site)
        automatic = form.one("auto") == "1"
        name = request.path_params["edition"]
        parse_edition_name(name)
        if automatic and cookie.read(request) != signed_id:
            return await self._threads.run(
                self._paper_page, signed_id, name, paper_id, answer, False
            )
        try:
            before = await self._threads.run(self._give, signed_id, paper_id, answer)
        except InputError as error:
            return self._full(error)
        if before is None:
            return self._unknown()
        said = urlencode({"said": f"{word}-{before}-{paper_id}"})
        token = request.path_params["token"]
        response = RedirectResponse(
            f"{self._site.root_path}/vote/{token}/{name}?{said}#p{paper_id}",
            303,
            {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"},
        )
        if not automatic:
            cookie.set(response, signed_id)
        return response

    async def submit_on_paper(self, request: Request) -> Response:
        """Vote by a button of a paper's page, on a device that is known. Raises a 403 for another site."""
        if is_cross_site(request):
            raise HTTPException(403)
        paper_id = parse_paper_id(request.path_params["paper"])
        signed_id = DeviceCookie(self._site).read(request)
        if signed_id is None:
            return self._unknown_device()
        if not self._rate_limit.allows(str(signed_id)):
            raise HTTPException(429, headers={"Retry-After": "60"})
        form = await read_form(request)
        word = form.one("vote")
        answer = self._answer(word)
        try:
            before = await self._threads.run(self._give, signed_id, paper_id, answer)
        except InputError as error:
            return self._full(error)
        if before is None:
            return self._unknown()
        return self._context.private(
            "voted.html.j2",
            words=answer.done,
            saves=answer.saves,
            paper_id=paper_id,
            undo=str(before) if before is not answer else "",
        )

    async def script(self, request: Request) -> Response:
        """The script that presses a vote's button."""
        return Response(
            SCRIPT,
            200,
            {"Cache-Control": "public, max-age=86400"},
            "text/javascript; charset=utf-8",
        )

    def _give(self, signed_id: int, paper_id: int, answer: PaperAnswer) -> PaperAnswer | None:
        """Do what the answer says; the one that undoes it, ``None`` for nobody."""
        if answer in LINKED:
            with self._site.store.read() as unit:
                if telling_editions(unit, paper_id) is None:
                    return None
        return answer_paper(self._site.store, signed_id, paper_id, answer, now=self._site.clock())

    def _answer(self, word: str) -> PaperAnswer:
        """The answer of that name. Raises a 404 for another, and where there are no reading lists."""
        try:
            answer = PaperAnswer(word)
        except ValueError:
            raise HTTPException(404) from None
        if answer.saves and not self._site.list_identity.has_reading_lists:
            raise HTTPException(404)
        return answer

    def _linked(self, word: str) -> PaperAnswer:
        """The answer of a mail's link. Raises a 404 for one that no mail links to."""
        answer = self._answer(word)
        if answer not in LINKED:
            raise HTTPException(404)
        return answer

    def _page(self, signed_id: int) -> Response:
        raise HTTPException(404)

    def _mail_page(self, signed_id: int, name: str, said: Mapping[str, Any]) -> Response:
        with self._site.store.read() as unit:
            subscriber = unit.subscribers.by_id(signed_id)
            found = self._edition(unit, subscriber, name) if subscriber is not None else None
            if subscriber is None or found is None:
                return self._unknown()
            edition, selection = found
            ids = _shown_ids(selection)
            votes = unit.votes.on(signed_id, ids)
            saved = unit.reading_lists.has(signed_id, ids)
        entries = {entry.paper_id: entry for entry in edition.entries}
        return self._context.private(
            "votes.html.j2",
            whose=display.masked_address(subscriber.email),
            title=plain_text.edition_date(edition),
            papers=[
                {
                    "id": id,
                    "title": display.paper_title(entries[id].title),
                    "words": plain_text.clean(entries[id].brief),
                    "why": plain_text.clean(selection.why.get(id, "")),
                    "vote": str(votes.get(id, "")),
                    "saved": id in saved,
                }
                for id in ids
                if id in entries
            ],
            said=said,
            reading_lists=self._site.list_identity.has_reading_lists,
        )

    def _edition(
        self, unit: UnitOfWork, subscriber: Subscriber, name: str
    ) -> tuple[Edition, Selection] | None:
        """The edition of that name that a subscriber got, and what their mail showed of it."""
        kind, day = parse_edition_name(name)
        found = edition_summaries(unit, kind, day)
        if subscriber.preferences.frequency is Frequency.WEEKDAYS:
            found.sort(key=lambda summary: summary.kind is not EditionKind.WEEKDAYS)
        if not found:
            return None
        edition = self._context.edition_cache.content(unit, found[0])
        selection = (
            unit.selections.of_subscriber(found[0].id, subscriber.id)
            or select_for(edition, subscriber.preferences)
            or select_for(edition)
        )
        return None if selection is None else (edition, selection)

    def _paper_page(
        self, signed_id: int, name: str, paper_id: int, answer: PaperAnswer, known: bool
    ) -> Response:
        parse_edition_name(name)
        with self._site.store.read() as unit:
            subscriber = unit.subscribers.by_id(signed_id)
            paper = unit.papers.get(paper_id)
            told = telling_editions(unit, paper_id) is not None
        if subscriber is None or paper is None or not told:
            return self._unknown()
        response = self._context.private(
            "vote.html.j2",
            whose=display.masked_address(subscriber.email),
            title=display.paper_title(paper.title),
            paper_id=paper_id,
            chosen=str(answer),
            reading_lists=self._site.list_identity.has_reading_lists,
            name=name,
            all_url=f"{self._link(self.purpose, signed_id)}/{name}",
            script=f"{self._site.root_path}/{SCRIPT_NAME}" if known else "",
        )
        if known:
            response.headers["Content-Security-Policy"] = _WITH_SCRIPT
        return response

    def _unknown(self) -> Response:
        return self._context.note(
            "There is nothing to vote on here",
            ["The paper, the edition or the subscription of this link no longer exists."],
            [{"url": f"{self._site.root_path}/", "words": "The latest edition"}],
            status=404,
        )

    def _full(self, error: InputError) -> Response:
        return self._context.note(
            "Your reading list is full",
            [f"{error.what[:1].upper()}{error.what[1:]}.", f"{error.mend}."],
            [{"url": f"{self._site.root_path}/", "words": "The latest edition"}],
            status=422,
        )

    def _unknown_device(self) -> Response:
        return self._context.note(
            "Which subscription is this vote for?",
            [
                "We do not know this device yet. Vote once from a link in one of your mails and "
                "press the button on the page it opens: after that, these buttons work here, too.",
                "Nothing was saved.",
            ],
            [self._subscribe_link("Subscribe")],
            status=403,
        )


def _shown_ids(selection: Selection) -> list[int]:
    """The papers of a mail in their order."""
    listed = [id for section in selection.sections for id in section.papers]
    return list(dict.fromkeys((*selection.picks, *listed, *selection.updated)))[:_MOST_PAPERS]


def _read_said(request: Request) -> dict[str, Any]:
    """The vote that was just cast, from the address that it led to: to tell it, and to undo it."""
    word, _, rest = request.query_params.get("said", "").partition("-")
    before, _, paper = rest.partition("-")
    words = set(PaperAnswer)
    if word not in words or before not in words or not (paper.isascii() and paper.isdigit()):
        return {}
    undo = before if before != word else ""
    return {"words": PaperAnswer(word).done, "undo": undo, "paper": int(paper[:16])}
