"""Reads services from a host that misbehaves; prints what each case costs, and the line it gives.

``python tests/bench/misbehaving_hosts.py``: real sockets with TLS, the real services, two seconds for a
fetch. Fails if a case gives other papers than it may, or says nothing, or not in one line, or if it
costs 100 MB more than a host that behaves well, in all processes together, or takes 20 seconds
(a list without end: ten minutes).
"""

from __future__ import annotations

import argparse
import json
import re
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sources.bombs import tree_memory
from sources.fetching.misbehaving_host import misbehaving_host
from sources.services.misbehaviours import CASES, SERVICES, Case, read_case

MOST_MEMORY, MOST_SECONDS, TIMEOUT = 100.0, 20.0, 2.0


def read_all(authority: str) -> None:
    """The work of the child process: a case for each line of its input."""
    trusting = ssl.create_default_context(cafile=authority)
    for line in sys.stdin:
        address, behaviour, service, trusted = json.loads(line)
        begun = time.monotonic()
        outcome = read_case(
            address, behaviour, service, trusting if trusted else None, timeout=TIMEOUT
        )
        seconds = time.monotonic() - begun
        print(json.dumps([len(outcome.records), outcome.lines, seconds]), flush=True)


class Reader:
    """A process that reads services, and its memory beyond that after a good reading."""

    def __init__(self, address: str, authority: str) -> None:
        self._address = address
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--authority", authority],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        for service in SERVICES:
            self.read("well", service)
        self._usual = tree_memory(self._process.pid)

    def read(
        self, behaviour: str, service: str, trusted: bool = True
    ) -> tuple[int, list[str], float, int]:
        """How many papers came, the lines, the seconds, and the most memory in bytes."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        answers: list[str] = []
        waiting = threading.Thread(
            target=lambda: answers.append(self._process.stdout.readline())  # type: ignore[union-attr]
        )
        waiting.start()
        print(
            json.dumps([self._address, behaviour, service, trusted]),
            file=self._process.stdin, flush=True,
        )  # fmt: skip
        most = 0
        while waiting.is_alive():
            most = max(most, tree_memory(self._process.pid))
            time.sleep(0.005)
        papers, lines, seconds = json.loads(answers[0])
        return papers, lines, seconds, most

    def beyond(self, memory: int) -> float:
        """Megabytes of so much memory that a good reading does not take."""
        return max(memory - self._usual, 0) / 1e6

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)


def faults(case: Case, papers: int, lines: list[str], extra: float, seconds: float) -> list[str]:
    """What is wrong with an outcome."""
    wrong = [] if papers == case.papers else [f"{papers} papers"]
    if case.says and not any(re.search(case.says, line) for line in lines):
        wrong.append("does not say it")
    if len(lines) != bool(case.says) or any("\n" in line or len(line) > 300 for line in lines):
        wrong.append(f"{len(lines)} lines")
    if extra > MOST_MEMORY:
        wrong.append("memory")
    if seconds > (MOST_SECONDS if case.behaviour != "endless_list" else 600.0):
        wrong.append("time")
    return wrong


def main(only: str) -> int:
    """Read every case; 1 if one of them is wrong."""
    failed = 0
    with misbehaving_host() as (host, _), tempfile.NamedTemporaryFile(suffix=".pem") as trusted:
        host.authority.cert_pem.write_to_path(trusted.name)
        reader = Reader(host.address, trusted.name)
        for case in CASES:
            for service in case.services:
                if only and only not in case.behaviour:
                    continue
                host.asked.clear()
                papers, lines, seconds, memory = reader.read(case.behaviour, service, case.trusted)
                extra = reader.beyond(memory)
                wrong = faults(case, papers, lines, extra, seconds)
                failed += bool(wrong)
                print(
                    f"{case.behaviour:20} {service:12} {papers:>6} papers {extra:4.0f} MB "
                    f"{seconds:5.1f} s {len(host.asked):3} asked  {'; '.join(wrong).upper()}  "
                    f"{' | '.join(lines)[:300]}",
                    flush=True,
                )
        reader.end()
    print(f"{failed} cases are wrong")
    return 1 if failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--authority", default="", help=argparse.SUPPRESS)
    parser.add_argument("--only", default="", help="a part of a case's name")
    given = parser.parse_args()
    if given.authority:
        read_all(given.authority)
    else:
        sys.exit(main(given.only))
