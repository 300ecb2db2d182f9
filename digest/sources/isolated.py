"""The process that sources are read in: it gets bytes, gives back plain data, and can do no more.

Started by `digest.sources.isolation` as ``main(memory)``. It limits itself before it sees the first
byte: memory, no files written, no further processes, no core dumps; and for each job the processor
time. It has none of the environment of its parent, so no secret either.

Each job is a line of JSON and as many bytes as that says; each answer a length and as many bytes.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from datetime import date, datetime
from typing import IO, Any

from digest.sources.dump_codec import (
    OVER_MEMORY,
    encode,
    encode_bug,
)
from digest.sources.reading import read_dump

_LONGEST_JOB = 100_000


def main(memory: int) -> None:
    """Answer jobs until there are no more. ``memory`` in bytes is beyond what is used now."""
    for name in ("SIGINT", "SIGTERM"):
        # Who stops the parent means the parent: it may still want this answer, or closes the pipe.
        with contextlib.suppress(AttributeError, ValueError, OSError):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    limit_process(memory)
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    try:
        while line := jobs.readline(_LONGEST_JOB):
            _answer(json.loads(line), jobs, answers)
    except MemoryError:
        os._exit(OVER_MEMORY)
    except BrokenPipeError:
        os._exit(0)  # nobody waits for the answer any more


def _answer(job: dict[str, Any], jobs: IO[bytes], answers: IO[bytes]) -> None:
    data = jobs.read(job["size"])
    if len(data) < job["size"]:
        return
    limit_time(job["seconds"])
    modified = datetime.fromisoformat(job["modified"]) if job["modified"] else None
    try:
        reading = read_dump(
            data,
            location=job["location"],
            today=date.fromisoformat(job["today"]),
            modified=modified,
            max_records=job["max_records"],
        )
        answer = encode(reading)
    except Exception as error:
        if isinstance(error, MemoryError) or _lacks_memory(error):
            raise MemoryError from error
        answer = encode_bug(_where(error))
    answers.write(len(answer).to_bytes(8, "big"))
    answers.write(answer)
    answers.flush()


def _lacks_memory(error: Exception) -> bool:
    """Tell whether a library could not be loaded for want of memory, after a page that took much."""
    return isinstance(error, ImportError) and "map segment" in str(error)


def limit_process(memory: int) -> None:
    """Hold this process to ``memory`` bytes more than it has, and to reading. Nothing on Windows."""
    try:
        import resource
    except ImportError:
        return
    limits = {
        "RLIMIT_AS": _memory_now() + memory,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
        "RLIMIT_NPROC": 0,
        "RLIMIT_NOFILE": 64,
    }
    for name, most in limits.items():
        # macOS has some of these only by name; what cannot be set there stays as it is.
        with contextlib.suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (most, most))


def limit_time(seconds: int) -> None:
    """Let this process have so much more processor time; then the system ends it (SIGXCPU)."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    # The system counts whole seconds: one more, so that nobody gets less than promised.
    soft = int(time.process_time()) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard < 0 else min(soft, hard), hard))


def _memory_now() -> int:
    """The address space in use, in bytes; where the system does not tell, a generous guess."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 256 * 1024 * 1024


def _where(error: BaseException) -> str:
    """The kind of an error and its place in the code: never its words, which may quote the page."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if place is None:
        return type(error).__name__
    name = os.path.basename(place.tb_frame.f_code.co_filename)
    return f"{type(error).__name__} in {name}, line {place.tb_lineno}"
