"""Whether both APIs keep to their descriptions, whatever schemathesis makes up: operations, cases, failures.

    python tests/bench/api_conformance.py [--examples 150] [--only public|management] [--seed 1]

A store with editions, papers, subscribers in every state and their deliveries; the pages on a port of
this machine, with no limit in front of what is tried; schemathesis with its checks against each
description as it is served. Fails if any check fails.
"""

from __future__ import annotations

import argparse
import logging
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from web.site_fixture import RunningSite

from digest import subscriptions
from digest.model import SubscriberState
from digest.web import api_tokens, visitors
from digest.web.serving import Server

TOKEN = "d2a86b3f70c1d2e8a94b6f5b1f0c7e94"
APIS = {"public": "/api/openapi.json", "management": "/api/manage/openapi.json"}
BASES = {"public": "", "management": "/api/manage"}


@contextmanager
def seeded_pages(folder: Path) -> Iterator[int]:
    """The port of pages that have something of everything."""
    visitors.ATTEMPTS = api_tokens.MOST_REQUESTS = api_tokens.MOST_REFUSED = 10**9
    site = RunningSite(
        folder,
        address=f"sqlite:///{folder / 'digest.db'}?timeout=20",
        api_tokens=(TOKEN,),
        sign_up_limits=subscriptions.SignUpLimits(per_network=10**9, in_all=10**9),
    )
    site.subscribe(*(f"reader{number}@example.org" for number in range(6)))
    for back, papers in ((2, "ABC"), (1, "BCDE"), (0, "DEFGHI")):
        site.clock.now = site.clock.now.replace(day=20 - back)
        site.publish(papers)
    with site.store.begin() as unit:
        for number, state in enumerate(SubscriberState, start=1):
            unit.subscribers.set_state(number, state, "complained", site.clock())
    try:
        with Server(site.app, host="127.0.0.1", port=0).running() as server:
            yield server.port
    finally:
        site.close()


def check(name: str, port: int, folder: Path, examples: int, seed: int) -> bool:
    """Let schemathesis try one API; print what came of it; whether all checks held."""
    address = f"http://127.0.0.1:{port}"
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{address}{APIS[name]}",
        "--url", f"{address}{BASES[name]}", "--checks", "all", "--max-examples", str(examples),
        "--seed", str(seed), "--suppress-health-check", "all", "--no-color", "--continue-on-failure",
    ]  # fmt: skip
    if name == "management":
        command += ["--header", f"Authorization: Bearer {TOKEN}"]
    else:
        # A subscriber's name is judged by rules that no schema can say: what meets it may be refused.
        command += ["--exclude-checks", "positive_data_acceptance"]
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    print(f"{name}: {time.perf_counter() - begun:.0f} s, seed {seed}")
    figures = re.findall(r"\d+ selected / \d+ total|[\d,]+ generated.*", done.stdout)
    print("  operations:", ", links: ".join(figures[:2]), "; cases:", *figures[2:], flush=True)
    if done.returncode:
        print(done.stdout, done.stderr)
    return done.returncode == 0


def main() -> None:
    """Seed a store, then let each API be tried."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=150)
    parser.add_argument("--only", choices=list(APIS), action="append")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    with (
        tempfile.TemporaryDirectory(prefix="digest-api-") as name,
        seeded_pages(Path(name)) as port,
    ):
        held = [
            check(api, port, Path(name), options.examples, options.seed)
            for api in options.only or APIS
        ]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
