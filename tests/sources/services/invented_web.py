"""Services that answer from a table; they note what they were asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import httpx
from sources.fetching.hurried import hurried

from digest.model import Dump, Rejected
from digest.sources import SourceLimits, open_source
from digest.sources.tools import SourceTools

Answer = Callable[[httpx.Request], str | None]


class InventedWeb:
    """Answers each request by the first of its ``answers`` that has one; else 404."""

    def __init__(self, *answers: Answer, endpoints: Mapping[str, str] | None = None) -> None:
        self._answers = answers
        self._endpoints = endpoints or {}
        self.asked: list[str] = []

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.headers['Host']}{request.url.raw_path.decode()}")
        for answer in self._answers:
            page = answer(request)
            if page is not None:
                return httpx.Response(200, content=iter([page.encode()]))
        return httpx.Response(404)

    def read(
        self, location: str, *, today: date, last_read: date | None = None
    ) -> list[Dump | Rejected]:
        """Everything that a location yields today."""
        fetcher = hurried(
            SourceLimits(),
            transport=httpx.MockTransport(self._answer),
            resolve=lambda host, port: ["93.184.216.34"],
        )
        tools = SourceTools(
            fetcher, last_read=lambda location: last_read, endpoints=self._endpoints
        )
        return list(open_source(location, tools=tools).read(today=today))
