"""Readers by hand: every address counts for itself."""

from __future__ import annotations

from cli.conftest import Terminal


def test_an_address_that_cannot_be_used_does_not_stop_the_others(digest: Terminal) -> None:
    answer = digest("subscribers", "add", "--confirmed", "no address", "a@example.org", "b@")
    assert answer.code == 1
    assert "a@example.org: added" in answer.out
    assert len(answer.err.splitlines()) == 2
    assert "a@example.org" in digest("subscribers", "list").out


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
