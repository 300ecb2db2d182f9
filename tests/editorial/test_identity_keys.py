"""Keys and ids are the same for every spelling of a text, and few."""

from __future__ import annotations

from datetime import date

import pytest
from editorial.test_identity import TIDES, record
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.editorial import identity_keys
from digest.editorial.identity_keys import external_key

LETTERS = st.text("abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLM0123456789", min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("external_id", "begun"),
    [
        ("2606.01234", True),
        ("arXiv:2607.01234v2", False),
        ("2701.00001", False),
        ("0704.0001", True),
        ("cs/0601001", True),
        ("doi:10.1000/2701.00001", True),
        (None, True),
    ],
)
def test_an_id_of_a_month_that_has_not_begun_is_told_from_others(
    external_id: str | None, *, begun: bool
) -> None:
    assert identity_keys.has_begun(external_id, date(2026, 6, 30)) is begun


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ("2606.01234v3", "arxiv:2606.01234"),
        ("arXiv:2606.01234", "arxiv:2606.01234"),
        ("math/0309136v2", "arxiv:math/0309136"),
        ("math.GT/0309136", "arxiv:math.gt/0309136"),
        ("doi:10.48550/arXiv.2606.01234", "arxiv:2606.01234"),
        ("doi:10.1000/ABC", "doi:10.1000/abc"),
        ("something", "arxiv:something"),
        ("  ", None),
        (None, None),
    ],
)
def test_an_external_id_is_compared_bare(written: str | None, bare: str | None) -> None:
    assert external_key(written) == bare


def test_keys_are_few_short_and_carry_their_version() -> None:
    found = identity_keys.identity_keys(
        record(abstract=TIDES + " See https://github.com/a/b", external_id="2606.01234")
    )
    assert 6 <= len(found.lookup) <= 12
    assert all(key[0] == identity_keys.KEY_VERSION and len(key) <= 12 for key in found.lookup)
    assert found.content in found.lookup


def test_keys_are_the_same_in_every_run() -> None:
    assert identity_keys.identity_keys(record("Plain", "Words.", "2606.01234")).lookup == (
        "1c51rqr4wN",
        "1i8LY2THgf",
        "1tX2xn6Vv9",
        "1wX2xn6Vv9",
        "1aka1j8kxD",
    )


@given(title=LETTERS.filter(str.strip), abstract=LETTERS, data=st.data())
@settings(max_examples=150, deadline=None)
def test_keys_ignore_case_space_unicode_form_and_markup(
    title: str, abstract: str, data: st.DataObject
) -> None:
    variant = data.draw(
        st.sampled_from(
            [
                str.upper,
                str.lower,
                lambda text: f"  {text}\n ".replace(" ", "  \t"),
                lambda text: f"\\textbf{{{text}}}",
                lambda text: f"textbf{{{text}}}",
                lambda text: f"\\emph{{{text}}}.",
                lambda text: f"${text}$",
                lambda text: "".join(
                    chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text
                ),
            ]
        )
    )
    one, other = record(title, abstract), record(variant(title), variant(abstract))
    assert identity_keys.identity_keys(one) == identity_keys.identity_keys(other)
