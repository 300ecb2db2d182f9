"""The body of one mail in one form (HTML or text), joined from encoded fragments.

What is the same for all subscribers is encoded once. What differs is short and repeats among them
(a count, a bar, a reason), so its encoded form is kept as well. Links with a subscriber's token in
them never repeat: they stay gaps until the mail is that subscriber's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from sys import intern
from typing import Any

from digest.mail import plain_text
from digest.mail.encoding import quoted_printable
from digest.mail.slots import (
    MailDraft,
    split_slots,
)
from digest.model import SectionChoice, Selection

CHART_BARS = 8
"""Bars in the chart; smaller topics follow in one line, so that the papers stay in sight."""
_BAR = 60
"""Longest bar, in per cent of its cell: the figure stands in the rest, also on a phone."""
_TEXT_BAR = 18
"""Longest bar of the text part, in characters."""
_MAX_CACHED = 10_000
"""Encoded counts, bars and reasons kept, some 5 MB; beyond that the memory starts anew."""

_VOTE_LINKS = {"pick": "pick_votes", "list": "list_votes"}
"""The fragments of a paper that have its vote links; an edition without them has none."""

Segments = tuple[tuple[bytes, str], ...]
"""A fragment, encoded: pairs of octets and the slot that follows them (``""`` at the end)."""


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A topic in the chart: how many papers, and where a click leads."""

    topic: str
    anchor: str
    count: int


@dataclass(frozen=True, slots=True)
class BodyPlan:
    """One mail as decided, in either form, for all subscribers with the same selection.

    ``left_out`` is (named, total) when the mail was trimmed of more than summaries. ``values`` are the slots of the frame
    that these subscribers share; any other slot of the frame is a gap. ``note`` stands above all.
    """

    selection: Selection
    rows: tuple[ChartRow, ...]
    why: Mapping[int, str]
    subject: str
    values: Mapping[str, str]
    left_out: tuple[int, int] | None = None
    note: Mapping[str, str] | None = None


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
        count = section.listed + picked.pop(section.topic, 0)
        if count and section.topic in topics:
            anchor = topics[section.topic]["anchor"] if section.listed else "picks"
            rows.append(ChartRow(section.topic, anchor, count))
    rows += [ChartRow(topic, "picks", count) for topic, count in picked.items() if topic in topics]
    return tuple(rows)


