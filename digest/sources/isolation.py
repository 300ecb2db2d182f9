"""Read untrusted bytes in a process of its own, with a budget of time and of memory.

The one door from bytes to papers: every kind of source goes through :func:`read_apart`. What a
page makes the reader do (run for hours, take all memory, crash it) costs that page, in one line;
this process, its threads and every other source go on. The process is a fresh interpreter, never
a fork of this one, which may have threads; it is kept a moment for the next source, and ended as
soon as something was wrong with it.

On systems without limits for processes (Windows), and for memory where the system does not hold to
them (macOS), only the time by the clock and the size of the input are limited.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import digest
from digest.errors import TemporaryError
from digest.model import Dump, Rejected
from digest.sources.dump_codec import (
    OVER_MEMORY,
    BugError,
    NotPlainError,
    decode,
)
from digest.sources.source_limits import (
    SourceLimits,
    fingerprint,
)

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from digest.sources.isolated import main; main(int(sys.argv[2]))"
)
_KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "TEMP")
_IDLE = 20.0
"""Seconds that a process waits for a next source before it is ended."""
_CLOCK = 4
"""Seconds by the clock for each of processor time: others want the processor too."""
_START_SECONDS = 20
"""Seconds by the clock that starting the interpreter may take on a machine that is overloaded."""
_MOST_STOPPED = 3
_MEND = "is it a papers page? Save it again, or leave it out"


def prepare(limits: SourceLimits) -> None:
    """Start what the next source is read in, beside what this process has to do before."""
    with _lock:
        if _idle:
            return
    # Whoever reads is told if none can be started.
    with contextlib.suppress(TemporaryError):
        _keep(_Process(limits))


def missing_limits() -> str:
    """Say what this system cannot limit of reading, for people; ``""`` if nothing."""
    if importlib.util.find_spec("resource") is None:
        return "this system cannot limit the processor time and memory of reading, only the clock"
    if sys.platform == "darwin":
        return "this system does not hold to a limit of memory while reading"
    return ""


class _EndedError(Exception):
    """The process is gone without an answer; the words say why, for a person."""

    def __init__(self, why: str, *, over: bool = False, stopped: bool = False) -> None:
        super().__init__(why)
        self.over = over
        self.stopped = stopped


def read_apart(
    data: bytes,
    *,
    location: str,
    today: date,
    modified: datetime | None = None,
    limits: SourceLimits,
) -> Dump | Rejected:
    """The papers in ``data``, or one line that says why there are none.

    :raises TemporaryError: if this system cannot start another process now.
    """
    job = {
        "location": location,
        "today": today.isoformat(),
        "modified": modified.isoformat() if modified is not None else None,
        "size": len(data),
        "seconds": limits.reading_seconds,
        "max_records": limits.max_records,
    }
    answer = _answer(json.dumps(job).encode("ascii") + b"\n", data, limits)
    if isinstance(answer, str):
        return Rejected(answer, location)
    if isinstance(answer, Rejected):
        return replace(answer, location=location)
    rejected = tuple(replace(piece, location=location) for piece in answer.rejected)
    return replace(
        answer,
        location=location,
        fingerprint=fingerprint(data),
        rejected=rejected,
        modified=modified,
    )


def _answer(line: bytes, data: bytes, limits: SourceLimits) -> Dump | Rejected | str:
    """The answer of a process to a job, or why there is none, in words for people.

    :raises TemporaryError: if this system cannot start another process now.
    """
    stopped = 0
    while True:
        process, fresh = _take(limits)
        try:
            answer = decode(process.ask(line, data, limits))
        except _EndedError as error:
            process.end()
            stopped += error.stopped
            # One that read other pages before may have died of these, or of waiting; and one that
            # was just started, of a signal that means the whole program.
            if error.over or (fresh and not 0 < stopped <= _MOST_STOPPED):
                return f"{error}: {_MEND}"
            continue
        except NotPlainError:
            process.end()
            return f"the reader gave no sound answer, left out: {_MEND}"
        except BugError as error:
            process.end()
            return f"cannot be read for a fault of this program ({error}), left out: report it"
        except BaseException:
            process.end()
            raise
        _keep(process)
        return answer


class _Process:
    """A process that reads, and the pipes to it."""

    def __init__(self, limits: SourceLimits) -> None:
        self.memory = limits.reading_memory
        self.retiring: threading.Timer | None = None
        try:
            self.popen = subprocess.Popen(
                [
                    sys.executable, "-I", "-S", "-c", _START,
                    json.dumps(_import_path()), str(self.memory),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ},
            )  # fmt: skip
        except (OSError, ValueError) as error:
            raise TemporaryError(
                f"no process can be started to read it in ({error})",
                mend="The next run tries again",
            ) from None

    def ask(self, line: bytes, data: bytes, limits: SourceLimits) -> bytes:
        """Hand over a job and wait for its answer.

        :raises _EndedError: if there is none.
        """
        assert self.popen.stdin is not None
        assert self.popen.stdout is not None
        seconds = _START_SECONDS + _CLOCK * limits.reading_seconds
        late = threading.Event()

        def stop() -> None:
            late.set()
            self.popen.kill()

        # Killed from a timer, for reading from a pipe has no limit of time on every system.
        watch = threading.Timer(seconds, stop)
        watch.daemon = True
        watch.start()
        try:
            self.popen.stdin.write(line)
            self.popen.stdin.write(data)
            self.popen.stdin.flush()
            head = self.popen.stdout.read(8)
            size = int.from_bytes(head, "big")
            if len(head) == 8 and size > _most_answer(limits):
                raise _EndedError("more came out of it than a dump may hold, left out", over=True)
            answer = self.popen.stdout.read(size) if len(head) == 8 else b""
            if answer and len(answer) == size:
                return answer
        except OSError:
            pass  # it is gone, and its status says why
        finally:
            watch.cancel()
        raise self._why(late.is_set(), limits)

    def _why(self, late: bool, limits: SourceLimits) -> _EndedError:
        """Say how the process ended, after its pipe did."""
        try:
            status = self.popen.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            status = self.popen.wait()
        if late:
            return _EndedError("reading it took too long, given up", over=True)
        if status == -getattr(signal, "SIGXCPU", 0):
            reason = f"reading it took over {limits.reading_seconds} s of processor time, given up"
            return _EndedError(reason, over=True)
        if status == OVER_MEMORY:
            return _EndedError(f"reading it took over {self.memory >> 20} MB of memory, given up")
        how = f"signal {-status}" if status < 0 else f"status {status}"
        outside = -status in (signal.SIGTERM, signal.SIGINT)
        return _EndedError(f"the reader crashed on it ({how}), left out", stopped=outside)

    def end(self) -> None:
        """End the process, whatever it does."""
        self.popen.kill()
        for pipe in (self.popen.stdin, self.popen.stdout):
            assert pipe is not None
            # What was still to be written to it is not wanted any more.
            with contextlib.suppress(OSError):
                pipe.close()
        self.popen.wait()


def _import_path() -> list[str]:
    """The folders in which this process finds its modules; never its working folder, which anyone may fill."""
    home = str(Path(digest.__path__[0]).resolve().parent)
    return [home, *(each for each in sys.path if os.path.isabs(each) and each != home)]


def _most_answer(limits: SourceLimits) -> int:
    """Bytes that an answer may have: JSON writes a character of three bytes as one of six."""
    return 2 * limits.max_bytes + (1 << 20)


_lock = threading.Lock()
_idle: list[_Process] = []


def _take(limits: SourceLimits) -> tuple[_Process, bool]:
    """A process to read in, and whether it is fresh."""
    with _lock:
        for place, process in enumerate(_idle):
            if process.memory == limits.reading_memory and process.popen.poll() is None:
                del _idle[place]
                break
        else:
            return _Process(limits), True
    if process.retiring is not None:
        process.retiring.cancel()
    return process, False


def _keep(process: _Process) -> None:
    """Let a process that did well wait for the next source, for a while."""
    process.retiring = threading.Timer(_IDLE, _retire, (process,))
    process.retiring.daemon = True
    process.retiring.start()
    with _lock:
        _idle.append(process)


def _retire(process: _Process) -> None:
    with _lock:
        if process not in _idle:
            return
        _idle.remove(process)
    process.end()


def end_idle() -> None:
    """End every process that waits for a next source."""
    with _lock:
        waiting = list(_idle)
        _idle.clear()
    for process in waiting:
        if process.retiring is not None:
            process.retiring.cancel()
        process.end()


def _forget() -> None:
    """In a fork of this process: the pipes belong to the original."""
    global _lock
    _lock = threading.Lock()
    _not_ours.extend(_idle)
    _idle.clear()


_not_ours: list[_Process] = []
atexit.register(end_idle)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
