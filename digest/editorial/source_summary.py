"""A source's own one-sentence summary of a paper, and the name by which readers know the source."""

from __future__ import annotations

from urllib.parse import urlsplit

from digest.editorial.section_labels import unlabelled
from digest.editorial.sentences import is_whole, sentences
from digest.editorial.summary import BRIEF_LENGTH
from digest.editorial.text_repair import repaired
from digest.latex import readable
from digest.model import Paper

__all__ = ["source_name", "source_summary"]

_MOST_SENTENCES = 2
_LONGEST_NAME = 60
_NAMES = {"hf": "Hugging Face", "arxiv": "arXiv", "biorxiv": "bioRxiv", "medrxiv": "medRxiv"}
_HOSTS = {"huggingface.co": "Hugging Face", "hf.co": "Hugging Face", "arxiv.org": "arXiv"}
_UNNAMED = "the page that listed it"


def source_summary(paper: Paper) -> str:
    """The summary that a source wrote of the paper, as whole sentences; ``""`` if none did.

    One of more than two sentences, or longer than a brief may be, is an abstract and no summary.
    """
    text = repaired(readable(paper.details.source_summary))
    written = [sentence for sentence, _ in unlabelled(sentences(text, _MOST_SENTENCES + 1))]
    summary = " ".join(written)
    if not summary or len(written) > _MOST_SENTENCES or len(summary) >= BRIEF_LENGTH:
        return ""
    if is_whole(summary):
        return summary
    return f"{summary}." if summary[-1].isalnum() and len(written) == 1 else ""


def source_name(paper: Paper) -> str:
    """The name of the source that the summary is from: "Hugging Face", a host, or words for a file."""
    location = dict(paper.field_sources).get("source_summary", "")
    parts = urlsplit(location if "://" in location else "")
    host = (parts.hostname or "").removeprefix("www.")
    if host:
        return _HOSTS.get(host, host[:_LONGEST_NAME])
    scheme, colon, _ = location.partition(":")
    return _NAMES.get(scheme, _UNNAMED) if colon else _UNNAMED
