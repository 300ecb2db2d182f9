"""Readers by hand: every address counts for itself."""

from __future__ import annotations

import io
import sqlite3
from datetime import UTC, datetime

import pytest
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
    assert "a mail asks for it" in digest("subscribers", "add", "c@example.org").out
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


def test_a_dry_run_says_what_would_happen_and_changes_nothing(digest: Terminal) -> None:
    digest.text_file("readers.csv", "email;status\na@example.org;active\nb@example.org;left\n")
    answer = digest("subscribers", "import", "--dry-run", "--confirmed", "readers.csv")
    assert answer.out == (
        "would be: 1 added, 0 known already, 1 remembered as left, who get nothing, 0 rejected\n"
        "nothing was changed; without --dry-run it is done\n"
    )
    assert digest("subscribers", "list").out == ""
    done = digest("subscribers", "import", "--confirmed", "--json", "readers.csv").json
    assert (done["added"], done["no_mail"], done["dry_run"]) == (1, {"left": 1}, False)
    assert "unsubscribed  b@example.org" in digest("subscribers", "list").out


def test_rows_that_cannot_be_used_are_written_to_a_file(digest: Terminal) -> None:
    digest.text_file("readers.csv", "email\nnobody\na@example.org\n")
    rejected = digest.folder / "rejected.csv"
    answer = digest("subscribers", "import", "readers.csv", "--rejected", str(rejected))
    assert answer.code == 1
    assert rejected.read_text().splitlines()[1].startswith("nobody,")


def test_everybody_can_be_exported_with_what_became_of_them(digest: Terminal) -> None:
    digest("subscribers", "add", "--confirmed", "a@example.org", "b@example.org")
    digest("subscribers", "remove", "b@example.org")
    assert "b@example.org" not in digest("subscribers", "export").out
    everybody = digest("subscribers", "export", "--all").out
    assert '"b@example.org"' in everybody
    assert '"unsubscribed","removed by the operator"' in everybody


def test_who_only_asked_is_shown_and_erased_and_who_nobody_knows_is_not(digest: Terminal) -> None:
    digest("subscribers", "list")
    store = open_store(f"sqlite:///{digest.folder / 'digest.db'}")
    now = datetime.now(UTC)
    box = subscriptions.mailbox_key("a@example.org")
    asked = SignUp(box, "a@example.org", Preferences(), "n", "1", now)
    subscriptions.record_sign_ups(store, [asked], now=now)
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
    assert "left as it is: its owner unsubscribed or was erased" in added.out


def test_prune_is_a_command_and_says_what_it_did(digest: Terminal) -> None:
    digest("subscribers", "add", "--confirmed", "a@example.org")
    assert digest("prune").out == "nothing is too old\n"
    answer = digest("prune", "--json", "--compact").json
    assert answer["departed"] == 0
    assert answer["compacted"] is True
    assert answer["log_is_clear"] is True


def test_a_record_that_cannot_be_used_is_shown_with_its_reason_and_can_be_mended(
    digest: Terminal,
) -> None:
    digest("subscribers", "add", "--confirmed", "a@example.org", "b@example.org", "c@example.org")
    with sqlite3.connect(digest.folder / "digest.db") as database:
        database.execute(
            "UPDATE subscribers SET preferences = ? WHERE id = 1",
            ('{"format":1,"value":{"hour":99}}',),
        )
        database.execute("UPDATE subscribers SET email = 'a' || char(10) || 'b' WHERE id = 2")
    why = "the stored preferences cannot be read (hour is not a whole number from 0 to 23)"
    assert digest("subscribers", "list").out.splitlines() == [
        f"active        a@example.org  (set aside, number 1: preferences: {why})",
        "active        a\ufffdb  (set aside, number 2: address: is none that mail can go to)",
        "active        c@example.org",
    ]
    shown = digest("subscribers", "show", "1").json
    assert (shown["id"], shown["email"]) == (1, "a@example.org")
    assert why in shown["set_aside"]
    assert "--confirmed" in shown["mend"]
    exported = digest("subscribers", "export")
    assert exported.code == 1
    assert "subscriber 1 is left out" in exported.err
    assert "c@example.org" in exported.out
    assert "a@example.org" not in exported.out
    assert digest("status").code == 0
    assert "erase 2" in digest("subscribers", "show", "2").json["mend"]
    assert digest("subscribers", "erase", "2").code == 0
    mended = digest("subscribers", "add", "--confirmed", "--hour", "9", "a@example.org")
    assert "its preferences are those given now" in mended.out
    assert digest("subscribers", "show", "1").json["hour"] == 9
    assert digest("subscribers", "export").code == 0


