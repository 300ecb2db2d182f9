"""Sign-up: the form, its answer, and the page on which a visitor confirms."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest import subscriptions
from digest.errors import SubscriberError
from digest.mail.tokens import read, sign
from digest.model import Preferences, SignUp
from digest.subscriptions import Standing, Taken
from digest.web.forms import TRAP, Form, age, foreign, read_form
from digest.web.intake import Intake, rest_until
from digest.web.rooms import Rooms
from digest.web.shelf import fresh_token
from digest.web.visitors import Attempts, Visitors
from digest.web.wishes import blank, choices, read_wishes, typed

LATER = "3600"
"""Seconds after which a visitor who was told "too many" may try again."""


class SignUpPages:
    """``/subscribe`` and ``/confirm/<token>``."""

    def __init__(
        self, rooms: Rooms, intake: Intake, visitors: Visitors, attempts: Attempts
    ) -> None:
        self._rooms = rooms
        self._site = rooms.site
        self._intake = intake
        self._visitors = visitors
        self._attempts = attempts

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/subscribe", self.form, methods=["GET"]),
            Route("/subscribe", self.ask, methods=["POST"]),
            Route("/confirm/{token}", self.confirm_page, methods=["GET"]),
            Route("/confirm/{token}", self.confirm, methods=["POST"]),
        ]

    async def form(self, request: Request) -> Response:
        """The form, empty."""
        return self._form(blank(self._site), fresh_token(self._site))

    async def ask(self, request: Request) -> Response:
        """Take a sign-up. The answer is the same whoever the address belongs to."""
        begun = asyncio.get_running_loop().time()
        if foreign(request):
            raise HTTPException(403)
        network = self._visitors.network(request)
        if not self._attempts.allows(network):
            return self._too_many()
        form = await read_form(request)
        token = form.one("form")
        passed = age(token, self._site)
        if passed is None or passed < self._site.quickest:
            return self._once_more(form, token if passed is not None else "")
        try:
            wishes = read_wishes(form, self._site.topics)
            address = subscriptions.normal_address(form.one("email"))
        except SubscriberError as error:
            return self._faulty(form, error)
        if not form.one(TRAP):
            asked = sign_up(address, wishes, network, self._site)
            if await self._intake.take(asked) is Taken.TOO_MANY:
                return self._too_many()
        await rest_until(begun, self._site.answer_after)
        return self._asked()

    async def confirm_page(self, request: Request) -> Response:
        """A page with one button; looking at it changes nothing."""
        if read("confirm", request.path_params["token"], self._site.keys) is None:
            return bad_link(self._rooms)
        return self._rooms.private("confirm.html.j2")

    async def confirm(self, request: Request) -> Response:
        """The button was pressed."""
        reader = read("confirm", request.path_params["token"], self._site.keys)
        if reader is None:
            return bad_link(self._rooms)
        if foreign(request):
            raise HTTPException(403)
        network = self._visitors.network(request)
        standing = await to_thread.run_sync(self._confirm, reader, network)
        if self._site.welcome and standing is Standing.DONE:
            self._site.ring()
        return self._stands(standing, reader)

    def _confirm(self, reader: int, network: str) -> Standing:
        return subscriptions.confirm(
            self._site.store,
            reader,
            network=network,
            now=self._site.clock(),
            welcome=self._site.welcome,
        )

    def _stands(self, standing: Standing, reader: int) -> Response:
        again = [{"url": f"{self._site.at}/subscribe", "words": "Subscribe again"}]
        if standing in (Standing.DONE, Standing.ALREADY):
            own = f"{self._site.at}/preferences/{sign('preferences', reader, self._site.keys)}"
            title = "You are subscribed" if standing is Standing.DONE else "You are in already"
            lines = [
                "The next edition comes to you by itself.",
                "Until then you may say what it should be about, how often it comes and when.",
            ]
            return self._note(title, lines, [{"url": own, "words": "Choose topics and days"}])
        if standing is Standing.LEFT:
            lines = ["This link is of a time before you unsubscribed, so it does nothing now."]
            return self._note("You have left since", lines, again)
        if standing is Standing.BARRED:
            lines = ["Mail to this address came back, or was called unwanted, so none is sent."]
            return self._note("This address takes no mail from us", lines, [])
        lines = ["A request that is not confirmed within a week is forgotten."]
        return self._note("This link has grown old", lines, again)

    def _form(
        self,
        values: Mapping[str, Any],
        token: str,
        *,
        faults: Mapping[str, str] | None = None,
        notice: str = "",
        status: int = 200,
    ) -> Response:
        found = faults or {}
        return self._rooms.private(
            "subscribe.html.j2",
            status=status,
            form=values,
            faults=found,
            notice=notice,
            open=bool(set(found) - {"email"})
            or values != {**blank(self._site), "email": values["email"]},
            form_token=token,
            here="/subscribe",
            **choices(self._site),
        )

    def _once_more(self, form: Form, token: str) -> Response:
        """Too quick for a person, or a form we did not hand out: a person presses again."""
        return self._form(
            typed(form),
            token or fresh_token(self._site),
            notice="Please press Subscribe once more. (Nobody was signed up yet: we ask twice "
            "when a form comes back quicker than people type, or from an old page.)",
        )

    def _faulty(self, form: Form, error: SubscriberError) -> Response:
        name = error.where if error.where in typed(form) else "email"
        words = f"{error.what[:1].upper()}{error.what[1:]}. {error.mend}".strip()
        return self._form(typed(form), form.one("form"), faults={name: words}, status=422)

    def _asked(self) -> Response:
        lines = [
            "If that address does not get the digest yet, a mail is on its way there. "
            "Press the button in it, and you are in.",
            "Nothing in a few minutes? Look among the unwanted mail. We write to an address once "
            "a day at most; at busy hours it can take a while.",
        ]
        front = [{"url": f"{self._site.at}/", "words": "Read the latest edition"}]
        return self._note("Look into your inbox", lines, front)

    def _too_many(self) -> Response:
        response = self._note(
            "Too many at once",
            ["Very many addresses were signed up from your network. Please try again in an hour."],
            [],
            status=429,
        )
        response.headers["Retry-After"] = LATER
        return response

    def _note(
        self, title: str, lines: list[str], ways: list[dict[str, str]], status: int = 200
    ) -> Response:
        return self._rooms.private(
            "note.html.j2", title=title, lines=lines, ways=ways, status=status
        )


def sign_up(address: str, wishes: Preferences, network: str, site: Any) -> SignUp:
    """What a visitor asked for, as the store keeps it."""
    return SignUp(
        mailbox=subscriptions.mailbox(address),
        email=address,
        preferences=wishes,
        network=network,
        wording=subscriptions.WORDING,
        due_at=site.clock(),
    )


def bad_link(rooms: Rooms) -> Response:
    """A link that nobody signed: cut in two by a mail program, or made up."""
    return rooms.private(
        "note.html.j2",
        status=404,
        title="This link does not work",
        lines=["It may have been cut in two on its way. Copy the whole of it from the mail."],
        ways=[{"url": f"{rooms.site.at}/subscribe", "words": "Subscribe"}],
    )
