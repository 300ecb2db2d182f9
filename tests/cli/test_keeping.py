"""Backups, restores and moves at the command line: what they say, and what they refuse."""

from __future__ import annotations

from cli.conftest import Terminal


def test_backups_go_into_a_folder_that_is_made_and_the_oldest_go(digest: Terminal) -> None:
    digest("subscribers", "add", "--confirmed", "ada@example.org")
    (report,) = digest("backup", "backups", "--keep", "1", "--json").lines
    assert report["encrypted"] is False
    assert (digest.folder / "backups").stat().st_mode & 0o777 == 0o700
    kept = digest.folder / "kept"
    kept.mkdir()
    older = [kept / f"digest-{day}-000000.sqlite3" for day in (20200101, 20200102)]
    for path in older:
        path.touch()
    assert digest("backup", "kept", "--keep", "2").out.endswith(f"deleted kept/{older[0].name}\n")
    assert older[1].exists()


def test_a_restored_list_has_its_subscribers_and_sends_nothing_before_a_word(
    digest: Terminal,
) -> None:
    digest("subscribers", "add", "--confirmed", "ada@example.org")
    digest("backup", "copy.sqlite3")
    assert "rows of its own already" in digest("restore", "copy.sqlite3").err
    digest.set("DIGEST_DATABASE_URL", f"sqlite:///{digest.folder / 'new.db'}")
    assert "sending is paused: restored from the backup of" in digest("restore", "copy.sqlite3").out
    assert "ada@example.org" in digest("subscribers", "list").out
    assert "PAUSED: restored from the backup" in digest("status").out


def test_a_move_is_told_and_a_half_of_its_addresses_is_not_enough(digest: Terminal) -> None:
    digest("subscribers", "add", "--confirmed", "ada@example.org")
    old, new = (f"sqlite:///{digest.folder / name}" for name in ("digest.db", "new.db"))
    moved = digest("migrate", "--from", old, "--to", new)
    assert "each reads as its original" in moved.out
    assert "nothing to do" in digest("migrate", "--from", old, "--to", new).out
    assert digest("migrate", "--from", old).code == 2
    assert "the same database" in digest("migrate", "--from", old, "--to", old).err
