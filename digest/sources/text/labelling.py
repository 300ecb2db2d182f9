"""Label every text of a page at the least cost: title, abstract, names, or left over.

A page is read as a walk through states, one for each text in order; each state costs what the text
lacks of its role, each step what the page would not do between the two. The cheapest walk is
found by dynamic programming (Viterbi 1967), in linear time. Line breaks are part of the walk: a
line may begin a title or go on with one, so a wrapped page needs no rejoining beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

_NEVER = 1e6
_STILL_A_TITLE = 200
"""Characters. Of 870 titles on five pages the longest has 165."""


class Role(IntEnum):
    """What a text is to the paper it stands with."""

    LEFT = 0
    TITLE = 1
    TITLE_ON = 2
    NAMES = 3
    ABSTRACT = 4
    ABSTRACT_ON = 5
    PARAGRAPH = 6
    NAMES_AFTER = 7


@dataclass(slots=True)
class Node:
    """A text with all that its place tells; costs as in :func:`title_cost`.

    ``join`` is the cost of going on on this line what the line before began, as an abstract;
    ``join_title`` the same as a title; ``apart`` that of beginning something new on it.
    ``ended`` says that facts that follow a paper's text stand before, ``opened`` that facts that
    precede a title do, ``beside`` that facts stand on the line of the text before; ``over`` that the page's list of papers may have ended, ``closed`` that it has. ``anchored`` says that
    the frame expects a title here.
    """

    title: float
    abstract: float
    names: float
    running: float
    length: int
    join: float = _NEVER
    join_title: float = _NEVER
    apart: float = 0.0
    ended: bool = False
    beside: bool = False
    opened: bool = False
    over: bool = False
    closed: bool = False
    goes_on: bool = False
    anchored: bool = False
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Habits:
    """What the frame says of the page. ``anchored``: titles are marked; ``closed``: facts end each paper;
    ``abstracts``: most papers have one; ``named``: names stand between title and abstract."""

    anchored: bool
    closed: bool
    abstracts: bool = False
    named: bool = False


def title_cost(text: str) -> float:
    """How little the text looks like a title; 0 is a perfect one."""
    length = len(text)
    cost = 0.0
    if length > _STILL_A_TITLE:
        cost += min((length - _STILL_A_TITLE) / 40, 14.0)
    elif length < 8:
        cost += 1.0
    sentences = text.count(". ", 0, 2000)
    cost += 4.0 if sentences > 1 else 2.0 * sentences
    if text.endswith("."):
        cost += 1.5
    if "://" in text:
        cost += 6.0
    return cost


def abstract_cost(length: int, *, sentence: bool) -> float:
    """How little a text of that length looks like an abstract; 0 is a perfect one."""
    if length >= 250:
        return 0.0
    cost = 1.0 if length >= 120 else 3.0 if length >= 60 else 5.0 if length >= 25 else 8.0
    return cost - 1.5 if sentence else cost + 1.5


def label(nodes: Sequence[Node], habits: Habits) -> tuple[list[Role], float]:
    """The role of each text, and what the whole reading costs."""
    if not nodes:
        return [], 0.0
    anchored, closed = habits.anchored, habits.closed
    two_titles = 4.5
    unnamed = 0.0 if habits.named else 4.0
    nameless = 1.0 if habits.named else 0.0
    came: list[tuple[int, ...]] = []
    # Costs of being in each state after the text before; a page begins as if something was left.
    left, title, title_on, names = 0.0, _NEVER, _NEVER, _NEVER
    abstract, abstract_on, paragraph, after = _NEVER, _NEVER, _NEVER, _NEVER
    begun = False
    abstract_paid = 0.0
    for node in nodes:
        costs = (left, title, title_on, names, abstract, abstract_on, paragraph, after)
        # Where a new thing begins, the cheapest of all states lies behind it.
        done = min(abstract, abstract_on, paragraph, after)
        done_from = costs.index(done)
        bare = min(title, title_on, names)
        bare_from = costs.index(bare)
        ended, opened = node.ended, node.opened
        # A title: after a whole paper, after what is left over, or after a paper without abstract.
        if anchored and node.anchored:
            gap = 2.0 if habits.abstracts else 0.5
        elif ended or opened or node.beside:
            gap = two_titles - 2.5
        else:
            gap = two_titles
        off = 0.0
        if anchored:
            off = 0.0 if node.anchored else 6.0
        if node.closed:
            off += 6.0
        options = ((done, done_from), (left, 0), (bare + gap, bare_from))
        best = min(options)
        title_here = (
            best[0] + node.title * (0.4 if anchored and node.anchored else 1.0) + off + node.apart
        )
        title_from = best[1]
        missed = 4.0 if anchored and node.anchored else 0.0
        # The title goes on.
        stay, stay_from = (title, 1) if title <= title_on + 0.5 else (title_on + 0.5, 2)
        on_title = stay + node.join_title + node.running + missed
        # Names between title and abstract.
        named = min(((title, 1), (title_on, 2), (names + 0.3, 3)))
        names_here = named[0] + node.names + missed + node.apart + unnamed
        if ended and closed:
            names_here += 4.0
        if opened:
            names_here += 3.0
        # The abstract begins.
        start = min(((title + nameless, 1), (title_on + nameless, 2), (names, 3)))
        follows = 0.0 if not (ended and closed) else 4.0
        abstract_here = start[0] + node.abstract + follows + missed + node.apart
        if opened and not anchored:
            abstract_here += 2.0
        # The abstract goes on, on the next line or in the next paragraph.
        flow = min(((abstract - abstract_paid, 4), (abstract_on, 5), (paragraph, 6)))
        on_abstract = flow[0] + node.join + missed
        more = min(((abstract, 4), (abstract_on, 5), (paragraph, 6)))
        if node.closed:
            extra = 9.0
        elif node.goes_on:
            extra = 1.0
        elif ended or opened:
            extra = 9.0
        elif anchored or closed:
            extra = 1.2 if node.length >= 120 else 4.0
        else:
            extra = 6.5
        paragraph_here = more[0] + extra + missed + node.apart
        # Names after the abstract.
        last = min(((abstract, 4), (abstract_on, 5), (paragraph, 6), (after + 0.3, 7)))
        after_here = (
            last[0]
            + node.names
            + missed
            + node.apart
            + (3.0 if ended and not node.follows else 0.0)
            + (0.0 if node.follows else 1.5 if closed or anchored else 4.0)
        )
        # Left over.
        rest = min(((done, done_from), (left, 0), (bare, bare_from)))
        if node.closed:
            loss = 0.2
        elif node.over:
            loss = 1.2
        elif not begun:
            loss = 1.0 if node.length < 120 else 4.0
        else:
            loss = 4.5 + min(node.length / 200, 1.5)
        if rest[1] in (1, 2, 3):
            loss += 2.0
        left_here = rest[0] + loss + missed
        came.append((rest[1], title_from, stay_from, named[1], start[1], flow[1], more[1], last[1]))
        left, title, title_on, names = left_here, title_here, on_title, names_here
        abstract, abstract_on, paragraph, after = (
            abstract_here,
            on_abstract,
            paragraph_here,
            after_here,
        )
        abstract_paid = node.abstract
        begun = begun or title < left
    # A page that ends after a title lacks an abstract.
    unfinished = 0.3 if anchored else 2.0
    ends = (
        left, title + unfinished, title_on + unfinished, names + unfinished,
        abstract, abstract_on, paragraph, after,
    )  # fmt: skip
    total = min(ends)
    state = ends.index(total)
    roles = [Role(state)]
    for back in reversed(came[1:]):
        state = back[state]
        roles.append(Role(state))
    roles.reverse()
    return roles, total
