"""The cost of readers with a taste: to freezing an edition's audience, and to composing its mails.

    python tests/bench/tastes.py [READERS] [SEEDS]

Seconds are of the processor, so that a busy machine counts less. An invented edition of 250 papers and 2,500 earlier ones; each reader has so many of these as seeds.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

# In place of this folder, where a module of the same name would hide the tests' own.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from factories import DAY, NOW, VISION, change, dump, record  # noqa: E402
from installation import KEYS, PARIS, RENDERER, SHIPPED_TOPICS  # noqa: E402
from mail.sample_editions import LIST  # noqa: E402

from digest.daily.freeze_audience import freeze_audience  # noqa: E402
from digest.daily.own_selections import own_selections  # noqa: E402
from digest.daily.publish import PublishSettings, publish  # noqa: E402
from digest.daily.run_record import EditorialSettings  # noqa: E402
from digest.daily.subscriber_mail import mail_recipient, selector  # noqa: E402
from digest.daily.taste_selections import select_for_tastes  # noqa: E402
from digest.mail.message import Composer  # noqa: E402
from digest.model import NewSeed, Preferences, PublishedEdition, Subscriber, SubscriberState  # noqa: E402
from digest.store import Store, open_store  # noqa: E402

EARLIER, OFFERED = 2_500, 250
WORDS = [f"{a}{b}{c}" for a in ("ba", "de", "ki", "lo", "mu", "na", "po", "ra", "su", "ti")
         for b in ("len", "mor", "nif", "pos", "ral", "set", "tun", "vix") for c in ("", "a", "er", "ing", "ion")]  # fmt: skip


def words(chance: random.Random, field: int, count: int) -> str:
    """Words of one of forty fields, and some that all have."""
    own = WORDS[field * 9 : field * 9 + 40]
    return " ".join(chance.choice(own if chance.random() < 0.6 else WORDS) for _ in range(count))


def remember(store: Store, day: date, count: int, chance: random.Random) -> tuple[int, ...]:
    changes = [
        change(record(words(chance, n % 40, 8).title(), abstract=words(chance, n % 40, 150)))
        for n in range(count)
    ]
    with store.begin() as unit:
        return unit.papers.remember(dump(str(day)), day, changes, [VISION] * count, NOW)


def prepare(
    folder: Path, readers: int, seeds: int
) -> tuple[Store, EditorialSettings, PublishedEdition]:
    chance = random.Random(7)
    store = open_store(f"sqlite:///{folder / 'digest.db'}")
    store.migrate()
    editorial = EditorialSettings(SHIPPED_TOPICS, PARIS)
    publishing = PublishSettings(RENDERER, LIST, timedelta(hours=36))
    earlier: list[int] = []
    for back in range(10, 0, -1):
        earlier += remember(store, DAY - timedelta(days=back), EARLIER // 10, chance)
    publish(store, editorial, publishing, day=DAY - timedelta(days=1), clock=lambda: NOW)
    remember(store, DAY, OFFERED, chance)
    (published,) = publish(store, editorial, publishing, day=DAY, clock=lambda: NOW).editions
    with store.begin() as unit:
        for n in range(readers):
            reader = unit.subscribers.add(
                f"r{n}@example.org",
                state=SubscriberState.ACTIVE,
                preferences=Preferences(),
                now=NOW,
                origin="bench",
            )
            own = [NewSeed(f"paper:{id}", "", paper_id=id) for id in chance.sample(earlier, seeds)]
            if own:
                unit.seeds.add(own, DAY, subscriber_id=reader.id)
    return store, editorial, published


def composing(
    store: Store, editorial: EditorialSettings, published: PublishedEdition, most: int
) -> float:
    """Mails composed in a second, each with its reader's own selection where there is one."""
    composer, select, own = (
        Composer(published, LIST),
        selector(published, editorial),
        own_selections(store, published.id),
    )
    with store.read() as unit:
        readers: tuple[Subscriber, ...] = unit.subscribers.active(limit=most)
    began = time.process_time()
    for reader in readers:
        selection = own(reader.id) or select(reader.preferences)
        assert selection is not None
        composer.compose(selection, mail_recipient(reader, LIST, KEYS))
    return len(readers) / (time.process_time() - began)


def main(readers: int, seeds: int) -> None:
    for count in (0, seeds):
        with tempfile.TemporaryDirectory() as folder:
            store, editorial, published = prepare(Path(folder), readers, count)
            began = time.process_time()
            chosen = select_for_tastes(store, editorial, published)
            ranked = time.process_time()
            size = sum(map(len, chosen.packed))
            tally = freeze_audience(store, editorial, published, lambda: NOW)
            frozen = time.process_time()
            rate = composing(store, editorial, published, min(readers, 2_000))
            print(
                f"{readers:,} readers with {count} seeds: choosing by taste {ranked - began:.1f} s "
                f"({(ranked - began) / max(len(chosen.of_subscriber), 1) * 1000:.2f} ms each), "
                f"freezing with it once more {frozen - ranked:.1f} s, {tally.planned:,} planned, "
                f"{len(chosen.packed):,} selections of {size / max(len(chosen.packed), 1):.0f} octets; "
                f"composing {rate:,.0f} mails/s"
            )
            store.close()


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 10_000,
        int(sys.argv[2]) if len(sys.argv) > 2 else 20,
    )
