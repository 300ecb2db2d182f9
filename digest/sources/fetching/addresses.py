"""Tell from which network addresses a page may be fetched."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Resolve = Callable[[str, int], list[str]]
"""Name and port to the addresses behind them; raises `OSError` if there are none."""

_NAT64 = IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host in the order in which the system would try them.

    :raises OSError: if the name has none.
    """
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in answers))


def resolve_within(seconds: float, ask: Resolve, host: str, port: int) -> list[str]:
    """The answer of ``ask`` about a host, given ``seconds`` for it: the system's own way has no limit.

    :raises TimeoutError: if the answer takes longer.
    :raises OSError: as ``ask`` does.
    """
    answers: list[list[str] | OSError] = []

    def look_up() -> None:
        try:
            answers.append(ask(host, port))
        except (OSError, UnicodeError) as error:
            answers.append(OSError(f"{host[:100]}: {error}"))

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(max(seconds, 0.0))
    if not answers:
        raise TimeoutError(f"no answer from the name service about {host[:100]}")
    if isinstance(answers[0], OSError):
        raise answers[0]
    return answers[0]


def is_public(address: str) -> bool:
    """Tell whether an address is one of the public internet.

    Not: private, loopback, link-local, shared (RFC 6598), multicast, reserved (IANA's registries
    of special-purpose addresses, RFC 6890), or such an IPv4 address inside an IPv6 one: mapped
    (RFC 4291 §2.5.5.2), 6to4 (RFC 3056), Teredo (RFC 4380), NAT64 (RFC 6052, RFC 8215).
    """
    try:
        ip = ip_address(address.split("%")[0])
    except ValueError:
        return False
    inner = _inside(ip)
    if inner is not None:
        return is_public(str(inner))
    usual = ip.is_global and not (
        ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_link_local
    )
    if isinstance(ip, IPv6Address):
        return usual and not ip.is_site_local and ip not in _NAT64_LOCAL
    return usual


def is_loopback(address: str) -> bool:
    """Tell whether an address is this very machine's own."""
    try:
        ip = ip_address(address.split("%")[0])
    except ValueError:
        return False
    inner = _inside(ip)
    return ip.is_loopback or (inner is not None and inner.is_loopback)


def _inside(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one only wraps."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
