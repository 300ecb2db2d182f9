"""Time the answers to sign-ups of known and of unknown addresses, under every rule, at both doors.

::

    python tests/bench/sign_up_timings.py [--tries 500]

The answer itself takes a fixed time in production (``Site.answer_seconds``), which hides what is left;
here it takes none, so that the work behind it is what is compared. Printed are the medians of both
kinds, their difference, and how often a try of one kind, picked at random, was slower than one of
the other (0.5 is a coin; AUC).
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from installation import KEYS
from web.site_fixture import RunningSite

from digest import subscriptions
from digest.mail.tokens import sign_token
from digest.model import SignUpMode, SignUpRule, SubscriberState
from digest.subscriptions import SignUpLimits

RULES = {
    "open": SignUpRule(),
    "approval": SignUpRule(approval=True),
    "domains": SignUpRule(SignUpMode.DOMAINS, ("lab.example",)),
    "domains, refused": SignUpRule(SignUpMode.DOMAINS, ("other.example",)),
    "invite": SignUpRule(SignUpMode.INVITE),
    "invite, none": SignUpRule(SignUpMode.INVITE),
    "closed": SignUpRule(SignUpMode.CLOSED),
}
STATES = tuple(SubscriberState)


def measure(rule_name: str, door: str, tries: int) -> tuple[list[float], list[float], set[int]]:
    """The seconds of each answer, of known and of unknown addresses, in turns by chance."""
    folder = Path(tempfile.mkdtemp())
    limits = SignUpLimits(per_network=10**6, in_all=10**6)
    site = RunningSite(
        folder, sign_up_rule=RULES[rule_name], sign_up_limits=limits, proxies=("203.0.113.9",)
    )
    token = ""
    if rule_name == "invite":
        until = site.clock() + timedelta(days=3)
        token = subscriptions.invite(
            site.store, uses=9_999, expires_at=until, label="", now=site.clock()
        ).token
    with site.store.begin() as unit:
        for index in range(tries):
            unit.subscribers.add(
                f"known{index:05}@lab.example",
                state=STATES[index % len(STATES)],
                preferences=subscriptions.read_preferences({}, topics=()),
                now=site.clock(),
                origin="import",
            )
    form = sign_token("form", int(site.clock().timestamp() * 10), KEYS)
    site.later(seconds=5)
    order = [(kind, index) for index in range(tries) for kind in ("known", "fresh")]
    random.Random(7).shuffle(order)
    seconds: dict[str, list[float]] = {"known": [], "fresh": []}
    statuses = set()
    for turn, (kind, index) in enumerate(order):
        if turn % 25 == 0:
            site.later(minutes=2)
            form = sign_token("form", int(site.clock().timestamp() * 10) - 50, KEYS)
        email = f"{kind}{index:05}@lab.example"
        # Each from a network of its own, or the limit of posts would be what is measured.
        headers = {"X-Forwarded-For": f"{20 + turn % 180}.{turn // 180}.7.7"}
        begun = time.perf_counter()
        if door == "page":
            data = {"form": form, "website": "", "email": email, "invite": token}
            answer = site.visitor.post("/subscribe", data=data, headers=headers)
        else:
            members = {"email": email, "invitation": token}
            answer = site.visitor.post("/api/subscribe", json=members, headers=headers)
        seconds[kind].append(time.perf_counter() - begun)
        statuses.add(answer.status_code)
    site.close()
    return seconds["known"], seconds["fresh"], statuses


def auc(first: list[float], second: list[float]) -> float:
    """The share of pairs in which the one of ``first`` is the slower."""
    ranked = sorted([(value, 1) for value in first] + [(value, 0) for value in second])
    ranks = sum(rank for rank, (_, of_first) in enumerate(ranked, 1) if of_first)
    count = len(first)
    return (ranks - count * (count + 1) / 2) / (count * len(second))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=500)
    tries = parser.parse_args().tries
    print(f"{tries} tries each; milliseconds")
    print("rule                door  status   known  unknown  difference  AUC")
    for rule_name in RULES:
        for door in ("page", "api"):
            known, fresh, statuses = measure(rule_name, door, tries)
            first, second = 1000 * median(known), 1000 * median(fresh)
            status = "/".join(map(str, sorted(statuses)))
            print(
                f"{rule_name:18}  {door:4}  {status:7}{first:7.2f}{second:9.2f}"
                f"{first - second:+12.2f}  {auc(known, fresh):.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
