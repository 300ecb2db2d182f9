"""The contract of the command line: what each command prints, and how it ends."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cli.conftest import Terminal
from installation import ABOUTS, abstract, page_of
from smtp_server.mailboxes import Mailboxes

from digest import samples

TODAY = datetime.now(UTC).date()


def test_without_arguments_it_shows_its_commands(digest: Terminal) -> None:
    answer = digest()
    assert answer.code == 0
    for command in ("preview", "run", "daemon", "status", "subscribers", "check", "migrate"):
        assert command in answer.out


def test_wrong_usage_ends_with_two(digest: Terminal) -> None:
    assert digest("no-such-command").code == 2
    assert digest("parse").code == 2
    assert digest("publish", "--date", "yesterday").code == 2


def test_the_version_is_told(digest: Terminal) -> None:
    assert digest("--version").out.startswith("digest ")


def test_parse_prints_one_object_a_line_with_the_words_of_the_dump(digest: Terminal) -> None:
    answer = digest("parse", "--json", digest.text_file("page.txt", page_of("AB")))
    assert answer.code == 0
    assert [(one["title"], one["abstract"], one["position"]) for one in answer.lines] == [
        (ABOUTS["A"][0], abstract("A"), 1),
        (ABOUTS["B"][0], abstract("B"), 2),
    ]


def test_parse_for_people_lists_titles(digest: Terminal) -> None:
    answer = digest("parse", digest.text_file("page.txt", page_of("AB")))
    assert "2 papers" in answer.out
    assert ABOUTS["B"][0] in answer.out


def test_a_missing_file_is_one_clear_line_and_the_others_are_read(digest: Terminal) -> None:
    good = digest.text_file("page.txt", page_of("A"))
    answer = digest("parse", "--json", "nowhere.txt", good)
    assert answer.code == 1
    assert len(answer.lines) == 1
    assert len(answer.err.splitlines()) == 1
    assert "nowhere.txt" in answer.err


def test_topics_prints_a_topic_its_score_and_why(digest: Terminal) -> None:
    answer = digest("topics", "--json", digest.text_file("page.txt", page_of("AD")))
    assert [one["topic"] for one in answer.lines] == ["generation", "graphs"]
    assert set(answer.lines[0]) == {"title", "topic", "topics", "score", "why"}
    assert answer.lines[1]["topics"][0] == "graphs"
    assert "graph neural network" in " ".join(answer.lines[1]["why"])
    for_people = digest("topics", digest.text_file("page.txt", page_of("A")))
    assert ABOUTS["A"][0] in for_people.out


def test_ingest_tells_new_from_seen_with_a_reason(digest: Terminal) -> None:
    first = digest("ingest", "--json", digest.text_file("one.txt", page_of("AB"))).json
    assert {name: first[name] for name in ("read", "new", "revised", "seen", "rejected")} == {
        "read": 2, "new": 2, "revised": 0, "seen": 0, "rejected": 0,
    }  # fmt: skip
    second = digest("ingest", "--json", digest.text_file("two.txt", page_of("BC"))).json
    assert [(one["title"], one["status"]) for one in second["papers"]] == [
        (ABOUTS["B"][0], "seen"),
        (ABOUTS["C"][0], "new"),
    ]
    assert second["papers"][0]["matched"] == ABOUTS["B"][0]
    assert second["papers"][0]["reason"]
    assert "2 read from 1 dump: 0 new, 0 revised, 2 seen" in digest("ingest", "two.txt").out


def test_ingest_without_sources_says_what_to_set(digest: Terminal) -> None:
    answer = digest("ingest")
    assert answer.code == 1
    assert "DIGEST_SOURCES" in answer.err


def test_a_run_reads_publishes_and_sends_once(digest: Terminal, relay: Mailboxes) -> None:
    digest.set("DIGEST_SOURCES", digest.text_file("page.txt", page_of("ABCD")))
    assert digest("subscribers", "add", "--confirmed", "a@example.org", "b@example.org").code == 0
    first = digest("run")
    assert first.code == 0, first.err
    assert sorted(relay.recipients) == ["a@example.org", "b@example.org"]
    again = digest("run", "--json")
    assert again.code == 0
    assert len(relay.envelopes) == 2
    assert "published already" in again.json["silence"]
    assert digest("send", "--json").json["accepted"] == 2
    message = email.message_from_bytes(
        relay.envelopes[0].original_content or b"", policy=email.policy.default
    )
    assert "List-Unsubscribe" in message
    assert message.get_content_type() == "multipart/alternative"


def test_the_three_steps_one_at_a_time(digest: Terminal, relay: Mailboxes) -> None:
    digest("subscribers", "add", "--confirmed", "a@example.org")
    assert "nothing to publish" in digest("publish").out
    digest("ingest", digest.text_file("page.txt", page_of("ABC")))
    published = digest("publish", "--json").json
    assert published["editions"][0]["papers"] == 3
    assert published["made"] == 1
    sent = digest("send", "--date", TODAY.isoformat(), "--now", "--json").json
    assert sent == {
        "planned_at_start": 1, "planned": 0, "leased": 0, "sending": 0, "deferred": 0,
        "accepted": 1, "rejected": 0, "excluded": 0, "unknown": 0,
    }  # fmt: skip
    assert "3 new papers" in digest("publish").out
    assert digest("send", "--date", "2020-01-01").code == 1


def test_status_tells_runs_editions_readers_and_the_reason_for_silence(
    digest: Terminal, relay: Mailboxes
) -> None:
    assert "nothing has run yet" in digest("status").out
    digest.set("DIGEST_SOURCES", digest.text_file("page.txt", page_of("A")))
    digest("subscribers", "add", "--confirmed", "a@example.org")
    digest("run")
    status = digest("status", "--json").json
    assert status["paused"] is None
    assert status["silence"] is None
    assert status["editions"][0]["date"] == TODAY.isoformat()
    assert status["editions"][0]["deliveries"]["accepted"] == 1
    assert status["editions"][0]["balanced"] is True
    for_people = digest("status").out
    assert "1 planned = 1 accepted" in for_people
    # Later looks that find nothing more make no silence of a day that had its mail.
    digest("ingest")
    assert "no mail: the edition of" in digest("run").out
    assert digest("status", "--json").json["silence"] is None
    assert "quiet" not in digest("status").out


def test_a_relay_that_refuses_us_pauses_sending_and_resume_goes_on(
    digest: Terminal, relay: Mailboxes
) -> None:
    relay.refusal = "550 5.7.1 your address is on a blocklist"
    digest.set("DIGEST_SOURCES", digest.text_file("page.txt", page_of("A")))
    digest.set("DIGEST_RETRY_AFTER", "0.01")
    digest("subscribers", "add", "--confirmed", *(f"r{n}@example.org" for n in range(5)))
    answer = digest("run")
    assert answer.code == 1
    assert "paused" in answer.err
    assert digest("send").code == 1
    assert "blocklist" in digest("status", "--json").json["paused"]
    assert "PAUSED" in digest("status").out
    relay.refusal = None
    assert "sending goes on" in digest("resume").out
    assert "was not paused" in digest("resume").out
    assert digest("send", "--now").code == 0
    assert len(relay.recipients) == 5


def test_preview_writes_the_three_forms_and_stores_nothing(digest: Terminal) -> None:
    answer = digest(
        "preview", "--output", "out", "--json", digest.text_file("p.txt", page_of("ABC"))
    )
    assert answer.code == 0, answer.err
    assert answer.json["papers"] == 3
    html = (digest.folder / "out/digest.html").read_bytes().decode()
    raw = (digest.folder / "out/digest.eml").read_bytes()
    assert html.rstrip().endswith("</html>")
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message.get_body(("html",)).get_content() == html  # type: ignore[union-attr]
    assert message["Subject"] == answer.json["subject"]
    assert ABOUTS["A"][0] in (digest.folder / "out/digest.txt").read_text()
    assert not (digest.folder / "digest.db").exists()


def test_preview_without_anything_shows_the_samples(digest: Terminal) -> None:
    answer = digest("preview", "--json", "--no-open")
    assert answer.code == 0, answer.err
    assert answer.json["papers"] == 29
    assert answer.json["updated"] == 2
    page = Path(answer.json["written"])
    assert "<iframe" in page.read_text(encoding="utf-8")
    page.unlink()


def test_preview_of_configured_sources_leaves_the_memory_as_it_was(
    digest: Terminal, relay: Mailboxes
) -> None:
    digest.set("DIGEST_SOURCES", digest.text_file("page.txt", page_of("AB")))
    assert digest("preview", "--json", "--output", "out").json["papers"] == 2
    status = digest("status", "--json").json
    assert status["last_ingest"] is None
    assert status["editions"] == []
    digest("subscribers", "add", "--confirmed", "a@example.org")
    digest("run")
    sent = relay.envelopes[0].content
    assert digest("preview", "--output", "out", "--for", "a@example.org").code == 0
    assert (digest.folder / "out/digest.eml").read_bytes() == sent


def test_preview_for_a_reader_obeys_their_wishes(digest: Terminal) -> None:
    digest("subscribers", "add", "--confirmed", "--topics", "graphs", "g@example.org")
    file = digest.text_file("page.txt", page_of("ABCD"))
    digest("preview", "--for", "g@example.org", "--output", "out", file)
    text = (digest.folder / "out/digest.txt").read_text()
    assert ABOUTS["D"][0] in text
    assert ABOUTS["A"][0] not in text
    digest("subscribers", "add", "--confirmed", "--keywords", "zymurgy", "z@example.org")
    answer = digest("preview", "--for", "z@example.org", "--output", "none", file)
    assert "no mail would go out" in answer.out
    assert digest("preview", "--for", "nobody@example.org", file).code == 1


def test_preview_of_nothing_says_why(digest: Terminal) -> None:
    answer = digest("preview", "--json", digest.text_file("empty.txt", ""))
    assert answer.code == 1
    assert "empty.txt" in answer.err


def test_explain_tells_how_a_paper_was_judged(digest: Terminal) -> None:
    digest("ingest", digest.text_file("page.txt", page_of("ABCD")))
    for_people = digest("explain", "Dovetail: Joining Graphs at the Seams")
    assert "topic graphs" in for_people.out
    assert "it waits for the next one" in for_people.out
    digest("publish")
    account = digest("explain", "--json", "dovetail joining").json
    assert account["topic"]["topic"] == "graphs"
    assert account["editions"] == [
        {"kind": "daily", "date": TODAY.isoformat(), "subject": account["editions"][0]["subject"]}
    ]
    assert digest("explain", "zymurgy").code == 1


def test_check_finds_what_is_missing_and_what_is_fine(digest: Terminal, relay: Mailboxes) -> None:
    digest.set("DIGEST_SMTP_HOTS", "typo")
    answer = digest("check")
    assert answer.code == 1
    assert "did you mean DIGEST_SMTP_HOST?" in answer.out
    assert "MEND sources" in answer.out


def test_check_of_a_whole_house_is_all_well(digest: Terminal, relay: Mailboxes) -> None:
    digest.set("DIGEST_SOURCES", digest.text_file("page.txt", page_of("A")))
    answer = digest("check", "--json")
    assert answer.code == 0, answer.out
    assert {finding["what"] for finding in answer.json} >= {
        "settings", "database", "sources", "topics", "templates", "relay",
    }  # fmt: skip


def test_a_wrong_setting_stops_every_command_with_one_line(digest: Terminal) -> None:
    digest.set("DIGEST_TIMEZONE", "Mars/Olympus")
    for command in ("status", "run", "ingest"):
        answer = digest(command)
        assert answer.code == 1
        assert answer.err.count("\n") == 1
        assert "DIGEST_TIMEZONE" in answer.err
    assert "DIGEST_TIMEZONE" in digest("check").out


def test_sending_without_a_relay_says_what_to_set(digest: Terminal) -> None:
    digest.set("DIGEST_SOURCES", digest.text_file("page.txt", page_of("A")))
    answer = digest("run")
    assert answer.code == 1
    assert "DIGEST_SMTP_HOST is missing" in answer.err
    assert "DIGEST_SENDER is missing" in answer.err


def test_migrate_makes_the_database_once(digest: Terminal) -> None:
    assert "at version" in digest("migrate").out
    assert "current already" in digest("migrate").out


def test_a_defect_is_called_one_and_debug_shows_where(
    digest: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.wiring.application.open_application", lambda: 1 / 0)
    answer = digest("status")
    assert answer.code == 1
    assert "a defect in digest itself" in answer.err
    with pytest.raises(ZeroDivisionError):
        digest("status", debug=True)


def test_the_sample_dumps_are_part_of_the_package() -> None:
    assert all(path.is_file() for path in samples.paths())


class TestSubscribers:
    """``digest subscribers``: readers by hand, and CSV."""

    def test_add_list_show_remove_erase(self, digest: Terminal) -> None:
        digest("subscribers", "add", "--confirmed", "--hour", "7", "a@example.org")
        digest("subscribers", "add", "b@example.org")
        assert "active        a@example.org" in digest("subscribers", "list").out
        assert digest("subscribers", "list", "--state", "pending", "--json").json["email"] == (
            "b@example.org"
        )
        assert digest("subscribers", "show", "a@example.org").json["hour"] == 7
        assert digest("subscribers", "remove", "a@example.org").code == 0
        assert digest("subscribers", "show", "a@example.org").json["state"] == "unsubscribed"
        assert digest("subscribers", "erase", "a@example.org").code == 0
        gone = digest("subscribers", "show", "a@example.org")
        assert gone.code == 1
        assert "no such subscriber" in gone.err

    def test_import_reports_each_bad_row_and_export_gives_the_good_back(
        self, digest: Terminal
    ) -> None:
        file = digest.text_file(
            "readers.csv", "email,topics\na@example.org,3d\nnope,\nb@example.org,unheard-of\n"
        )
        answer = digest("subscribers", "import", "--confirmed", file)
        assert answer.code == 1
        assert [line.split(":")[1].strip() for line in answer.err.splitlines()] == [
            "row 3",
            "row 4",
        ]
        assert "1 added" in answer.out
        exported = digest("subscribers", "export").out
        assert exported.splitlines()[1].startswith('"a@example.org","3d"')
        digest("subscribers", "export", "out.csv")
        assert (digest.folder / "out.csv").stat().st_mode & 0o777 == 0o600

    def test_a_file_that_is_no_csv_is_one_line(self, digest: Terminal) -> None:
        missing = digest("subscribers", "import", "nowhere.csv")
        assert missing.code == 1
        assert "No such file" in missing.err
        assert "email,topics,exclude" in missing.err
        (digest.folder / "binary.csv").write_bytes(b"\xff\xfe\x00\x80")
        answer = digest("subscribers", "import", "binary.csv")
        assert answer.code == 1
        assert answer.err.count("\n") == 1


def test_a_late_edition_is_told_as_waiting(digest: Terminal, relay: Mailboxes) -> None:
    digest("ingest", digest.text_file("page.txt", page_of("A")))
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    assert f"daily edition of {tomorrow}: 1 new paper." in digest("publish", "--date", tomorrow).out


def test_a_refused_reader_can_be_found_with_the_relays_own_words(
    digest: Terminal, relay: Mailboxes
) -> None:
    relay.refusal = "550 5.1.1 no such user here"
    digest.set("DIGEST_SOURCES", digest.text_file("page.txt", page_of("A")))
    digest("subscribers", "add", "--confirmed", "gone@example.org")
    digest("run")
    edition = digest("status", "--json").json["editions"][0]
    assert edition["reasons"] == {"rejected: 550 5.1.1": 1}
    (delivery,) = digest("subscribers", "show", "gone@example.org").json["deliveries"]
    assert delivery["state"] == "rejected"
    assert delivery["reply"] == "550 5.1.1 no such user here"


def test_a_check_makes_no_database(digest: Terminal, relay: Mailboxes) -> None:
    digest.set("DIGEST_DATABASE_URL", f"sqlite:///{digest.folder / 'typo' / 'digest.db'}")
    assert "none yet" in digest("check").out
    assert not (digest.folder / "typo").exists()


def test_an_export_that_cannot_be_written_is_one_line(digest: Terminal) -> None:
    answer = digest("subscribers", "export", "nowhere/readers.csv")
    assert answer.code == 1
    assert "cannot be written" in answer.err


def test_samples_and_editions_of_before_are_called_so(digest: Terminal, relay: Mailboxes) -> None:
    assert "made from invented sample dumps" in digest("preview", "--output", "out").out
    digest.set("DIGEST_SOURCES", digest.text_file("page.txt", page_of("A")))
    digest("run")
    assert "published already today" in digest("preview", "--output", "out").out
