"""A progress bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from digest.model import Tally


@contextmanager
def delivery_bar(*, quiet: bool = False) -> Iterator[Callable[[Tally], None] | None]:
    """A bar over the deliveries of an edition, or ``None`` where nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Left

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        Left(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("sending", total=None, rate="")

        def show(tally: Tally) -> None:
            done = tally.planned_at_start - tally.unfinished
            speed = bar.tasks[task].speed
            words = (
                f"{tally.accepted} accepted, {tally.deferred} deferred, {tally.rejected} rejected"
            )
            rate = f"{words}, {speed:,.0f}/s" if speed else words
            bar.update(task, total=tally.planned_at_start, completed=done, rate=rate)

        yield show
