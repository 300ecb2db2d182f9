"""Whatever a page makes its reader do costs that page, in one line, and nobody else anything."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sources import shelf
from sources.shelf import SHELF, TODAY

from digest.errors import TemporaryError
from digest.model import AnnounceType, Dump, Link, LinkKind, PaperDetails, Record, Rejected
from digest.sources import (
    SourceLimits,
    dump_codec,
    isolation,
    open_source,
)

PAGE = shelf.blank_separated(SHELF).encode()
NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
TIGHT = SourceLimits(reading_seconds=1, settle=0.0)

posix = pytest.mark.skipif(os.name != "posix", reason="limits of processes as POSIX has them")


def read(data: bytes = PAGE, limits: SourceLimits = TIGHT) -> Dump | Rejected:
    return isolation.read_apart(data, location="page.txt", today=TODAY, modified=NOW, limits=limits)


@pytest.fixture(autouse=True)
def no_process_from_before() -> Iterator[None]:
    isolation.end_idle()
    yield
    isolation.end_idle()


def reading_with(monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Let the reader be one that does ``body`` with ``data`` if that holds ``hostile``."""
    program = (
        "import json, sys; sys.path[:] = json.loads(sys.argv[1])\n"
        "from digest.sources import isolated\n"
        "usual = isolated.read_dump\n"
        "def read_dump(data, **options):\n"
        "    if b'hostile' not in data: return usual(data, **options)\n"
        + "".join(f"    {line}\n" for line in body.splitlines())
        + "isolated.read_dump = read_dump\n"
        "isolated.main(int(sys.argv[2]))\n"
    )
    monkeypatch.setattr(isolation, "_START", program)


def test_a_page_is_read_the_same_apart() -> None:
    from digest.sources.reading import read_dump

    left_over = b"\n\n".join([b"Nobody knows what this line is for"] * 12) + b"\n\n"
    page = left_over + shelf.scraped_markdown(SHELF).encode()
    apart = read(page)
    assert isinstance(apart, Dump)
    assert apart.understood < 0.97
    assert apart == read_dump(page, location="page.txt", today=TODAY, modified=NOW)
    assert read() == read_dump(PAGE, location="page.txt", today=TODAY, modified=NOW)
    assert read(b"no paper") == read_dump(b"no paper", location="page.txt", today=TODAY)


@posix
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("while True: pass", "took over 1 s of processor time"),
        ("held = []\nwhile True: held.append(bytes(1 << 20))", "took over 88 MB of memory"),
        ("return bytes(1 << 40)", "took over 88 MB of memory"),
        ("import os; os.kill(os.getpid(), 11)", "the reader crashed on it (signal 11)"),
        ("import os; os._exit(3)", "the reader crashed on it (status 3)"),
        ("return 1 // 0", "a fault of this program (ZeroDivisionError in "),
        ("def deeper(): deeper()\ndeeper()", "a fault of this program (RecursionError in "),
        ("import os; os.write(3, b''); return 5", "a fault of this program"),
    ],
)
def test_what_a_page_does_to_its_reader_is_one_line_and_the_next_page_is_read(
    monkeypatch: pytest.MonkeyPatch, body: str, said: str
) -> None:
    reading_with(monkeypatch, body)
    rejected = read(b"hostile")
    assert isinstance(rejected, Rejected)
    assert said in rejected.reason
    assert rejected.location == "page.txt"
    assert "\n" not in rejected.reason
    assert isinstance(read(), Dump)


