"""Mutated bounces, complaints and wishes to leave, through the whole of what reads them: figures.

    python tests/bench/hostile_bounces.py [MESSAGES] [SEED]

Prints how long the slowest took and what the memory grew by; ends with 1 if a message crashed the
reader, took more than a second of processor time, or the memory grew by more than 200 MB.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bounce_samples import BounceInstallation, bounce, complaint, leave_token, wish

CORPUS = Path(__file__).parents[1] / "delivery" / "bounces"
MOST_SECONDS, MOST_MEGABYTES = 1.0, 200
SIZE = 260 * 1024
PIECES = (
    b"\0", b"\xff\xfe", b"\r", b"\n", b"\r\n\r\n", b"--=_b\n", b"--=_b--\n", b" " * 500, b"(" * 500,
    b"<" * 500, b'"' * 300, b"a@" * 200, b"=?utf-8?q?" * 50, b"=?punycode?b?////?=", b"5.1.1 " * 90,
    b"Content-Type: multipart/mixed; boundary=x\n\n--x\n", b"Content-Type: message/rfc822\n\n",
    b"Content-Transfer-Encoding: base64\n", b"Content-Type: text/plain; charset=utf-7\n\n+",
    b"Content-Type: message/delivery-status\n\nStatus: 5.1.1\n\n", b"\xe2\x80\xae\xf0\x9f\x92\xa9",
    b"Authentication-Results: mx.test; dmarc=pass (((", b"Subject: unsubscribe\n", b"Auto-Submitted: ",
    b"From: reader@example.net\n", b"Final-Recipient: rfc822;" + b"x" * 900, b"\x1b]0;me\x07",
)  # fmt: skip
"""What a mutation puts in, once or until the message is as large as one may be."""

Mutation = Callable[[random.Random, bytes], bytes]


def _place(rng: random.Random, raw: bytes) -> int:
    return rng.randrange(len(raw) + 1)


def inserted(rng: random.Random, raw: bytes) -> bytes:
    at = _place(rng, raw)
    return raw[:at] + rng.choice(PIECES) * rng.choice((1, 1, 2, 30)) + raw[at:]


def flooded(rng: random.Random, raw: bytes) -> bytes:
    at, piece = _place(rng, raw), rng.choice(PIECES)
    if rng.random() < 0.5:
        piece += rng.choice(PIECES)
    return raw[:at] + piece * (SIZE // len(piece)) + raw[at:]


def cut(rng: random.Random, raw: bytes) -> bytes:
    one, other = sorted((_place(rng, raw), _place(rng, raw)))
    return raw[:one] + raw[other:]


def flipped(rng: random.Random, raw: bytes) -> bytes:
    changed = bytearray(raw)
    for _ in range(rng.choice((1, 5, 50))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def repeated(rng: random.Random, raw: bytes) -> bytes:
    """A line of its own, thousands of times."""
    lines = raw.split(b"\n")
    at = rng.randrange(len(lines))
    lines[at : at + 1] = [lines[at]] * min(SIZE // (len(lines[at]) + 1), 60_000)
    return b"\n".join(lines)


def joined(rng: random.Random, raw: bytes) -> bytes:
    return raw.replace(b"\n", rng.choice((b"", b" ", b"\r", b"\n\n", b"\n ")))


def nested(rng: random.Random, raw: bytes) -> bytes:
    depth = rng.choice((5, 29, 40, 400, 3000))
    head = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(depth)
    )
    return head + raw + b"x\n" * rng.choice((0, 7_000, 100_000))


MUTATIONS: Sequence[Mutation] = (inserted, cut, flipped, joined, repeated, flooded, nested)
WEIGHTS = (8, 5, 5, 2, 2, 2, 1)


def seeds(installation: BounceInstallation) -> list[bytes]:
    """Whole messages, with good tokens where these belong."""
    subscriber, delivery_id = installation.subscriber_with_delivery()
    made = [path.read_bytes() for path in sorted(CORPUS.glob("*.eml"))]
    made += [bounce(delivery_id), complaint(delivery_id), wish("unsubscribe")]
    return [*made, wish(f"unsubscribe {leave_token(subscriber)}")]


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(count: int, seed: int) -> int:
    rng = random.Random(seed)
    failures, slow, effects = 0, [], Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        installation = BounceInstallation(Path(folder))
        installation.authserv_id = "mx.test"
        of = seeds(installation)
        for raw in of:
            installation.take(raw)
        before, begun = megabytes(), time.perf_counter()
        for number in range(count):
            raw = rng.choice(of)
            used = rng.choices(MUTATIONS, WEIGHTS, k=rng.choice((1, 1, 2, 3)))
            for mutation in used:
                raw = mutation(rng, raw)[: 2 * SIZE]
            started = time.process_time()
            try:
                effects[str(installation.take(raw).effect)] += 1
            except Exception as error:
                failures += 1
                print(f"message {number}: {type(error).__name__}: {error}")
            slow.append((time.process_time() - started, number, [one.__name__ for one in used]))
        whole, grown = time.perf_counter() - begun, megabytes() - before
    slow.sort(reverse=True)
    print(f"{count:,} messages in {whole:.0f} s, {failures} crashes; {dict(effects)}")
    print(f"processor time: slowest {slow[0][0]:.3f} s (of {', '.join(slow[0][2])}), "
          f"99 of 100 under {slow[count // 100][0] * 1000:.1f} ms, half under "
          f"{slow[count // 2][0] * 1000:.2f} ms")  # fmt: skip
    print(f"memory: {grown:.0f} MB over the start")
    return int(failures > 0 or slow[0][0] > MOST_SECONDS or grown > MOST_MEGABYTES)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:3]]
    sys.exit(main(*[*given, *(20_000, 1)[len(given) :]]))
