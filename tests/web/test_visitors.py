"""Where a visitor comes from: believed from declared proxies, invented by anyone else."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from digest.errors import ConfigurationError
from digest.web.visitors import Attempts, Visitors

KEYS = ("a key",)


def network(client: str | None, *forwarded: str, proxies: tuple[str, ...] = ()) -> str:
    scope = {
        "type": "http",
        "client": (client, 1) if client else None,
        "headers": [(b"x-forwarded-for", line.encode()) for line in forwarded],
    }
    return Visitors.of(proxies, KEYS).network(Request(scope))


def test_without_proxies_the_header_means_nothing() -> None:
    assert network("203.0.113.9", "198.51.100.1") == network("203.0.113.9")


def test_neighbours_share_a_network_and_strangers_do_not() -> None:
    assert network("203.0.113.9") == network("203.0.113.200") != network("203.0.114.9")
    assert network("2001:db8:1:2::9") == network("2001:db8:1:ffff::1") != network("2001:db8:2::1")
    assert network("::ffff:203.0.113.9") == network("203.0.113.9")


def test_a_declared_proxy_is_believed_and_what_stands_before_a_stranger_is_not() -> None:
    direct = network("203.0.113.9")
    behind = ("10.0.0.0/8", "127.0.0.1")
    assert network("10.1.2.3", "203.0.113.9", proxies=behind) == direct
    assert network("127.0.0.1", "203.0.113.9, 10.1.1.1", proxies=behind) == direct
    assert network("127.0.0.1", "6.6.6.6, 203.0.113.9", proxies=behind) == direct
    assert network("127.0.0.1", "6.6.6.6", "203.0.113.9", proxies=behind) == direct


@pytest.mark.parametrize("odd", ["nonsense", "", ",,,", "203.0.113.9:80, x", "999.1.1.1"])
def test_an_odd_header_leaves_the_proxy_itself(odd: str) -> None:
    assert network("10.1.2.3", odd, proxies=("10.0.0.0/8",)) == network("10.1.2.3")


def test_this_machine_and_the_unknown_are_no_network() -> None:
    for client in ("127.0.0.1", "::1", "::ffff:127.0.0.1", None, "testclient"):
        assert network(client) == ""


def test_the_hash_does_not_hold_the_address_and_needs_the_key() -> None:
    one = network("203.0.113.9")
    scope = {"type": "http", "client": ("203.0.113.9", 1), "headers": []}
    assert "203" not in one or len(one) == 32
    assert Visitors.of((), ("another key",)).network(Request(scope)) != one


def test_a_proxy_that_is_no_address_is_named() -> None:
    with pytest.raises(ConfigurationError, match="DIGEST_TRUSTED_PROXIES"):
        Visitors.of(("proxy.example.org",), KEYS)


def test_attempts_are_counted_by_network_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("digest.web.visitors.time.monotonic", lambda: now)
    attempts = Attempts()
    assert all(attempts.allows("a") for _ in range(120))
    assert not attempts.allows("a")
    assert attempts.allows("b")
    assert attempts.allows("")
    now = 61.0
    assert attempts.allows("a")
    monkeypatch.setattr("digest.web.visitors.MOST_NETWORKS", 5)
    for n in range(10):
        attempts.allows(str(n))
    assert len(attempts._seen) <= 6
