"""Deliveries and runs, as the API for programs lists them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from starlette.requests import Request

from digest.json_objects import addressed_delivery_object, post_object, run_object, state_counts
from digest.model import DeliveryState, Job
from digest.store import Store
from digest.web.api_parameters import Parameters
from digest.web.problems import Problem

USUALLY_LISTED, MOST_LISTED = 100, 500
"""Items of a page: without a word, and at most."""
Read = Callable[[Store], dict[str, Any]]


def deliveries(request: Request) -> Read:
    """Read the parameters; the reading of a page of the deliveries of a day's editions.

    It raises a 404 where no edition of that day, or none at all, is published.
    """
    given = Parameters(request, ("edition", "state", "after", "limit"))
    day, state = given.day("edition"), given.choice("state", list(DeliveryState))
    after = given.place("after") or (0, 0)
    limit = given.number("limit", USUALLY_LISTED, 1, MOST_LISTED)
    wanted = DeliveryState(state) if state else None

    def read(store: Store) -> dict[str, Any]:
        with store.read() as unit:
            summaries = unit.editions.of_day(day)
            if not summaries:
                raise Problem(404, "No such edition is published.")
            counts = Counter[str]()
            for summary in summaries:
                counts.update(state_counts(unit.outbox.tally(summary.id)))
            ids = [summary.id for summary in summaries]
            page = unit.outbox.of_editions(ids, wanted, after, limit + 1)
            posts = [post for each in ids for post in unit.posts.of_edition(each, wanted)]
        last = page[limit - 1][0] if len(page) > limit else None
        return {
            "edition": summaries[0].day.isoformat(),
            "counts": {str(name): counts[name] for name in DeliveryState},
            "deliveries": [addressed_delivery_object(delivery) for _, delivery in page[:limit]],
            "posts": [post_object(post) for post in posts],
            "next": f"{last[0]}.{last[1]}" if last else None,
        }

    return read


def runs(request: Request) -> Read:
    """Read the parameters; the reading of a page of the runs of the jobs, the newest first."""
    given = Parameters(request, ("job", "before", "limit"))
    job = given.choice("job", list(Job))
    before = given.number("before", 0, 1)
    limit = given.number("limit", USUALLY_LISTED, 1, MOST_LISTED)

    def read(store: Store) -> dict[str, Any]:
        with store.read() as unit:
            page = unit.runs.list(Job(job) if job else None, before=before or None, limit=limit + 1)
        return {
            "runs": [
                {"id": number, "job": str(run.job), **run_object(run)}
                for number, run in page[:limit]
            ],
            "next": page[limit - 1][0] if len(page) > limit else None,
        }

    return read
