"""``digest invite`` and ``digest invitations``: made, listed, used, revoked; every slip is one line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cli.conftest import Terminal

from digest.store import open_store


@pytest.fixture(autouse=True)
def _by_invitation(digest: Terminal) -> None:
    digest.set("DIGEST_SIGNUP", "invite")
    digest.set("DIGEST_BASE_URL", "https://papers.example.org")


def test_an_invitation_is_made_listed_and_revoked(digest: Terminal) -> None:
    made = digest("invite", "--uses", "3", "--until", "2099-12-31", "--label", "guests")
    assert made.code == 0, made.err
    assert made.out.startswith("https://papers.example.org/subscribe?invite=")
    assert made.err == ""
    listed = digest("invitations", "list")
    assert listed.out == "   1  0 of 3 used, until 2099-12-31  guests\n"
    token = made.out.partition("invite=")[2].strip()
    assert token not in digest("invitations", "list", "--json").out
    store = open_store(f"sqlite:///{digest.folder / 'digest.db'}")
    with store.begin() as unit:
        assert unit.invitations.use(1, datetime.now(UTC))
    store.close()
    assert "was withdrawn, used 1 of 3 times" in digest("invitations", "revoke", "1").out
    (shown,) = digest("invitations", "list", "--json").lines
    assert (shown["used"], shown["usable"]) == (1, False)
    assert "was withdrawn" in digest("invitations", "list").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--uses", "0"], "--uses: the number of uses is not from 1 to 10,000"),
        (["--until", "2020-01-01"], "--until: the last day is over already"),
        (["--label", "x" * 101], "--label: the label is longer than 100 characters"),
        (["--until", "9999-12-31"], "--until: the last day is not before 2200"),
    ],
)
def test_terms_that_make_no_sense_are_one_line(
    digest: Terminal, arguments: list[str], words: str
) -> None:
    refused = digest("invite", *arguments)
    assert refused.code == 1
    assert words in refused.err
    assert refused.err.count("\n") == 1


def test_an_invitation_that_nobody_needs_or_can_use_is_said(digest: Terminal) -> None:
    for mode, words in (("open", "open to anybody"), ("closed", "closed, also by invitation")):
        digest.set("DIGEST_SIGNUP", mode)
        assert words in digest("invite").err


def test_without_pages_there_is_nothing_to_link_to(
    digest: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIGEST_BASE_URL")
    refused = digest("invite")
    assert (refused.code, "DIGEST_BASE_URL" in refused.err) == (1, True)


def test_a_number_that_is_no_invitation_is_said(digest: Terminal) -> None:
    assert "no such invitation" in digest("invitations", "revoke", "9").err
    assert "make one with: digest invite" in digest("invitations", "list").out
