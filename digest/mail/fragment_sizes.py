"""Size of an edition's mails, reckoned from its fragments, so that none grows too large to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from digest.mail import (
    plain_text,
    trim,
)
from digest.mail.body import CHART_BARS
from digest.mail.slots import split_slots
from digest.model import Selection

_RESERVE = 3_200
"""Octets set aside for what differs between readers: five addresses, counts, preheader, lead."""
_PICKED = 40
"""Octets set aside in a section's heading for how many of its papers are among the picks."""
_VOTE_ADDRESS = 100
"""Octets of the address that a subscriber's vote links begin with; that of the page's own is short."""


class FragmentSizes:
    """Size of each fragment of an edition, as HTML."""

    def __init__(self, fragments: Mapping[str, Any]) -> None:
        self._why = _weight(fragments["why"])
        self._reasons: dict[str, int] = {}
        papers, topics = fragments["papers"], fragments["topics"]
        self._pick: dict[int, int] = {}
        self._list: dict[int, int] = {}
        self._title: dict[int, int] = {}
        self._topic_of: dict[int, str] = {}
        for key, paper in papers.items():
            number, why = int(key), self._reason(paper["why"])
            self._topic_of[number] = paper["topic"]
            self._pick[number] = _weight(paper["pick"]) + why + _vote_weight(paper, "pick_votes")
            self._list[number] = _weight(paper["list"]) + _vote_weight(paper, "list_votes")
            # An edition rendered before titles stood alone has no such fragment, and shows none.
            self._title[number] = _weight(paper["titled"]) if "titled" in paper else 0
        around = sum(map(_weight, fragments.get("titles", ()))) + _PICKED
        self._section = {
            topic: _weight(value["heading"]) + around for topic, value in topics.items()
        }
        self._more = {topic: _weight(value["more"]) for topic, value in topics.items()}
        rows = sorted((_weight(value["row"]) for value in topics.values()), reverse=True)
        others = sorted((_weight(value["also"]) for value in topics.values()), reverse=True)
        names = (
            "open masthead lead navigation trimmed legend phrases picks content_end footer close"
        )
        frame = [fragments.get(name) for name in names.split()] + [
            *fragments["chart"],
            *fragments["also"],
            *fragments.get("titles", ()),
            *filter(None, (fragments.get("kept"), fragments.get("vote_page"))),
            *(papers[str(id)]["titled"] for id in fragments.get("kept_papers", ())),
        ]
        self._updates = _weight(fragments["updates"]) + _weight(fragments["updates_more"])
        self._fixed = (
            _RESERVE
            + sum(rows[:CHART_BARS])
            + sum(others[: max(len(others) - CHART_BARS, 0)])
            + sum(_weight(p) for p in frame if p)
        )

    def cost(self, selection: Selection) -> trim.MailWeights:
        """The weights for that selection, its own reasons included."""
        reasons = sum(map(self._reason, selection.why.values())) if selection.why else 0
        return trim.MailWeights(
            fixed=self._fixed + reasons + (self._updates if selection.updates else 0),
            pick=self._pick.__getitem__,
            paper=self._list.__getitem__,
            title=self._title.__getitem__,
            section=self._section.__getitem__,
            more=self._more.__getitem__,
            topic_of=self._topic_of.__getitem__,
        )

    def _reason(self, why: str) -> int:
        size = self._reasons.get(why)
        if size is None:
            if len(self._reasons) > 10_000:
                self._reasons.clear()
            shown = escape(why[: 2 * plain_text.LONGEST_WHY]).encode("utf-8", "replace")
            size = self._reasons[why] = self._why + len(shown) if why else 0
        return size


def _vote_weight(paper: Mapping[str, Any], name: str) -> int:
    """Octets of a paper's vote links, with the subscriber's address in each."""
    fragment = paper.get(name)
    if fragment is None:
        return 0
    links = sum(is_slot for _, is_slot in split_slots(fragment["html"]))
    return _weight(fragment) + links * _VOTE_ADDRESS


def _weight(fragment: Mapping[str, str]) -> int:
    """Octets of a fragment on the wire, decoded: line ends count twice."""
    html = fragment["html"]
    return len(html.encode("utf-8")) + html.count("\n")
