"""Where a visitor comes from: believed from declared proxies, invented by anyone else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from digest.errors import ConfigurationError
from digest.web.visitors import (
    PostRateLimit,
    Visitors,
)

KEYS = ("a key",)


def request(
    client: str | None, *forwarded: str, headers: tuple[tuple[str, str], ...] = ()
) -> Request:
    lines = (*(("x-forwarded-for", line) for line in forwarded), *headers)
    return Request(
        {
            "type": "http",
            "client": (client, 1) if client else None,
            "headers": [(name.encode(), line.encode()) for name, line in lines],
        }
    )


def network(client: str | None, *forwarded: str, proxies: tuple[str, ...] = ()) -> str:
    return Visitors.of(proxies, KEYS).network(request(client, *forwarded))


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


@pytest.mark.parametrize(
    ("hop", "address"),
    [
        ("203.0.113.9:4711", "203.0.113.9"),
        (" 203.0.113.9 ", "203.0.113.9"),
        ('"203.0.113.9:4711"', "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:80", "203.0.113.9"),
        ("2001:db8:1:2::9", "2001:db8:1:2::9"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::9"),
        ("[2001:db8:1:2::9]:4711", "2001:db8:1:2::9"),
        ("[2001:db8:1:2::9%25eth0]:4711", "2001:db8:1:2::9"),
    ],
)
def test_a_hop_is_read_however_the_proxy_writes_it(hop: str, address: str) -> None:
    behind = ("10.0.0.0/8", "127.0.0.1")
    assert network("10.1.2.3", hop, proxies=behind) == network(address)
    assert network("127.0.0.1", f"6.6.6.6, {hop}", proxies=behind) == network(address)
    assert network("127.0.0.1", f"{hop}, 10.1.1.1:80", proxies=behind) == network(address)


ODD = (
    "nonsense", "", ",,,", "203.0.113.9:80, x", "999.1.1.1", "unknown", "_hidden", "203.0.113.9:80:80",
    "[203.0.113.9", "203.0.113.9]", "[[::1]]", "203.0.113.9:port", "\u0661.1.1.1", "1" * 5000, "\x00",
    "for=203.0.113.9", "203.0.113.0/24", "3405803785", "0xcb007109", "203.0.113.9, unknown",
)  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_header_leaves_the_proxy_itself(odd: str) -> None:
    behind = ("10.0.0.0/8", "127.0.0.1")
    assert network("10.1.2.3", odd, proxies=behind) == network("10.1.2.3")
    assert network("127.0.0.1", odd, proxies=behind) == network("127.0.0.1", proxies=behind) != ""


@given(st.text(max_size=60))
def test_no_text_of_a_header_leaves_a_visitor_without_a_limit(text: str) -> None:
    assert network("127.0.0.1", text, proxies=("127.0.0.1",))


def test_a_thousand_hops_are_no_more_than_the_nearest() -> None:
    hops = ", ".join(["6.6.6.6"] * 1_000 + ["203.0.113.9", "10.1.1.1"])
    assert network("10.1.2.3", hops, proxies=("10.0.0.0/8",)) == network("203.0.113.9")


def test_a_proxy_that_names_nobody_is_one_visitor_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    visitors = Visitors.of(("10.0.0.0/8", "127.0.0.1"), KEYS)
    first = visitors.network(request("127.0.0.1"))
    assert first == visitors.network(request("127.0.0.1", "unknown")) != ""
    assert first != visitors.network(request("10.1.2.3"))
    visitors.network(request("127.0.0.1", "203.0.113.9"))
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "the proxy 127.0.0.1 sends no X-Forwarded-For" in said[0]


def test_an_undeclared_proxy_is_one_visitor_and_the_setting_is_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    visitors = Visitors.of((), KEYS)
    for _ in range(3):
        assert visitors.network(request("127.0.0.1", "203.0.113.9")) != ""
        assert visitors.network(request("172.17.0.1", "203.0.113.9")) != ""
        assert visitors.network(request("8.8.8.8", "203.0.113.9")) != ""
    said = [record.getMessage() for record in caplog.records]
    assert [line.rpartition("set ")[2] for line in said] == [
        "DIGEST_TRUSTED_PROXIES=127.0.0.1",
        "DIGEST_TRUSTED_PROXIES=172.17.0.1",
    ]


def test_pages_that_readers_reach_by_https_stand_behind_a_proxy(
    caplog: pytest.LogCaptureFixture,
) -> None:
    visitors = Visitors.of((), KEYS, behind=True)
    assert visitors.network(request("127.0.0.1")) != ""
    assert "set DIGEST_TRUSTED_PROXIES=127.0.0.1" in caplog.text


@pytest.mark.parametrize("mark", ["forwarded", "via", "x-real-ip", "x-forwarded-proto"])
def test_forwarded_by_another_name_is_not_believed_but_is_a_sign_of_a_proxy(mark: str) -> None:
    one, other = (
        Visitors.of((), KEYS).network(request("127.0.0.1", headers=((mark, value),)))
        for value in ("for=203.0.113.9", "for=203.0.114.9")
    )
    assert one == other != ""


def test_somebody_at_this_machine_and_the_unknown_are_no_network() -> None:
    for client in ("127.0.0.1", "::1", "::ffff:127.0.0.1", None, "testclient"):
        assert network(client) == ""


def test_the_hash_does_not_hold_the_address_and_needs_the_key() -> None:
    hashed = network("203.0.113.9")
    scope = {"type": "http", "client": ("203.0.113.9", 1), "headers": []}
    assert "203" not in hashed or len(hashed) == 32
    assert Visitors.of((), ("another key",)).network(Request(scope)) != hashed


def test_a_proxy_that_is_no_address_is_named() -> None:
    with pytest.raises(ConfigurationError, match="DIGEST_TRUSTED_PROXIES"):
        Visitors.of(("proxy.example.org",), KEYS)


def test_attempts_are_counted_by_network_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("digest.web.visitors.time.monotonic", lambda: now)
    attempts = PostRateLimit()
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
