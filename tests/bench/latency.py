"""The pipelined sender beside the plain one, with 20 ms added to every reply of the relay.

::

    python tests/bench/latency.py [--delay 0.02] [--count 200]

The delay is one way of the network: replies to commands that arrive together leave together.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
import time
from pathlib import Path

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from delivery.sending import plain_mail, readers, relay, send
from fakes import MemoryOutbox

from digest.delivery.send_limits import SendLimits


class Distant:
    """A relay whose every reply is ``delay`` seconds late, without holding up those behind it."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.mails = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()

        def say(reply: bytes) -> None:
            loop.call_later(self.delay, writer.write, reply + b"\r\n")

        say(b"220 distant")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                say(b"250-distant\r\n250 PIPELINING")
            elif verb == b"DATA":
                say(b"354 go on")
                await reader.readuntil(b"\r\n.\r\n")
                self.mails += 1
                say(b"250 2.0.0 kept")
            elif verb == b"QUIT":
                say(b"221 bye")
                await asyncio.sleep(2 * self.delay)
                break
            else:
                say(b"250 2.0.0 ok")
        writer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--delay", type=float, default=0.02)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--connections", type=int, default=4)
    asked = parser.parse_args()
    distant, ready = Distant(asked.delay), threading.Event()
    ports: list[int] = []
    loop = asyncio.new_event_loop()

    def run() -> None:
        server = loop.run_until_complete(asyncio.start_server(distant.serve, "127.0.0.1", 0))
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        loop.run_forever()

    threading.Thread(target=run, daemon=True).start()
    ready.wait()
    rates = []
    for pipelining in (True, False):
        ledger = MemoryOutbox(readers(asked.count))
        started = time.perf_counter()
        report = send(
            ledger,
            relay(ports[0], pipelining=pipelining),
            compose=plain_mail,
            limits=SendLimits(connections=asked.connections),
        )
        rates.append(report.accepted / (time.perf_counter() - started))
        name = "pipelined" if pipelining else "one by one"
        print(f"{name:12} {rates[-1]:8.1f} mails/s over {asked.connections} connections")
    print(f"pipelining is {rates[0] / rates[1]:.2f} × as fast at {asked.delay * 1000:.0f} ms")


if __name__ == "__main__":
    main()
