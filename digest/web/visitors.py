"""Where a visitor comes from, as far as limits and the proof of consent need to know."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from starlette.requests import Request

from digest.errors import ConfigurationError

PREFIX = {4: 24, 6: 48}
"""One visitor's network: what a provider hands to one customer is rarely wider (RFC 6177)."""
MOST_HOPS = 20
ATTEMPTS = 120
"""Form posts that one network may send in `WINDOW` seconds, whatever they ask for."""
WINDOW = 60.0
MOST_NETWORKS = 20_000
"""Networks remembered; beyond that the oldest is forgotten."""

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Visitors:
    """Reads the visitor's network from a request, through the proxies that are believed."""

    proxies: tuple[Network, ...]
    key: bytes

    @classmethod
    def of(cls, proxies: Sequence[str], keys: Sequence[str]) -> Visitors:
        """Raises `digest.errors.ConfigurationError` for a proxy that is no address or network."""
        networks = []
        for text in proxies:
            try:
                networks.append(ip_network(text, strict=False))
            except ValueError as error:
                raise ConfigurationError(
                    f"{text!r} is not an address or a network",
                    where="DIGEST_TRUSTED_PROXIES",
                    mend="For example: 127.0.0.1, 10.0.0.0/8",
                ) from error
        return cls(tuple(networks), keys[0].encode())

    def network(self, request: Request) -> str:
        """A keyed hash of the visitor's network; ``""`` where nothing is known of it.

        A loopback address is this machine, or a proxy nobody declared: it says nothing of who the
        visitor is, so it must not make all of them one.
        """
        address = self._address(request.scope, request.headers.getlist("x-forwarded-for"))
        if address is None or address.is_loopback:
            return ""
        network = ip_network(f"{address}/{PREFIX[address.version]}", strict=False)
        return hmac.new(self.key, str(network).encode(), hashlib.sha256).hexdigest()[:32]

    def _address(self, scope: Mapping[str, Any], forwarded: Sequence[str]) -> Any:
        """The nearest address that is no trusted proxy: what stands before it may be invented."""
        client = scope.get("client")
        address = _parsed(client[0]) if client else None
        hops = [hop for line in forwarded for hop in line.split(",")][-MOST_HOPS:]
        while address is not None and hops and self._trusted(address):
            before = _parsed(hops.pop().strip())
            if before is None:
                break
            address = before
        return address

    def _trusted(self, address: Any) -> bool:
        return any(address in network for network in self.proxies)


def _parsed(text: str) -> Any:
    try:
        address = ip_address(text.strip("[]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


class Attempts:
    """How often each network has posted of late: a first, cheap door before the store's own limits.

    Lives in one process and one event loop.
    """

    def __init__(self) -> None:
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
        return count < ATTEMPTS
