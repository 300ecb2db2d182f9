"""Connect to the very addresses that were checked, and to no private ones.

A name is asked for its addresses once in a fetch; these are checked, and the connection goes to one of them,
so an answer that changes between check and use changes nothing. ``Host``, SNI and the certificate
are those of the name. What the operator configured may be a private host; where its page redirects
to may not, except to itself.
"""

from __future__ import annotations

import time
from ipaddress import ip_address
from urllib.request import getproxies, proxy_bypass

import httpx

from digest.errors import SourceError
from digest.sources.fetching.addresses import Resolve, is_loopback, is_public, resolve_within

_MOST_TRIED = 4
_PORTS = {"http": 80, "https": 443}


class PinnedTransport(httpx.BaseTransport):
    """Sends each request to a checked address of its host.

    ``home`` is the address that the operator configured, ``where`` how it is shown to people;
    ``deadline`` is of `time.monotonic`, and is set before each request.
    """

    def __init__(
        self,
        inner: httpx.BaseTransport,
        *,
        home: str,
        where: str,
        resolve: Resolve,
        deadline: float = 0.0,
    ) -> None:
        self._inner = inner
        self._home = _place(httpx.URL(home))
        self._where = where
        self._resolve = resolve
        self.deadline = deadline
        self._proxied: httpx.BaseTransport | None = None
        self._known: dict[tuple[str, int], list[str]] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request, trying one address after the other.

        :raises SourceError: if no address of the host may be asked.
        """
        url = request.url
        literal = _is_address(url.host)
        if (proxy := _proxy(url)) is not None:
            # The proxy asks for the name; what is an address already can be checked here.
            if literal or url.host.lower().endswith("localhost"):
                self._check(url, [url.host])
            if self._proxied is None:
                self._proxied = httpx.HTTPTransport(proxy=proxy)
            return self._proxied.handle_request(request)
        left = self.deadline - time.monotonic()
        port = url.port or _PORTS.get(url.scheme, 0)
        hosts = [url.host] if literal else self._look_up(left, url.host, port)
        allowed = self._check(url, hosts)
        failed: httpx.ConnectError | httpx.ConnectTimeout | None = None
        for place, address in enumerate(allowed):
            left = max(self.deadline - time.monotonic(), 0.001)
            share = left / (len(allowed) - place)
            timeout = {"connect": share, "read": left, "write": left, "pool": left}
            pinned = httpx.Request(
                request.method,
                url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions={
                    **request.extensions,
                    "timeout": timeout,
                    **({} if literal else {"sni_hostname": url.raw_host.decode("ascii")}),
                },
            )
            try:
                return self._inner.handle_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failed = error
        assert failed is not None
        raise failed

    def _look_up(self, seconds: float, host: str, port: int) -> list[str]:
        """The addresses of a name: asked for once, however often the page redirects to it."""
        try:
            if (host, port) not in self._known:
                self._known[host, port] = resolve_within(seconds, self._resolve, host, port)
            return self._known[host, port]
        except TimeoutError as error:
            raise httpx.ConnectTimeout(str(error)) from None
        except OSError as error:
            raise httpx.ConnectError(str(error)) from None

    def _check(self, url: httpx.URL, addresses: list[str]) -> list[str]:
        """Those of the addresses that may be asked for this.

        :raises SourceError: if none may.
        """
        if url.scheme == "http":
            allowed = [each for each in addresses if is_loopback(each) or each == "localhost"]
        else:
            allowed = list(addresses)
        if _place(url) != self._home:
            allowed = [each for each in allowed if is_public(each)]
        if allowed:
            return allowed[:_MOST_TRIED]
        shown = f"{url.scheme}://{url.host}"[:200]
        raise SourceError(
            f"leads to {shown}, which is in a private network or on this machine"
            if url.scheme == "https"
            else f"leads to {shown}, which is not https://",
            where=self._where,
            mend="It is not followed; if you trust it, make it a source of its own",
        )

    def close(self) -> None:
        """Close every connection."""
        self._inner.close()
        if self._proxied is not None:
            self._proxied.close()


def _place(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host.lower().rstrip("."), url.port or _PORTS.get(url.scheme, 0)


def _is_address(host: str) -> bool:
    try:
        ip_address(host.split("%")[0])
    except ValueError:
        return False
    return True


def _proxy(url: httpx.URL) -> str | None:
    """The proxy that the environment names for an address, if it does (``HTTPS_PROXY``)."""
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    return proxy if proxy and not proxy_bypass(url.host) else None
