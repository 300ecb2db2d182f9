"""The body of one mail in one form (HTML or text), joined from encoded pieces.

What does not differ between readers is encoded once. What does is short and repeats among readers
(a count, a bar, a reason), so its encoded form is kept as well. Links with a reader's token in them
never repeat: they stay gaps until the mail is that reader's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from sys import intern
from typing import Any

from digest.mail import wording
from digest.mail.encoding import quoted_printable
from digest.mail.slots import (
    MailDraft,
    split_slots,
)
from digest.model import Selection

CHART_BARS = 8
"""Bars in the chart; smaller topics follow in one line, so that the papers stay in sight."""
_BAR = 60
"""Longest bar, in per cent of its cell: the figure stands in the rest, also on a phone."""
_TEXT_BAR = 18
"""Longest bar of the text part, in characters."""
_KEPT = 10_000
"""Encoded counts, bars and reasons kept, some 5 MB; beyond that the memory starts anew."""

Segments = tuple[tuple[bytes, str], ...]
"""A piece, encoded: pairs of octets and the slot that follows them (``""`` at the end)."""


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A topic in the chart: how many papers, and where a click leads."""

    topic: str
    anchor: str
    count: int


@dataclass(frozen=True, slots=True)
class BodyPlan:
    """One mail as decided, in either form, for all readers of the same selection.

    ``left_out`` is (shown, total) when the mail was trimmed. ``values`` are the slots of the frame
    that these readers share; any other slot of the frame is a gap.
    """

    selection: Selection
    rows: tuple[ChartRow, ...]
    why: Mapping[int, str]
    values: Mapping[str, str]
    left_out: tuple[int, int] | None = None


def chart_rows(
    selection: Selection, topics: Mapping[str, Any], topic_of: Mapping[int, str]
) -> tuple[ChartRow, ...]:
    """The topics of a mail in the order of their sections, each with all its papers counted."""
    picked: dict[str, int] = {}
    for paper_id in selection.picks:
        topic = topic_of[paper_id]
        picked[topic] = picked.get(topic, 0) + 1
    rows = []
    for section in selection.sections:
        listed = len(section.papers) + section.more
        count = listed + picked.pop(section.topic, 0)
        if count and section.topic in topics:
            anchor = topics[section.topic]["anchor"] if listed else "picks"
            rows.append(ChartRow(section.topic, anchor, count))
    rows += [ChartRow(topic, "picks", count) for topic, count in picked.items() if topic in topics]
    return tuple(rows)


