"""Webhook calls are signed as Standard Webhooks says."""

from __future__ import annotations

import base64

import pytest

from digest.channels.signature import decode_secret, signed_headers


def test_the_signature_is_that_of_the_specification_s_example() -> None:
    """The example of the reference implementations' own tests."""
    headers = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize("octets", [23, 65, 0])
def test_a_secret_of_another_length_is_refused(octets: int) -> None:
    with pytest.raises(ValueError, match=f"has {octets} octets"):
        decode_secret(base64.b64encode(b"x" * octets).decode())


def test_the_prefix_may_be_missing() -> None:
    bare = base64.b64encode(b"x" * 32).decode()
    assert decode_secret(bare) == decode_secret(f"whsec_{bare}")
