"""How many requests are in work at once, and who is answered all the same."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from web.site_fixture import RunningSite

from digest.web.admission import Admission
from digest.web.health import Health


async def busy(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("busy", 503)(scope, receive, send)


class SlowApp:
    """An application that keeps everyone waiting until `go`."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.in_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.in_work += 1
        if scope["path"] != "/healthz":
            await self.go.wait()
        body = (await receive()).get("body", b"")
        await PlainTextResponse(f"{scope['path']} {len(body)}")(scope, receive, send)


def visit(work: Callable[[httpx.AsyncClient, SlowApp], Any], most: int = 2) -> None:
    async def run() -> None:
        slow_app = SlowApp()
        app: ASGIApp = Admission(slow_app, busy=busy, most=most)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            await asyncio.wait_for(work(client, slow_app), 30)

    asyncio.run(run())


def test_beyond_the_limit_visitors_are_told_to_come_back_but_a_watchdog_is_answered() -> None:
    async def work(client: httpx.AsyncClient, slow_app: SlowApp) -> None:
        first = [asyncio.create_task(client.get(f"/{n}")) for n in range(2)]
        while slow_app.in_work < 2:
            await asyncio.sleep(0)
        assert (await client.get("/2")).status_code == 503
        assert (await client.get("/healthz")).status_code == 200
        slow_app.go.set()
        assert [(await answer).status_code for answer in first] == [200, 200]
        assert (await client.get("/2")).status_code == 200

    visit(work)


def test_a_body_on_its_way_holds_no_place() -> None:
    async def work(client: httpx.AsyncClient, slow_app: SlowApp) -> None:
        more = asyncio.Event()

        async def body() -> Any:
            yield b"email="
            await more.wait()
            yield b"x" * 100

        slow_app.go.set()
        slow = [asyncio.create_task(client.post("/slow", content=body())) for _ in range(9)]
        await asyncio.sleep(0.05)
        assert slow_app.in_work == 0
        assert (await client.get("/quick")).text == "/quick 0"
        more.set()
        # One after another they find a place, or are told that there is none.
        assert {(await answer).status_code for answer in slow} <= {200, 503}

    visit(work)


def test_an_answer_that_goes_out_slowly_holds_no_place(running_site: RunningSite) -> None:
    async def run() -> None:
        unread = asyncio.Event()
        begun = 0

        async def send(message: Any) -> None:
            nonlocal begun
            begun += 1
            await unread.wait()

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        app = Admission(PlainTextResponse("a page"), busy=busy, most=1)
        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        tasks = [asyncio.create_task(app(dict(scope), receive, send)) for _ in range(5)]
        while begun < 5:
            await asyncio.sleep(0)
        unread.set()
        await asyncio.gather(*tasks)

    asyncio.run(asyncio.wait_for(run(), 30))


def test_a_database_that_does_not_answer_is_not_waited_for(
    running_site: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = threading.Event()
    monkeypatch.setattr("digest.web.health.PATIENCE", 0.2)
    monkeypatch.setattr(Health, "_problem", lambda self: "" if stuck.wait(60) else "never")
    begun = time.monotonic()
    try:
        for _ in range(4):
            answer = running_site.visitor.get("/readyz")
            assert answer.status_code == 503
            assert "slow to answer" in answer.text
        assert running_site.visitor.get("/healthz").status_code == 200
        assert time.monotonic() - begun < 20
    finally:
        stuck.set()
