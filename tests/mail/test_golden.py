"""The sample edition as it is mailed, beside files that a person can open.

After a wanted change: ``DIGEST_GOLDEN=write pytest tests/mail/test_golden.py``, then look at the
files in a browser before committing them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from mail.sample_editions import (
    LIST,
    LIST_WITHOUT_PAGES,
    PUBLISHED,
    composer,
    general_selection,
    load_edition,
    personal_selection,
    recipient_of,
)

from digest.mail.message import PreviewNote, service_message
from digest.mail.render import Renderer
from digest.mail.sample_edition import SERVICE_VALUES

GOLDEN = Path(__file__).parent / "golden"
EDITION = load_edition(GOLDEN / "edition.json")


def files() -> dict[str, str]:
    """Every golden file by name, as it is now."""
    made = {}
    daily, webless = composer(EDITION), composer(EDITION, LIST_WITHOUT_PAGES)
    everything = general_selection(EDITION)
    some = personal_selection(EDITION, [section.topic.id for section in EDITION.sections[:3]])
    message = daily.compose(everything, recipient_of())
    made["daily.eml"] = message.decode("ascii")
    words = (
        "The daily edition of 2026-11-20 is sent to everybody at 09:00, unless somebody stops it."
    )
    above = Renderer().preview_note(words, stop_url="https://papers.example.org/stop/x")
    note = PreviewNote(above, "held/1")
    preview = daily.compose_preview(everything, recipient_of(), note)
    made["preview.eml"] = preview.decode("ascii")
    for name, of, selection, to in (
        ("daily", daily, everything, recipient_of()),
        ("personal", daily, some, recipient_of(7)),
        ("without-pages", webless, everything, recipient_of(1, LIST_WITHOUT_PAGES)),
    ):
        made[f"{name}.html"] = of.html(selection, to)
        made[f"{name}.txt"] = of.text(selection, to)
    renderer = Renderer()
    for kind, values in SERVICE_VALUES.items():
        mail = renderer.service(kind, LIST, **values)
        made[f"{kind}.html"], made[f"{kind}.txt"] = mail.html, mail.text
        if kind == "confirm":
            made["confirm.eml"] = service_message(
                mail, LIST, "reader@example.com", at=PUBLISHED, key="1"
            ).decode("ascii")
    return made


MADE = files()


@pytest.mark.parametrize("name", sorted(MADE))
def test_the_sample_edition_is_mailed_as_it_was(name: str) -> None:
    path = GOLDEN / name
    if os.environ.get("DIGEST_GOLDEN") == "write":
        path.write_bytes(MADE[name].encode("utf-8"))
    assert path.read_bytes().decode("utf-8") == MADE[name]
