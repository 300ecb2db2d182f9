"""What a mail server says of a sender, read letter by letter."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.bounces.authentication_results import (
    AuthenticationResult,
    is_proven,
    parse_authentication_results,
)

SENDER = "reader@example.net"


def believed(*headers: str) -> bool:
    return is_proven(headers, "mx.test", SENDER)


def test_a_header_with_comments_folds_and_quotes_is_read() -> None:
    found = parse_authentication_results(
        'mx.test (a (nested) one) 1;\r\n dkim/1=pass (2048-bit key; dmarc=pass) reason="a \\"b\\" ; c"'
        ' header.i=@example.net\r\n\theader.b=Ab+/c=;\r\n spf=pass smtp.mailfrom="a b"@example.net'.replace(
            '"a b"@example.net', "a@example.net"
        )
    )
    assert found.server == "mx.test"
    assert found.results == (
        AuthenticationResult(
            "dkim",
            "pass",
            (("reason", 'a "b" ; c'), ("header.i", "@example.net"), ("header.b", "ab+/c=")),
        ),
        AuthenticationResult("spf", "pass", (("smtp.mailfrom", "a@example.net"),)),
    )
    assert (
        parse_authentication_results("mx.test; none").results
        == parse_authentication_results("mx.test").results
        == ()
    )


@pytest.mark.parametrize(
    "header",
    [
        "MX.test; DMARC=Pass (p=none) header.from=Example.NET",
        "mx.test 1; dkim=fail header.d=example.net; dmarc=pass header.from=example.net",
        "mx.test; dkim=pass header.d=example.net header.i=@example.net",
        "mx.test; dkim=fail header.d=a.test; dkim=pass header.d=example.net; dmarc=none header.from=a",
        "mx.test; spf=pass (sender is allowed) smtp.mailfrom=someone@example.net",
        "mx.test; spf=pass smtp.mailfrom=example.net",
    ],
)
def test_a_sender_is_proven(header: str) -> None:
    assert believed(header)
    assert believed("other.test; dmarc=fail header.from=example.net", header)


@pytest.mark.parametrize(
    "header",
    [
        "mx.test; dmarc=fail header.from=example.net; dkim=pass header.d=example.net",
        "mx.test; dmarc=pass header.from=example.org",
        "mx.test; dmarc=pass",
        "mx.test; dmarc=pass header.from=example.net header.from=evil.test",
        "mx.test; dmarc=pass header.from=example.net; dmarc=fail header.from=example.net",
        "mx.test; dkim=pass header.d=sub.example.net",
        "mx.test; dkim=pass header.d=evil.test header.i=@example.net",
        "mx.test; dkim=neutral header.d=example.net",
        "mx.test; spf=pass smtp.helo=example.net",
        "mx.test; spf=softfail smtp.mailfrom=example.net",
        "mx.test; spf=pass smtp.mailfrom=a@evil.test; spf=pass smtp.mailfrom=a@example.net",
        'mx.test; spf=pass smtp.mailfrom="a@example.net"@evil.test',
        'mx.test; dkim=fail reason="dmarc=pass header.from=example.net"',
        "mx.test (; dmarc=pass header.from=example.net)",
        "mx.test; dmarc=pass (x) y) header.from=example.net",
        "mx.test; dmarc=pass header.from=example.net; (",
        "mx.test 2; dmarc=pass header.from=example.net",
        "mx.test; dmarc/2=pass header.from=example.net",
        "mx.test.evil; dmarc=pass header.from=example.net",
        "evil mx.test; dmarc=pass header.from=example.net",
        "; dmarc=pass header.from=example.net",
        "",
    ],
)
def test_a_sender_is_not_proven(header: str) -> None:
    assert not believed(header)


@pytest.mark.parametrize("top", ["mx.test; none", "mx.test; spf=pass smtp.mailfrom=", "mx.test; ("])
def test_only_the_topmost_header_of_the_server_counts(top: str) -> None:
    assert not believed(top, "mx.test; dmarc=pass header.from=example.net")


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from('mx.tes;=/() \\"\tdmarcpashef1\0é'), max_size=80))
def test_noise_in_front_proves_nobody(noise: str) -> None:
    """What an attacker gets into a comment or a quoted text stays there, whatever it is."""
    inside = noise.replace("\\", "").replace("(", "").replace(")", "")
    assert not believed(f"mx.test; dmarc=fail ({inside}) header.from=example.net")
    quoted = noise.replace("\\", "").replace('"', "")
    assert not believed(f'mx.test; dmarc=fail reason="{quoted}" header.from=example.net')
    believed(noise)
