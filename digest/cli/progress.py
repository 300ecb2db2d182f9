"""A progress bar on a terminal, log lines elsewhere."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.delivery.progress import SendProgress


@contextmanager
def delivery_bar(*, quiet: bool = False) -> Iterator[Callable[[SendProgress], None] | None]:
    """Show a bar over the deliveries of an edition, or ``None`` where nobody watches.

    Without a bar the log goes to standard error, for a cron job's mail or a log file; with
    ``quiet`` it does not, because a program reads what is printed.
    """
    if quiet:
        yield None
        return
    if not sys.stderr.isatty():
        with _logging_to_stderr():
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

        def show(sent: SendProgress) -> None:
            counts = f"{sent.accepted:,} accepted"
            for name in ("deferred", "rejected", "unknown"):
                if getattr(sent, name):
                    counts += f", {getattr(sent, name):,} {name}"
            bar.update(
                task,
                total=sent.done + sent.left,
                completed=sent.done,
                rate=f"{counts}, {sent.per_second:,.0f}/s",
            )

        yield show


@contextmanager
def rows_bar() -> Iterator[Callable[[str, int], None]]:
    """Show which table is being copied, and how many of its rows are; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _table, _rows: None
        return
    from rich.console import Console

    with Console(stderr=True).status("copying") as status:
        yield lambda table, rows: status.update(f"copying {table}: {rows:,} rows")


@contextmanager
def _logging_to_stderr() -> Iterator[None]:
    """Log on standard error meanwhile, in the daemon's form."""
    from digest.wiring.logs import OneLine

    logger, handler = logging.getLogger("digest"), logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