@posix
@pytest.mark.parametrize("unit", [b"<p>some words", b"<b>x", "\U0001f600 ".encode()])
def test_a_page_that_takes_more_memory_than_it_may_is_told_of(unit: bytes) -> None:
    page = b"<!doctype html><html><body>" + unit * (8_000_000 // len(unit))
    rejected = read(page, SourceLimits(reading_memory=6 << 20))
    assert isinstance(rejected, Rejected)
    assert "took over 6 MB of memory" in rejected.reason


def test_what_a_system_cannot_limit_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    if os.name == "posix":
        assert isolation.missing_limits() == ""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "memory" in isolation.missing_limits()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "processor time and memory" in isolation.missing_limits()


def test_a_reader_that_only_waits_is_given_up_on_by_the_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading_with(monkeypatch, "import time; time.sleep(600)")
    monkeypatch.setattr(isolation, "_START_SECONDS", 0.5)
    monkeypatch.setattr(isolation, "_CLOCK", 0.5)
    begun = time.monotonic()
    rejected = read(b"hostile")
    assert time.monotonic() - begun < 20
    assert isinstance(rejected, Rejected)
    assert "took too long" in rejected.reason


@pytest.mark.parametrize(
    "answer",
    [
        "(8).to_bytes(8, 'big') + b'no json!'",
        "(2).to_bytes(8, 'big') + b'{}'",
        "(2).to_bytes(8, 'big') + b'[]'",
        "(1 << 60).to_bytes(8, 'big')",
        "(9).to_bytes(8, 'big') + b'short'",
        "b'abc'",
        "b'\\xff' * 70_000",
    ],
)
def test_an_answer_of_another_kind_is_no_dump(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(
        isolation,
        "_START",
        f"import os, sys\nsys.stdin.buffer.readline()\nos.write(1, {answer})\nos._exit(0)",
    )
    assert isinstance(read(), Rejected)


def test_a_process_that_did_well_reads_the_next_page_too() -> None:
    read()
    (process,) = isolation._idle
    for _ in range(3):
        assert isinstance(read(), Dump)
        assert isolation._idle == [process]


def test_what_was_prepared_is_what_the_next_page_is_read_in() -> None:
    isolation.prepare(TIGHT)
    (process,) = isolation._idle
    isolation.prepare(TIGHT)
    assert isolation._idle == [process]
    assert isinstance(read(), Dump)
    assert isolation._idle == [process]


def test_a_system_that_starts_no_process_says_so_when_a_page_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    isolation.prepare(TIGHT)
    assert isolation._idle == []


def test_a_process_that_died_while_it_waited_costs_no_page() -> None:
    read()
    (process,) = isolation._idle
    process.popen.kill()
    assert isinstance(read(), Dump)
    assert isolation._idle != [process]


@posix
def test_time_and_memory_used_for_other_pages_are_not_counted() -> None:
    held = shelf.blank_separated(SHELF * 300).encode()
    for _ in range(12):
        assert isinstance(read(held), Dump)


def test_a_process_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_IDLE", 0.05)
    read()
    deadline = time.monotonic() + 20
    while isolation._idle and time.monotonic() < deadline:
        time.sleep(0.02)
    assert isolation._idle == []


def test_pages_are_read_side_by_side_in_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    reading_with(monkeypatch, "import os; os._exit(3)")
    found: list[tuple[int, Dump | Rejected]] = []

    def run(place: int) -> None:
        for _ in range(4):
            found.append((place, read(b"hostile" if place % 2 else PAGE)))

    threads = [threading.Thread(target=run, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert all(isinstance(each, Rejected if place % 2 else Dump) for place, each in found)


@posix
def test_a_reader_cannot_write_start_or_see_anything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DIGEST_SECRET_KEYS", "a secret of this list")
    target = tmp_path / "written"
    reading_with(
        monkeypatch,
        f"""
import os, resource
from digest.model import Rejected
said = [name for name in os.environ if name.startswith('DIGEST')]
try:
    with open({str(target)!r}, 'w') as file: file.write('x')
except OSError as error: said.append('no file')
if resource.getrlimit(resource.RLIMIT_NPROC) == (0, 0): said.append('no process')
if resource.getrlimit(resource.RLIMIT_CORE) == (0, 0): said.append('no core')
return Rejected(' '.join(said), 'x')""",
    )
    rejected = read(b"hostile")
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "no file no process no core"
    assert not target.exists() or target.read_bytes() == b""


@posix
@pytest.mark.parametrize("after", [0.0, 0.05, 1.0])
def test_stopping_the_program_is_not_taken_for_a_crash_of_the_page(
    monkeypatch: pytest.MonkeyPatch, after: float
) -> None:
    reading_with(monkeypatch, "import time; time.sleep(2); return usual(data, **options)")
    found: list[Dump | Rejected] = []
    thread = threading.Thread(target=lambda: found.append(read(b"hostile" + PAGE)))
    started: list[subprocess.Popen[bytes]] = []
    usual = subprocess.Popen

    def noted(*args: object, **options: object) -> subprocess.Popen[bytes]:
        started.append(usual(*args, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)
    thread.start()
    while not started:
        time.sleep(0.01)
    time.sleep(after)
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(ProcessLookupError):
            os.kill(started[0].pid, number)
    thread.join()
    assert isinstance(found[0], Dump)


@posix
def test_a_reader_ends_with_the_program_that_started_it() -> None:
    program = (
        "import os, datetime; from digest.sources import isolation, SourceLimits\n"
        "isolation.read_apart(b'x', location='x', today=datetime.date(2026, 1, 1), limits=SourceLimits())\n"
        "print(isolation._idle[0].popen.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    reader = int(done.stdout)
    deadline = time.monotonic() + 20
    with contextlib.suppress(ProcessLookupError):
        while time.monotonic() < deadline and not _is_zombie(reader):
            os.kill(reader, 0)
            time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.kill(reader, 0)
        assert _is_zombie(reader)


def _is_zombie(number: int) -> bool:
    try:
        return ") Z " in Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return True


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
def test_a_fork_reads_in_a_process_of_its_own() -> None:
    read()
    (process,) = isolation._idle
    program = (
        "import os, datetime; from digest.sources import isolation, SourceLimits\n"
        "def read(): return isolation.read_apart(b'x', location='x', "
        "today=datetime.date(2026, 1, 1), limits=SourceLimits())\n"
        "read(); ours = isolation._idle[0].popen.pid\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    read(); os._exit(isolation._idle[0].popen.pid == ours)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "read(); assert isolation._idle[0].popen.pid == ours"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert process.popen.poll() is None


def test_a_system_that_starts_no_process_is_asked_again_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(TemporaryError, match="no process can be started"):
        read()


def test_no_module_of_the_working_folder_is_imported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    assert isinstance(read(), Dump)


def test_every_way_in_reads_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import io

    reading_with(monkeypatch, "import os; os._exit(3)")
    (tmp_path / "a.txt").write_bytes(b"hostile")
    (tmp_path / "b.txt").write_bytes(PAGE)
    bad, good = open_source(str(tmp_path), limits=TIGHT).read(today=TODAY)
    assert isinstance(bad, Rejected)
    assert isinstance(good, Dump)
    (one,) = open_source(str(tmp_path / "a.txt"), limits=TIGHT).read(today=TODAY)
    (two,) = open_source("-", limits=TIGHT, stdin=io.BytesIO(b"hostile")).read(today=TODAY)
    for rejected in (bad, one, two):
        assert isinstance(rejected, Rejected)
        assert "crashed" in rejected.reason


RECORD = Record(
    "A “title” \U0001f600", "An abstract.", 3, "2606.01234", "https://a.b/c", 4, ("A", "B"), 2,
    "A lab", date(2026, 11, 1), (Link(LinkKind.CODE, "https://github.com/a/b", "code"),), 5,
    PaperDetails(
        "10.1000/1", ("cs.LG",), "CC BY 4.0", ("A lab",), 7, ("https://a.b/film.mp4",), "In short.",
        "12 pages", "A venue", 2,
    ),
    AnnounceType.CROSS,
)  # fmt: skip


def test_plain_data_keeps_every_field_of_a_dump() -> None:
    piece = Rejected("why", "page.txt", 7, "…")
    dump = Dump(
        "", "", (RECORD, Record("T")), (piece,), date(2026, 11, 2), None, 0.93, "token", "JSON"
    )
    assert all(getattr(RECORD, one.name) != one.default for one in fields(Record))
    assert dump_codec.decode(dump_codec.encode(dump)) == dump
    assert all(getattr(RECORD.details, one.name) != one.default for one in fields(PaperDetails))
    assert dump_codec.decode(dump_codec.encode(piece)) == piece


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": 5}, {"votes": True}, {"votes": -1}, {"votes": 2**70}, {"votes": 1.5},
        {"url": "javascript:alert(1)"}, {"authors": "A"}, {"authors": (5,)},
        {"published": "yesterday"}, {"links": (Link(LinkKind.CODE, "file:///etc", ""),)},
        {"position": None}, {"announced": "soon"}, {"details": PaperDetails(stars=-1)},
        {"details": PaperDetails(media=("javascript:alert(1)",))},
        {"details": PaperDetails(categories="cs.LG")},  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_plain_data_that_is_not_sound_is_refused(wrong: dict[str, object]) -> None:
    dump = Dump("page.txt", "f", (replace(RECORD, **wrong),))  # type: ignore[arg-type]
    with pytest.raises(dump_codec.NotPlainError):
        dump_codec.decode(dump_codec.encode(dump))
