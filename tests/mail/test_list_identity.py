"""The list_identity: whose mail it is, and addresses as the wire takes them."""

from __future__ import annotations

from typing import Any

import pytest

from digest.errors import ConfigurationError, SubscriberError
from digest.mail.list_identity import ListIdentity, wire_address


@pytest.mark.parametrize(
    ("address", "on_the_wire"),
    [
        ("reader@example.org", "reader@example.org"),
        ("Reader+digest@EXAMPLE.org", "Reader+digest@example.org"),
        ("leser@bücher.example", "leser@xn--bcher-kva.example"),
        ("用户@例え.example", "用户@xn--r8jz45g.example"),
        ("o'hara@example.org", "o'hara@example.org"),
    ],
)
def test_an_address_goes_out_with_its_domain_in_idna(address: str, on_the_wire: str) -> None:
    assert wire_address(address) == on_the_wire


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@example.org",
        "a@",
        "a b@example.org",
        "a@exa mple.org",
        "a@example.org\r\nBcc: b@example.org",
        "a\n@example.org",
        "a@b@example.org",
        "<a@example.org>",
        "a@-example.org",
        "a@example..org",
        "a@\u2028.example",
        "x" * 65 + "@example.org",
        "a@" + "x" * 260 + ".org",
        "a@" + "ü" * 80 + ".org",
    ],
)
def test_what_is_not_one_bare_address_is_refused(address: str) -> None:
    with pytest.raises(SubscriberError):
        wire_address(address)


def test_a_sender_is_taken_apart() -> None:
    list_identity = ListIdentity("Daily Papers", "The Editors <papers@Lists.Example.org>")
    assert list_identity.sender_name == "The Editors"
    assert list_identity.address == "papers@lists.example.org"
    assert list_identity.domain == "lists.example.org"
    assert list_identity.identifier == "daily-papers.lists.example.org"


def test_a_bare_sender_goes_by_the_name_of_the_list() -> None:
    list_identity = ListIdentity("日報", "papers@example.org", list_id="papers.example.org")
    assert list_identity.sender_name == "日報"
    assert list_identity.identifier == "papers.example.org"
    assert ListIdentity("日報", "papers@example.org").identifier == "list.example.org"


def test_the_mail_that_unsubscribes_goes_to_the_mailbox_that_a_program_reads() -> None:
    usual = ListIdentity("Papers", "papers@example.org")
    assert usual.unsubscribe_mailto("a.b") == "mailto:papers@example.org?subject=unsubscribe%20a.b"
    apart = ListIdentity("Papers", "papers@example.org", requests="bounces@bücher.example")
    assert apart.unsubscribe_mailto() == (
        "mailto:bounces@xn--bcher-kva.example?subject=unsubscribe"
    )
    assert apart.mailto("help") == "mailto:papers@example.org?subject=help"


def test_pages_are_below_the_base_url() -> None:
    list_identity = ListIdentity("Papers", "p@example.org", "https://example.org/papers/")
    assert (
        list_identity.page("editions/2026-11-20")
        == "https://example.org/papers/editions/2026-11-20"
    )
    assert ListIdentity("Papers", "p@example.org").page("editions") is None


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("list_name", {"list_name": " "}),
        ("list_name", {"list_name": "Papers\r\nBcc: a@example.org"}),
        ("sender", {"sender": "papers"}),
        ("sender", {"sender": "A <a@example.org>\nBcc: b@example.org"}),
        ("base_url", {"base_url": "example.org"}),
        ("base_url", {"base_url": "ftp://example.org"}),
        ("base_url", {"base_url": "https://bücher.example"}),
        ("list_id", {"list_id": "no spaces please"}),
        ("requests", {"requests": "bounces"}),
        ("requests", {"requests": "bounces@example.org\r\nBcc: b@example.org"}),
    ],
)
def test_a_letterhead_that_cannot_be_right_names_the_field(
    field: str, fields: dict[str, str]
) -> None:
    usual: dict[str, Any] = {"list_name": "Papers", "sender": "papers@example.org"}
    with pytest.raises(ConfigurationError, match=field):
        ListIdentity(**(usual | fields))
