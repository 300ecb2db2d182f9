"""The pages of a small list, visited through their public door, with a relay that keeps the mail."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch
from zoneinfo import ZoneInfo

import httpx
from installation import KEYS, PARIS, RENDERER, SHIPPED_TOPICS, Installation
from starlette.types import ASGIApp

from digest.daily.daily_run import DailyRun
from digest.daily.publish import PublishSettings
from digest.mail.list_identity import ListIdentity
from digest.mail.tokens import sign_token
from digest.model import SubscriberState, VoteLinks
from digest.subscriptions import ServiceMailReport, ServiceMailSettings, ServiceMailWorker
from digest.web.app import create_app
from digest.web.site import Site
from digest.web.templates import PageTemplates

BASE = "https://papers.example.org"
FRIDAY = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
T = TypeVar("T")


class Visitor:
    """Someone with a browser and an address of their own; plain calls over an event loop."""

    def __init__(self, app: ASGIApp, address: str = "203.0.113.9") -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.app = app
        self.client = self._client(address)

    def _client(self, address: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=(address, 4711), raise_app_exceptions=True)
        return httpx.AsyncClient(transport=transport, base_url=BASE)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it on the loop on which the pages live."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def get(self, path: str, **how: Any) -> httpx.Response:
        return self.run(self.client.get(path, **how))

    def post(self, path: str, **how: Any) -> httpx.Response:
        return self.run(self.client.post(path, **how))

    def request(self, method: str, path: str, **how: Any) -> httpx.Response:
        return self.run(self.client.request(method, path, **how))

    def close(self) -> None:
        self.run(self.client.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@cache
def _check_shipped_templates() -> None:
    PageTemplates(None, ListIdentity("Daily Papers", "papers@example.org", BASE)).check()


@contextmanager
def checked_templates() -> Iterator[None]:
    """Compile and check the shipped templates once in a run; an app compiles only what it shows."""
    _check_shipped_templates()
    with patch.object(PageTemplates, "check"):
        yield


class RunningSite(Installation):
    """An installation with pages. ``send_service_mails`` does what the service mails' thread does."""

    def __init__(
        self,
        folder: Path,
        start: datetime = FRIDAY,
        *,
        address: str | None = None,
        zone: ZoneInfo = PARIS,
        **site: Any,
    ) -> None:
        super().__init__(folder, start, zone=zone, address=address)
        self.list_identity = ListIdentity(
            "Daily Papers", "papers@example.org", BASE, votes=VoteLinks.PICKS
        )
        self.publishing = PublishSettings(RENDERER, self.list_identity, timedelta(hours=36))
        self.delivery = replace(self.delivery, list_identity=self.list_identity)
        self.daily_run = DailyRun(
            self.store, self.editorial, self.publishing, self.delivery, [str(self.dumps)]
        )
        values: dict[str, Any] = {
            "store": self.store,
            "topics": SHIPPED_TOPICS.topics,
            "list_identity": self.list_identity,
            "keys": KEYS,
            "zone": self.editorial.zone,
            "clock": self.clock,
            "answer_seconds": 0.0,
            **site,
        }
        self.site = Site(**values)
        with checked_templates():
            self.app = create_app(self.site)
        self.visitor = Visitor(self.app)
        self.service_mail_worker = ServiceMailWorker(
            self.store,
            ServiceMailSettings(
                self.transport, RENDERER, self.list_identity, KEYS, "bounces@example.org"
            ),
            clock=self.clock,
            rule=self.site.sign_up_rule,
        )

    def publish(self, papers: str) -> None:
        """A dump with these papers, and the edition of it, sent."""
        self.dump(papers)
        self.run_day()

    def later(self, **span: float) -> None:
        self.clock.now += timedelta(**span)

    def send_service_mails(self) -> ServiceMailReport | None:
        return self.service_mail_worker.process_due()

    def form_token(self, path: str = "/subscribe") -> str:
        """The token of a form that is on that page now."""
        found = re.search(r'name="form" value="([^"]+)"', self.visitor.get(path).text)
        assert found
        return found[1]

    def sign_up(
        self, email: str, *, visitor: Visitor | None = None, **fields: Any
    ) -> httpx.Response:
        """Fill in the form as a person does, in a few seconds."""
        token = self.form_token()
        self.later(seconds=5)
        return (visitor or self.visitor).post(
            "/subscribe", data={"form": token, "website": "", "email": email, **fields}
        )

    def state(self, email: str) -> SubscriberState | None:
        with self.store.read() as unit:
            subscriber = unit.subscribers.by_email(email)
        return None if subscriber is None else subscriber.state

    def number(self, email: str) -> int:
        with self.store.read() as unit:
            subscriber = unit.subscribers.by_email(email)
        assert subscriber is not None
        return subscriber.id

    def link(self, purpose: str, email: str) -> str:
        """The path of a reader's own page."""
        return f"/{purpose}/{sign_token(purpose, self.number(email), KEYS)}"

    def close(self) -> None:
        self.visitor.close()
        self.store.close()


def visible_text(response: httpx.Response) -> str:
    """What a person reads of a page."""
    body = re.sub(r"(?s)<(style|script|head|datalist)\b.*?</\1>", " ", response.text)
    body = re.sub(r"</?mark>", "", body)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def page_links(text: str) -> list[str]:
    """Where the links of a page or mail lead."""
    return [unescape(link) for link in re.findall(r'href="([^"]+)"', text)]
