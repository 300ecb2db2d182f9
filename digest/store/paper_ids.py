"""Names by which a paper is known elsewhere: its arXiv id, its DOI, its address; in one spelling each."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import unquote, urlsplit

from digest.arxiv_ids import ARXIV_ID, arxiv_id

_DOI = re.compile(r"(?:doi:\s?)?(10\.\d{4,9}/\S{1,200})", re.IGNORECASE)
_ARXIV_PATH = re.compile(
    rf"/(?:abs|pdf|html|format|e-print|ps|papers|forum|overview)/{ARXIV_ID}(?:\.pdf)?(?:/|$)"
)
_ADDRESS = re.compile(
    r"https?://\S+|(?:www\.)?(?:arxiv|doi|dx\.doi|huggingface|alphaxiv)\.(?:org|co)/\S+",
    re.IGNORECASE,
)
_AROUND = "<>()[]{}.,;\"'"


def identifier(text: str) -> str | None:
    """The paper's name that ``text`` is: ``2606.01234``, ``doi:10.1000/1`` or ``url:host/path``.

    Read are ids with and without a version, DOIs, and addresses of either or of anything else;
    ``None`` for whatever is none of these.
    """
    text = text.strip().strip(_AROUND)
    known = arxiv_id(text)
    if known is not None:
        return known
    doi = _DOI.fullmatch(text)
    if doi is not None:
        return f"doi:{doi[1].lower()}"
    return _of_address(text) if _ADDRESS.fullmatch(text) else None


def _of_address(text: str) -> str | None:
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    path = unquote(parts.path)
    if host in ("doi.org", "dx.doi.org"):
        return identifier(path.lstrip("/"))
    on_arxiv = host in ("arxiv.org", "export.arxiv.org", "huggingface.co", "alphaxiv.org")
    found = _ARXIV_PATH.search(path) if on_arxiv else None
    if found is not None:
        return found[1].lower()
    query = f"?{parts.query}" if parts.query else ""
    return f"url:{host}{parts.path.rstrip('/')}{query}"


def id_word(name: str) -> str:
    """The word under which the index has a paper's name: no text has it by chance."""
    return "id" + hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).hexdigest()


def id_words(external_id: str | None, doi: str | None, url: str | None) -> tuple[str, ...]:
    """The words for all names of a paper."""
    names = [identifier(external_id) or external_id] if external_id else []
    names += [identifier(f"doi:{doi}") or f"doi:{doi.lower()}"] if doi else []
    names += [name] if url and (name := identifier(url)) else []
    return tuple(dict.fromkeys(id_word(name) for name in names))
