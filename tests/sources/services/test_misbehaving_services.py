"""Services at a host that misbehaves, on real sockets: one clear line each, and nothing else comes of it."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterator

import pytest
from sources.fetching.misbehaving_host import MisbehavingHost, misbehaving_host
from sources.services.misbehaviours import CASES, SLOWEST, Case, read_case

TIMEOUT = 0.5
FAST = [case for case in CASES if case.behaviour not in SLOWEST]


@pytest.fixture(scope="module")
def host() -> Iterator[tuple[MisbehavingHost, ssl.SSLContext]]:
    with misbehaving_host() as serving:
        yield serving


def name(case: Case) -> str:
    return case.behaviour if case.trusted else "not_trusted"


@pytest.mark.parametrize("case", FAST, ids=name)
def test_a_misbehaving_service_costs_one_line_and_gives_no_papers(
    case: Case, host: tuple[MisbehavingHost, ssl.SSLContext]
) -> None:
    serving, trusting = host
    for service in case.services:
        serving.asked.clear()
        begun = time.monotonic()
        context = trusting if case.trusted else None
        outcome = read_case(serving.address, case.behaviour, service, context, timeout=TIMEOUT)
        assert len(outcome.records) == case.papers, (service, outcome.lines)
        assert len(outcome.lines) == bool(case.says), (service, outcome.lines)
        for line in outcome.lines:
            assert re.search(case.says, line), (service, line)
            assert "\n" not in line
            assert "save" not in line
        assert outcome.look_ups <= 1
        assert time.monotonic() - begun < 60
