"""What several sources say of one paper is put together, field by field."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from digest.model import NO_DETAILS, PaperDetails
from digest.model.details import merged_details

details = st.builds(
    PaperDetails,
    doi=st.none() | st.sampled_from(["10.1000/1", "10.1000/2"]),
    categories=st.lists(st.sampled_from(["cs.LG", "cs.CL", "math.OC"]), unique=True).map(tuple),
    stars=st.none() | st.integers(0, 9),
    comment=st.sampled_from(["", "12 pages", "Accepted"]),
)


def test_a_field_that_was_missing_is_filled_and_named() -> None:
    known = PaperDetails(doi="10.1000/1")
    merged, names = merged_details(known, PaperDetails(licence="CC BY 4.0"), latest=True)
    assert merged == PaperDetails(doi="10.1000/1", licence="CC BY 4.0")
    assert names == ("licence",)


def test_stars_are_those_of_the_latest_reading() -> None:
    known = PaperDetails(stars=20)
    assert merged_details(known, PaperDetails(stars=35), latest=True)[0].stars == 35
    assert merged_details(known, PaperDetails(stars=3), latest=False)[0].stars == 20


def test_the_longer_list_is_better() -> None:
    known = PaperDetails(categories=("cs.LG",))
    longer = PaperDetails(categories=("cs.LG", "cs.CL"))
    assert merged_details(known, longer, latest=False)[0] == longer
    assert merged_details(longer, known, latest=True) == (longer, ())


@given(details, details, st.booleans())
def test_nothing_known_is_ever_lost(known: PaperDetails, said: PaperDetails, latest: bool) -> None:
    merged, _ = merged_details(known, said, latest=latest)
    for name in ("doi", "stars", "comment"):
        if getattr(known, name) not in (None, ""):
            assert getattr(merged, name) not in (None, "")
    assert len(merged.categories) == max(len(known.categories), len(said.categories))


@given(details, st.booleans())
def test_hearing_the_same_again_changes_nothing(said: PaperDetails, latest: bool) -> None:
    once, _ = merged_details(NO_DETAILS, said, latest=True)
    assert merged_details(once, said, latest=latest) == (once, ())
