"""Runs of the jobs, and the few facts kept about the whole installation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from digest.model import Job, Run
from digest.redaction import without_addresses
from digest.store.dialect import insert_new, insert_one_new, insert_or_replace
from digest.store.tables import flags, runs

PAUSED = "sending-paused"
TOLD = "pause-told"


class Runs:
    """The runs and flags of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, run: Run) -> None:
        """Keep how a run ended. It stays for long, so no reader's address does in its words."""
        self._connection.execute(
            runs.insert(),
            {
                "job": run.job,
                "started_at": run.started_at,
                "ended_at": run.ended_at,
                "ok": run.ok,
                "summary": without_addresses(run.summary),
                "silence": without_addresses(run.no_mail_reason),
            },
        )

    def last(self, job: Job) -> Run | None:
        """The run of ``job`` that was recorded last."""
        row = self._connection.execute(
            select(runs).where(runs.c.job == job).order_by(runs.c.id.desc()).limit(1)
        ).one_or_none()
        return None if row is None else _run(row)

    def list(
        self, job: Job | None = None, *, before: int | None = None, limit: int = 100
    ) -> tuple[tuple[int, Run], ...]:
        """The last ``limit`` runs with their numbers, the newest first.

        Of that ``job`` or of all, with numbers below ``before`` if given.
        """
        query = select(runs).order_by(runs.c.id.desc()).limit(limit)
        if job is not None:
            query = query.where(runs.c.job == job)
        if before is not None:
            query = query.where(runs.c.id < before)
        return tuple((row.id, _run(row)) for row in self._connection.execute(query))

    def paused(self) -> str | None:
        """The reason that sending is paused; ``None`` if it is not."""
        return self.flag(PAUSED)

    def pause(self, reason: str, now: datetime) -> None:
        """Let nothing be sent until :meth:`resume`. Of the reason all but addresses is kept."""
        self.set_flag(PAUSED, without_addresses(reason), now)

    def resume(self) -> None:
        """Let mail go out again."""
        self.clear_flag(PAUSED)
        self.clear_flag(TOLD)

    def pause_alert_sent(self) -> bool:
        """True if somebody was told of the pause that lasts."""
        return self.flag(TOLD) is not None

    def claim_pause_alert(self, now: datetime) -> bool:
        """Keep that somebody is told of this pause; false if somebody else does or did."""
        row = {"name": TOLD, "value": "the operator", "at": now}
        return insert_one_new(self._connection, flags, row)

    def flag(self, name: str) -> str | None:
        """The fact kept under ``name``."""
        return self._connection.scalar(select(flags.c.value).where(flags.c.name == name))

    def set_flag(self, name: str, value: str, now: datetime | None = None) -> None:
        """Keep a fact, over any older one."""
        self._connection.execute(
            insert_or_replace(self._connection, flags, ("value", "at")),
            {"name": name, "value": value, "at": now},
        )

    def keep_flag(self, name: str, value: str) -> str:
        """Keep a fact unless there is one already; the one that is kept now."""
        self._connection.execute(
            insert_new(self._connection, flags), {"name": name, "value": value, "at": None}
        )
        return self.flag(name) or value

    def clear_flag(self, name: str) -> None:
        """Forget a fact."""
        self._connection.execute(delete(flags).where(flags.c.name == name))


def _run(row: Row[Any]) -> Run:
    return Run(
        job=row.job,
        started_at=row.started_at,
        ended_at=row.ended_at,
        ok=row.ok,
        summary=row.summary,
        no_mail_reason=row.silence,
    )
