"""Networks of visitors, as far as limits and the proof of consent need to know."""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request

from digest.web.networks import Address, Network, is_in, network_of, parse_address, parse_networks

log = logging.getLogger(__name__)

PREFIX = {"v4": 24, "v6": 48}
"""One visitor's network: what a provider hands to one customer is rarely wider (RFC 6177). A home
that has a /56 would be 256 networks if a /64 were one."""
MOST_HOPS = 20
ATTEMPTS = 120
"""Form posts that one network may send in `WINDOW` seconds, whatever they ask for."""
WINDOW = 60.0
MOST_NETWORKS = 20_000
"""Networks remembered; beyond that the oldest is forgotten."""
FORWARDED = "x-forwarded-for"
MARKS = (FORWARDED, "forwarded", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "via")
"""Headers that a reverse proxy leaves behind."""


@dataclass
class Visitors:
    """Reads the visitor's network from a request, through the proxies that are believed.

    Only ``X-Forwarded-For`` is read: a proxy that does not write ``Forwarded`` (RFC 7239) passes on
    whatever a visitor wrote there. ``behind`` says that readers come by https, which the pages do
    not speak: there is a proxy in front of them, declared or not. ``notice`` gets the lines of the
    log about proxies, too.
    """

    proxies: tuple[Network, ...]
    key: bytes
    behind: bool = False
    notice: Callable[[str], None] | None = None
    _said: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        proxies: Sequence[str],
        keys: Sequence[str],
        *,
        behind: bool = False,
        notice: Callable[[str], None] | None = None,
    ) -> Visitors:
        """Raises `digest.errors.ConfigurationError` for a proxy that is no address or network."""
        return cls(parse_networks(proxies), keys[0].encode(), behind, notice)

    def network(self, request: Request) -> str:
        """A keyed hash of the visitor's network; ``""`` where nothing is known of it.

        Where a proxy does not say whom it speaks for, all its visitors are one network: too many
        attempts of some are then too many for all, which is said once in the log. Only somebody at
        the machine itself, with no sign of a proxy, is nobody's network.
        """
        address = self._address(request)
        if address is None:
            return ""
        if address.is_loopback and not self._is_proxied(request):
            return ""
        network = network_of(address, **PREFIX)
        return hmac.new(self.key, str(network).encode(), hashlib.sha256).hexdigest()[:32]

    def _is_proxied(self, request: Request) -> bool:
        return self.behind or bool(self.proxies) or any(mark in request.headers for mark in MARKS)

    def _address(self, request: Request) -> Address | None:
        """The nearest address that is no trusted proxy: what stands before it may be invented."""
        peer = parse_address(request.client.host) if request.client else None
        if peer is None:
            return None
        lines = request.headers.getlist(FORWARDED)
        if not is_in(peer, self.proxies):
            if (lines or self.behind) and peer.is_private:
                self._say_undeclared(peer, bool(lines))
            return peer
        hops = [hop.strip() for line in lines for hop in line.split(",")][-MOST_HOPS:]
        address, usable = peer, False
        while hops and is_in(address, self.proxies):
            before = parse_address(hops.pop())
            if before is None:
                break
            address, usable = before, True
        if not usable:
            self._say_unusable(peer, bool(lines))
        return address

    def _say_undeclared(self, peer: Address, forwards: bool) -> None:
        does = "forwards visitors' addresses" if forwards else "is in front of the pages"
        self._say_once(
            f"undeclared {peer}",
            f"{peer} {does}, but is not in DIGEST_TRUSTED_PROXIES: all visitors share one limit; "
            f"set DIGEST_TRUSTED_PROXIES={peer}",
        )

    def _say_unusable(self, peer: Address, sent: bool) -> None:
        says = "an X-Forwarded-For that names no address" if sent else "no X-Forwarded-For"
        self._say_once(
            f"unusable {peer}",
            f"the proxy {peer} sends {says}: all its visitors share one limit; "
            "let it set that header to the visitor's address",
        )

    def _say_once(self, what: str, line: str) -> None:
        if what not in self._said and len(self._said) < MOST_HOPS:
            self._said.add(what)
            log.warning("%s", line)
            if self.notice is not None:
                self.notice(line)


class PostRateLimit:
    """Limits the posts of each network: a first, cheap check before the store's own limits.

    Lives in one process and one event loop.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = ATTEMPTS if most is None else most
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def allows(self, network: str) -> bool:
        """Count one attempt of that network; false if it had too many."""
        if not network:
            return True
        now = time.monotonic()
        since, count = self._seen.pop(network, (now, 0))
        if now >= since + WINDOW:
            since, count = now, 0
        self._seen[network] = since, count + 1
        if len(self._seen) > MOST_NETWORKS:
            self._seen.popitem(last=False)
        return count < self._most