class BodyComposer:
    """All bodies of one edition in one form. ``form`` is ``"html"`` or ``"text"``."""

    def __init__(self, fragments: Mapping[str, Any], form: str) -> None:
        self._form = form
        self._fragments = fragments
        self._topics: Mapping[str, Any] = fragments["topics"]
        self._papers = {int(paper_id): paper for paper_id, paper in fragments["papers"].items()}
        self._cached: dict[object, bytes] = {}
        self._encoded_fragments: dict[int, Segments] = {}
        self._encoded_titles: dict[int, bytes] = {}

    def compose(self, plan: BodyPlan, draft: MailDraft) -> None:
        """Add the whole body of that mail: quoted-printable, CRLF, its last line closed."""
        selection, why = plan.selection, plan.why.get
        self._add_frame("open", plan, draft)
        if plan.note is not None:
            draft.add(quoted_printable(plan.note[self._form]))
        self._add_frame("masthead", plan, draft)
        self._add_lead(plan.values["lead"], draft)
        if selection.picks:
            draft.add(self._filled_once(("picks",), self._fragments["picks"]))
            for paper_id in selection.picks:
                self._add_card(paper_id, "pick", why(paper_id, ""), draft)
        self._add_chart(plan.rows, draft)
        if plan.left_out is not None:
            shown, total = (f"{number:,}" for number in plan.left_out)
            draft.add(self._filled(self._fragments["trimmed"], shown=shown, total=total))
        if plan.rows:
            self._add_frame("navigation", plan, draft)
        self._add_kept(draft)
        counts = {row.topic: row.count for row in plan.rows}
        for section in selection.sections:
            if section.listed:
                self._add_section(section, counts, plan.why, draft)
        self._add_updates(plan, draft)
        if not plan.rows:  # nothing but updates: they are the news
            self._add_frame("navigation", plan, draft)
        for name in ("vote_page", "content_end", "footer", "close"):
            if name in self._fragments:
                self._add_frame(name, plan, draft)

    def _add_section(
        self,
        section: SectionChoice,
        counts: Mapping[str, int],
        why: Mapping[int, str],
        draft: MailDraft,
    ) -> None:
        topic = self._topics[section.topic]
        # The figure that the chart has; what of it stands above is said.
        count = counts.get(section.topic, section.listed)
        draft.add(self._heading(topic["heading"], count, count - section.listed))
        for paper_id in section.papers:
            self._add_card(paper_id, "list", why.get(paper_id, ""), draft)
        self._add_titles(section.titles, draft)
        if section.more:
            more = f"{section.more:,}"
            draft.add(self._filled_once(("more", section.topic, more), topic["more"], more=more))

    def encode_links(self, links: Mapping[str, str]) -> dict[str, bytes]:
        """Encode these links for the gaps of every body of this form."""
        return {f"{self._form} {name}": self._value(link) for name, link in links.items()}

    def _value(self, text: str) -> bytes:
        """A value that a slot takes, escaped for this form and encoded."""
        return quoted_printable(escape(text) if self._form == "html" else text)

    def _cache(self, key: object, octets: bytes) -> bytes:
        if len(self._cached) >= _MAX_CACHED:
            self._cached.clear()
        self._cached[key] = octets
        return octets

    def _encoded(self, fragment: Mapping[str, str]) -> Segments:
        """A fragment of this edition, encoded once: the edition holds it, so it is known by its id."""
        encoded = self._encoded_fragments.get(id(fragment))
        if encoded is None:
            pairs: list[tuple[bytes, str]] = []
            pending = b""
            for part, is_slot in split_slots(fragment[self._form]):
                if is_slot:
                    pairs.append((pending, part))
                    pending = b""
                else:
                    pending = quoted_printable(part)
            encoded = self._encoded_fragments[id(fragment)] = (*pairs, (pending, ""))
        return encoded

    def _filled(self, fragment: Mapping[str, str], **values: str) -> bytes:
        octets = []
        for before, name in self._encoded(fragment):
            octets.append(before)
            if name:
                octets.append(self._value(values[name]))
        return b"".join(octets)

    def _filled_once(
        self, key: tuple[object, ...], fragment: Mapping[str, str], **values: str
    ) -> bytes:
        """A fragment that comes back with the same values, encoded once."""
        octets = self._cached.get(key)
        return octets if octets is not None else self._cache(key, self._filled(fragment, **values))

    def _add_frame(self, name: str, plan: BodyPlan, draft: MailDraft) -> None:
        if name not in self._fragments:  # rendered before there was one
            return
        for before, slot in self._encoded(self._fragments[name]):
            draft.add(before)
            if slot in plan.values:
                draft.add(self._value(plan.values[slot]))
            elif slot:
                draft.gap(intern(f"{self._form} {slot}"))

    def _heading(self, fragment: Mapping[str, str], count: int, picked: int = 0) -> bytes:
        """A section's heading: how many papers it has, and how many of them are among the picks."""
        key = ("heading", id(fragment), count, picked)
        octets = self._cached.get(key)
        if octets is not None:
            return octets
        figure = plain_text.section_figure(count, picked)
        # The heading is underlined in the text part, where its own line is as long as it is.
        name = fragment["text"].strip().partition("\n")[0].partition(" (\ue000")[0]
        underline = "-" * min(len(f"{name} ({figure})"), plain_text.WIDTH)
        return self._cache(key, self._filled(fragment, count=figure, underline=underline))

    def _add_kept(self, draft: MailDraft) -> None:
        """Add the papers that most readers asked for more of, where an edition says which."""
        if "kept" in self._fragments:
            draft.add(self._filled_once(("kept",), self._fragments["kept"]))
            self._add_titles(self._fragments["kept_papers"], draft)

    def _add_titles(self, papers: Sequence[int], draft: MailDraft) -> None:
        """Add the list of papers that are no more than a title."""
        if not papers:
            return
        begin, end = self._fragments["titles"]
        draft.add(self._filled_once(("titles", 0), begin))
        draft.add_all(map(self._title, papers))
        draft.add(self._filled_once(("titles", 1), end))

    def _title(self, paper_id: int) -> bytes:
        octets = self._encoded_titles.get(paper_id)
        if octets is None:
            octets = self._filled(self._papers[paper_id]["titled"])
            self._encoded_titles[paper_id] = octets
        return octets

    def _add_lead(self, lead: str, draft: MailDraft) -> None:
        if not lead or "lead" not in self._fragments:
            return
        if self._form == "text":
            lead = plain_text.wrapped(lead)
        draft.add(self._filled(self._fragments["lead"], lead=lead))

    def _add_card(self, paper_id: int, kind: str, reason: str, draft: MailDraft) -> None:
        """Add a paper's card; a pick without a reason of the subscriber's own gives the edition's."""
        paper = self._papers[paper_id]
        if kind == "pick":
            reason = reason or paper["why"]
        for before, slot in self._encoded(paper[kind]):
            draft.add(before)
            if slot and reason:
                draft.add(self._reason(reason, "why" if kind == "pick" else "note"))
        votes = paper.get(_VOTE_LINKS[kind])
        if votes is not None:
            for before, slot in self._encoded(votes):
                draft.add(before)
                if slot:
                    draft.gap(intern(f"{self._form} {slot}"))

    def _reason(self, reason: str, fragment: str) -> bytes:
        key = (fragment, reason)
        octets = self._cached.get(key)
        if octets is not None:
            return octets
        reason = plain_text.clip(plain_text.clean(reason), plain_text.LONGEST_WHY)
        if self._form == "html":
            return self._cache(key, self._filled(self._fragments[fragment], why=reason))
        line = "".join(
            reason if is_slot else text
            for text, is_slot in split_slots(self._fragments[fragment]["text"])
        )
        margin = "  " if fragment == "note" else ""
        return self._cache(
            key, quoted_printable(plain_text.wrapped(line.strip(), margin, margin) + "\n")
        )

    def _add_chart(self, rows: Sequence[ChartRow], draft: MailDraft) -> None:
        if not rows:
            return
        rows = sorted(rows, key=lambda row: -row.count)
        biggest = rows[:CHART_BARS]
        scale = rows[0].count
        draft.add(self._filled_once(("chart", 0), self._fragments["chart"][0]))
        for row in biggest:
            percent = max(2, round(_BAR * row.count / scale))
            key = ("row", row, percent)
            octets = self._cached.get(key)
            if octets is None:
                octets = self._filled_once(
                    key,
                    self._topics[row.topic]["row"],
                    anchor=row.anchor,
                    count=f"{row.count:,}",
                    percent=str(percent),
                    rest=str(100 - percent),
                    bar="█" * max(1, round(_TEXT_BAR * percent / _BAR)),
                )
            draft.add(octets)
        draft.add(self._filled_once(("chart", 1), self._fragments["chart"][1]))
        if len(rows) > CHART_BARS:
            self._add_small_topics(rows[CHART_BARS:], draft)
        if any(self._topics[row.topic]["rising"] for row in rows):
            draft.add(self._filled_once(("legend",), self._fragments["legend"]))
        if self._fragments["phrases"] is not None:
            draft.add(self._filled_once(("phrases",), self._fragments["phrases"]))

    def _add_small_topics(self, rows: Sequence[ChartRow], draft: MailDraft) -> None:
        """Add the topics too small for a bar, in one paragraph."""
        key = ("others", *rows)
        octets = self._cached.get(key)
        if octets is None:
            fragments = [self._topics[row.topic]["also"][self._form] for row in rows]
            listed = "; ".join(  # names of topics have commas of their own
                "".join(
                    {"anchor": row.anchor, "count": f"{row.count:,}"}[part] if is_slot else part
                    for part, is_slot in split_slots(fragment.strip())
                )
                for row, fragment in zip(rows, fragments, strict=True)
            )
            before, after = (half[self._form] for half in self._fragments["also"])
            paragraph = f"{before}{listed}{after}"
            if self._form == "text":
                paragraph = f"\n{plain_text.wrapped(paragraph.strip())}\n"
            octets = self._cache(key, quoted_printable(paragraph))
        draft.add(octets)

    def _add_updates(self, plan: BodyPlan, draft: MailDraft) -> None:
        selection = plan.selection
        if not selection.updates:
            return
        draft.add(self._heading(self._fragments["updates"], selection.updates))
        for paper_id in selection.updated:
            self._add_card(paper_id, "list", plan.why.get(paper_id, ""), draft)
        self._add_titles(selection.updated_titles, draft)
        if selection.updated_more:
            more = f"{selection.updated_more:,}"
            draft.add(
                self._filled_once(
                    ("updates_more", more), self._fragments["updates_more"], more=more
                )
            )
