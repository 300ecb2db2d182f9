"""Programs that follow every link of a mail change nothing."""

from __future__ import annotations

import asyncio
import random
from urllib.parse import urlsplit

import pytest
from web.site_fixture import (
    RunningSite,
    page_links,
)

from digest.model import SubscriberState

READERS = 100
PREFETCH = {"Purpose": "prefetch", "Sec-Purpose": "prefetch;prerender"}


def everything(running_site: RunningSite) -> list[object]:
    """Every row that a visit could change."""
    from sqlalchemy import text

    with running_site.store.read() as unit:
        return [
            unit.connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2")).all()
            for table in (
                "subscribers",
                "subscriber_events",
                "sign_ups",
                "letters",
                "outbox",
                "flags",
                "votes",
                "seeds",
                "follows",
            )
        ]


@pytest.mark.parametrize("requests", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_thousands_of_requests_over_the_links_of_a_hundred_mails_change_nothing(
    running_site: RunningSite, requests: int
) -> None:
    running_site.subscribe(*(f"r{n}@example.org" for n in range(READERS)))
    running_site.publish("ABCDEFGHI")
    for n in range(5):
        running_site.sign_up(f"new{n}@example.org")
    running_site.send_service_mails()
    assert len(running_site.transport.mails) == READERS + 5
    paths = set()
    for mail in running_site.transport.mails:
        for message in running_site.transport.to(mail.recipient):
            html = message.get_body(("html",))
            assert html is not None
            found = [urlsplit(link) for link in page_links(html.get_content())]
            listed = str(message["List-Unsubscribe"] or "").split(">")[0].strip("<")
            found.append(urlsplit(listed))
            paths |= {link.path for link in found if link.netloc == "papers.example.org"}
    personal = [path for path in paths if path.count("/") == 2 and len(path) > 20]
    assert len(personal) >= 2 * READERS
    before = everything(running_site)
    chance = random.Random(7)
    visits = [
        (chance.choice(("GET", "GET", "HEAD")), path, chance.choice((None, PREFETCH)))
        for path in (chance.choice(sorted(paths)) for _ in range(requests))
    ]

    async def visit(part: list[tuple[str, str, dict[str, str] | None]]) -> set[int]:
        seen = set()
        for method, path, headers in part:
            answer = await running_site.visitor.client.request(method, path, headers=headers)
            seen.add(answer.status_code)
        return seen

    async def all_of_them() -> set[int]:
        parts = [visits[start::8] for start in range(8)]
        return set().union(*await asyncio.gather(*map(visit, parts)))

    future = asyncio.run_coroutine_threadsafe(all_of_them(), running_site.visitor._loop)
    assert future.result(500) == {200}
    assert everything(running_site) == before
    assert running_site.state("r0@example.org") is SubscriberState.ACTIVE
    assert running_site.state("new0@example.org") is SubscriberState.PENDING
