"""Readers by hand: every address counts for itself."""

from __future__ import annotations

from datetime import UTC, datetime

from cli.conftest import Terminal

from digest import subscriptions
from digest.model import Preferences, SignUp
from digest.store import open_store


def test_an_address_that_cannot_be_used_does_not_stop_the_others(digest: Terminal) -> None:
    answer = digest("subscribers", "add", "--confirmed", "no address", "a@example.org", "b@")
    assert answer.code == 1
    assert "a@example.org: added" in answer.out
    assert len(answer.err.splitlines()) == 2
    assert "a@example.org" in digest("subscribers", "list").out


def test_without_pages_nobody_is_asked_to_confirm_at_an_address_that_leads_nowhere(
    digest: Terminal,
) -> None:
    added = digest("subscribers", "add", "a@example.org")
    assert "until it is added with --confirmed" in added.out
    digest.text_file("readers.csv", "email\nb@example.org\n")
    assert "DIGEST_BASE_URL is not set" in digest("subscribers", "import", "readers.csv").out
    assert digest("status", "--json").json["letters"] == {}

    digest.set("DIGEST_BASE_URL", "https://papers.example.org")
    assert "which a mail asks for" in digest("subscribers", "add", "c@example.org").out
    assert digest("status", "--json").json["letters"] == {"planned": 1}
    assert "now confirmed" in digest("subscribers", "add", "--confirmed", "a@example.org").out


def test_the_list_tells_why_somebody_gets_nothing(digest: Terminal) -> None:
    digest("subscribers", "add", "--confirmed", "a@example.org", "b@example.org")
    digest("subscribers", "remove", "a@example.org")
    listed = digest("subscribers", "list").out.splitlines()
    assert listed == [
        "unsubscribed  a@example.org  (removed by the operator)",
        "active        b@example.org",
    ]


def test_added_readers_can_be_read_by_a_program(digest: Terminal) -> None:
    answer = digest("subscribers", "add", "--json", "a@example.org", "b@example.org")
    assert [one["email"] for one in answer.lines] == ["a@example.org", "b@example.org"]
    assert {one["state"] for one in answer.lines} == {"pending"}
    assert all(one["said"] for one in answer.lines)


def test_show_takes_the_json_option_that_every_command_with_data_takes(digest: Terminal) -> None:
    digest("subscribers", "add", "--confirmed", "a@example.org")
    plain = digest("subscribers", "show", "a@example.org")
    assert digest("subscribers", "show", "a@example.org", "--json").json == plain.json


def test_a_sheet_with_semicolons_is_told_what_separates_columns(digest: Terminal) -> None:
    sheet = digest.folder / "readers.csv"
    sheet.write_text("email;topics\na@example.org;vision\n")
    answer = digest("subscribers", "import", "readers.csv")
    assert answer.code == 1
    assert "comma" in answer.err


def test_who_only_asked_is_shown_and_erased_and_who_nobody_knows_is_not(digest: Terminal) -> None:
    digest("subscribers", "list")
    store = open_store(f"sqlite:///{digest.folder / 'digest.db'}")
    now = datetime.now(UTC)
    box = subscriptions.mailbox("a@example.org")
    asked = SignUp(box, "a@example.org", Preferences(), "n", "1", now)
    subscriptions.ask(store, [asked], now=now)
    store.close()
    assert digest("subscribers", "show", "A@example.org").json["state"] == "asked"
    assert digest("subscribers", "erase", "A@example.org").out == "erased\n"
    again = digest("subscribers", "erase", "a@example.org")
    assert (again.code, again.out) == (1, "")
    assert "no such subscriber" in again.err


def test_show_tells_everything_that_is_held(digest: Terminal) -> None:
    digest("subscribers", "add", "--confirmed", "a@example.org")
    shown = digest("subscribers", "show", "a@example.org").json
    assert shown["bounce_points"] == 0
    assert {"history", "letters", "editions", "sign_up", "consent", "suppressed"} <= set(shown)


def test_an_erased_reader_is_not_brought_back_by_a_sheet(digest: Terminal) -> None:
    digest("subscribers", "add", "--confirmed", "a@example.org")
    digest("subscribers", "erase", "a@example.org")
    digest.text_file("readers.csv", "email\na@example.org\nb@example.org\n")
    answer = digest("subscribers", "import", "--confirmed", "readers.csv")
    assert "1 added, 0 known already, 1 left as they are (they do not want it)" in answer.out
    assert "a@example.org" not in digest("subscribers", "list").out
    added = digest("subscribers", "add", "--confirmed", "a@example.org")
    assert "left as it is: its reader left or was erased" in added.out


def test_prune_is_a_command_and_says_what_it_did(digest: Terminal) -> None:
    digest("subscribers", "add", "--confirmed", "a@example.org")
    assert digest("prune").out == "nothing is too old\n"
    answer = digest("prune", "--json", "--compact").json
    assert answer["departed"] == 0
    assert answer["compacted"] is True
    assert answer["log_is_clear"] is True
