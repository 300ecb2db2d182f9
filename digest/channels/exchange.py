"""One HTTP request on its way: bounded in time and size, no redirect followed, nothing repeated.

``begin`` is called right before the first octet of the request leaves. Until then the other side can
have got nothing; from then on a silence leaves it open whether the post is there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.request import getproxies, proxy_bypass

USER_AGENT = "papers-digest (+self-hosted)"
_MOST_OCTETS = 64 * 1024
"""Octets of an answer that are read; services answer with far less."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request that posts or asks; its address and headers may hold secrets."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class ExchangeLimits:
    """Seconds that a request may take: to connect, between two signs of life, and in all."""

    connect: float = 8.0
    silence: float = 15.0
    total: float = 25.0


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Outcome of a request.

    ``status`` is ``None`` where no answer came: ``trouble`` says why, and ``begun`` whether any of
    the request had left. ``headers`` have names in small letters.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    begun: bool = False
    trouble: str = ""


class NotBegunError(Exception):
    """The caller does not want it sent any more: raised inside a request that has not begun."""


def exchange(
    request: HttpRequest,
    begin: Callable[[], bool] = lambda: True,
    limits: ExchangeLimits = ExchangeLimits(),
) -> HttpAnswer:
    """Send a request and read the answer, within ``limits.total`` seconds and those that ``begin`` takes.

    Raises `NotBegunError` where ``begin`` says no, and what ``begin`` raises.
    """
    import httpx  # noqa: F401 - loading it is no part of the time

    attempt = _Exchange(request, begin, limits)
    thread = threading.Thread(target=attempt.run, name="post", daemon=True)
    thread.start()
    thread.join(limits.total)
    return attempt.outcome()


class _Exchange:
    def __init__(
        self, request: HttpRequest, begin: Callable[[], bool], limits: ExchangeLimits
    ) -> None:
        self._request = request
        self._begin = begin
        self._limits = limits
        self._until = time.monotonic() + limits.total
        self._lock = threading.Lock()
        self._over = False
        self._begun = False
        self._answer: HttpAnswer | None = None
        self._error: BaseException | None = None

    def outcome(self) -> HttpAnswer:
        """The answer so far; after this nothing begins any more."""
        with self._lock:
            self._over = True
            if self._error is not None:
                raise self._error
            return self._answer or HttpAnswer(
                begun=self._begun, trouble=f"no answer within {self._limits.total:g} s"
            )

    def run(self) -> None:
        import httpx

        never_sent = (httpx.ProxyError, httpx.ConnectError, httpx.ConnectTimeout)
        try:
            answer = self._send()
        except never_sent as error:
            # Beneath a proxy something has begun, but not the request itself.
            answer = HttpAnswer(trouble=_words(error))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            answer = HttpAnswer(begun=self._begun, trouble=_words(error))
        except BaseException as error:
            if not self._begun:
                with self._lock:
                    self._error = error  # raised again where it is waited for
                return
            answer = HttpAnswer(begun=True, trouble=type(error).__name__)
        with self._lock:
            self._answer = answer

    def _send(self) -> HttpAnswer:
        import httpx

        limits, request = self._limits, self._request
        timeout = httpx.Timeout(limits.silence, connect=limits.connect)
        url = httpx.URL(request.url)
        # A transport, and no client: that would write each address, which is a secret, to the log.
        # Reading the authorities' certificates takes a while, and http:// has no use for them.
        encrypted = url.scheme == "https"
        proxy = _proxy(url.scheme, url.host)
        with httpx.HTTPTransport(verify=encrypted or proxy is not None, proxy=proxy) as transport:
            outgoing = httpx.Request(
                request.method,
                url,
                headers={"User-Agent": USER_AGENT, **request.headers},
                content=request.body or None,
                extensions={"timeout": timeout.as_dict(), "trace": self._watch},
            )
            response = transport.handle_request(outgoing)
            try:
                headers = {name.lower(): value for name, value in response.headers.items()}
                body = self._body(response)
            finally:
                response.close()
        return HttpAnswer(response.status_code, headers, body, begun=True)

    def _watch(self, event: str, _: Mapping[str, Any]) -> None:
        """Begin right before the head of the request is written (a name of httpcore's)."""
        if not event.endswith(".send_request_headers.started") or self._begun:
            return
        with self._lock:
            if self._over:
                raise NotBegunError
            if not self._begin():
                raise NotBegunError
            self._begun = True

    def _body(self, response: Any) -> bytes:
        """The answer's text as far as it matters; the status stands, even if it breaks off."""
        import httpx

        body = b""
        try:
            for piece in response.iter_bytes():
                body += piece
                if len(body) >= _MOST_OCTETS or time.monotonic() > self._until:
                    break
        except httpx.HTTPError:
            return body
        return body[:_MOST_OCTETS]


def _proxy(scheme: str, host: str) -> str | None:
    """The proxy that the environment names for a host, if it does (``HTTPS_PROXY``)."""
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    return proxy if proxy and not proxy_bypass(host) else None


def _words(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
