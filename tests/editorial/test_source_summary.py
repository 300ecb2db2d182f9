"""A source's own summary is shown whole or not at all, with the source's name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from digest.editorial.source_summary import source_name, source_summary
from digest.model import IdentityKeys, Paper, PaperDetails

DAY = date(2026, 11, 20)
PAPER = Paper(1, "GlowNet", "", IdentityKeys((), ""), DAY, DAY)


def paper(summary: str, location: str = "") -> Paper:
    sources = (("title", "elsewhere"), ("source_summary", location))
    return replace(PAPER, details=PaperDetails(source_summary=summary), field_sources=sources)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("GlowNet is a lamp.", "GlowNet is a lamp."),
        ("GlowNet is a lamp", "GlowNet is a lamp."),
        ("TL;DR: GlowNet is a $\\lambda$ lamp.", "GlowNet is a λ lamp."),
        ("A lamp. It burns.", "A lamp. It burns."),
        ("A lamp. It burns. It glows.", ""),
        ("A lamp that is cut off...", ""),
        ("A lamp " * 100 + ".", ""),
        ("", ""),
    ],
)
def test_it_is_whole_and_short_or_nothing(written: str, shown: str) -> None:
    assert source_summary(paper(written)) == shown


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("hf:daily", "Hugging Face"),
        ("https://huggingface.co/papers", "Hugging Face"),
        ("https://www.lamps.example/today?page=2", "lamps.example"),
        ("biorxiv:neuroscience", "bioRxiv"),
        ("dumps/today.html", "the page that listed it"),
        ("C:\\dumps\\today.html", "the page that listed it"),
        ("", "the page that listed it"),
    ],
)
def test_a_source_has_a_name_that_readers_know(location: str, name: str) -> None:
    assert source_name(paper("A lamp.", location)) == name
