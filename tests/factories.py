"""A whole house for tests: dumps in a folder, a real store, and a relay that notes what it gets."""

from __future__ import annotations

import email
import email.policy
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

from fixtures.stores import empty_database

from digest import subscriptions
from digest.daily.daily_run import DailyRun
from digest.daily.delivery_settings import DeliverySettings
from digest.daily.publish import PublishSettings
from digest.daily.run_record import EditorialSettings
from digest.delivery.envelope import OutgoingMail
from digest.delivery.limits import SendLimits
from digest.delivery.ports import SessionClient
from digest.delivery.retry import Reply, SmtpStage
from digest.editorial.topics import load_topics
from digest.mail.list_identity import ListIdentity
from digest.mail.render import Renderer
from digest.model import EditionKind, Preferences, PublishedEdition, Subscriber
from digest.store import open_store

PARIS = ZoneInfo("Europe/Paris")
KEYS = ("a key that only tests know",)
TOPICS = load_topics()
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


class RecordingTransport:
    """A relay that accepts everything and keeps it, but has ``answers`` for some recipients."""

    def __init__(self) -> None:
        self.answers: Mapping[str, Reply] = {}
        self.mails: list[OutgoingMail] = []
        self.usable = True
        self.sent = 0

    def open(self) -> RecordingTransport:
        return self

    def closed(self, session: object) -> None:
        """Nothing to hang up."""

    def close(self) -> None:
        """Nothing to hang up."""

    def deliver(self, mail: OutgoingMail, client: SessionClient) -> None:
        current: OutgoingMail | None = mail
        while current is not None:
            if current.recipient in self.answers:
                client.record_reply(current, self.answers[current.recipient])
            elif client.begin_body(current):
                self.mails.append(current)
                client.record_reply(current, Reply(SmtpStage.FINAL, 250, "2.0.0", "kept"))
            else:
                client.hand_back(current)
            current = client.next_mail()

    def to(self, address: str) -> list[EmailMessage]:
        """The mails for one reader, in the order they came."""
        return [parsed(mail.content) for mail in self.mails if mail.recipient == address]


def parsed(content: bytes) -> EmailMessage:
    """A message as a mail program reads it."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def letters(text: str) -> str:
    """Which of the known papers a text names."""
    flat = " ".join(text.split())
    return "".join(letter for letter, (title, _) in ABOUTS.items() if title in flat)


@dataclass
class SettableClock:
    """A clock that stands where it was put."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


class Newsroom:
    """The parts put together, with a clock that tests move."""

    def __init__(
        self, folder: Path, start: datetime, *, zone: ZoneInfo = PARIS, address: str | None = None
    ) -> None:
        self.clock = SettableClock(start.astimezone(UTC))
        self.dumps = folder / "dumps"
        self.dumps.mkdir()
        self.store = open_store(address or empty_database(folder / "memory.db"))
        self.store.migrate()
        self.editorial = EditorialSettings(TOPICS, zone, time(8))
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
        self.day = DailyRun(
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
        lines = [
            "Get trending papers in your email inbox!",
            "",
            "Subscribe",
            "",
            "Daily Papers",
            "",
        ]
        if page_date is not None:
            lines += [f"{page_date:%b} {page_date.day}", ""]
        for letter in papers:
            lines += [ABOUTS[letter][0], "", abstract(letter), ""]
        stamp = self.clock().timestamp()
        path = self.dumps / f"{name or int(stamp)}.txt"
        path.write_text("\n".join(lines), encoding="utf-8")
        os.utime(path, (stamp, stamp))
        return path

    def editions(self, kind: EditionKind = EditionKind.DAILY) -> list[PublishedEdition]:
        """All editions of a kind, oldest first."""
        with self.store.read() as unit:
            return list(unit.editions.between(kind, date.min, date.max))

    def told(self, kind: EditionKind = EditionKind.DAILY) -> dict[date, str]:
        """Which papers each edition has, by day."""
        return {
            one.edition.day: letters_of([entry.raw_title for entry in one.edition.entries])
            for one in self.editions(kind)
        }


def letters_of(titles: Sequence[str]) -> str:
    """The letters of papers with these titles, in alphabetical order."""
    known = {title: letter for letter, (title, _) in ABOUTS.items()}
    return "".join(sorted(known[title] for title in titles))
