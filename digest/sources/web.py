"""Fetch a dump over https: certificates checked, size and time limited, redirects watched.

The addresses it is fetched from are watched by `digest.sources.pinned`.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from digest.errors import SourceError, TemporaryError
from digest.model import Dump, Rejected
from digest.sources import addresses
from digest.sources.isolation import read_apart
from digest.sources.limits import SourceLimits, too_big

if TYPE_CHECKING:
    import ssl

    import httpx

_MOST_REDIRECTS = 5
_LONGEST_TARGET = 4_000
_AGENT = "papers-digest (+self-hosted)"
_ACCEPT = "text/html,text/markdown,text/plain;q=0.9,*/*;q=0.1"
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})


def is_loopback(url: str) -> bool:
    """Whether an address leads to this very machine, where nobody listens in."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return addresses.is_loopback(host)


def shown(url: str) -> str:
    """The address without a user's name, password or query, which may be secret."""
    parts = urlsplit(url)
    host = parts.netloc.rsplit("@", 1)[-1]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def check_address(url: str) -> None:
    """:raises SourceError: unless the address is https, or http to this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise SourceError(
            "not a web address", where=url[:200], mend="Write https://host/path"
        ) from None
    if not host:
        raise SourceError(
            "an address without a host", where=shown(url), mend="Write https://host/path"
        )
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url)):
        return
    raise SourceError(
        f"{parts.scheme}:// is not fetched, anyone on the way could change the page",
        where=shown(url),
        mend="Use https://",
    )


class _TooBigError(Exception):
    """The page is larger than the limit."""


@dataclass(frozen=True, slots=True)
class WebSource:
    """One page at one address.

    ``context``, ``transport`` and ``resolve`` (names to addresses) replace the usual ones in tests.
    """

    url: str
    limits: SourceLimits
    context: ssl.SSLContext | None = None
    transport: Any = None
    resolve: addresses.Resolve = addresses.resolve

    def read(
        self, *, today: date, known: Container[str] = frozenset()
    ) -> Iterator[Dump | Rejected]:
        """Fetch the page and yield its dump, or why there is none.

        :raises SourceError: for an address that cannot be right (not https, 404, certificate).
        :raises TemporaryError: if the host cannot be reached or asks to come again later.
        """
        try:
            data, modified = self._fetch()
        except _TooBigError:
            yield too_big(shown(self.url), self.limits)
            return
        yield read_apart(
            data, location=shown(self.url), today=today, modified=modified, limits=self.limits
        )

    def _fetch(self) -> tuple[bytes, datetime | None]:
        import httpx

        deadline = time.monotonic() + self.limits.timeout
        where = shown(self.url)
        try:
            client = self._client(deadline)
        except httpx.InvalidURL as error:
            raise SourceError(
                f"not a web address ({error})", where=where, mend="Check it"
            ) from None
        # A host that sends its headers a byte at a time never runs into the limit of one read.
        watch = threading.Timer(self.limits.timeout, client.close)
        watch.daemon = True
        watch.start()
        try:
            with client:
                return self._follow(client, deadline)
        except httpx.InvalidURL as error:
            raise SourceError(
                f"not a web address ({error})", where=where, mend="Check it"
            ) from None
        except (httpx.HTTPError, httpx.StreamError, zlib.error, RuntimeError, OSError) as error:
            if isinstance(error, httpx.TimeoutException) or time.monotonic() > deadline:
                raise self._too_slow() from None
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise SourceError(
                    "its certificate cannot be trusted", where=where, mend="Check the address"
                ) from None
            raise TemporaryError(
                f"cannot be fetched ({type(error).__name__}: {error})",
                where=where,
                mend="Check the network; the next run tries again",
            ) from None
        finally:
            watch.cancel()

    def _client(self, deadline: float) -> httpx.Client:
        import httpx

        from digest.sources.pinned import PinnedTransport

        inner = self.transport or httpx.HTTPTransport(
            verify=self.context if self.context is not None else True
        )
        transport = PinnedTransport(
            inner,
            home=self.url,
            where=shown(self.url),
            resolve=self.resolve,
            deadline=deadline,
        )
        return httpx.Client(
            transport=transport,
            timeout=httpx.Timeout(self.limits.timeout),
            follow_redirects=False,
            headers={"User-Agent": _AGENT, "Accept": _ACCEPT, "Accept-Encoding": "gzip, deflate"},
        )

    def _too_slow(self) -> TemporaryError:
        return TemporaryError(
            f"no complete answer within {self.limits.timeout:g} s",
            where=shown(self.url),
            mend="The next run tries again",
        )

    def _follow(self, client: httpx.Client, deadline: float) -> tuple[bytes, datetime | None]:
        url = self.url
        for _ in range(_MOST_REDIRECTS + 1):
            check_address(url)
            with client.stream("GET", url) as response:
                if response.has_redirect_location:
                    url = self._target(url, response.headers["Location"])
                    continue
                self._check_status(response.status_code)
                return self._body(response, deadline), _modified(response.headers)
        raise SourceError(
            f"redirects more than {_MOST_REDIRECTS} times",
            where=shown(self.url),
            mend="Check the address",
        )

    def _target(self, url: str, location: str) -> str:
        """Where a redirect leads to.

        :raises SourceError: if it is not to be followed.
        """
        try:
            target = urljoin(url, location)
            own, now, then = urlsplit(location), urlsplit(url), urlsplit(target)
        except ValueError:
            raise self._refused("to what is no web address") from None
        if len(target) > _LONGEST_TARGET:
            raise self._refused(f"to an address of {len(target):,} characters")
        if then.scheme == "http" and now.scheme == "https":
            raise self._refused("to http://")
        if "@" in own.netloc:
            raise self._refused("to an address with a user's name in it")
        return target

    def _refused(self, how: str) -> SourceError:
        return SourceError(
            f"redirects {how}, which is not followed",
            where=shown(self.url),
            mend="Use an address that stays on https://",
        )

    def _check_status(self, status: int) -> None:
        where = shown(self.url)
        if status in _LATER:
            raise TemporaryError(
                f"the host answers {status}", where=where, mend="The next run tries again"
            )
        if status != 200:
            raise SourceError(f"the host answers {status}", where=where, mend="Check the address")

    def _body(self, response: httpx.Response, deadline: float) -> bytes:
        """The unpacked body, never more than the limit of it in memory (however it was packed)."""
        announced = response.headers.get("Content-Length", "")
        if announced.isdigit() and int(announced) > self.limits.max_bytes:
            raise _TooBigError
        unpack = self._unpacking(response.headers.get("Content-Encoding", "identity"))
        body = bytearray()
        # As it comes: waiting for chunks of some size would let a trickle outlast the deadline.
        for piece in response.iter_raw():
            if time.monotonic() > deadline:
                raise self._too_slow()
            body += unpack(piece, self.limits.max_bytes + 1 - len(body))
            if len(body) > self.limits.max_bytes:
                raise _TooBigError
        return bytes(body)

    def _unpacking(self, encoding: str) -> Callable[[bytes, int], bytes]:
        """How to unpack a piece of the body into at most so many bytes (at least one)."""
        if encoding.strip().lower() in ("identity", ""):
            return lambda piece, most: piece
        if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
            raise SourceError(
                f"packed as {encoding[:20]!r}, which was not asked for",
                where=shown(self.url),
                mend="Save the page to a file and give that",
            )
        # 32 + 15: gzip or zlib, whichever the header says (zlib manual, inflateInit2).
        return zlib.decompressobj(wbits=47).decompress


def _modified(headers: httpx.Headers) -> datetime | None:
    try:
        return parsedate_to_datetime(headers["Last-Modified"]).astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None