class BodyComposer:
    """All bodies of one edition in one form. ``form`` is ``"html"`` or ``"text"``."""

    def __init__(self, pieces: Mapping[str, Any], form: str) -> None:
        self._form = form
        self._pieces = pieces
        self._topics: Mapping[str, Any] = pieces["topics"]
        self._papers = {int(paper_id): paper for paper_id, paper in pieces["papers"].items()}
        self._known: dict[object, bytes] = {}
        self._pieces_encoded: dict[int, Segments] = {}

    def compose(self, plan: BodyPlan, draft: MailDraft) -> None:
        """Add the whole body of that mail: quoted-printable, CRLF, its last line closed."""
        selection, why = plan.selection, plan.why.get
        self._framed("open", plan, draft)
        self._framed("masthead", plan, draft)
        if plan.left_out is not None:
            shown, total = (f"{number:,}" for number in plan.left_out)
            draft.add(self._filled(self._pieces["trimmed"], shown=shown, total=total))
        self._chart(plan.rows, draft)
        if selection.picks:
            draft.add(self._kept(("picks",), self._pieces["picks"]))
            for paper_id in selection.picks:
                self._card(paper_id, "pick", why(paper_id, ""), draft)
        for section in selection.sections:
            if not section.papers and not section.more:
                continue
            topic = self._topics[section.topic]
            # What stands here or behind "and N more"; the chart counts the picks, too.
            count = len(section.papers) + section.more
            draft.add(
                self._kept(("heading", section.topic, count), topic["heading"], count=f"{count:,}")
            )
            for paper_id in section.papers:
                self._card(paper_id, "list", why(paper_id, ""), draft)
            if section.more:
                more = f"{section.more:,}"
                draft.add(self._kept(("more", section.topic, more), topic["more"], more=more))
        self._updates(plan, draft)
        for name in ("content_end", "footer", "close"):
            self._framed(name, plan, draft)

    def own(self, links: Mapping[str, str]) -> dict[str, bytes]:
        """What goes into the gaps of every body of this form: these links, encoded."""
        return {f"{self._form} {name}": self._value(link) for name, link in links.items()}

    def _value(self, text: str) -> bytes:
        """A value that a slot takes, escaped for this form and encoded."""
        return quoted_printable(escape(text) if self._form == "html" else text)

    def _remember(self, key: object, octets: bytes) -> bytes:
        if len(self._known) >= _KEPT:
            self._known.clear()
        self._known[key] = octets
        return octets

    def _encoded(self, piece: Mapping[str, str]) -> Segments:
        """A piece of this edition, encoded once: the edition holds it, so it is known by its id."""
        found = self._pieces_encoded.get(id(piece))
        if found is None:
            pairs: list[tuple[bytes, str]] = []
            pending = b""
            for part, is_slot in split_slots(piece[self._form]):
                if is_slot:
                    pairs.append((pending, part))
                    pending = b""
                else:
                    pending = quoted_printable(part)
            found = self._pieces_encoded[id(piece)] = (*pairs, (pending, ""))
        return found

    def _filled(self, piece: Mapping[str, str], **values: str) -> bytes:
        octets = []
        for before, name in self._encoded(piece):
            octets.append(before)
            if name:
                octets.append(self._value(values[name]))
        return b"".join(octets)

    def _kept(self, key: tuple[object, ...], piece: Mapping[str, str], **values: str) -> bytes:
        """A piece that comes back with the same values, encoded once."""
        found = self._known.get(key)
        return found if found is not None else self._remember(key, self._filled(piece, **values))

    def _framed(self, name: str, plan: BodyPlan, draft: MailDraft) -> None:
        for before, slot in self._encoded(self._pieces[name]):
            draft.add(before)
            if slot in plan.values:
                draft.add(self._value(plan.values[slot]))
            elif slot:
                draft.gap(intern(f"{self._form} {slot}"))

    def _card(self, paper_id: int, kind: str, reason: str, draft: MailDraft) -> None:
        """A paper's card; a pick without a reason of the reader's own gives the edition's."""
        paper = self._papers[paper_id]
        if kind == "pick":
            reason = reason or paper["why"]
        for before, slot in self._encoded(paper[kind]):
            draft.add(before)
            if slot and reason:
                draft.add(self._reason(reason, "why" if kind == "pick" else "note"))

    def _reason(self, reason: str, piece: str) -> bytes:
        key = (piece, reason)
        found = self._known.get(key)
        if found is not None:
            return found
        reason = wording.clip(wording.clean(reason), wording.LONGEST_WHY)
        if self._form == "html":
            return self._remember(key, self._filled(self._pieces[piece], why=reason))
        line = "".join(
            reason if is_slot else text
            for text, is_slot in split_slots(self._pieces[piece]["text"])
        )
        margin = "  " if piece == "note" else ""
        return self._remember(
            key, quoted_printable(wording.wrapped(line.strip(), margin, margin) + "\n")
        )

    def _chart(self, rows: Sequence[ChartRow], draft: MailDraft) -> None:
        if not rows:
            return
        rows = sorted(rows, key=lambda row: -row.count)
        biggest = rows[:CHART_BARS]
        scale = rows[0].count
        draft.add(self._kept(("chart", 0), self._pieces["chart"][0]))
        for row in biggest:
            percent = max(2, round(_BAR * row.count / scale))
            key = ("row", row, percent)
            found = self._known.get(key)
            if found is None:
                found = self._kept(
                    key,
                    self._topics[row.topic]["row"],
                    anchor=row.anchor,
                    count=f"{row.count:,}",
                    percent=str(percent),
                    rest=str(100 - percent),
                    bar="█" * max(1, round(_TEXT_BAR * percent / _BAR)),
                )
            draft.add(found)
        draft.add(self._kept(("chart", 1), self._pieces["chart"][1]))
        if len(rows) > CHART_BARS:
            self._others(rows[CHART_BARS:], draft)
        if any(self._topics[row.topic]["rising"] for row in rows):
            draft.add(self._kept(("legend",), self._pieces["legend"]))
        if self._pieces["phrases"] is not None:
            draft.add(self._kept(("phrases",), self._pieces["phrases"]))

    def _others(self, rows: Sequence[ChartRow], draft: MailDraft) -> None:
        """The topics too small for a bar, in one paragraph."""
        key = ("others", *rows)
        found = self._known.get(key)
        if found is None:
            pieces = [self._topics[row.topic]["also"][self._form] for row in rows]
            listed = ", ".join(
                "".join(
                    {"anchor": row.anchor, "count": f"{row.count:,}"}[part] if is_slot else part
                    for part, is_slot in split_slots(piece.strip())
                )
                for row, piece in zip(rows, pieces, strict=True)
            )
            before, after = (half[self._form] for half in self._pieces["also"])
            paragraph = f"{before}{listed}{after}"
            if self._form == "text":
                paragraph = f"\n{wording.wrapped(paragraph.strip())}\n"
            found = self._remember(key, quoted_printable(paragraph))
        draft.add(found)

    def _updates(self, plan: BodyPlan, draft: MailDraft) -> None:
        selection = plan.selection
        count = len(selection.updated) + selection.updated_more
        if not count:
            return
        draft.add(self._kept(("updates", count), self._pieces["updates"], count=f"{count:,}"))
        for paper_id in selection.updated:
            self._card(paper_id, "list", plan.why.get(paper_id, ""), draft)
        if selection.updated_more:
            more = f"{selection.updated_more:,}"
            draft.add(self._kept(("updates_more", more), self._pieces["updates_more"], more=more))
