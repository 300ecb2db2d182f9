"""Tell whether two listings are one paper, by the comparison that ``digest ingest`` makes."""

from __future__ import annotations

from datetime import date

from digest.library.classifying import require_paper
from digest.library.values import PaperMatch
from digest.model import Novelty, Paper, Record


def compare(earlier: Record, later: Record) -> PaperMatch:
    """Tell whether two papers are one, and why.

    It is decided as if ``earlier`` were remembered and ``later`` read now: so the doubtful are two.

    :raises DigestError: if one of them is no paper.
    """
    from digest.editorial.diff import decide_changes
    from digest.editorial.identity import explain_difference
    from digest.editorial.identity_keys import identity_keys

    known, record = _remembered(require_paper(earlier)), require_paper(later)
    keys = identity_keys(record)
    is_near = not set(keys.lookup).isdisjoint(known.keys.lookup)
    (change,) = decide_changes([record], [keys], [[known] if is_near else []])
    if change.novelty is Novelty.NEW:
        return PaperMatch(False, explain_difference(record, keys, known))
    return PaperMatch(True, change.reason, change.novelty is Novelty.REVISED)


def _remembered(record: Record) -> Paper:
    from digest.editorial.identity_keys import identity_keys

    return Paper(
        1,
        record.title,
        record.abstract,
        identity_keys(record),
        date.min,
        date.min,
        external_id=record.external_id,
        authors=record.authors,
        author_count=record.author_count,
        published=record.published,
    )
