"""What is not as usual with a source is said in one line, and what is usual is not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from factories import record

from digest.editorial.source_warnings import field_shares, report_source
from digest.model import (
    PaperDetails,
    SourceHealth,
    SourceReading,
    SourceReport,
    SourceTrouble,
)

MONDAY = datetime(2026, 11, 16, 8, tzinfo=UTC)
DAY = timedelta(days=1)
FULL = (("abstract", 1.0), ("votes", 0.95))


def reading(at: datetime, papers: int = 50, known: int = 10, **other: object) -> SourceReading:
    return SourceReading("hf:daily", at.date(), at, papers, known, **other)  # type: ignore[arg-type]


def weekdays(weeks: int = 4, **other: object) -> list[SourceReading]:
    """A reading on each weekday of the weeks before ``MONDAY``, none at weekends."""
    days = [MONDAY - back * DAY for back in range(7 * weeks, 0, -1)]
    return [reading(day, **other) for day in days if day.weekday() < 5]  # type: ignore[arg-type]


def read(at: datetime = MONDAY, items: int = 50, new: int = 40) -> SourceHealth:
    return SourceHealth("hf:daily", at, at, at.date(), items, new)


def report(
    health: SourceHealth | None, history: Sequence[SourceReading], now: datetime = MONDAY
) -> SourceReport:
    return report_source("hf:daily", health, history, now=now, zone=UTC)


def troubles(what: SourceReport) -> list[SourceTrouble]:
    return [warning.trouble for warning in what.warnings]


def test_a_source_that_was_never_asked_has_nothing_to_tell() -> None:
    assert report(None, []) == SourceReport("hf:daily")


def test_a_usual_day_has_the_median_of_its_weekday_and_no_warning() -> None:
    history = [
        *weekdays(),
        reading(MONDAY - 28 * DAY, 30),
        reading(MONDAY - 35 * DAY, 70),
        reading(MONDAY - DAY, 3),
        reading(MONDAY),
    ]
    usual = report(read(), history)
    assert (usual.usual, usual.warnings) == (50, ())


def test_a_failing_source_is_told_with_since_when_how_often_and_why() -> None:
    failing = SourceHealth(
        "hf:daily", MONDAY, MONDAY - DAY, None, 50, 40, 3, MONDAY - timedelta(hours=4), "503\n"
    )
    (warning,) = report(failing, weekdays()).warnings
    assert warning.trouble is SourceTrouble.FAILING
    assert warning.words == "cannot be read since 2026-11-16 04:00 UTC (3 times in a row): 503"


def test_a_source_that_was_not_read_in_full_for_two_days_is_stale() -> None:
    assert troubles(report(read(), weekdays(), MONDAY + 3 * DAY)) == [SourceTrouble.STALE]


def test_nothing_at_all_on_a_weekday_that_has_papers_is_told_beside_the_usual() -> None:
    (warning,) = report(read(items=0, new=0), weekdays()).warnings
    assert warning.trouble is SourceTrouble.EMPTY
    assert "gave no papers on 2026-11-16, a Monday, where 50 are usual" in warning.words


def test_an_empty_weekend_is_as_usual() -> None:
    saturday = MONDAY + 5 * DAY
    history = [*weekdays(), *(reading(MONDAY + back * DAY) for back in range(5))]
    assert not report(read(saturday, items=0, new=0), history, saturday).warnings


def test_the_previous_batch_again_and_other_known_papers_are_told_apart() -> None:
    assert troubles(report(read(items=50, new=0), weekdays())) == [SourceTrouble.PREVIOUS_BATCH]
    assert troubles(report(read(items=20, new=0), weekdays())) == [SourceTrouble.ALL_SEEN]


def test_a_second_reading_of_a_day_that_had_news_is_no_warning() -> None:
    assert not report(read(items=50, new=0), [*weekdays(), reading(MONDAY)]).warnings


def test_a_source_without_news_for_longer_than_ever_is_stale() -> None:
    later = MONDAY + 4 * DAY
    (warning,) = report(read(later, new=0), weekdays(), later).warnings
    assert warning.trouble is SourceTrouble.STALE
    assert "nothing new since 2026-11-13, and never paused for more than 3 days" in warning.words


def test_a_new_source_is_not_judged_by_days_that_nobody_knows() -> None:
    assert not report(read(items=0, new=0), [reading(MONDAY - DAY), reading(MONDAY)]).warnings
    assert not report(read(new=0), []).warnings


def test_fields_that_are_gone_are_named_with_their_shares() -> None:
    history = [*weekdays(fields=FULL), reading(MONDAY, fields=(("abstract", 1.0), ("votes", 0.0)))]
    (warning,) = report(read(), history).warnings
    assert warning.trouble is SourceTrouble.FORMAT_CHANGED
    assert "hardly a paper has votes (0% of the papers, 95% before)" in warning.words


def test_a_field_that_few_papers_ever_had_and_a_short_list_are_no_change_of_format() -> None:
    rare = weekdays(fields=(("code", 0.3),))
    assert not report(read(), [*rare, reading(MONDAY, fields=(("code", 0.0),))]).warnings
    short = reading(MONDAY, 4, 0, fields=(("abstract", 0.0), ("votes", 0.0)))
    assert not report(read(items=4), [*weekdays(fields=FULL), short]).warnings


def test_a_format_that_stays_is_the_usual_one_in_the_end() -> None:
    bare = (("abstract", 1.0), ("votes", 0.0))
    history = [*weekdays(fields=FULL), *(reading(MONDAY + n * DAY, fields=bare) for n in range(5))]
    friday = MONDAY + 4 * DAY
    assert not report(read(friday), history, friday).warnings


def test_shares_are_those_of_the_fields_that_papers_have() -> None:
    full = record(votes=0, authors=("A. Author",), details=PaperDetails(doi="10.1000/1"))
    shares = dict(field_shares([full, record(abstract=""), record()]))
    assert (shares["votes"], shares["authors"], shares["abstract"]) == (0.35, 0.35, 0.65)
    assert (shares["doi"], shares["code"]) == (0.35, 0.0)
    assert field_shares([]) == ()
