"""An arXiv id is read in every form that it is written in, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from digest.arxiv_ids import arxiv_id, arxiv_version, is_arxiv_id


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("2606.01234", "2606.01234"),
        ("2606.01234v12", "2606.01234"),
        ("arXiv:2606.01234v2", "2606.01234"),
        ("arXiv: 0704.0001", "0704.0001"),
        ("10.48550/arXiv.2606.01234", "2606.01234"),
        ("doi:10.48550/arxiv.2606.01234", "2606.01234"),
        ("math.GT/0309136v1", "math.gt/0309136"),
        ("hep-th/9901001", "hep-th/9901001"),
    ],
)
def test_an_id_is_read_without_its_version(text: str, id: str) -> None:
    assert arxiv_id(text) == id


@pytest.mark.parametrize(
    "text", ["", "2606.123", "2606.01234 [cs.LG]", "10.1000/182", "-/0309136", "x2606.01234"]
)
def test_other_texts_are_no_id(text: str) -> None:
    assert arxiv_id(text) is None


@pytest.mark.parametrize("text", ["2606.01234", "hep-th/9901001", "math.GT/0309136"])
def test_an_identifier_has_no_version_and_nothing_beside_it(text: str) -> None:
    assert is_arxiv_id(text)
    assert not is_arxiv_id(f"{text}v2")
    assert not is_arxiv_id(f"arXiv:{text}")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("https://arxiv.org/abs/2606.01234v12", 12),
        ("oai:arXiv.org:math/0309136v3", 3),
        ("2606.01234", None),
        ("2606.01234v2000", None),
    ],
)
def test_the_version_behind_an_id_is_read(text: str, version: int | None) -> None:
    assert arxiv_version(text) == version
