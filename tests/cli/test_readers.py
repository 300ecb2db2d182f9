"""Readers by hand: every address counts for itself."""

from __future__ import annotations

from cli.conftest import Terminal


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
