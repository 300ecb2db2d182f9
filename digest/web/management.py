"""The API for programs that manage the list: subscribers, deliveries and runs, under a token.

It is not there where no token is set. It does what the commands do, by the same use-cases, and answers
with the objects that these print with ``--json``. An address of a person stands in bodies only, never
in an address of the web, which logs of proxies keep.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest import subscriptions
from digest.errors import SubscriberError
from digest.json_objects import subscriber_object
from digest.model import Subscriber, SubscriberState
from digest.subscriptions import AddResult, NewSubscriber
from digest.web.api_parameters import Parameters, parse_number
from digest.web.api_tokens import ApiTokens
from digest.web.management_openapi import describe_management
from digest.web.management_reports import MOST_LISTED, USUALLY_LISTED, deliveries, runs
from digest.web.management_requests import (
    PREFERENCES,
    read_address,
    read_choices,
    read_flag,
    read_members,
)
from digest.web.page_context import PageContext
from digest.web.problems import PlainJson, Problem
from digest.web.thread_pools import RequestThreads
from digest.web.visitors import Visitors

log = logging.getLogger(__name__)

ROOT = "/api/manage"
AT_ONCE, MOST_WAITING = 4, 100
"""Requests that work at once, and those that wait; further ones are told to come back."""
Handler = Callable[[Request], Awaitable[Response]]


class ManagementApi:
    """``/api/manage/…``."""

    def __init__(self, context: PageContext, visitors: Visitors) -> None:
        self._site = context.site
        self._tokens = ApiTokens(context.site.api_tokens, visitors)
        self._threads = RequestThreads(AT_ONCE, MOST_WAITING)
        site = context.site
        self._description = describe_management(
            site.topics, f"{site.base}{ROOT}", site.list_identity.list_name
        )

    def routes(self) -> list[Route]:
        """List the routes; none without a token."""
        if not self._site.api_tokens:
            return []
        return [
            self._route("/openapi.json", GET=self.describe),
            self._route("/subscribers", GET=self.list_subscribers, POST=self.add),
            self._route("/addresses/find", POST=self.find),
            self._route("/addresses/remove", POST=self.remove_by_address),
            self._route("/subscribers/{id}", GET=self.show, PATCH=self.change),
            self._route("/subscribers/{id}/remove", POST=self.remove),
            self._route("/deliveries", GET=self.deliveries),
            self._route("/runs", GET=self.runs),
        ]

    def _route(self, path: str, **handlers: Handler) -> Route:
        async def admitted(request: Request) -> Response:
            self._tokens.admit(request)
            method = "GET" if request.method == "HEAD" else request.method
            return await handlers[method](request)

        return Route(f"{ROOT}{path}", admitted, methods=[*handlers])

    async def describe(self, request: Request) -> Response:
        """Answer with the description of this API."""
        return answer(self._description)

    async def list_subscribers(self, request: Request) -> Response:
        """A page of the subscribers, in the order they came."""
        given = Parameters(request, ("state", "after", "limit"))
        state = given.choice("state", list(SubscriberState))
        after = given.number("after", 0, 0)
        limit = given.number("limit", USUALLY_LISTED, 1, MOST_LISTED)
        wanted = SubscriberState(state) if state else None

        def read() -> dict[str, Any]:
            with self._site.store.read() as unit:
                page = unit.subscribers.list(state=wanted, after=after, limit=limit + 1)
                counts = unit.subscribers.counts()
                total = counts[wanted] if wanted else sum(counts.values())
                total += 0 if wanted else unit.subscribers.stateless()[0]
            return {
                "subscribers": [subscriber_object(subscriber) for subscriber in page[:limit]],
                "total": total,
                "next": page[limit - 1].id if len(page) > limit else None,
            }

        return answer(await self._threads.run(read))

    async def add(self, request: Request) -> Response:
        """Add a subscriber, or change one who is known, as the command does."""
        members = await read_members(request, "email", "confirmed", "again", *PREFERENCES)
        preferences, fields = read_choices(members, self._site.topics)
        new = NewSubscriber(
            read_address(members),
            preferences,
            confirmed=read_flag(members, "confirmed"),
            ask=self._site.asks_to_confirm,
            again=read_flag(members, "again"),
            fields=fields,
        )
        site = self._site
        added = await self._threads.run(
            lambda: subscriptions.add_subscriber(site.store, new, now=site.clock())
        )
        response = _result(added)
        if added.is_new:
            response.status_code = 201
            response.headers["Location"] = f"{site.base}{ROOT}/subscribers/{added.subscriber.id}"
        # A mail that asks to confirm may be due.
        site.wake()
        return response

    async def find(self, request: Request) -> Response:
        """The subscriber with an address."""
        address = read_address(await read_members(request, "email"))
        return answer(subscriber_object(await self._threads.run(self._by_address, address)))

    async def show(self, request: Request) -> Response:
        """The subscriber with a number."""
        Parameters(request, ())
        subscriber_id = _subscriber_id(request)

        def read() -> Subscriber | None:
            with self._site.store.read() as unit:
                return unit.subscribers.by_id(subscriber_id)

        return answer(subscriber_object(_existing(await self._threads.run(read))))

    async def change(self, request: Request) -> Response:
        """Change a subscriber's preferences."""
        subscriber_id = _subscriber_id(request)
        members = await read_members(request, *PREFERENCES)
        preferences, fields = read_choices(members, self._site.topics)
        store = self._site.store
        try:
            changed = await self._threads.run(
                lambda: subscriptions.change_preferences(store, subscriber_id, preferences, fields)
            )
        except SubscriberError:
            raise _no_such_subscriber() from None
        return _result(changed)

    async def remove(self, request: Request) -> Response:
        """Unsubscribe the subscriber with a number."""
        return await self._removed(_subscriber_id(request))

    async def remove_by_address(self, request: Request) -> Response:
        """Unsubscribe the subscriber with an address."""
        address = read_address(await read_members(request, "email"))
        return await self._removed((await self._threads.run(self._by_address, address)).id)

    async def deliveries(self, request: Request) -> Response:
        """A page of the deliveries of a day's editions."""
        return answer(await self._threads.run(deliveries(request), self._site.store))

    async def runs(self, request: Request) -> Response:
        """A page of the runs of the jobs."""
        return answer(await self._threads.run(runs(request), self._site.store))

    def _by_address(self, address: str) -> Subscriber:
        with self._site.store.read() as unit:
            return _existing(unit.subscribers.by_email(address))

    async def _removed(self, subscriber_id: int) -> Response:
        site = self._site
        try:
            removed = await self._threads.run(
                lambda: subscriptions.unsubscribe_by_id(
                    site.store,
                    subscriber_id,
                    reason=subscriptions.REMOVED_BY_OPERATOR,
                    now=site.clock(),
                )
            )
        except SubscriberError:
            raise _no_such_subscriber() from None
        log.info("a program removed subscriber %d", removed.id)
        return answer(subscriber_object(removed))


def answer(values: dict[str, Any], status: int = 200) -> PlainJson:
    """Answer with values that nobody on the way may keep."""
    return PlainJson(values, status, {"Cache-Control": "no-store"})


def _result(result: AddResult) -> PlainJson:
    """Answer what became of an addition or a change. A 409 says that it may not be."""
    subscriber = subscriber_object(result.subscriber)
    if result.refused:
        raise Problem(409, result.words, subscriber=subscriber)
    log.info("a program set subscriber %d: %s", result.subscriber.id, result.words)
    return answer({**subscriber, "said": result.words})


def _subscriber_id(request: Request) -> int:
    number = parse_number(request.path_params["id"])
    if number is None:
        raise _no_such_subscriber()
    return number


def _existing(subscriber: Subscriber | None) -> Subscriber:
    if subscriber is None:
        raise _no_such_subscriber()
    return subscriber


def _no_such_subscriber() -> Problem:
    return Problem(404, "There is no such subscriber.")
