"""Invented papers and editions of any size for the mail's tests and benchmarks."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from digest.mail.list_identity import ListIdentity
from digest.mail.message import Composer, Recipient
from digest.mail.render import Renderer
from digest.model import (
    Edition,
    EditionKind,
    Entry,
    Link,
    LinkKind,
    MailFormat,
    Momentum,
    PublishedEdition,
    Section,
    SectionChoice,
    Selection,
    Topic,
    Trend,
    TrendPart,
    VoteLinks,
)

DAY = date(2026, 11, 20)
PUBLISHED = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
LIST = ListIdentity(
    "Daily Papers",
    "Daily Papers <papers@lists.example.org>",
    "https://papers.example.org",
    postal_address="Example Labs, 1 Paper Street, 10115 Berlin",
    source_note="The papers come from the public pages of two paper hubs.",
    votes=VoteLinks.PICKS,
)
RENDERER = Renderer()
"""One for all tests: its templates are inlined once, which takes longer than most of them."""

LIST_WITHOUT_PAGES = replace(LIST, base_url=None)
TOPICS = tuple(
    Topic(name.split()[0].lower().strip(","), name)
    for name in (
        "Weather & Rivers",
        "Kitchens, Pantries & Ovens",
        "Bees",
        "Timetables & Railways",
        "Glass & Other Slow Liquids",
        "Moss, Lichen & Felt",
        "Letters, Parcels & Their Delays",
        "Choirs",
        "Lighthouses & Harbours",
        "Paper Folding",
        "Snow",
        "Bicycles, Bells & Brakes",
    )
)
_NAMES = [
    "Tide",
    "Quill",
    "Ember",
    "Fjord",
    "Velvet",
    "Copper",
    "Juniper",
    "Marble",
    "Cinder",
    "Orchard",
    "Pebble",
    "Saffron",
]
_VERBS = [
    "Folding",
    "Counting",
    "Sorting",
    "Waking",
    "Measuring",
    "Forgetting",
    "Mending",
    "Tuning",
    "Charting",
]
_THINGS = [
    "Rivers",
    "Windows",
    "Choirs",
    "Ladders",
    "Sponges",
    "Timetables",
    "Teapots",
    "Hedgehogs",
    "Staircases",
]
_PLACES = [
    "Attic",
    "Harbour",
    "Greenhouse",
    "Library",
    "Tunnel",
    "Bakery",
    "Orchard",
    "Lighthouse",
    "Valley",
]
_GIVEN = ["Mira", "Jon", "Ana", "Bo", "Ilse", "Tomek", "Wanjiru", "Yuki", "Rafael", "Oona"]
_FAMILY = [
    "Holm",
    "Teig",
    "Silva",
    "Ek",
    "Anders",
    "Okafor",
    "Tanaka",
    "Brandt",
    "Rao",
    "Lindqvist",
]


def entry(paper_id: int, topic: Topic, *, seed: int = 0, **changes: Any) -> Entry:
    """A paper nobody wrote, the same for the same numbers."""
    dice = random.Random(f"{seed}/{paper_id}")
    name = f"{dice.choice(_NAMES)}{dice.choice(_NAMES)}{paper_id}"
    thing, place = dice.choice(_THINGS), dice.choice(_PLACES)
    title = f"{name}: {dice.choice(_VERBS)} {thing} in a {place} Without Waking Anybody"
    brief = (
        f"Shows that {thing.lower()} kept in a {place.lower()} arrive {dice.randint(2, 90)}% earlier "
        "than those that are told about it, at no cost beyond a little patience."
    )
    values: dict[str, Any] = {
        "paper_id": paper_id,
        "title": title,
        "raw_title": title,
        "summary": f"We ask what {thing.lower()} do when nobody looks. {brief}",
        "brief": brief,
        "topic": topic.id,
        "topics": (topic.id,),
        "trend": Trend(1.0 / paper_id, (TrendPart("place", 1.0),)),
        "why": f"{dice.randint(3, 200)} votes, where 2 are usual on a paper's first day here",
        "external_id": f"2611.{paper_id:05d}" if paper_id % 2 else None,
        "votes": dice.randint(3, 200) if paper_id % 3 else None,
        "links": (Link(LinkKind.CODE, f"https://code.example.org/{name.lower()}"),)
        if paper_id % 2
        else (),
        **_credits(paper_id, dice),
    }
    return Entry(**(values | changes))


def _credits(paper_id: int, dice: random.Random) -> dict[str, Any]:
    """Authors whom nobody knows; most papers have more than four, some an institution or a venue."""
    count = dice.choice([1, 2, 3, 4, 6, 9, 14, 31])
    names = [f"{dice.choice(_GIVEN)} {dice.choice(_FAMILY)}" for _ in range(min(count, 4))]
    return {
        "authors": tuple(names),
        "author_count": count,
        "institution": dice.choice(["", "", "Harbour Lab", "Institute for Slow Liquids"]),
        "venue": dice.choice(["", "", "", "ICLR 2027"]),
        "stars": dice.randint(1, 4_000) if paper_id % 2 else None,
    }


def edition(
    papers: int = 40,
    *,
    topics: int = 10,
    shown: int = 40,
    picks: int = 5,
    updated: int = 3,
    kind: EditionKind = EditionKind.DAILY,
    seed: int = 0,
    entries: Sequence[Entry] | None = None,
) -> Edition:
    """An edition of ``papers`` new papers over ``topics`` topics, ``shown`` of them in the mail."""
    chosen = TOPICS[:topics]
    dice = random.Random(seed)
    new = (
        list(entries)
        if entries is not None
        else [
            entry(number, chosen[min(int(dice.expovariate(0.3)), len(chosen) - 1)], seed=seed)
            for number in range(1, papers + 1)
        ]
    )
    changed = [entry(len(new) + n, chosen[0], seed=seed) for n in range(1, updated + 1)]
    by_topic: dict[str, list[int]] = {topic.id: [] for topic in chosen}
    for paper in new:
        by_topic[paper.topic].append(paper.paper_id)
    picked = [paper.paper_id for paper in new[:picks]]
    caps = dict.fromkeys(by_topic, 0)
    room = max(shown - len(picked), 0)
    while room and any(caps[t] < len(set(by_topic[t]) - set(picked)) for t in caps):
        for topic in caps:
            if room and caps[topic] < len(set(by_topic[topic]) - set(picked)):
                caps[topic] += 1
                room -= 1
    sections = [
        Section(
            topic,
            tuple(by_topic[topic.id]),
            caps[topic.id],
            Momentum(topic.id, len(by_topic[topic.id]), 1.0, place % 4 == 0),
        )
        for place, topic in enumerate(chosen)
        if by_topic[topic.id]
    ]
    sections.sort(key=lambda section: -len(section.papers))
    return Edition(
        kind=kind,
        day=DAY,
        covers=(DAY, DAY) if kind is not EditionKind.WEEKLY else (DAY - timedelta(days=6), DAY),
        entries=(*new, *changed),
        picks=tuple(picked),
        sections=tuple(sections),
        updated=tuple(paper.paper_id for paper in changed),
        updated_shown=min(updated, 3),
        read=papers + 12,
        seen=12,
        phrases=(Momentum("quiet folding", 4, 1.0, True),),
    )


def general_selection(of: Edition) -> Selection:
    """What the general mail of that edition shows."""
    sections = []
    for section in of.sections:
        rest = [paper_id for paper_id in section.papers if paper_id not in of.picks]
        if rest:
            shown, beyond = tuple(rest[: section.shown]), tuple(rest[section.shown :])
            sections.append(SectionChoice(section.topic.id, shown, titles=beyond))
    return Selection(
        of.picks,
        tuple(sections),
        of.updated[: of.updated_shown],
        total=of.new,
        updated_titles=of.updated[of.updated_shown :],
    )


def personal_selection(of: Edition, topics: Sequence[str], *, most: int = 20) -> Selection:
    """The mail of a reader who follows those topics."""
    followed = [section for section in of.sections if section.topic.id in topics]
    papers = [paper_id for section in followed for paper_id in section.papers]
    picks, rest = tuple(papers[:3]), set(papers[3:most])
    sections = tuple(
        SectionChoice(
            section.topic.id,
            tuple(p for p in section.papers if p in rest),
            titles=tuple(p for p in section.papers if p not in rest and p not in picks),
        )
        for section in followed
    )
    why = {paper_id: f"You follow {of.entry(paper_id).topic}" for paper_id in papers[:most]}
    return Selection(picks, sections, (), 0, len(papers), why, personal=True)


def published(of: Edition, list_identity: ListIdentity = LIST) -> PublishedEdition:
    """That edition, rendered and frozen."""
    rendering = RENDERER.render(of, list_identity)
    return PublishedEdition(1, of, rendering, PUBLISHED, PUBLISHED + timedelta(hours=20))


def composer(of: Edition, list_identity: ListIdentity = LIST) -> Composer:
    """What composes that edition's mails."""
    return Composer(published(of, list_identity), list_identity)


