"""One owner of each spelling: equal addresses, one person's mailbox, a domain's two alphabets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.email_address import (
    address_spellings,
    comparable_address,
    domain_spellings,
    mailbox_key,
    mailbox_keys,
    mailbox_keys_if_any,
)
from digest.errors import SubscriberError

DAMAGED = [
    "",
    "@",
    "ada@",
    "@example.org",
    "ada",
    "a\n@example.org",
    "a b@example.org",
    "a\0@b.org",
]


@pytest.mark.parametrize(
    "spelling", ["Ada@Example.ORG", " ada@example.org ", "ada@example.org.", "ADA@EXAMPLE.ORG"]
)
def test_case_and_outer_space_do_not_make_another_address(spelling: str) -> None:
    assert comparable_address(spelling) == "ada@example.org"


def test_a_domain_is_equal_in_both_of_its_alphabets() -> None:
    assert comparable_address("ada@xn--mller-kva.example") == comparable_address(
        "ada@MÜLLER.example"
    )
    assert domain_spellings("müller.example") == {"müller.example", "xn--mller-kva.example"}
    assert domain_spellings("xn--mller-kva.example") == domain_spellings("müller.example")


def test_a_report_may_name_an_address_with_its_domain_as_given_or_as_the_wire_has_it() -> None:
    assert address_spellings("Ada@Müller.example") == (
        "ada@müller.example",
        "ada@xn--mller-kva.example",
    )
    assert address_spellings("ada@example.org") == ("ada@example.org",)


def test_tags_are_one_mailbox_apart_from_the_bare_address_and_gmail_ignores_dots() -> None:
    assert mailbox_key("ada+news@example.org") == mailbox_key("ada+x@example.org")
    assert mailbox_key("ada+news@example.org") != mailbox_key("ada@example.org")
    assert set(mailbox_keys("ada+news@example.org")) == set(mailbox_keys("ada@example.org"))
    assert mailbox_key("a.d.a@gmail.com") == mailbox_key("ada@googlemail.com")
    assert mailbox_key("a.da@example.org") != mailbox_key("ada@example.org")


@pytest.mark.parametrize("text", DAMAGED)
def test_text_that_is_no_address_is_refused_and_has_no_mailbox(text: str) -> None:
    with pytest.raises(SubscriberError):
        comparable_address(text)
    assert mailbox_keys_if_any(text) == ()


@given(st.text(max_size=40))
def test_any_text_is_either_an_address_or_refused(text: str) -> None:
    try:
        comparable = comparable_address(text)
    except SubscriberError:
        assert mailbox_keys_if_any(text) == ()
    else:
        assert comparable_address(comparable) == comparable
        assert mailbox_keys_if_any(text) == mailbox_keys(comparable)
