"""A whole installation: dumps in a folder, a real store, and a relay that keeps what it gets."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from fakes import Clock, RecordingTransport
from fixtures.stores import empty_database

from digest import subscriptions
from digest.daily.daily_run import DailyRun, DailyRunReport
from digest.daily.deliver import DeliverOptions, DeliverReport, deliver
from digest.daily.delivery_settings import DeliverySettings
from digest.daily.ingest import IngestReport
from digest.daily.publish import PublishReport, PublishSettings
from digest.daily.run_record import EditorialSettings
from digest.daily.status import Status, read_status
from digest.delivery.send_limits import SendLimits
from digest.editorial.topics import load_topics
from digest.mail.list_identity import ListIdentity
from digest.mail.render import Renderer
from digest.model import EditionKind, Preferences, PublishedEdition, Subscriber
from digest.store import open_store

PARIS = ZoneInfo("Europe/Paris")
KEYS = ("a key that only tests know",)
SHIPPED_TOPICS = load_topics()
RENDERER = Renderer()

ABOUTS = {
    "A": ("Amber Diffusion: Painting With Patience", "image generation with diffusion models"),
    "B": ("Beacon: Finding Objects by Lamplight", "object detection in dark images"),
    "C": ("Cobalt: Pruning Without Remorse", "pruning and quantization of neural networks"),
    "D": ("Dovetail: Joining Graphs at the Seams", "graph neural networks for link prediction"),
    "E": ("Echoes: Speech From a Quiet Room", "speech recognition for whispered audio"),
    "F": ("Ferry: Moving Policies Between Robots", "reinforcement learning for robots"),
    "G": ("Granite: Regret Bounds That Hold", "generalization bounds and learning theory"),
    "H": ("Harbour: Retrieval Before the Storm", "information retrieval and ranking"),
    "I": ("Inkwell: Language Models That Cite", "large language models with citations"),
}
"""Papers by a letter, so that a test can say which edition has which."""


def abstract(letter: str) -> str:
    """A few sentences about that paper alone."""
    title, about = ABOUTS[letter]
    name = title.split(":")[0]
    return (
        f"We study {about} and present {name}, which nobody had thought of before this year. "
        f"The method of {name} differs from all others in {len(about)} small respects. "
        f"Experiments with {name} show gains of {ord(letter)} percent on {about}."
    )


def page_of(papers: str, head: Sequence[str] = ("Daily Papers",)) -> str:
    """A page with those papers, copied as text."""
    listed = [part for letter in papers for part in (ABOUTS[letter][0], abstract(letter))]
    return "\n\n".join([*head, *listed, ""])


def papers_named(text: str) -> str:
    """Which of the known papers a text names."""
    flat = " ".join(text.split())
    return "".join(letter for letter, (title, _) in ABOUTS.items() if title in flat)


def papers_titled(titles: Sequence[str]) -> str:
    """The letters of papers with these titles, in alphabetical order."""
    known = {title: letter for letter, (title, _) in ABOUTS.items()}
    return "".join(sorted(known[title] for title in titles))


class Installation:
    """The parts put together, with a clock that tests move."""

    def __init__(
        self, folder: Path, start: datetime, *, zone: ZoneInfo = PARIS, address: str | None = None
    ) -> None:
        self.clock = Clock(start.astimezone(UTC))
        self.dumps = folder / "dumps"
        self.dumps.mkdir(exist_ok=True)
        self.store = open_store(address or empty_database(folder / "digest.db"))
        self.store.migrate()
        self.editorial = EditorialSettings(SHIPPED_TOPICS, zone, time(8))
        self.list_identity = ListIdentity("Daily Papers", "papers@example.org")
        self.publishing = PublishSettings(RENDERER, self.list_identity, timedelta(hours=36))
        self.transport = RecordingTransport()
        self.delivery = DeliverySettings(
            self.transport,
            self.list_identity,
            KEYS,
            "bounces@example.org",
            limits=SendLimits(connections=1),
            journals=folder / "journals",
            sender_files=folder / "witness",
        )
        self.stop = threading.Event()
        self.daily_run = DailyRun(
            self.store, self.editorial, self.publishing, self.delivery, [str(self.dumps)]
        )

    def subscribe(self, *addresses: str, **wishes: object) -> list[Subscriber]:
        """Confirmed readers, all with the same wishes."""
        wanted = Preferences(**wishes)  # type: ignore[arg-type]
        return [
            subscriptions.add_subscriber(
                self.store,
                subscriptions.NewSubscriber(address, wanted, confirmed=True),
                now=self.clock(),
            ).subscriber
            for address in addresses
        ]

    def dump(self, papers: str, *, name: str = "", page_date: date | None = None) -> Path:
        """A dump with these papers, copied from the page just now."""
        head = ["Get trending papers in your email inbox!", "Subscribe", "Daily Papers"]
        if page_date is not None:
            head.append(f"{page_date:%b} {page_date.day}")
        stamp = self.clock().timestamp()
        path = self.dumps / f"{name or int(stamp)}.txt"
        path.write_text(page_of(papers, head), encoding="utf-8")
        os.utime(path, (stamp, stamp))
        return path

    def ingest(self) -> IngestReport:
        return self.daily_run.ingest(clock=self.clock)

    def publish_editions(self) -> PublishReport:
        return self.daily_run.publish(clock=self.clock)

    def run_day(self) -> DailyRunReport:
        """All of the day's work: read, publish, deliver."""
        return self.daily_run.run(clock=self.clock)

    def deliver(self, options: DeliverOptions | None = None) -> DeliverReport:
        return deliver(
            self.store,
            self.editorial,
            self.delivery,
            options or DeliverOptions(),
            clock=self.clock,
        )

    def deliver_due(self) -> DeliverReport | None:
        """What the daemon does between two days' runs; nothing if nothing is due."""
        return self.daily_run.deliver_due(clock=self.clock)

    def status(self) -> Status:
        return read_status(self.store, self.editorial, clock=self.clock)

    def editions(self, kind: EditionKind = EditionKind.DAILY) -> list[PublishedEdition]:
        """All editions of a kind, oldest first."""
        with self.store.read() as unit:
            return list(unit.editions.between(kind, date.min, date.max))

    def papers_by_day(self, kind: EditionKind = EditionKind.DAILY) -> dict[date, str]:
        """Which papers each edition has, by day."""
        return {
            one.edition.day: papers_titled([entry.raw_title for entry in one.edition.entries])
            for one in self.editions(kind)
        }
