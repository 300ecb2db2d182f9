"""Scanners over the links of mails with votes: how many requests, and how many votes they cast.

    python tests/bench/vote_scanners.py [REQUESTS]

A hundred readers get a mail; every link of it, and every page behind the vote links, is asked for at
random by GET and HEAD, as browsers that look ahead do, with cookies made up, and with those of
another reader. A headless browser with scripts is `tests/web/test_taste_journey.py`.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

# In place of this folder, where a module of the same name would hide the tests' own.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from sqlalchemy import text  # noqa: E402
from web.site_fixture import BASE, RunningSite, page_links  # noqa: E402

READERS = 100
PREFETCH = {"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"}


def vote_paths(site: RunningSite) -> list[str]:
    """Every path of the pages that the mails link to."""
    paths = set()
    for mail in site.transport.mails:
        for message in site.transport.to(mail.recipient):
            html = message.get_body(("html",))
            assert html is not None
            paths |= {
                urlsplit(link).path
                for link in page_links(html.get_content())
                if link.startswith(BASE)
            }
    return sorted(paths)


def counts(site: RunningSite) -> dict[str, int]:
    with site.store.read() as unit:
        return {
            table: int(unit.connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() or 0)
            for table in ("votes", "seeds", "follows", "subscriber_events")
        }


def main(requests: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = RunningSite(Path(folder))
        site.subscribe(*(f"r{n}@example.org" for n in range(READERS)))
        site.publish("ABCDEFGHI")
        paths = vote_paths(site)
        votes = [path for path in paths if path.startswith("/vote/")]
        before = counts(site)
        # The cookie of one reader, as a scanner behind a shared machine might have it.
        answer = site.visitor.post(votes[-1], data={"vote": f"more {votes[-1].split('/')[-2]}"})
        assert answer.status_code in (200, 303, 404), answer.status_code
        chance, statuses, scripts = random.Random(1), {200: 0}, 0
        own = dict(site.visitor.client.cookies)
        made = counts(site)
        began = time.monotonic()
        for _ in range(requests):
            path = chance.choice(votes if chance.random() < 0.7 else paths)
            site.visitor.client.cookies.clear()
            kind = chance.random()
            if kind < 0.1:
                site.visitor.client.cookies.set("__Host-votes", "made.up")
            elif kind < 0.2:
                site.visitor.client.cookies.update(own)
            method = chance.choice(("GET", "GET", "GET", "HEAD"))
            headers = chance.choice((None, PREFETCH))
            answer = site.visitor.request(method, path, headers=headers)
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
            scripts += b"<script" in answer.content
        seconds = time.monotonic() - began
        after = counts(site)
        print(
            f"{requests:,} requests over {len(paths):,} links ({len(votes):,} to vote) in {seconds:.0f} s"
        )
        print(
            f"statuses {statuses}; pages with the script (the cookie's own reader only): {scripts}"
        )
        print(f"rows before the one press {before}, after it {made}, after the scan {after}")
        print(f"votes cast by the scan: {after['votes'] - made['votes']}")
        site.close()
        sys.exit(after != made)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
