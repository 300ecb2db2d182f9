"""Nothing implausible reaches a subscriber, and nothing of it is lost."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fakes import RecordingTransport
from installation import PARIS, RENDERER, Installation

from digest.bounces.quarantine import Quarantine
from digest.daily import held_readings
from digest.daily.held_readings import ReadingCheck
from digest.daily.ingest import IngestReport, ingest
from digest.daily.pause_alert import PauseAlert
from digest.daily.preview import PreviewRequest, preview_edition, preview_held
from digest.daily.prune import Retention, prune
from digest.daily.publish import publish
from digest.daily.release_readings import release_readings
from digest.daily.status import read_status
from digest.delivery.retry import Reply, SmtpStage
from digest.errors import InputError
from digest.model import EditionKind, HeldReading, HoldReason
from digest.store.reading_tables import held_readings as held_rows
from digest.store.reading_tables import readings

MONDAY = datetime(2026, 11, 16, 8, tzinfo=PARIS)
DAY = timedelta(days=1)
OPERATOR = "ops@example.org"

FIRST = [
    "Amber",
    "Basalt",
    "Cedar",
    "Dune",
    "Ember",
    "Fjord",
    "Grove",
    "Hazel",
    "Inlet",
    "Juniper",
    "Kestrel",
    "Larch",
]
SECOND = [
    "Anchor",
    "Beacon",
    "Compass",
    "Dial",
    "Engine",
    "Filter",
    "Gauge",
    "Hinge",
    "Index",
    "Jigsaw",
    "Kiln",
    "Lever",
]
FIELDS = [
    "rivers",
    "maps",
    "proteins",
    "robots",
    "speech",
    "markets",
    "glaciers",
    "bridges",
    "orchards",
    "tides",
]


def titles(start: int, count: int) -> list[str]:
    """Titles that no two numbers share."""
    return [
        f"{FIRST[i % 12]}{SECOND[i // 12 % 12]}{chr(97 + i // 144 % 26)}: Learning About "
        f"{FIELDS[i % 10].title()} From {SECOND[i * 7 % 12]}s"
        for i in range(start, start + count)
    ]


def page(chosen: Sequence[str], *, furniture: str = "") -> str:
    """A saved page with these papers."""
    lines = ["Get trending papers in your email inbox!", "", "Subscribe", "", "Daily Papers", ""]
    for title in chosen:
        noise = random.Random(title)
        name = title.split(":")[0]
        words = " ".join(noise.choice(FIELDS + FIRST + SECOND).lower() for _ in range(30))
        lines += [title, "", f"We propose {name}, a model that is trained on {words}.", ""]
    return "\n".join(lines) + furniture


class OnePage(Installation):
    """An installation with one page that is read again each day, and an operator with a mailbox."""

    def __init__(self, folder: Path, address: str | None = None) -> None:
        super().__init__(folder, MONDAY, address=address)
        self.page = folder / "page.txt"
        self.alert = PauseAlert(
            OPERATOR, self.transport, RENDERER, self.list_identity, "bounces@example.org"
        )
        delivery = replace(self.delivery, pause_alert=self.alert)
        self.daily_run = replace(self.daily_run, locations=[str(self.page)], delivery=delivery)
        self.subscribe("reader@example.org")

    def show(self, start: int, count: int) -> None:
        self.page.write_text(page(titles(start, count)), encoding="utf-8")
        os.utime(self.page, (self.clock.now.timestamp(),) * 2)

    def weeks(self, readings: int = 6, size: int = 20) -> None:
        """So many days with a full page each, all new."""
        for number in range(readings):
            self.show(number * size, size)
            self.daily_run.run(clock=self.clock)
            self.clock.now += DAY if self.clock.now.weekday() < 4 else 3 * DAY

    def held(self) -> tuple[HeldReading, ...]:
        with self.store.read() as unit:
            return unit.held_readings.held()

    def mailed(self) -> set[str]:
        """The titles of all papers in any daily edition."""
        return {
            entry.raw_title
            for edition in self.editions(EditionKind.DAILY)
            for entry in edition.edition.entries
        }

    def told(self) -> list[str]:
        """What the operator was mailed."""
        return [
            mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
            for mail in self.transport.to(OPERATOR)
        ]


@pytest.fixture(scope="module")
def after_weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database after `OnePage.weeks`, made once."""
    folder = tmp_path_factory.mktemp("weeks")
    installation = OnePage(folder, f"sqlite:///{folder / 'memory.db'}")
    installation.weeks()
    assert not installation.held()
    assert installation.mailed() == set(titles(0, 120))
    assert len(installation.transport.to("reader@example.org")) == 6
    installation.store.close()
    return folder / "memory.db"


