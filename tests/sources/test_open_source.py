"""Files, folders and streams: what cannot be read costs one clear line, the rest is used."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sources import shelf
from sources.shelf import SHELF, TODAY

from digest.errors import SourceError
from digest.model import Dump, Rejected
from digest.sources import SourceLimits, open_source

HASTY = SourceLimits(settle=0.0)
PAGE = shelf.blank_separated(SHELF).encode()


def read(location: Path | str, **options: object) -> list[Dump | Rejected]:
    limits = options.pop("limits", HASTY)
    return list(open_source(str(location), limits=limits).read(today=TODAY, **options))  # type: ignore[arg-type]


def one(location: Path | str, **options: object) -> Dump | Rejected:
    (found,) = read(location, **options)
    return found


def saved(folder: Path, data: bytes, name: str = "page.txt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def papers(dump: Dump | Rejected) -> list[tuple[str, str]]:
    assert isinstance(dump, Dump), dump
    return [(record.title, record.abstract) for record in dump.records]


EXPECTED = [(paper.title, paper.abstract) for paper in SHELF]


def test_a_file_gives_its_dump_with_fingerprint_day_and_time(tmp_path: Path) -> None:
    path = saved(tmp_path, PAGE)
    os.utime(path, (1_790_000_000, 1_790_000_000))
    dump = one(path)
    assert papers(dump) == EXPECTED
    assert isinstance(dump, Dump)
    assert dump.day == date(2026, 11, 18)
    assert dump.modified == datetime.fromtimestamp(1_790_000_000, UTC)
    assert len(dump.fingerprint) == 64
    assert dump.location == str(path)


def test_a_file_is_read_even_if_it_is_known(tmp_path: Path) -> None:
    path = saved(tmp_path, PAGE)
    first = one(path)
    assert isinstance(first, Dump)
    assert one(path, known={first.fingerprint}) == first


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (os.urandom(4096), "not text"),
        (b"\x00" * 5000, "not text"),
        (b"%PDF-1.7 ...", "a PDF"),
        (gzip.compress(PAGE), "a gzip archive"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"just one line", "no papers found"),
        (b"\xff\xfe" + os.urandom(501), "not text"),
        (b'{"title": "x"}', "JSON, but not of papers"),
    ],
)
def test_an_unusable_file_is_one_clear_line(tmp_path: Path, data: bytes, said: str) -> None:
    rejected = one(saved(tmp_path, data))
    assert isinstance(rejected, Rejected)
    assert said in rejected.reason
    assert rejected.location.endswith("page.txt")
    assert rejected.line == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (PAGE, None),
        (b"\xef\xbb\xbf" + PAGE, None),
        (PAGE.replace(b"\n", b"\r\n"), None),
        (PAGE.replace(b"\n", b"\r"), None),
        (PAGE.decode().encode("utf-16"), "UTF-16"),
        (PAGE.decode().encode("utf-16-le"), "UTF-16"),
        (PAGE.decode().encode("utf-16-be"), "UTF-16"),
        (PAGE.decode().encode("utf-32"), "UTF-32"),
        (PAGE.replace(b"\n\n", b"\n\x00\n"), "NUL bytes"),
    ],
)
def test_an_odd_encoding_is_read_and_told_of_if_something_may_be_lost(
    tmp_path: Path, data: bytes, said: str | None
) -> None:
    dump = one(saved(tmp_path, data))
    assert papers(dump) == EXPECTED
    assert isinstance(dump, Dump)
    assert [said in piece.reason for piece in dump.rejected if said] == ([True] if said else [])
    assert len(dump.rejected) == (said is not None)


def test_windows_1252_is_read_and_told_of(tmp_path: Path) -> None:
    page = (
        shelf.glued(SHELF[:3])
        + "\nCafé “Ω” – Über alles".replace("Ω", "O")
        + "\n"
        + SHELF[3].abstract
    )
    dump = one(saved(tmp_path, page.encode("cp1252")))
    assert isinstance(dump, Dump)
    assert dump.records[-1].title == "Café “O” – Über alles"
    assert ["Windows-1252" in piece.reason for piece in dump.rejected] == [True]


def test_latin_1_and_a_declared_charset_are_read(tmp_path: Path) -> None:
    page = shelf.glued(SHELF[:3]).encode() + b"\nna\xefve \x81 sets\n" + SHELF[3].abstract.encode()
    dump = one(saved(tmp_path, page))
    assert isinstance(dump, Dump)
    assert dump.records[-1].title == "naïve   sets"
    assert ["Latin-1" in piece.reason for piece in dump.rejected] == [True]
    declared = shelf.saved_cards(SHELF[:3]).replace('charset="utf-8"', 'charset="iso-8859-15"')
    dump = one(saved(tmp_path, declared.replace("Kettle", "Kettlé").encode("iso-8859-15")))
    assert isinstance(dump, Dump)
    assert dump.records[0].title.startswith("Kettlé Logic")
    assert dump.rejected == ()


def test_a_few_damaged_bytes_do_not_make_utf_8_another_encoding(tmp_path: Path) -> None:
    dump = one(saved(tmp_path, PAGE.replace(b"winter for", b"winter \xff for")))
    assert isinstance(dump, Dump)
    assert dump.records[-1].title == SHELF[-1].title
    assert ["not UTF-8" in piece.reason for piece in dump.rejected] == [True]


def test_a_file_cut_inside_a_character_is_used_and_told_of(tmp_path: Path) -> None:
    page = shelf.glued(SHELF[::-1])
    data = (page + "\nOne More\n" + SHELF[7].abstract.replace("É", "É") + " é").encode()[:-1]
    dump = one(saved(tmp_path, data))
    assert isinstance(dump, Dump)
    assert dump.records[-1].title == "One More"
    assert any("cut" in piece.reason for piece in dump.rejected)
    assert len(dump.rejected) == 1


def test_a_giant_is_never_read(tmp_path: Path) -> None:
    path = tmp_path / "giant.txt"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    start = time.monotonic()
    rejected = one(path)
    assert time.monotonic() - start < 20  # reading a gigabyte into records takes minutes
    assert isinstance(rejected, Rejected)
    assert "1,024 MB" in rejected.reason
    assert "limit of 10 MB" in rejected.reason


def test_a_file_that_grows_all_the_time_is_given_up_on(tmp_path: Path) -> None:
    path = saved(tmp_path, PAGE)
    stop = threading.Event()

    def write() -> None:
        with path.open("ab", buffering=0) as file:
            while not stop.is_set():
                file.write(b"more ")
                time.sleep(0.002)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        rejected = one(path, limits=SourceLimits(settle=0.02, settle_tries=4))
    finally:
        stop.set()
        writer.join()
    assert isinstance(rejected, Rejected)
    assert "still being written" in rejected.reason


def test_a_file_that_is_complete_in_a_moment_is_waited_for(tmp_path: Path) -> None:
    path = saved(tmp_path, PAGE[:2000])

    def finish() -> None:
        with path.open("ab") as file:
            file.write(PAGE[2000:])

    writer = threading.Timer(0.1, finish)
    writer.start()
    dump = one(path, limits=SourceLimits(settle=0.4))
    writer.join()
    assert papers(dump) == EXPECTED


def test_a_location_with_nothing_there_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    for path in (tmp_path / "none.txt", tmp_path / "gone.txt"):
        with pytest.raises(SourceError, match=r"(no such file|not there).*Check the path"):
            read(path)
    for location in ("", "  ", "a\x00b"):
        with pytest.raises(SourceError, match="not a location"):
            read(location)
    with pytest.raises(SourceError):
        read("x" * 5000)


def test_a_pipe_without_a_writer_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    rejected = one(tmp_path / "pipe.txt")
    assert isinstance(rejected, Rejected)
    assert "not a regular file" in rejected.reason


def test_a_folder_is_read_oldest_first_by_the_day_then_by_the_time(tmp_path: Path) -> None:
    def page(day: str, place: int) -> bytes:
        return shelf.blank_separated(SHELF[place : place + 2]).replace("Nov 18", day).encode()

    listed = [
        ("c.txt", page("Nov 3", 0), 3000),
        ("a.md", page("Nov 10", 1), 1000),
        ("b", page("Dec 30", 2), 2000),
        ("later.text", page("Nov 10", 3), 1500),
        ("undated.txt", shelf.glued(SHELF[4:6]).encode(), 1_793_000_000),
    ]
    for name, data, modified in listed:
        os.utime(saved(tmp_path, data, name), (modified, modified))
    found = read(tmp_path)
    names = [Path(dump.location).name for dump in found]
    assert names == ["b", "undated.txt", "c.txt", "a.md", "later.text"]


def test_a_folder_leaves_out_what_is_known_or_there_twice(tmp_path: Path) -> None:
    saved(tmp_path, PAGE, "one.txt")
    saved(tmp_path, PAGE, "same.txt")
    saved(tmp_path, shelf.glued(SHELF).encode(), "two.txt")
    first, second = read(tmp_path)
    assert isinstance(first, Dump)
    assert isinstance(second, Dump)
    assert read(tmp_path, known={first.fingerprint}) == [second]
    assert read(tmp_path, known={first.fingerprint, second.fingerprint}) == []


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("page.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"),
        ("page.docx", b"PK\x03\x04" + bytes(range(256)), "office document"),
        ("page.webarchive", b"bplist00\x01\x02\x00", "binary data"),
    ],
)
def test_a_page_saved_in_a_form_that_is_not_read_is_named(
    tmp_path: Path, name: str, content: bytes, kind: str
) -> None:
    saved(tmp_path, PAGE, "page.html")
    saved(tmp_path, content, name)
    (refused,) = [piece for piece in read(tmp_path) if isinstance(piece, Rejected)]
    assert refused.location.endswith(name)
    assert kind in refused.reason


def test_only_what_may_be_a_page_is_looked_at(tmp_path: Path) -> None:
    for name in (".hidden.txt", "x.exe", "x.png", "x.txt.part", "x.txt~", "y.tmp", "README"):
        saved(tmp_path, PAGE, name)
    (tmp_path / "older").mkdir()
    with pytest.raises(SourceError, match=r"no dumps in this folder.*Save a papers page"):
        read(tmp_path)
    saved(tmp_path, shelf.saved_cards(SHELF).encode(), "page.HTML")
    assert papers(one(tmp_path)) == EXPECTED


def test_nine_good_dumps_are_read_beside_every_kind_of_bad_one(tmp_path: Path) -> None:
    for place in range(9):
        saved(
            tmp_path,
            shelf.blank_separated(SHELF[:1] + (SHELF[1:] * 2)[place : place + 3]).encode(),
            f"{place}.txt",
        )
    saved(tmp_path, b"", "empty.txt")
    saved(tmp_path, os.urandom(999), "binary.txt")
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    with (tmp_path / "giant.txt").open("wb") as file:
        file.truncate(1 << 30)
    found = read(tmp_path)
    assert sum(isinstance(each, Dump) for each in found) >= 7
    bad = {Path(each.location).name: each.reason for each in found if isinstance(each, Rejected)}
    assert set(bad) == {
        "empty.txt",
        "binary.txt",
        "folder.txt",
        "gone.txt",
        "loop.txt",
        "pipe.txt",
        "giant.txt",
    }
    assert len(found) - len(bad) == sum(isinstance(each, Dump) for each in found)
    assert all(": " in reason or ", " in reason for reason in bad.values())


def test_a_file_that_vanishes_between_two_looks_is_told_of(tmp_path: Path) -> None:
    saved(tmp_path, PAGE, "one.txt")
    saved(tmp_path, shelf.glued(SHELF).encode(), "two.txt")
    reading = open_source(str(tmp_path), limits=HASTY).read(today=TODAY)
    first = next(reading)
    for path in tmp_path.iterdir():
        path.unlink()
    (second,) = reading
    assert isinstance(first, Dump)
    assert isinstance(second, Rejected)


@pytest.mark.skipif(os.name != "posix", reason="permissions as POSIX has them")
def test_a_dump_that_may_not_be_read_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(tmp_path, PAGE, "good.txt")
    denied = saved(tmp_path, PAGE, "denied.txt")
    usual = os.open

    def guarded(path: object, *rest: object, **options: object) -> int:
        if os.path.basename(str(path)) == denied.name:
            raise PermissionError(13, "Permission denied", str(path))
        return usual(path, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", guarded)
    rejected, dump = read(tmp_path)
    assert papers(dump) == EXPECTED
    assert isinstance(rejected, Rejected)
    assert "permission" in rejected.reason
    listed = tmp_path / "denied"
    listed.mkdir()

    def closed(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(SourceError, match="cannot be listed"):
        read(listed)


def test_a_stream_is_read_to_its_end() -> None:
    source = open_source("-", stdin=io.BytesIO(PAGE))
    (dump,) = source.read(today=TODAY)
    assert papers(dump) == EXPECTED
    assert dump.location == "standard input"


def test_a_stream_is_limited_and_may_fail() -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            return b"x" * size

    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError("broken pipe")

    streams: list[tuple[Any, str]] = [(Endless(), "over the limit"), (Broken(), "broken pipe")]
    for stream, said in streams:
        (rejected,) = open_source("-", limits=SourceLimits(max_bytes=5 << 20), stdin=stream).read(
            today=TODAY
        )
        assert isinstance(rejected, Rejected)
        assert said in rejected.reason


def test_standard_input_is_the_usual_stream() -> None:
    program = (
        "import datetime; from digest.sources import open_source\n"
        "for dump in open_source('-').read(today=datetime.date(2026, 11, 20)): print(len(dump.records))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=PAGE, capture_output=True, check=True
    )
    assert done.stdout.split() == [b"8"]


def test_the_door_is_cheap_to_import() -> None:
    costly = ("httpx", "lxml", "ssl", "difflib", "importlib.metadata", "digest.model.deliveries")
    program = f"import sys, digest.sources; print([m for m in {costly} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(os.name != "posix", reason="links as POSIX has them")
def test_a_link_in_a_folder_is_not_followed_and_told_of(tmp_path: Path) -> None:
    secret = saved(tmp_path, shelf.glued(SHELF).encode(), "secret")
    dumps = tmp_path / "dumps"
    dumps.mkdir()
    saved(dumps, PAGE, "good.txt")
    (dumps / "link.txt").symlink_to(secret)
    (dumps / "shadow").symlink_to("/etc/shadow")
    (dumps / "below.md").symlink_to("good.txt")
    (dumps / "device.txt").symlink_to("/dev/zero")
    (dumps / "older.txt").symlink_to(tmp_path)
    found = read(dumps)
    links = {Path(each.location).name: each for each in found if isinstance(each, Rejected)}
    assert {"link.txt", "below.md", "device.txt", "older.txt"} <= set(links)
    assert all("a symbolic link, not followed" in each.reason for each in links.values())
    assert [papers(each) for each in found if isinstance(each, Dump)] == [EXPECTED]


@pytest.mark.skipif(os.name != "posix", reason="links as POSIX has them")
@pytest.mark.parametrize("missing", ["O_NOFOLLOW", "dir_fd"])
def test_a_link_is_not_followed_where_a_system_has_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    dumps = tmp_path / "dumps"
    dumps.mkdir()
    saved(dumps, PAGE, "good.txt")
    (dumps / "link.txt").symlink_to(saved(tmp_path, PAGE, "secret"))
    if missing == "dir_fd":
        monkeypatch.setattr(os, "supports_dir_fd", set())
    else:
        monkeypatch.delattr(os, "O_NOFOLLOW")
    rejected, dump = read(dumps)
    assert isinstance(rejected, Rejected)
    assert "a symbolic link" in rejected.reason
    assert papers(dump) == EXPECTED


@pytest.mark.skipif(os.name != "posix", reason="links as POSIX has them")
def test_a_file_that_becomes_a_link_between_two_looks_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dumps = tmp_path / "dumps"
    dumps.mkdir()
    path = saved(dumps, PAGE, "page.txt")
    secret = saved(tmp_path, shelf.glued(SHELF).encode(), "secret")
    usual = os.stat

    def swapping(name: Any, **options: Any) -> os.stat_result:
        found = usual(name, **options)
        if os.path.basename(os.fspath(name)) == path.name:
            path.unlink()
            path.symlink_to(secret)
        return found

    monkeypatch.setattr(os, "stat", swapping)
    (rejected,) = read(dumps)
    assert isinstance(rejected, Rejected)
    assert "a symbolic link" in rejected.reason


@pytest.mark.skipif(os.name != "posix", reason="links as POSIX has them")
def test_a_folder_that_is_put_in_place_of_another_is_not_read(tmp_path: Path) -> None:
    dumps, other = tmp_path / "dumps", tmp_path / "other"
    dumps.mkdir()
    other.mkdir()
    for place, folder in enumerate((dumps, other)):
        saved(folder, shelf.glued(SHELF[place : place + 3]).encode(), "a.txt")
        saved(folder, shelf.glued(SHELF[place + 2 : place + 5]).encode(), "b.txt")
    reading = open_source(str(dumps), limits=HASTY).read(today=TODAY)
    first = next(reading)
    dumps.rename(tmp_path / "before")
    dumps.symlink_to(other)
    (second,) = reading
    assert papers(first) == EXPECTED[:3]
    assert papers(second) == EXPECTED[2:5]


@pytest.mark.skipif(os.name != "posix", reason="links as POSIX has them")
def test_what_the_operator_names_may_be_a_link(tmp_path: Path) -> None:
    dumps = tmp_path / "2026-11"
    dumps.mkdir()
    path = saved(dumps, PAGE)
    (tmp_path / "current").symlink_to(dumps)
    (tmp_path / "page").symlink_to(path)
    assert papers(one(tmp_path / "current")) == EXPECTED
    assert papers(one(tmp_path / "page")) == EXPECTED


@pytest.mark.skipif(os.name != "posix", reason="devices as POSIX has them")
def test_what_is_no_regular_file_is_not_even_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    saved(tmp_path, PAGE, "good.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    opened: list[str] = []
    usual = os.open

    def noted(path: object, *rest: object, **options: object) -> int:
        opened.append(os.path.basename(str(path)))
        return usual(path, *rest, **options)  # type: ignore[arg-type]

    with socket.socket(socket.AF_UNIX) as door:
        monkeypatch.chdir(tmp_path)
        door.bind("socket.txt")
        monkeypatch.setattr(os, "open", noted)
        found = read(tmp_path)
    bad = {Path(each.location).name: each.reason for each in found if isinstance(each, Rejected)}
    assert set(bad) == {"pipe.txt", "socket.txt"}
    assert all("not a regular file" in reason for reason in bad.values())
    assert not {"pipe.txt", "socket.txt"} & set(opened)
