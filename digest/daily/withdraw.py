"""Take a paper out of the editions that are still being delivered.

A relay's filter may refuse every mail of an edition for the words of one paper, such as a test string
for spam or virus filters. An edition is frozen, so that a retry sends the same bytes; this is the one
exception, made by a person: who is not served yet gets the edition without that paper.
"""

from __future__ import annotations

from collections.abc import Sequence

from digest.daily.publish import PublishSettings
from digest.daily.run_record import Clock, plural, utc_now
from digest.errors import InputError
from digest.model import Paper
from digest.store import Store, UnitOfWork


def withdraw(
    store: Store, publishing: PublishSettings, sought: str, *, clock: Clock = utc_now
) -> Sequence[str]:
    """Take the paper with that number or exact title out; one line for each edition it was in.

    Raises `digest.errors.InputError` where there is no such paper, where no edition that waits to be
    delivered has it, and where it is the only paper of one.
    """
    lines = []
    now = clock()
    with store.begin() as unit:
        paper = _paper(unit, sought)
        for edition_id in unit.editions.undelivered(now, resend=True):
            published = unit.editions.by_id(edition_id)
            if published is None:
                continue
            edition = published.edition
            if all(entry.paper_id != paper.id for entry in edition.entries):
                continue
            rest = edition.without(paper.id)
            if not rest.new:
                raise InputError(
                    "it is the only new paper of that edition",
                    where=f"the {edition.kind} edition of {edition.day}",
                    mend="Nothing is left to send: let the edition expire",
                )
            rendering = publishing.renderer.render(rest, publishing.list_identity)
            unit.editions.replace_content(edition_id, rest, rendering, now)
            left = plural(rest.new, "new paper")
            lines.append(f"withdrawn from the {edition.kind} edition of {edition.day}: {left} left")
    if not lines:
        raise InputError("no edition that waits to be delivered has it", where=paper.title[:80])
    return lines


def _paper(unit: UnitOfWork, sought: str) -> Paper:
    if sought.isascii() and sought.isdigit() and len(sought) < 19:
        paper = unit.papers.get(int(sought))
    else:
        titled = (
            candidate
            for candidate in unit.papers.find_by_title(sought)
            if candidate.title == sought
        )
        paper = next(titled, None)
    if paper is None:
        raise InputError(
            "no paper has that number or exactly that title",
            where=sought[:80],
            mend="Find it with: digest explain TITLE --json",
        )
    return paper
