"""Work out what marks the titles of a page, and what each of its texts would cost in each role."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from enum import Enum

from digest.sources.text.kinds import Kind, Piece, is_end
from digest.sources.text.labelling import Habits, Node, abstract_cost, title_cost
from digest.sources.text.wrapping import BEFORE_ADDRESS, WIDEST, is_full, width_of

_LONGEST_LINKED_TITLE = 400
_NAMES_LENGTH = 120
_LONG = 120
_SHORT = 60
"""Characters: what is a text for certain, and what may be no more than a name."""
_LINKING_WORDS = """
a an and as at by for from in into is of on or over the through to toward towards under using via with
without
"""
_LINKING = frozenset(_LINKING_WORDS.split())
_PERIODS = frozenset({"daily", "weekly", "monthly"})
_SENTENCE_END = (".", "?", "!", "…", "。", '."', ".”", ".)", ":")
_NAME = re.compile(r"[^\W\d_][\w'’.-]{0,30}(?:\s[\w'’.()-]{1,30}){0,4}")


class Breaks(Enum):
    """How a page breaks its texts into lines."""

    LINES = "lines"
    WIDTH = "width"
    BLOCKS = "blocks"


class Texts:
    """The texts of a page with what does not depend on the frame worked out once."""

    def __init__(self, pieces: Sequence[Piece], places: Sequence[int], marked: bool) -> None:
        self.pieces, self.places, self.marked = pieces, places, marked
        self.texts = [pieces[place] for place in places]
        self.nodes: list[Node] = []
        self.firsts = _first_of_each_id(self.texts)
        self._look_between()
        self.closed = self._facts_close()
        longest = max(width_of(text) for text in self.texts)
        self.guess = longest if 60 <= longest <= 130 else 0

    def _look_between(self) -> None:
        """Note what stands between each text and the one before."""
        self.between: list[Node] = []
        self.plain: list[bool] = []
        before = -1
        over = closed = False
        for place in self.places:
            ended = opened = touched = aside = False
            for piece in self.pieces[before + 1 : place]:
                facts = piece.facts
                if is_end(piece):
                    over = over or piece.text.lower().strip(" •*-").split(" ")[0] not in _PERIODS
                    closed = closed or piece.kind is Kind.ENDING
                if piece.promotion:
                    over = closed = False
                if piece.kind is Kind.CHROME and piece.text[:12].lower() == "submitted by":
                    opened = True
                if facts is not None:
                    beside = before >= 0 and piece.line is self.pieces[before].line
                    aside = aside or (beside and bool(piece.text))
                    ended = ended or (facts.strong and not beside)
                    if facts.only_numbers or facts.votes is not None:
                        opened = not beside and (opened or piece is self.pieces[place - 1])
                if ended or opened:
                    over = False
                if not piece.printed:
                    touched = touched or bool(piece.text) or piece.kind is Kind.ADDRESS
            self.between.append(
                Node(
                    0,
                    0,
                    0,
                    0,
                    0,
                    ended=ended,
                    beside=aside,
                    opened=opened,
                    over=over,
                    closed=closed,
                )
            )
            self.plain.append(not touched)
            before = place
        self.last_ended = any(
            piece.facts is not None and piece.facts.strong for piece in self.pieces[before + 1 :]
        )

    def _facts_close(self) -> bool:
        """Whether facts stand after the abstracts of this page, rather than before them."""
        after = before = 0
        least = min(_LONG, max(len(text.text) for text in self.texts) // 2)
        ended = [*(node.ended for node in self.between), self.last_ended, False, False]
        for index, text in enumerate(self.texts):
            if len(text.text) < least:
                continue
            before += ended[index]
            name = index + 1 < len(self.texts) and len(self.texts[index + 1].text) <= _SHORT
            after += ended[index + 1] or (name and ended[index + 2])
        return after >= 2 and after > before

    def habits(self, anchors: set[int] | None) -> Habits:
        """What a frame with these anchors says of the page."""
        return Habits(anchors is not None, self.closed, self.abstracts(anchors))

    def abstracts(self, anchors: set[int] | None) -> bool:
        """Whether this page has a longer text for most of its titles."""
        if anchors is None:
            return False
        return sum(len(text.text) >= _LONG for text in self.texts) * 2 >= len(anchors)

    def breaks(self, width: int) -> list[Breaks]:
        """The ways of breaking lines that this page gives reason for."""
        found = [Breaks.WIDTH if width else Breaks.LINES]
        inside = sum(
            not text.after_blank and plain
            for text, plain in zip(self.texts[1:], self.plain[1:], strict=True)
        )
        blocks = sum(text.after_blank for text in self.texts)
        if inside and blocks >= 2 and blocks * 12 >= inside:
            found.append(Breaks.BLOCKS)
        return found

    def shape(self, breaks: Breaks, width: int, size: int) -> None:
        """Work out the costs of every text as lines are broken so."""
        self.nodes = []
        self.hung = False
        previous: Piece | None = None
        for index in range(size):
            piece, given = self.texts[index], self.between[index]
            text = piece.text
            sentence = text.endswith(_SENTENCE_END)
            node = Node(
                title=title_cost(text),
                abstract=abstract_cost(len(text), sentence=sentence or "://" in text),
                names=_names_cost(piece),
                running=_running(text),
                length=len(text),
                ended=given.ended,
                beside=given.beside,
                opened=given.opened,
                over=given.over,
                closed=given.closed,
            )
            if piece.stated:
                self._stated(piece, node)
            if index in self.firsts:
                node.names += 3.0
            if piece.peeled:
                node.abstract += 6.0
                node.names += 1.0 if "<" in piece.peeled else 0.0
            if text[:1].islower() and not piece.page_id:
                node.title += 0.7
            node.follows = self._facts_follow(index)
            self.signed = node.follows and self.closed
            if previous is not None:
                self._joining(previous, piece, node, self.plain[index], breaks, width)
            self.nodes.append(node)
            previous = piece

    def _stated(self, piece: Piece, node: Node) -> None:
        if piece.stated == "title":
            node.title, node.abstract, node.names = 0.0, 30.0, 30.0
        else:
            node.title, node.abstract, node.names = 30.0, 0.0, 30.0

    def _facts_follow(self, index: int) -> bool:
        place = self.places[index]
        for piece in self.pieces[place + 1 : place + 4]:
            if piece.kind is Kind.TEXT:
                return False
            if piece.facts is not None and piece.facts.strong:
                return True
        return False

    def _joining(
        self, before: Piece, piece: Piece, node: Node, plain: bool, breaks: Breaks, width: int
    ) -> None:
        """What it costs to go on on this line, and to begin anew on it."""
        text, last = piece.text, before.text
        unfinished = not last.endswith(_SENTENCE_END) or last.endswith(":")
        lower = text[:1].islower() or text[:1] in "(,;&–-"
        dangling = (
            last.endswith((",", "-", "–", "—", "(", ":"))
            or last.rsplit(None, 1)[-1].lower() in _LINKING
        )
        node.goes_on = (
            (unfinished and lower) or ("://" in text and len(text) < 300 and not node.ended)
        ) and not node.opened
        if before.line is piece.line or piece.peeled:
            return
        if piece.line.heading or piece.stated or (piece.line.bullet and breaks is not Breaks.WIDTH):
            return
        if not plain:
            return
        indent = piece.line.indent
        hanging = (
            indent >= 2
            and not before.line.bullet
            and (indent > before.line.indent or (self.hung and indent == before.line.indent))
        )
        self.hung = hanging and not piece.after_blank
        if piece.after_blank:
            if lower and unfinished and not before.line.heading:
                node.join, node.join_title = 2.0, 6.0
            return
        # A linked line is whole; only what the wrapper broke goes on.
        if hanging and (before.line.heading or not before.line.linked):
            node.join = node.join_title = 0.0
            node.apart = 3.0 if before.line.heading else 1.0
            return
        one = before.line.span == piece.line.span
        if not one and (
            piece.line.linked or piece.page_id or (before.line.linked and before.line.span)
        ):
            if (
                before.line.linked
                and not piece.line.linked
                and breaks is Breaks.WIDTH
                and is_full(before, text, width)
            ):
                node.join, node.join_title = 1.0, 1.0
            return
        leads = (
            text.lower().startswith(("http://", "https://"))
            and last.rsplit(None, 1)[-1].lower() in BEFORE_ADDRESS
        )
        if before.line.heading:
            node.join_title = 3.0 if breaks is not Breaks.LINES else 6.0
            if dangling:
                node.join_title = 0.5
            return
        if breaks is Breaks.WIDTH:
            if is_full(before, text, width):
                node.join = node.join_title = 0.0
                node.apart = 3.5
                if not unfinished and not lower and len(text) <= _SHORT and self.signed:
                    node.join, node.apart = 2.0, 0.5
            elif before.after_blank and unfinished and lower:
                node.join, node.join_title = 1.5, 2.0
            else:
                node.join = node.join_title = 5.0 if not (unfinished and lower) else 3.0
        elif breaks is Breaks.BLOCKS:
            node.join = 0.2 if len(last) <= WIDEST else 4.0
            node.join_title, node.apart = 2.0, 1.0
        else:
            node.join = 0.2 if leads else 1.5 if unfinished and lower else 6.0
            node.join_title = (
                0.5 if dangling else 1.5 if text.split(None, 1)[0] in _LINKING else 7.0
            )
            if self.guess and is_full(before, text, self.guess) and not piece.peeled:
                node.join_title = min(node.join_title, 1.0)

    def anchors(self) -> list[tuple[str, set[int] | None]]:
        """What may mark a title here: a name, and the indices (among the texts) it marks."""
        texts = self.texts
        found: list[tuple[str, set[int] | None]] = [("shape", None)]
        levels = Counter(text.line.heading for text in texts if text.line.heading)
        for level in levels:
            chosen = {
                i
                for i, text in enumerate(texts)
                if text.line.heading == level and not _continues(text)
            }
            found.append((f"heading {level}", chosen))
        linked = {i for i, text in enumerate(texts) if text.line.heading and text.page_id}
        if linked:
            found.append(("linked heading", linked))
        first = self.firsts
        if first:
            found.append(("link", first))
            before = {index - 1 for index in first if index}
            if len(before) >= 2 and not before & first:
                found.append(("link after", before))
        found += [
            (name, chosen)
            for name, chosen in (
                ("bold", {i for i, text in enumerate(texts) if text.line.whole}),
                (
                    "number",
                    {i for i, text in enumerate(texts) if text.line.ordinal and not text.part},
                ),
                (
                    "bullet",
                    {
                        i
                        for i, text in enumerate(texts)
                        if text.line.bullet and not text.line.ordinal
                    },
                ),
                (
                    "linked",
                    {
                        i
                        for i, text in enumerate(texts)
                        if text.line.linked and len(text.text) <= 300
                    },
                ),
                ("votes", {i for i, node in enumerate(self.between) if node.opened}),
                (
                    "row <",
                    {
                        i
                        for i, text in enumerate(texts)
                        if "<" in text.peeled and len(text.text) <= 300
                    },
                ),
                (
                    "row >",
                    {
                        i
                        for i, text in enumerate(texts)
                        if ">" in text.peeled and len(text.text) <= 300
                    },
                ),
                ("label", {i for i, text in enumerate(texts) if text.stated == "title"}),
                (
                    "block",
                    {
                        i
                        for i, text in enumerate(texts)
                        if text.after_blank and i + 1 < len(texts) and not texts[i + 1].after_blank
                    },
                ),
            )
            if len(chosen) >= 2
        ]
        return found

    def under(self, anchors: set[int] | None, size: int) -> list[Node]:
        """The nodes with the marks of a frame set."""
        for index, node in enumerate(self.nodes[:size]):
            node.anchored = anchors is not None and index in anchors
        return self.nodes[:size]


def _continues(text: Piece) -> bool:
    return not text.text


def _first_of_each_id(texts: Sequence[Piece]) -> set[int]:
    """The first text of each run that leads to one paper's page."""
    firsts: set[int] = set()
    seen: str | None = None
    for index, text in enumerate(texts):
        paper = text.page_id
        if paper is not None and paper != seen:
            seen = paper
            if len(text.text) <= _LONGEST_LINKED_TITLE:
                firsts.add(index)
    return firsts


