"""A host says when it wants to be asked again, in one of several ways."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.retry_after import LONGEST_WAIT, seconds_to_wait

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "17"}, 17.0),
        ({"Retry-After": "Sat, 21 Nov 2026 12:01:30 GMT"}, 90.0),
        ({"Retry-After": "Sat, 21 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "99999999999"}, LONGEST_WAIT),
        ({"RateLimit": '"api";r=0;t=42'}, 42.0),
        ({"RateLimit": '"api";r=3;t=42'}, None),
        ({"RateLimit": '"burst";r=0;t=5, "daily";r=0;t=60'}, 60.0),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "8"}, 8.0),
        ({"RateLimit-Remaining": "1", "RateLimit-Reset": "8"}, None),
        ({"Retry-After": "3", "RateLimit": '"api";r=0;t=9'}, 9.0),
    ],
)
def test_the_longest_wish_of_a_host_is_heeded(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert seconds_to_wait(headers, NOW) == seconds


@given(st.dictionaries(st.sampled_from(["Retry-After", "RateLimit", "RateLimit-Reset"]), st.text()))
def test_whatever_a_host_says_the_wait_is_bounded(headers: dict[str, str]) -> None:
    wait = seconds_to_wait({"RateLimit-Remaining": "0", **headers}, NOW)
    assert wait is None or 0.0 <= wait <= LONGEST_WAIT