def test_a_number_no_reader_can_have_is_refused_in_one_line_by_option_and_by_sheet(
    digest: Terminal,
) -> None:
    for option, value in (("--hour", "00000000099"), ("--max-papers", "9" * 4_400),
                          ("--timezone", "right/UTC")):  # fmt: skip
        answer = digest("subscribers", "add", "--confirmed", option, value, "a@example.org")
        assert (answer.code, len(answer.err.splitlines())) == (1, 1)
        assert len(answer.err) < 200
    sheet = digest.text_file(
        "r.csv",
        "email,hour,timezone\n"
        f"a@example.org,00000000099,\nb@example.org,{'9' * 4_400},\nc@example.org,,posixrules\n"
        "d@example.org,23,Pacific/Kiritimati\n",
    )
    answer = digest("subscribers", "import", "--confirmed", sheet)
    assert "1 added, 0 known already, 3 rejected" in answer.out
    assert len(answer.err.splitlines()) == 3


def test_a_day_at_the_end_of_the_calendar_is_refused_in_words(digest: Terminal) -> None:
    for day in ("9999-12-31", "0001-01-01"):
        for command in (["publish"], ["send"], ["preview", "--no-open"]):
            answer = digest(*command, "--date", day)
            assert answer.code == 2
            assert "from 1900-01-01 to 9000-12-31" in " ".join(answer.err.replace("│", " ").split())


def test_options_on_somebody_known_change_what_they_name_and_nothing_else(digest: Terminal) -> None:
    digest(
        "subscribers", "add", "--confirmed", "a@example.org", "--topics", "agents", "--hour", "7"
    )
    answer = digest("subscribers", "add", "a@example.org", "--hour", "9", "--keywords", "pruning")
    assert answer.out == "a@example.org: known already (active); changed: keywords, hour\n"
    shown = digest("subscribers", "show", "a@example.org").json
    assert (shown["hour"], shown["topics"], shown["keywords"]) == (9, ["agents"], ["pruning"])
    again = digest("subscribers", "add", "a@example.org")
    assert again.out == "a@example.org: known already (active)\n"


def test_who_was_removed_by_hand_is_brought_back_by_hand_with_their_preferences(
    digest: Terminal,
) -> None:
    digest("subscribers", "add", "--confirmed", "a@example.org", "--hour", "7")
    digest("subscribers", "remove", "a@example.org")
    asked = digest("subscribers", "add", "a@example.org")
    assert "left as it is: unsubscribed (removed by the operator)" in asked.out
    assert "to bring them back, add --confirmed" in asked.out
    back = digest("subscribers", "add", "--confirmed", "a@example.org")
    assert back.out == "a@example.org: was removed by the operator; gets the digest again\n"
    shown = digest("subscribers", "show", "a@example.org").json
    assert (shown["state"], shown["hour"]) == ("active", 7)


def test_a_sheet_brings_back_nobody_who_was_removed_by_hand(digest: Terminal) -> None:
    digest("subscribers", "add", "--confirmed", "a@example.org")
    digest("subscribers", "remove", "a@example.org")
    digest.text_file("readers.csv", "email\na@example.org\n")
    answer = digest("subscribers", "import", "--confirmed", "readers.csv")
    assert "1 left as they are" in answer.out
    assert digest("subscribers", "list").out.startswith("unsubscribed")


def test_a_part_of_an_address_is_enough_where_no_other_has_it(digest: Terminal) -> None:
    digest("subscribers", "add", "--confirmed", "ada@example.org", "bo@example.org")
    assert digest("subscribers", "show", "ADA").json["email"] == "ada@example.org"
    several = digest("subscribers", "show", "example")
    assert several.code == 1
    assert several.err == (
        "digest: example: several addresses have this: ada@example.org, bo@example.org\n"
    )
    assert "no address has this" in digest("subscribers", "show", "100%").err


def test_a_whole_address_is_never_taken_for_a_part_of_somebody_elses(digest: Terminal) -> None:
    digest("subscribers", "add", "--confirmed", "joann@example.org")
    answer = digest("subscribers", "show", "ann@example.org")
    assert answer.code == 1
    assert "joann" not in answer.out + answer.err
    assert "no such subscriber" in answer.err


def test_erasing_asks_first_on_a_terminal(
    digest: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest("subscribers", "add", "--confirmed", "a@example.org")
    monkeypatch.setattr("sys.stdin", Keyboard("n\n"))
    refused = digest("subscribers", "erase", "a@example.org")
    assert (refused.code, refused.err) == (1, "digest: nothing was deleted\n")
    assert "a@example.org" in digest("subscribers", "list").out
    monkeypatch.setattr("sys.stdin", Keyboard(""))
    assert digest("subscribers", "erase", "a@example.org", "--yes").code == 0
    assert "a@example.org" not in digest("subscribers", "list").out


class Keyboard(io.StringIO):
    """A terminal at which somebody has typed."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("command", ["remove", "erase"])
def test_what_became_of_somebody_can_be_read_by_a_program(digest: Terminal, command: str) -> None:
    digest("subscribers", "add", "--confirmed", "a@example.org")
    assert (
        digest("subscribers", command, "a@example.org", "--json").json["email"] == "a@example.org"
    )