@pytest.fixture
def usual(after_weeks: Path, tmp_path: Path) -> OnePage:
    shutil.copy(after_weeks, tmp_path / "memory.db")
    installation = OnePage(tmp_path, f"sqlite:///{tmp_path / 'memory.db'}")
    installation.clock.now += 8 * DAY
    with installation.store.begin() as unit:
        unit.connection.execute(readings.update().values(source=str(installation.page)))
    return installation


def test_a_tenth_of_the_usual_reaches_nobody_and_the_operator_hears_why(usual: OnePage) -> None:
    usual.show(500, 2)
    report = usual.daily_run.run(clock=usual.clock)
    (held,) = usual.held()
    assert (held.reason, held.words) == (HoldReason.FEW, "2 papers, usually about 20")
    assert usual.transport.to("reader@example.org") == []
    assert not usual.mailed() & set(titles(500, 2))
    assert "1 reading held as implausible" in report.ingested.summary
    assert held.line in report.problems
    assert held.line in report.no_mail_reason
    (told,) = usual.told()
    flat = " ".join(told.split())
    assert "2 papers, usually about 20" in flat
    assert f"digest publish --anyway {held.id}" in flat
    status = read_status(usual.store, usual.editorial, clock=usual.clock)
    assert held.line in "\n".join(status.lines())
    assert status.as_dict()["held_readings"][0]["reason"] == "few"


def test_tenfold_reaches_nobody(usual: OnePage) -> None:
    usual.show(500, 200)
    usual.daily_run.run(clock=usual.clock)
    assert [held.reason for held in usual.held()] == [HoldReason.MANY]
    assert usual.mailed() == set(titles(0, 120))


def test_looking_again_and_again_alarms_once_and_keeps_it_once(usual: OnePage) -> None:
    usual.show(500, 2)
    for hours in range(30):
        # Bytes that change at each look, as those of web pages do.
        usual.page.write_text(
            page(titles(500, 2)) + f"\n\n{'Next page' if hours % 2 else 'Previous page'}\n"
        )
        usual.daily_run.ingest(clock=usual.clock)
        usual.clock.now += timedelta(hours=1)
    assert len(usual.held()) == 1
    assert len(usual.told()) == 1


def test_a_page_that_is_wrong_in_new_ways_all_day_alarms_once_a_day(usual: OnePage) -> None:
    for hour in range(26):
        usual.show(500 + 2 * hour, 2)
        usual.daily_run.ingest(clock=usual.clock)
        usual.clock.now += timedelta(hours=1)
    assert len(usual.told()) == 2
    assert len(usual.held()) == 20
    report = release_readings(usual.store, usual.editorial, clock=usual.clock)
    assert report.summary == "accepted 20 held readings: 52 papers, 52 new"


def test_what_is_right_is_released_and_published(usual: OnePage) -> None:
    usual.show(500, 2)
    usual.daily_run.ingest(clock=usual.clock)
    usual.page.unlink()  # the source is not needed for it
    report = release_readings(usual.store, usual.editorial, clock=usual.clock)
    assert report.summary == "accepted 1 held reading: 2 papers, 2 new"
    publish(usual.store, usual.editorial, usual.publishing, clock=usual.clock)
    assert usual.mailed() == set(titles(0, 120)) | set(titles(500, 2))
    assert not usual.held()
    assert (
        release_readings(usual.store, usual.editorial, clock=usual.clock).summary
        == "no reading is held"
    )


def test_what_was_released_is_usual_from_then_on(usual: OnePage) -> None:
    usual.show(500, 200)
    usual.daily_run.ingest(clock=usual.clock)
    release_readings(usual.store, usual.editorial, clock=usual.clock)
    usual.show(800, 200)
    assert not usual.daily_run.ingest(clock=usual.clock).held


def test_a_good_reading_brings_what_it_confirms_and_settles_the_rest(usual: OnePage) -> None:
    usual.show(500, 2)
    usual.daily_run.run(clock=usual.clock)
    usual.clock.now += DAY
    usual.show(500, 20)
    usual.daily_run.run(clock=usual.clock)
    assert not usual.held()
    assert usual.mailed() == set(titles(0, 120)) | set(titles(500, 20))
    assert all(len(titles_of(usual, title)) == 1 for title in titles(500, 2))


def titles_of(installation: OnePage, title: str) -> list[int]:
    """The editions that have a paper."""
    return [
        edition.id
        for edition in installation.editions(EditionKind.DAILY)
        if title in {entry.raw_title for entry in edition.edition.entries}
    ]


