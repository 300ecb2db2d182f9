"""Runs and flags are kept."""

from __future__ import annotations

from datetime import timedelta

from factories import NOW

from digest.model import Job, Run
from digest.store import Store


def test_the_last_run_of_each_job_is_known(store: Store) -> None:
    ingest = Run(Job.INGEST, NOW, NOW + timedelta(seconds=2), True, "0 of 212 new", "nothing new")
    with store.begin() as unit:
        assert unit.runs.last(Job.INGEST) is None
        unit.runs.record(Run(Job.INGEST, NOW, NOW, False, "failed"))
        unit.runs.record(ingest)
        unit.runs.record(Run(Job.SEND, NOW, NOW, True, "sent"))
    with store.read() as unit:
        assert unit.runs.last(Job.INGEST) == ingest


def test_sending_is_paused_until_resumed(store: Store) -> None:
    with store.begin() as unit:
        assert unit.runs.paused() is None
        unit.runs.pause("blocked: 5.7.1", NOW)
        unit.runs.pause("blocked: 5.7.25", NOW)
    with store.begin() as unit:
        assert unit.runs.paused() == "blocked: 5.7.25"
        unit.runs.resume()
        unit.runs.resume()
        assert unit.runs.paused() is None


def test_somebody_is_told_of_each_pause_once(store: Store) -> None:
    with store.begin() as unit:
        unit.runs.pause("blocked: 5.7.1", NOW)
        assert not unit.runs.pause_alert_sent()
        assert unit.runs.claim_pause_alert(NOW)
    with store.begin() as unit:
        unit.runs.pause("blocked: 5.7.25", NOW)
        assert unit.runs.pause_alert_sent()
        assert not unit.runs.claim_pause_alert(NOW)
        unit.runs.resume()
        unit.runs.pause("blocked again", NOW)
        assert unit.runs.claim_pause_alert(NOW)


def test_a_flag_is_kept_replaced_and_cleared(store: Store) -> None:
    with store.begin() as unit:
        assert unit.runs.keep_flag("install", "one") == "one"
        assert unit.runs.keep_flag("install", "two") == "one"
        unit.runs.set_flag("install", "three", NOW)
        assert unit.runs.flag("install") == "three"
        unit.runs.clear_flag("install")
        assert unit.runs.flag("install") is None


def test_runs_are_listed_newest_first_page_by_page_of_a_job_or_of_all(store: Store) -> None:
    with store.begin() as unit:
        for minute, job in enumerate((Job.INGEST, Job.SEND, Job.INGEST)):
            at = NOW + timedelta(minutes=minute)
            unit.runs.record(Run(job, at, at, True, f"run {minute}"))
    with store.read() as unit:
        listed = unit.runs.list(limit=2)
        assert [run.summary for _, run in listed] == ["run 2", "run 1"]
        rest = unit.runs.list(before=listed[-1][0])
        assert [run.summary for _, run in rest] == ["run 0"]
        assert [run.summary for _, run in unit.runs.list(Job.SEND)] == ["run 1"]
