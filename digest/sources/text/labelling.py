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
from typing import NamedTuple

_NEVER = 1e6


class Role(IntEnum):
    """Role of a text in the paper it stands with."""

    LEFT = 0
    TITLE = 1
    TITLE_ON = 2
    NAMES = 3
    ABSTRACT = 4
    ABSTRACT_ON = 5
    PARAGRAPH = 6
    NAMES_AFTER = 7


_UNFINISHED = range(Role.TITLE, Role.NAMES + 1)
"""What a paper's abstract is still to come after."""


@dataclass(slots=True)
class Node:
    """A text with all that its place tells; costs as in :mod:`role_costs`.

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
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Habits:
    """Habits of the page, as its frame says. ``anchored``: titles are marked; ``closed``: facts end each paper;
    ``abstracts``: most papers have one."""

    anchored: bool
    closed: bool
    abstracts: bool = False


class Step(NamedTuple):
    """Costs of taking each role at a text, whatever stands before it.

    ``gap`` is added for a title right after a paper without abstract; ``left_first`` is the cost of
    leaving the text over where no paper has begun yet.
    """

    title: float
    gap: float
    title_on: float
    names: float
    abstract: float
    abstract_on: float
    paragraph: float
    names_after: float
    left: float
    left_first: float
    whole_abstract: float


def step(node: Node, habits: Habits) -> Step:
    """Count the costs of each role at a text, on a page of these habits."""
    anchored, closed, ended, opened = habits.anchored, habits.closed, node.ended, node.opened
    marked = anchored and node.anchored
    missed = 4.0 if marked else 0.0
    anew = missed + node.apart
    off = (6.0 if anchored and not marked else 0.0) + (6.0 if node.closed else 0.0)
    between = 4.0 if ended and closed else 0.0
    after = 3.0 if ended and not node.follows else 0.0
    if not node.follows:
        after += 1.5 if closed or anchored else 4.0
    return Step(
        node.title * (0.4 if marked else 1.0) + off + node.apart,
        _gap(node, habits),
        node.join_title + node.running + missed,
        node.names + anew + between + (3.0 if opened else 0.0),
        node.abstract + between + anew + (2.0 if opened and not anchored else 0.0),
        node.join + missed,
        _paragraph_cost(node, habits) + anew,
        node.names + anew + after,
        _loss(node, begun=True) + missed,
        _loss(node, begun=False) + missed,
        node.abstract,
    )


def _gap(node: Node, habits: Habits) -> float:
    """Cost of a title right after a paper without abstract."""
    if habits.anchored and node.anchored:
        return 2.0 if habits.abstracts else 0.5
    return 2.0 if node.ended or node.opened or node.beside else 4.5


def _paragraph_cost(node: Node, habits: Habits) -> float:
    """Cost of one more paragraph of an abstract."""
    if node.closed:
        return 9.0
    if node.heading:
        return 6.0
    if node.goes_on:
        return 1.0
    if node.ended or node.opened:
        return 9.0
    if habits.anchored or habits.closed:
        return 1.2 if node.length >= 120 else 4.0 if node.length >= 60 else 5.0
    return 6.5


def _loss(node: Node, *, begun: bool) -> float:
    """Cost of leaving a text over; ``begun`` says that a paper stands before it."""
    if node.closed:
        return 0.2
    if node.over:
        return 1.2
    if not begun:
        return 1.0 if node.length < 120 else 4.0
    return 4.5 + min(node.length / 200, 1.5)


def label(steps: Sequence[Step], *, anchored: bool, named: bool) -> tuple[list[Role], float]:
    """The role of each text, and what the whole reading costs.

    ``anchored`` says that the page marks its titles, ``named`` that names stand below each.
    """
    if not steps:
        return [], 0.0
    came, costs = _walk(steps, unnamed=0.0 if named else 4.0, nameless=1.0 if named else 0.0)
    # A page that ends after a title lacks an abstract.
    unfinished = 0.3 if anchored else 2.0
    ends = [cost + unfinished if role in _UNFINISHED else cost for role, cost in enumerate(costs)]
    total = min(ends)
    state = ends.index(total)
    roles = [Role(state)]
    for back in reversed(came[1:]):
        state = back[state]
        roles.append(Role(state))
    roles.reverse()
    return roles, total


def _walk(
    steps: Sequence[Step], *, unnamed: float, nameless: float
) -> tuple[list[tuple[int, ...]], tuple[float, ...]]:
    """The role before each role on its cheapest way, text by text; what each costs at the end."""
    came: list[tuple[int, ...]] = []
    # A page begins as if something was left over.
    costs: tuple[float, ...] = (0.0, *[_NEVER] * (len(Role) - 1))
    begun, paid = False, 0.0
    for here in steps:
        left, title, title_on, names, abstract, abstract_on, paragraph, after = costs
        head, head_from = (title, 1) if title <= title_on else (title_on, 2)
        bare, bare_from = (head, head_from) if head <= names else (names, 3)
        more, more_from = (abstract, 4) if abstract <= abstract_on else (abstract_on, 5)
        more, more_from = (more, more_from) if more <= paragraph else (paragraph, 6)
        done = min(left, more, after)
        done_from = costs.index(done)
        new, new_from = min((done, done_from), (bare + here.gap, bare_from))
        rest, rest_from = (done, done_from) if done <= bare else (bare, bare_from)
        lost = 2.0 if rest_from in _UNFINISHED else 0.0
        on, on_from = (title, 1) if title <= title_on + 0.5 else (title_on + 0.5, 2)
        by, by_from = (head, head_from) if head <= names + 0.3 else (names + 0.3, 3)
        start, start_from = (head + nameless, head_from) if head + nameless <= names else (names, 3)
        flow, flow_from = (abstract_on, 5) if abstract_on <= paragraph else (paragraph, 6)
        flow, flow_from = (abstract - paid, 4) if abstract - paid <= flow else (flow, flow_from)
        last, last_from = (more, more_from) if more <= after + 0.3 else (after + 0.3, 7)
        came.append(
            (rest_from, new_from, on_from, by_from, start_from, flow_from, more_from, last_from)
        )
        costs = (
            rest + lost + (here.left if begun else here.left_first),
            new + here.title,
            on + here.title_on,
            by + here.names + unnamed,
            start + here.abstract,
            flow + here.abstract_on,
            more + here.paragraph,
            last + here.names_after,
        )
        begun, paid = begun or costs[1] < costs[0], here.whole_abstract
    return came, costs