def test_what_no_good_reading_confirms_stays_and_goes_out_by_its_number_only(
    usual: OnePage,
) -> None:
    usual.show(500, 2)
    usual.daily_run.run(clock=usual.clock)
    usual.clock.now += DAY
    usual.show(501, 20)
    report = usual.daily_run.run(clock=usual.clock)
    (held,) = usual.held()
    assert (held.passed_at, held.unconfirmed) == (usual.clock.now, 1)
    assert "held" not in report.ingested.summary
    assert len(usual.told()) == 1
    nothing = release_readings(usual.store, usual.editorial, clock=usual.clock)
    assert nothing.summary.startswith("no held reading waits for a decision; 1 reading replaced")
    release_readings(usual.store, usual.editorial, [str(held.id)], clock=usual.clock)
    usual.clock.now += DAY
    publish(usual.store, usual.editorial, usual.publishing, clock=usual.clock)
    assert set(titles(500, 2)) <= usual.mailed()
    assert len(titles_of(usual, titles(501, 1)[0])) == 1


def test_only_what_is_named_is_released(usual: OnePage) -> None:
    usual.show(500, 2)
    usual.daily_run.ingest(clock=usual.clock)
    with pytest.raises(InputError, match="nothing: no reading is held under this name"):
        release_readings(usual.store, usual.editorial, ["nothing"], clock=usual.clock)
    assert usual.held()
    release_readings(usual.store, usual.editorial, [str(usual.page)] * 2, clock=usual.clock)
    assert not usual.held()


