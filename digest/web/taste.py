"""A reader's taste: the papers they named, their votes, whom they follow. All of it can be undone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response

from digest import subscriptions
from digest.errors import InputError
from digest.mail import plain_text
from digest.model import Follow, FollowKind, KeptSeed, Vote, VoteDirection
from digest.subscriptions import taste
from digest.subscriptions.taste import SeedOwner, TasteView
from digest.web import display
from digest.web.forms import PostedForm, read_form
from digest.web.link_pages import LinkPages

LARGEST = 1_000_000
"""Bytes of a posted form: a bibliography of 500 papers with their abstracts, and some room."""
MOST_FIELDS = 3_000
"""Fields of a posted form: a tick for each seed and vote that may be kept."""
_KIND_NAMES = {FollowKind.AUTHOR: "Author", FollowKind.INSTITUTION: "Institution"}
_DIRECTION_NAMES = {VoteDirection.MORE: "More like this", VoteDirection.LESS: "Less like this"}


@dataclass(frozen=True, slots=True)
class TasteChange:
    """The outcome of a post: words for the reader, lines that could not be used, the way back.

    ``undo`` has the fields of the form that undoes it, as (name, value) pairs.
    """

    words: str = ""
    refused: tuple[str, ...] = ()
    undo: tuple[tuple[str, str], ...] = ()
    fault: str = ""
    text: str = ""


class TastePages(LinkPages):
    """``/taste/<token>``. It never leads to the preferences, whose link can do more than its own."""

    purpose = "taste"
    posts_a_minute: ClassVar[int] = 60

    async def _submit(self, request: Request, signed_id: int) -> Response:
        form = await read_form(request, largest=LARGEST, most=MOST_FIELDS, files=True)
        if form.one("action") == "export":
            return await self._threads.run(self._export, signed_id)
        act = self._acts.get(form.one("action"), self._nothing)
        return await self._threads.run(self._act, act, signed_id, form)

    @property
    def _acts(self) -> Mapping[str, Callable[[int, PostedForm], TasteChange]]:
        return {
            "add": self._add,
            "remove": self._remove,
            "forget": self._forget_votes,
            "vote": self._vote_again,
            "follow": self._follow,
            "unfollow": self._unfollow,
            "erase": self._erase,
        }

    def _act(
        self, act: Callable[[int, PostedForm], TasteChange], signed_id: int, form: PostedForm
    ) -> Response:
        try:
            outcome = act(signed_id, form)
        except InputError as error:
            outcome = TasteChange(fault=f"{error.what[:1].upper()}{error.what[1:]}.")
        return self._page(signed_id, outcome)

    def _nothing(self, signed_id: int, form: PostedForm) -> TasteChange:
        return TasteChange()

    def _add(self, signed_id: int, form: PostedForm) -> TasteChange:
        texts = form.fields.get("papers", []) + form.fields.get("file", [])
        reports = [
            taste.add_seeds(self._site.store, text, SeedOwner(signed_id), today=self._today())
            for text in texts
            if text.strip()
        ]
        if not reports:
            return TasteChange(fault="Name at least one paper.")
        report = max(reports, key=lambda each: each.added)
        refused = tuple(line for each in reports for line in each.refused)
        ids = [("seed", str(id)) for each in reports for id in each.ids]
        return TasteChange(
            f"{report.words[:1].upper()}{report.words[1:]}.",
            refused,
            (("action", "remove"), *ids) if ids else (),
            text="" if ids else form.one("papers")[:50_000],
        )

    def _remove(self, signed_id: int, form: PostedForm) -> TasteChange:
        ids = [int(word) for word in form.fields.get("seed", []) if is_number(word)]
        gone = taste.remove_seeds(self._site.store, ids, SeedOwner(signed_id))
        if not gone:
            return TasteChange("Nothing was removed: tick the papers first.")
        undo = (("action", "add"), ("papers", taste.seeds_as_text(gone)))
        return TasteChange(f"{plain_text.counted(len(gone), 'paper')} removed.", undo=undo)

    def _forget_votes(self, signed_id: int, form: PostedForm) -> TasteChange:
        view = taste.find_taste(self._site.store, signed_id)
        cast = {vote.paper_id: vote.direction for vote in view.votes} if view is not None else {}
        chosen = {int(word) for word in form.fields.get("paper", []) if is_number(word)}
        gone = [(paper_id, cast[paper_id]) for paper_id in sorted(chosen & cast.keys())]
        for paper_id, _ in gone:
            taste.cast_vote(self._site.store, signed_id, paper_id, None, now=self._site.clock())
        if not gone:
            return TasteChange("Nothing was taken back: tick the votes first.")
        undo = (("action", "vote"), *((f"vote-{side}", str(paper_id)) for paper_id, side in gone))
        return TasteChange(f"{plain_text.counted(len(gone), 'vote')} taken back.", undo=undo)

    def _vote_again(self, signed_id: int, form: PostedForm) -> TasteChange:
        for direction in VoteDirection:
            for word in form.fields.get(f"vote-{direction}", []):
                if is_number(word):
                    taste.cast_vote(
                        self._site.store, signed_id, int(word), direction, now=self._site.clock()
                    )
        return TasteChange("Your votes are as they were before.")

    def _follow(self, signed_id: int, form: PostedForm) -> TasteChange:
        follow = _named(form)
        taste.follow_name(self._site.store, signed_id, follow, now=self._site.clock())
        return TasteChange(f"You follow {_shown(follow.name)}.", undo=_undo("unfollow", follow))

    def _unfollow(self, signed_id: int, form: PostedForm) -> TasteChange:
        follow = _named(form)
        taste.unfollow_name(self._site.store, signed_id, follow)
        return TasteChange(
            f"You no longer follow {_shown(follow.name)}.", undo=_undo("follow", follow)
        )

    def _erase(self, signed_id: int, form: PostedForm) -> TasteChange:
        if form.one("sure") != "yes":
            return TasteChange(fault="Tick the box first: it cannot be undone.")
        taste.erase_taste(self._site.store, signed_id)
        return TasteChange("Your taste is erased. You stay subscribed.")

    def _export(self, signed_id: int) -> Response:
        personal_data = subscriptions.export_subscriber(self._site.store, signed_id)
        if personal_data is None:
            return self._unknown()
        return Response(
            json.dumps(personal_data["taste"], ensure_ascii=False, indent=2),
            headers={
                "Cache-Control": "no-store",
                "Content-Disposition": 'attachment; filename="my-taste.json"',
                "X-Robots-Tag": "noindex",
            },
            media_type="application/json",
        )

    def _page(self, signed_id: int, outcome: TasteChange = TasteChange()) -> Response:
        view = taste.find_taste(self._site.store, signed_id)
        if view is None:
            return self._unknown()
        return self._context.private(
            "taste.html.j2",
            status=422 if outcome.fault else 200,
            whose=display.masked_address(view.subscriber.email),
            outcome=outcome,
            seeds=[_seed_row(kept) for kept in reversed(view.seeds)],
            votes=[_vote_row(vote) for vote in view.votes],
            follows=[
                {
                    "kind": str(follow.kind),
                    "kind_name": _KIND_NAMES[follow.kind],
                    "name": follow.name,
                }
                for follow in view.follows
            ],
            kinds=[(str(kind), name) for kind, name in _KIND_NAMES.items()],
            list_seeds=_list_line(view),
            most=taste.MAX_SEEDS,
        )

    def _unknown(self) -> Response:
        return self._context.note(
            "We know nothing about you",
            ["We keep nothing about you and send you no mail."],
            [self._subscribe_link("Subscribe")],
        )


def is_number(word: str) -> bool:
    """Tell whether a posted word is a number that the store may have."""
    return word.isascii() and word.isdigit() and len(word) <= 16


def _named(form: PostedForm) -> Follow:
    """The name that a form gives. Raises `digest.errors.InputError` for a kind that there is not."""
    try:
        kind = FollowKind(form.one("kind"))
    except ValueError:
        raise InputError("choose author or institution") from None
    return Follow(kind, form.one("name"))


def _undo(action: str, follow: Follow) -> tuple[tuple[str, str], ...]:
    return (("action", action), ("kind", str(follow.kind)), ("name", follow.name))


def _shown(name: str) -> str:
    return plain_text.clip(plain_text.clean(name), taste.LONGEST_NAME)


def _seed_row(kept: KeptSeed) -> dict[str, Any]:
    """A seed as the page shows it."""
    seed = kept.seed
    title = (
        display.paper_title(seed.title) if seed.title else plain_text.clean(kept.external_id or "")
    )
    remark = ""
    if seed.paper_id is None:
        remark = "not known here yet" + ("" if seed.title else ": its title would help")
    return {"id": kept.id, "paper": seed.paper_id, "title": title, "remark": remark}


def _vote_row(vote: Vote) -> dict[str, Any]:
    return {
        "paper": vote.paper_id,
        "title": display.paper_title(vote.title),
        "words": _DIRECTION_NAMES[vote.direction],
        "day": plain_text.day_in_words(vote.day),
    }


def _list_line(view: TasteView) -> str:
    if not view.list_seeds:
        return ""
    papers = plain_text.counted(view.list_seeds, "paper")
    return f"{papers} named by the operator for everybody on this list count for you, too."


__all__: Sequence[str] = ["TastePages"]
