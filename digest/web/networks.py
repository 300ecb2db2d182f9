"""Internet addresses as proxies write them, and the networks by which visitors are told apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from digest.errors import ConfigurationError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_LONGEST = 80
"""Characters of a hop: an IPv6 address in brackets, its zone and a port are fewer."""
_BRACKETED = re.compile(r"\[([^\[\]]*)\](?::[0-9]{1,5})?")
_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")


def parse_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Read addresses and networks of trusted proxies.

    Raises `digest.errors.ConfigurationError` for what is neither.
    """
    networks = []
    for text in texts:
        try:
            networks.append(ip_network(text, strict=False))
        except ValueError as error:
            raise ConfigurationError(
                f"{text!r} is not an address or a network",
                where="DIGEST_TRUSTED_PROXIES",
                mend="For example: 127.0.0.1, 10.0.0.0/8",
            ) from error
    return tuple(networks)


def parse_address(text: str) -> Address | None:
    """Read one address: of a socket, or one hop of ``X-Forwarded-For``.

    The header has no standard; proxies write ``203.0.113.9``, ``203.0.113.9:4711``,
    ``2001:db8::1``, ``[2001:db8::1]`` and ``[2001:db8::1]:4711``, some of them in double quotes,
    and ``unknown`` or ``_hidden`` where they do not say (RFC 7239 §6). IPv4 in IPv6 is IPv4.
    """
    if len(text) > _LONGEST:
        return None
    bare = text.strip().strip('"')
    match = _BRACKETED.fullmatch(bare) or _WITH_PORT.fullmatch(bare)
    try:
        address = ip_address((match[1] if match else bare).partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_in(address: Address, networks: Sequence[Network]) -> bool:
    """Tell whether one of those networks has the address."""
    return any(address in network for network in networks)


def network_of(address: Address, *, v4: int, v6: int) -> Network:
    """The network of that address with so many leading bits."""
    return ip_network(f"{address}/{v4 if address.version == 4 else v6}", strict=False)