def test_another_source_goes_on_meanwhile(usual: OnePage, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text(page(titles(700, 3)))
    usual.daily_run = replace(usual.daily_run, locations=[str(usual.page), str(other)])
    usual.show(500, 2)
    usual.daily_run.run(clock=usual.clock)
    assert usual.mailed() == set(titles(0, 120)) | set(titles(700, 3))


def test_a_relay_that_is_away_is_told_later(usual: OnePage) -> None:
    usual.transport.answers = {OPERATOR: Reply(SmtpStage.FINAL, 451, "4.3.0", "later")}
    usual.show(500, 2)
    usual.daily_run.ingest(clock=usual.clock)
    assert usual.told() == []
    usual.transport.answers = {}
    usual.clock.now += timedelta(hours=1)
    usual.daily_run.ingest(clock=usual.clock)
    assert len(usual.told()) == 1


def test_a_crash_between_holding_and_telling_is_told_after_it(
    usual: OnePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual.show(500, 2)
    with monkeypatch.context() as patch:
        patch.setattr(
            PauseAlert, "tell_held", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt())
        )
        with pytest.raises(KeyboardInterrupt):
            usual.daily_run.ingest(clock=usual.clock)
    assert len(usual.held()) == 1
    assert not usual.mailed() & set(titles(500, 2))
    usual.clock.now += timedelta(hours=1)
    usual.daily_run.ingest(clock=usual.clock)
    assert len(usual.told()) == 1


def test_a_crash_while_letting_in_leaves_it_held(
    usual: OnePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual.show(500, 2)
    usual.daily_run.ingest(clock=usual.clock)
    hold = ReadingCheck.hold

    def dies(*arguments: object) -> None:
        hold(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(held_readings.ReadingCheck, "hold", dies)
        with pytest.raises(KeyboardInterrupt):
            release_readings(usual.store, usual.editorial, clock=usual.clock)
    assert len(usual.held()) == 1
    assert release_readings(usual.store, usual.editorial, clock=usual.clock).dumps[0].changes


def test_of_a_folder_the_bad_page_alone_is_held_and_not_again(tmp_path: Path) -> None:
    installation = OnePage(tmp_path)
    installation.daily_run = replace(installation.daily_run, locations=[str(installation.dumps)])

    def save(name: str, start: int, count: int) -> None:
        path = installation.dumps / f"{name}.txt"
        path.write_text(page(titles(start, count)))

    for number in range(6):
        save(f"{number}", number * 20, 20)
    save("bad", 600, 2)
    save("later", 700, 20)
    report = installation.daily_run.ingest(clock=installation.clock)
    assert [one.words for one in report.held] == ["2 papers, usually about 20"]
    assert len(report.dumps) == 7
    again = installation.daily_run.ingest(clock=installation.clock)
    assert not again.held
    assert not again.dumps
    assert len(installation.held()) == 1
    assert len(installation.told()) == 1


def test_a_held_file_is_not_released_by_naming_it(usual: OnePage, tmp_path: Path) -> None:
    usual.show(500, 2)
    usual.daily_run.ingest(clock=usual.clock)
    copied = tmp_path / "copy.txt"
    shutil.copy(usual.page, copied)
    report = ingest(usual.store, usual.editorial, [str(copied)], clock=usual.clock)
    assert report.held == usual.held()
    assert not report.dumps


def test_what_lets_an_old_hold_go_says_what_was_in_it(
    usual: OnePage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    usual.show(500, 2)
    usual.daily_run.ingest(clock=usual.clock)
    quarantine = Quarantine(tmp_path / "quarantine")
    assert not prune(usual.store, quarantine, Retention(), clock=usual.clock).held
    usual.clock.now += 31 * DAY
    report = prune(usual.store, quarantine, Retention(), clock=usual.clock)
    assert "deleted a reading of" in report.summary
    assert "with 2 papers in no other" in report.summary
    assert report.as_dict()["held"]
    assert any("with 2 papers in no other" in line for line in caplog.messages)
    assert not usual.held()


def test_a_preview_of_the_sources_leaves_out_what_would_be_held_and_keeps_nothing(
    usual: OnePage,
) -> None:
    usual.show(500, 2)
    request = PreviewRequest([str(usual.page)], ("key",), holds=True)
    with usual.store.rehearsal() as rehearsal:
        preview = preview_edition(
            rehearsal, usual.editorial, usual.publishing, request, clock=usual.clock
        )
    assert [held.reason for held in preview.held] == [HoldReason.FEW]
    assert not preview.message
    assert not usual.held()


def test_a_preview_of_what_is_held_shows_it_and_keeps_it_held(usual: OnePage) -> None:
    usual.show(500, 2)
    usual.daily_run.run(clock=usual.clock)
    for days in range(2):  # which have editions already
        usual.dump("ABC"[days])
        usual.daily_run = replace(usual.daily_run, locations=[str(usual.dumps)])
        usual.ingest()
        day = usual.clock.now.date() + days * DAY
        publish(usual.store, usual.editorial, usual.publishing, day=day, clock=usual.clock)
    request = PreviewRequest([], ("key",))
    with usual.store.rehearsal() as rehearsal:
        preview = preview_held(
            rehearsal, usual.editorial, usual.publishing, request, clock=usual.clock
        )
    assert preview.published is not None
    assert {entry.raw_title for entry in preview.published.edition.entries} == set(titles(500, 2))
    assert len(usual.held()) == 1
    assert not usual.mailed() & set(titles(500, 2))


def test_a_preview_of_a_file_named_by_hand_is_never_held(usual: OnePage) -> None:
    usual.show(500, 2)
    with usual.store.rehearsal() as rehearsal:
        preview = preview_edition(
            rehearsal,
            usual.editorial,
            usual.publishing,
            PreviewRequest([str(usual.page)], ("key",)),
            clock=usual.clock,
        )
    assert preview.message
    assert not preview.held


def test_a_damaged_hold_keeps_no_good_page_out(usual: OnePage) -> None:
    usual.show(500, 2)
    usual.daily_run.ingest(clock=usual.clock)
    with usual.store.begin() as unit:
        unit.connection.execute(held_rows.update().values(content=b"x"))
    usual.show(600, 20)
    report: IngestReport = ingest(
        usual.store, usual.editorial, [str(usual.page)], clock=usual.clock
    )
    assert not report.failed
    assert len(report.changes) == 20


def test_no_operator_means_no_mail_and_no_claim(tmp_path: Path) -> None:
    installation = OnePage(tmp_path)
    silent = replace(
        installation.daily_run, delivery=replace(installation.daily_run.delivery, pause_alert=None)
    )
    installation.daily_run, with_operator = silent, installation.daily_run
    for number in range(5):
        installation.show(number * 20, 20)
        installation.daily_run.ingest(clock=installation.clock)
    installation.show(500, 2)
    installation.daily_run.ingest(clock=installation.clock)
    assert installation.told() == []
    with_operator.ingest(clock=installation.clock)
    assert len(installation.told()) == 1
    assert isinstance(installation.transport, RecordingTransport)


@pytest.mark.real
@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
def test_real_days_and_old_dumps_caught_up_with_are_not_held(
    tmp_path: Path, real_data: Path, backwards: bool
) -> None:
    for name in ("dumps", "hf"):
        folder = tmp_path / name
        folder.mkdir()
        for at, path in enumerate(sorted((real_data / name).iterdir(), reverse=backwards)):
            copied = folder / path.name
            shutil.copy(path, copied)
            stamp = MONDAY.timestamp() + at * DAY.total_seconds()
            os.utime(copied, (stamp, stamp))
    (tmp_path / "box").mkdir()
    installation = Installation(tmp_path / "box", MONDAY + 30 * DAY)
    sources = [str(tmp_path / "dumps"), str(tmp_path / "hf")]
    report = ingest(installation.store, installation.editorial, sources, clock=installation.clock)
    assert (len(report.dumps), report.held) == (16, ())
