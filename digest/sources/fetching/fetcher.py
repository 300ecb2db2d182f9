"""Fetch a page over https: certificates checked, size and time limited, redirects watched.

The one door to other people's machines. The addresses it is fetched from are watched by
`digest.sources.fetching.pinned`; each host is asked at its pace, and only for what has changed.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from digest.errors import SourceError, TemporaryError
from digest.retry_after import seconds_to_wait
from digest.sources.fetching import addresses
from digest.sources.fetching.fetch_cache import FetchCache, KeptResponse
from digest.sources.fetching.pace import Pace, ProcessPace, host_group
from digest.sources.fetching.web_address import check_address, redirect_target, shown
from digest.sources.source_limits import SourceLimits

if TYPE_CHECKING:
    import ssl

    import httpx

    from digest.sources.fetching.pinned import PinnedTransport

MOST_REDIRECTS = 5
ANYTHING = "text/html,text/markdown,text/plain;q=0.9,*/*;q=0.1"
USER_AGENT = "papers-digest (+self-hosted)"
PATIENCE = 120.0
"""Seconds that a turn is waited for, while others ask the same host."""
_MOST_RETRIES = 1
_LONGEST_PAUSE = 60.0
"""Seconds; a host that wants a longer one is asked by the next run."""
_CUT = "peer closed connection without sending complete message body"
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})


class TooBigError(Exception):
    """A page is larger than the limit."""


class _LaterError(Exception):
    """A host asks to come again, after so many seconds if it says."""

    def __init__(self, status: int, seconds: float | None) -> None:
        super().__init__(f"the host answers {status}")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as its host gave it, unpacked.

    ``url`` is where redirects led; ``modified`` the host's time of change, in UTC. ``unchanged``:
    the host said that the page kept from an earlier fetch is still right (304).
    """

    data: bytes
    url: str
    modified: datetime | None = None
    content_type: str = ""
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetcher of pages, one for all threads of a process; safe to share between threads.

    ``context``, ``transport``, ``resolve`` (names to addresses) and ``sleep`` replace the usual
    ones in tests.
    """

    limits: SourceLimits = field(default_factory=SourceLimits)
    pace: Pace = field(default_factory=ProcessPace)
    cache: FetchCache | None = None
    user_agent: str = USER_AGENT
    context: ssl.SSLContext | None = None
    transport: Any = None
    resolve: addresses.Resolve = addresses.resolve
    patience: float = PATIENCE
    sleep: Callable[[float], None] = time.sleep

    def get(self, url: str, *, accept: str = ANYTHING) -> Fetched:
        """The page at an address.

        Raises `SourceError` for an address that cannot be right (not https, 404, certificate),
        `TemporaryError` if the host cannot be reached or asks to come again later, `TooBigError`
        for a page over the limit.
        """
        check_address(url)
        for retries in range(_MOST_RETRIES + 1):
            try:
                return _Fetch(self, url, accept).run()
            except _LaterError as error:
                pause = error.seconds
                if pause is None or pause > _LONGEST_PAUSE or retries == _MOST_RETRIES:
                    raise _temporary(error, url) from None
        raise AssertionError("unreachable")


def _temporary(error: _LaterError, url: str) -> TemporaryError:
    pause = "" if error.seconds is None else f", and wants {error.seconds:,.0f} s of rest"
    return TemporaryError(f"{error}{pause}", where=shown(url), mend="The next run tries again")


class _Fetch:
    """One page on its way, through its redirects."""

    def __init__(self, fetcher: Fetcher, url: str, accept: str) -> None:
        self._fetcher = fetcher
        self._limits = fetcher.limits
        self._url = url
        self._where = shown(url)
        self._accept = accept
        self._left = self._limits.timeout
        self._deadline = 0.0

    def run(self) -> Fetched:
        import httpx

        try:
            transport = self._transport()
            url = self._url
            for _ in range(MOST_REDIRECTS + 1):
                check_address(url)
                host, interval = host_group(urlsplit(url).hostname or "")
                with (
                    self._fetcher.pace.turn(host, interval, self._fetcher.patience),
                    self._client(transport) as client,
                ):
                    page = self._ask(client, url, host)
                if isinstance(page, Fetched):
                    return page
                url = page
        except httpx.InvalidURL as error:
            raise SourceError(
                f"not a web address ({error})", where=self._where, mend="Check it"
            ) from None
        raise SourceError(
            f"redirects more than {MOST_REDIRECTS} times",
            where=self._where,
            mend="Check the address",
        )

    def _transport(self) -> PinnedTransport:
        import httpx

        from digest.sources.fetching.pinned import PinnedTransport

        context = self._fetcher.context
        verify = context if context is not None else True
        return PinnedTransport(
            self._fetcher.transport or httpx.HTTPTransport(verify=verify),
            home=self._url,
            where=self._where,
            resolve=self._fetcher.resolve,
        )

    @contextmanager
    def _client(self, transport: PinnedTransport) -> Iterator[httpx.Client]:
        """A client whose requests end when the time for the whole page does."""
        import httpx

        started = time.monotonic()
        self._deadline = transport.deadline = started + self._left
        client = httpx.Client(
            transport=transport,
            timeout=httpx.Timeout(self._left),
            follow_redirects=False,
            headers={"User-Agent": self._fetcher.user_agent, "Accept-Encoding": "gzip, deflate"},
        )
        # A host that sends its headers a byte at a time never runs into the limit of one read.
        watch = threading.Timer(self._left, client.close)
        watch.daemon = True
        watch.start()
        try:
            with client:
                yield client
        except (httpx.HTTPError, httpx.StreamError, zlib.error, RuntimeError, OSError) as error:
            raise self._failure(error) from None
        finally:
            watch.cancel()
            self._left = max(self._left - (time.monotonic() - started), 0.001)

    def _failure(self, error: Exception) -> SourceError | TemporaryError:
        import httpx

        if isinstance(error, httpx.TimeoutException) or time.monotonic() > self._deadline:
            return self._too_slow()
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return SourceError(
                "its certificate cannot be trusted", where=self._where, mend="Check the address"
            )
        if isinstance(error, httpx.RemoteProtocolError) and _CUT in str(error):
            return self._cut()
        return TemporaryError(
            f"cannot be fetched ({type(error).__name__}: {str(error)[:150]})",
            where=self._where,
            mend="Check the network; the next run tries again",
        )

    def _cut(self) -> TemporaryError:
        return TemporaryError(
            "the answer ends in the middle", where=self._where, mend="The next run tries again"
        )

    def _too_slow(self) -> TemporaryError:
        return TemporaryError(
            f"no complete answer within {self._limits.timeout:g} s",
            where=self._where,
            mend="The next run tries again",
        )

    def _ask(self, client: httpx.Client, url: str, host: str) -> Fetched | str:
        """The page at an address, or where it redirects to."""
        cache = self._fetcher.cache
        cached = cache.get(url) if cache is not None else None
        with client.stream("GET", url, headers=self._conditions(cached)) as response:
            wait = seconds_to_wait(response.headers, datetime.now(UTC))
            if wait is not None:
                self._fetcher.pace.postpone(host, wait)
            if response.has_redirect_location:
                return redirect_target(url, response.headers["Location"], where=self._where)
            if response.status_code == 304 and cached is not None:
                modified = _moment(cached.last_modified)
                return Fetched(cached.data, url, modified, unchanged=True)
            self._check_status(response.status_code, wait)
            data = self._body(response)
        headers = response.headers
        if cache is not None:
            etag, last_modified = headers.get("ETag", ""), headers.get("Last-Modified", "")
            cache.put(url, KeptResponse(data, etag, last_modified))
        modified = _moment(headers.get("Last-Modified", ""))
        return Fetched(data, url, modified, headers.get("Content-Type", ""))

    def _conditions(self, cached: KeptResponse | None) -> dict[str, str]:
        headers = {"Accept": self._accept}
        if cached is not None and cached.etag:
            headers["If-None-Match"] = cached.etag
        if cached is not None and cached.last_modified:
            headers["If-Modified-Since"] = cached.last_modified
        return headers

    def _check_status(self, status: int, wait: float | None) -> None:
        if status in _LATER:
            raise _LaterError(status, wait)
        if status != 200:
            raise SourceError(
                f"the host answers {status}", where=self._where, mend="Check the address"
            )

    def _body(self, response: httpx.Response) -> bytes:
        """The unpacked body, never more than the limit of it in memory (however it was packed)."""
        announced = response.headers.get("Content-Length", "")
        if announced.isdigit() and int(announced) > self._limits.max_bytes:
            raise TooBigError
        unpacker = self._unpacker(response.headers.get("Content-Encoding", "identity"))
        body = bytearray()
        # As it comes: waiting for chunks of some size would let a trickle outlast the deadline.
        for piece in response.iter_raw():
            if time.monotonic() > self._deadline:
                raise self._too_slow()
            most = self._limits.max_bytes + 1 - len(body)
            body += piece if unpacker is None else unpacker.decompress(piece, most)
            if len(body) > self._limits.max_bytes:
                raise TooBigError
        # The client that the watch closed meanwhile may look like the end of the body.
        if time.monotonic() > self._deadline:
            raise self._too_slow()
        if unpacker is not None and response.num_bytes_downloaded and not unpacker.eof:
            raise self._cut()
        return bytes(body)

    def _unpacker(self, encoding: str) -> zlib._Decompress | None:
        """The decompressor of the body; `None` for one that is not packed."""
        if encoding.strip().lower() in ("identity", ""):
            return None
        if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
            raise SourceError(
                f"packed as {encoding[:20]!r}, which was not asked for",
                where=self._where,
                mend="Save the page to a file and give that",
            )
        # 32 + 15: gzip or zlib, whichever the header says (zlib manual, inflateInit2).
        return zlib.decompressobj(wbits=47)


def _moment(value: str) -> datetime | None:
    try:
        return parsedate_to_datetime(value).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
