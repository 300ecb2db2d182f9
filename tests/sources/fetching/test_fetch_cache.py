"""Fetched pages are kept on disk, bounded, and never believed when damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.sources.fetching.fetch_cache import FetchCache, KeptResponse

ADDRESS = "https://papers.invented.io/daily?key=secret"


def test_a_page_comes_back_with_what_its_host_knows_it_by(tmp_path: Path) -> None:
    cache = FetchCache(tmp_path / "fetched")
    page = KeptResponse(b"line\nline", etag='"7"', last_modified="Wed, 18 Nov 2026 07:00:00 GMT")
    cache.put(ADDRESS, page)
    assert cache.get(ADDRESS) == page
    assert cache.get(ADDRESS + "2") is None


def test_a_page_that_cannot_be_asked_about_is_not_kept(tmp_path: Path) -> None:
    cache = FetchCache(tmp_path)
    cache.put(ADDRESS, KeptResponse(b"page"))
    assert list(tmp_path.iterdir()) == []


def test_no_address_is_written_down(tmp_path: Path) -> None:
    FetchCache(tmp_path).put(ADDRESS, KeptResponse(b"page", etag='"1"'))
    (path,) = tmp_path.iterdir()
    assert "invented" not in path.name
    assert b"secret" not in path.read_bytes()


@pytest.mark.parametrize("damage", [b"", b"{}\npage", b"no json\npage", b'{"sha256": 1}\n'])
def test_a_damaged_page_counts_as_none(tmp_path: Path, damage: bytes) -> None:
    cache = FetchCache(tmp_path)
    cache.put(ADDRESS, KeptResponse(b"page", etag='"1"'))
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage)
    assert cache.get(ADDRESS) is None


def test_a_cut_page_counts_as_none(tmp_path: Path) -> None:
    cache = FetchCache(tmp_path)
    cache.put(ADDRESS, KeptResponse(b"page", etag='"1"'))
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    assert cache.get(ADDRESS) is None


def test_the_pages_used_least_recently_make_room(tmp_path: Path) -> None:
    cache = FetchCache(tmp_path, most_bytes=3_000)
    (tmp_path / "killed.part").write_bytes(b"x" * 2_000)
    for number in range(8):
        cache.put(f"{ADDRESS}{number}", KeptResponse(b"x" * 900, etag='"1"'))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 3_000
    assert cache.get(f"{ADDRESS}0") is None
    assert cache.get(f"{ADDRESS}7") is not None


def test_a_folder_that_cannot_be_written_to_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    FetchCache(tmp_path / "file").put(ADDRESS, KeptResponse(b"page", etag='"1"'))
    assert FetchCache(tmp_path / "file").get(ADDRESS) is None