def _names_cost(piece: Piece) -> float:
    """How little a text looks like who wrote a paper; 0 is a list of names."""
    text = piece.text
    length = len(text)
    if piece.line.heading or piece.stated:
        return 20.0
    if "," in text and length <= 3000 and (text[-1] != "." or text.endswith("al.")):
        names = [name.strip() for name in text.split(",")]
        like = sum(
            _NAME.fullmatch(name) is not None and name[0].isupper() for name in names if name
        )
        if len(names) > 1 and like * 5 >= 4 * len(names):
            return 0.3
    if length > _NAMES_LENGTH:
        return 30.0
    cost = 1.5 if length <= 60 else 4.0
    if text.endswith(("?", "!", ".")) and not text.endswith("al."):
        cost += 4.0
    if piece.line.linked and piece.page_id is None and length <= 60:
        cost -= 0.7
    if text[:1].islower():
        cost += 2.0
    return cost


def _running(text: str) -> float:
    """How much a line reads like running text rather than a title's next line."""
    cost = min(text.count(". ") * 3.0, 6.0)
    words = [word for word in text.split() if word[0].isalpha()]
    capitals = sum(word[0].isupper() for word in words)
    if len(words) >= 6 and capitals * 3 <= len(words):
        cost += 2.5
    if text.endswith("."):
        cost += 1.0
    return cost
