"""Where pages are made and kept: bounded, whatever is asked for."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Hashable
from html import escape

import httpx
import pytest
from starlette.exceptions import HTTPException
from web.site_fixture import RunningSite

from digest.model import EditionKind
from digest.web.page_cache import CachedPage, PageCache
from digest.web.preferences import PreferencePages
from digest.web.thread_pools import RequestThreads


def test_many_different_addresses_do_not_fill_the_memory(
    published_site: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    keep = PageCache._keep

    def counted(cache: PageCache, key: Hashable, page: CachedPage) -> None:
        keep(cache, key, page)
        kept.append(len(cache._pages))

    monkeypatch.setattr(PageCache, "_keep", counted)
    monkeypatch.setattr("digest.web.page_cache.MAX_PAGES", 5)
    for n in range(30):
        assert published_site.visitor.get(f"/search?q=word{n}").status_code == 200
    assert max(kept) == 5
    monkeypatch.setattr("digest.web.page_cache.MAX_BYTES", 10_000)
    for n in range(30):
        assert published_site.visitor.get(f"/search?q=other{n}").status_code == 200
    assert max(kept[30:]) < 5


def test_a_flood_of_one_kind_is_told_to_come_back_and_holds_up_no_other() -> None:
    go = threading.Event()

    def slow() -> int:
        assert go.wait(60)
        return 1

    async def flood() -> None:
        crowded, other = RequestThreads(1, 3), RequestThreads(1, 3)
        first = [asyncio.create_task(crowded.run(slow)) for _ in range(4)]
        await asyncio.sleep(0.05)
        with pytest.raises(HTTPException, match="503"):
            await crowded.run(slow)
        assert await other.run(lambda: 2) == 2
        go.set()
        assert await asyncio.gather(*first) == [1] * 4

    asyncio.run(asyncio.wait_for(flood(), 60))


def test_a_crowded_search_is_a_503_that_says_when(
    running_site: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, begun = threading.Event(), threading.Event()
    monkeypatch.setattr("digest.web.search.MOST_WAITING", 1)
    monkeypatch.setattr("digest.web.search.AT_ONCE", 1)
    crowded = RunningSite(running_site.dumps)

    def slow(*_: object) -> None:
        begun.set()
        assert go.wait(60)

    monkeypatch.setattr("digest.web.search.SearchPages._page", slow)

    async def visit() -> list[httpx.Response]:
        async def one(n: int) -> httpx.Response:
            return await crowded.visitor.client.get(f"/search?q=x{n}")

        tasks = [asyncio.create_task(one(n)) for n in range(4)]
        while not any(task.done() for task in tasks):
            await asyncio.sleep(0.01)
        front = await crowded.visitor.client.get("/")
        go.set()
        return [front, *await asyncio.gather(*tasks)]

    front, *answers = crowded.visitor.run(visit())
    crowded.close()
    assert front.status_code == 200
    refused = [answer for answer in answers if answer.status_code == 503]
    assert refused
    assert all(answer.headers["retry-after"] for answer in refused)


def test_readers_pages_that_wait_for_the_database_hold_up_no_other_page(
    published_site: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    published_site.subscribe("reader@example.org")
    path = published_site.link("preferences", "reader@example.org")
    monkeypatch.setattr("digest.web.page_cache.FRESH_FOR", 0.0)
    monkeypatch.setattr(PreferencePages, "_page", lambda *_: go.wait(60))

    async def visit() -> None:
        client = published_site.visitor.client
        stuck = [asyncio.create_task(client.get(path)) for _ in range(60)]
        await asyncio.sleep(0.1)
        try:
            for other in ("/", "/editions", "/search?q=x", "/unsubscribe/x", "/readyz"):
                answer = await asyncio.wait_for(client.get(other), 20)
                assert answer.status_code in (200, 404)
        finally:
            go.set()
            for task in stuck:
                task.cancel()
            await asyncio.gather(*stuck, return_exceptions=True)

    published_site.visitor.run(visit())


def test_a_withdrawn_paper_is_gone_from_every_page_of_a_running_site(
    published_site: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.web.page_cache.FRESH_FOR", 0.0)
    site, edition = published_site, published_site.editions(EditionKind.DAILY)[-1]
    gone = edition.edition.best_first()[0]
    paths = ("/", "/editions/2026-11-20", "/editions/2026-W47", "/top", "/top/2026-11", "/feed.xml",
             f"/topics/{gone.topic}", "/search?q=-zebra", "/api/search?q=-zebra", "/editions/2026-11-20.json")  # fmt: skip
    page, title = f"/papers/{gone.paper_id}", escape(gone.title)

    def told() -> set[str]:
        texts = {path: site.visitor.get(path).text for path in paths}
        shown = {path for path, text in texts.items() if title in text or gone.title in text}
        linked = {path for path, text in texts.items() if re.search(rf"{page}\b", text)}
        return shown | linked

    assert told() == set(paths)
    assert site.visitor.get(page).status_code == 200
    with site.store.begin() as unit:
        rest = edition.edition.without(gone.paper_id)
        unit.editions.replace_content(edition.id, rest, edition.rendering, site.clock())
    assert told() == set()
    for ending in ("", ".bib", ".ris", ".json"):
        assert site.visitor.get(page + ending).status_code == 404
