"""Mistakes of a new operator: each is answered by one line that says what is wrong and how to mend it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import pytest
from cli.conftest import Terminal

from digest.cli.files import write_private
from digest.errors import ConfigurationError


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DIGEST_TIMEZONE", "Berlin", "is not a time zone name. Did you mean Europe/Berlin?"),
        ("DIGEST_TIMEZONE", "new york", "is not a time zone name. Did you mean America/New_York?"),
        ("DIGEST_TIMEZONE", "GMT+1", "is not a time zone name. Did you mean Etc/GMT-1?"),
        ("DIGEST_TIMEZONE", "Nowhere", "is not a time zone name; for example"),
        ("DIGEST_SEND_AT", "0 8 * * *", "is no time of day, written as 08:00"),
        ("DIGEST_SEND_AT", "8am", "is no time of day, written as 08:00"),
        ("DIGEST_MAX_PAPERS", "1,000", "is no whole number, written in digits alone"),
        ("DIGEST_SMTP_PORT", "smtp", "is no whole number, written in digits alone"),
    ],
)
def test_a_wrong_value_is_said_in_plain_words(
    digest: Terminal, name: str, value: str, words: str
) -> None:
    digest.set(name, value)
    answer = digest("status")
    assert answer.code == 1
    (line,) = answer.err.splitlines()
    assert f"{name}: {words}" in line


def test_curly_quotes_of_a_word_processor_are_named(digest: Terminal) -> None:
    digest.text_file(".env", "DIGEST_SMTP_HOST=“mail.example.org”\n")
    answer = digest("status")
    assert answer.code == 1
    assert ".env: line 1 has curly quotes: use straight ones, or none" in answer.err


def test_a_folder_in_the_place_of_the_settings_is_named(digest: Terminal) -> None:
    (digest.folder / ".env").mkdir()
    answer = digest("status")
    assert answer.code == 1
    assert ".env: is a folder, not a file" in answer.err


def test_settings_in_utf_16_are_named(digest: Terminal) -> None:
    (digest.folder / ".env").write_bytes("DIGEST_SEND_AT=08:00\n".encode("utf-16"))
    answer = digest("status")
    assert answer.code == 1
    assert "is no UTF-8 text, or cannot be read. Save it as UTF-8 text" in answer.err


def test_a_database_of_another_program_is_no_defect_of_ours(digest: Terminal) -> None:
    with closing(sqlite3.connect(digest.folder / "other.db")) as other:
        other.execute("CREATE TABLE papers (id INTEGER)")
        other.commit()
    digest.set("DIGEST_DATABASE_URL", f"sqlite:///{digest.folder / 'other.db'}")
    answer = digest("status")
    assert answer.code == 1
    (line,) = answer.err.splitlines()
    assert "another program has tables of our names there (papers)" in line
    assert line.endswith("Point DIGEST_DATABASE_URL to a database of its own")


def test_a_database_that_others_use_too_is_taken(digest: Terminal) -> None:
    with closing(sqlite3.connect(digest.folder / "other.db")) as other:
        other.execute("CREATE TABLE bicycles (id INTEGER)")
        other.commit()
    digest.set("DIGEST_DATABASE_URL", f"sqlite:///{digest.folder / 'other.db'}")
    assert digest("status").code == 0


def test_templates_that_are_not_there_are_named_with_their_setting(digest: Terminal) -> None:
    digest.set("DIGEST_TEMPLATES", str(digest.folder / "tmpl"))
    answer = digest("preview", "--no-open")
    assert answer.code == 1
    assert "there is no such folder of templates. Correct DIGEST_TEMPLATES" in answer.err


@pytest.mark.parametrize(
    ("location", "mend"),
    [
        ("huggingface.co/papers", "If it is an address, write https://huggingface.co/papers"),
        ("{page} other.txt", "If these are several sources, separate them by commas"),
        ("arxiv", "If it is the service, write it as arxiv:cs.LG"),
        ("HF", "If it is the service, write it as hf:daily"),
        ("nowhere.txt", "Check the path"),
        ("dumps/nowhere.txt", "Check the path"),
    ],
)
def test_a_source_that_is_no_file_is_guessed_at(digest: Terminal, location: str, mend: str) -> None:
    page = digest.text_file("page.txt", "")
    answer = digest("ingest", location.replace("{page}", page))
    assert answer.code == 1
    assert f"no such file. {mend}" in answer.err


def test_several_addresses_in_one_word_are_named(digest: Terminal) -> None:
    answer = digest("subscribers", "add", "ada@example.org, ben@example.org")
    assert answer.code == 1
    assert "not a mail address: several in one. Give each by itself" in answer.err


def test_an_option_given_twice_is_refused_and_not_half_heard(digest: Terminal) -> None:
    answer = digest("publish", "--date", "2026-11-20", "--date=2026-11-21")
    assert answer.code == 2
    assert "--date: is given twice: give it once" in answer.err.replace("'", "")
    # What may be given several times still may.
    assert "twice" not in digest("preview", "--to", "x", "--to", "y").err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_is_no_wrong_place() -> None:
    from pathlib import Path

    with pytest.raises(ConfigurationError, match="No space left on device\\)\\. Free some space"):
        write_private(Path("/dev/full"), b"x" * 100_000)
