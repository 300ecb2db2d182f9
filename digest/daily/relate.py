"""Relate the papers of an edition to each other and to those of the editions before."""

from __future__ import annotations

import logging
from datetime import date

from digest.editorial.related import PaperText, relate
from digest.errors import DigestError
from digest.model import EditionKind
from digest.store import Store

log = logging.getLogger(__name__)

MOST_COMPARED = 2_500
"""Papers published before with which new ones are compared: weeks of a large list, a year of a small
one; all of them together take about three seconds."""


def relate_edition(store: Store, day: date) -> int:
    """Keep which papers are related to those of the daily edition of ``day``; the number of pairs.

    An edition whose papers were related before is left as it is. Nothing that goes wrong here stops
    a mail: it is logged, and the edition's papers have no relations.
    """
    try:
        with store.read() as unit:
            published = unit.editions.get(EditionKind.DAILY, day)
            if published is None:
                return 0
            edition = published.edition
            new = [id for section in edition.sections for id in section.papers]
            if unit.related_papers.any_among(new):
                return 0
            texts = {
                id: (title, abstract)
                for id, title, abstract in unit.published_papers.latest_texts(MOST_COMPARED)
            }
            # An edition that is held is not public yet, but will be.
            texts |= {paper.id: (paper.title, paper.abstract) for paper in unit.papers.by_ids(new)}
        papers = [PaperText(id, title, abstract) for id, (title, abstract) in sorted(texts.items())]
        pairs = list(relate(papers, new))
        with store.begin() as unit:
            unit.related_papers.add(pairs)
        return len(pairs)
    except DigestError as error:
        log.warning("the papers of %s are not related to others: %s", day, error)
    except Exception:
        log.warning("the papers of %s are not related to others", day, exc_info=True)
    return 0