def recipient_of(
    number: int = 1,
    list_identity: ListIdentity = LIST,
    *,
    email: str = "",
    format: MailFormat = MailFormat.HTML,
) -> Recipient:
    """A reader with tokens like the real ones."""
    recipient = Recipient.of(
        list_identity,
        email or f"reader{number}@example.com",
        number,
        unsubscribe_token=f"MTA1.unsubscribe{number:018d}",
        preferences_token=f"MTA1.preferences{number:018d}",
        format=format,
    )
    return replace(recipient, votes_url=list_identity.votes_url(f"MTA1.votes{number:022d}"))


def save_edition(of: Edition, path: Path) -> None:
    """Write an edition as JSON, for a person to read and for ``load_edition``."""
    path.write_text(
        json.dumps(asdict(of), ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8"
    )


def load_edition(path: Path) -> Edition:
    """Read what ``save_edition`` wrote."""
    data = json.loads(path.read_text(encoding="utf-8"))

    def momentum(value: Any) -> Momentum | None:
        return Momentum(**value) if value else None

    def load_entry(value: Any) -> Entry:
        trend = Trend(
            value["trend"]["score"], tuple(TrendPart(**p) for p in value["trend"]["parts"])
        )
        links = tuple(
            Link(LinkKind(link["kind"]), link["url"], link["label"]) for link in value["links"]
        )
        lists = {name: tuple(value.get(name, ())) for name in ("topics", "authors")}
        return Entry(**(value | {"trend": trend, "links": links} | lists))

    return Edition(
        kind=EditionKind(data["kind"]),
        day=date.fromisoformat(data["day"]),
        covers=(date.fromisoformat(data["covers"][0]), date.fromisoformat(data["covers"][1])),
        entries=tuple(map(load_entry, data["entries"])),
        picks=tuple(data["picks"]),
        sections=tuple(
            Section(Topic(**s["topic"]), tuple(s["papers"]), s["shown"], momentum(s["momentum"]))
            for s in data["sections"]
        ),
        updated=tuple(data["updated"]),
        updated_shown=data["updated_shown"],
        read=data["read"],
        seen=data["seen"],
        phrases=tuple(Momentum(**phrase) for phrase in data["phrases"]),
    )
