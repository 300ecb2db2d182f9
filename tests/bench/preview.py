"""What commands cost beside ``python -c pass``: processor time and time by the clock.

    python tests/bench/preview.py [--turns N] [--dump FILE] [--no-bytecode] [CHECKOUT…]

Each turn runs ``python -c pass`` and then, for each CHECKOUT (default: this one), ``digest preview``
of 250 papers (of ``--dump``, default: made of the shipped samples), ``digest --help`` and ``digest
status``, so that all meet the same machine; what is printed are medians. A first turn, which fills the
caches, is not counted. Modules are compiled once before, as an installer does, unless
``--no-bytecode``. Then comes a table of where the processor time of one preview goes.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from digest import samples
from digest.sources import LocationReader

HERE = Path(__file__).resolve().parents[2]
PAPERS = 250
PROGRAM = "import sys; from digest.cli import main; sys.argv[0] = 'digest'; main()"
STEPS = """
import gc, sys, time
from datetime import date
gc.set_threshold(50_000, 20, 50)
begun = [0.0]
def step(name):
    print(f"  {name:44} {(time.process_time() - begun[0]) * 1000:5.0f} ms")
    begun[0] = time.process_time()
step("the interpreter")
import digest.cli
step("import typer and the commands")
from digest.sources import prepare
prepare()
step("start the process that reads")
from digest.wiring.application import open_application
app = open_application()
step("import pydantic; read the settings")
import digest.cli.preview_command, jinja2
from digest.daily import preview
from digest.daily.comparison import comparable_records
from digest.sources import LocationReader
from digest.store.throwaway_store import ThrowawayStore
step("import the rest")
app.editorial, app.publish_settings
step("load topics and words")
(dump,) = LocationReader([sys.argv[1]], today=app.editorial.day(app.clock()))
step("take what was read")
comparable_records(dump, app.clock())
step("identity keys")
for record in dump.records:
    app.topics.assign(record.title, record.abstract)
step("topics")
"""


def seconds(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """The processor time and the time by the clock that a command took, in seconds."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        command, env=environment, check=True, timeout=300,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    clock, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, clock


def made_dump() -> str:
    """As many papers as a day's page has, each a shipped sample under a title of its own."""
    locations = [str(path) for path in samples.paths()]
    records = [
        record
        for dump in LocationReader(locations, today=date(2026, 11, 20))
        for record in dump.records
        if record.abstract
    ]
    papers = []
    for number in range(PAPERS):
        record = records[number % len(records)]
        turn = number // len(records)
        sentences = record.abstract.split(". ")
        words = ". ".join(sentences[turn % len(sentences) :] + sentences[: turn % len(sentences)])
        papers.append(f"{record.title}, Part {turn + 1}\n\n{words}\n")
    return "\n".join(papers)


def environment_of(place: Path, work: str, number: int, *, bytecode: bool) -> dict[str, str]:
    """An environment that finds that checkout, with caches and a home of its own."""
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DIGEST_", "PYTHON", "XDG_"))
    }
    compiled = {"PYTHONPYCACHEPREFIX": f"{work}/bytecode{number}"}
    return {
        **plain,
        **(compiled if bytecode else {"PYTHONDONTWRITEBYTECODE": "1"}),
        "PYTHONPATH": str(place),
        "HOME": f"{work}/home{number}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkouts", nargs="*", type=Path, metavar="CHECKOUT")
    parser.add_argument("--turns", type=int, default=10, metavar="N")
    parser.add_argument("--dump", type=Path, metavar="FILE")
    parser.add_argument("--no-bytecode", action="store_true", help="compile every module each time")
    arguments = parser.parse_args()
    places = [place.resolve() for place in arguments.checkouts] or [HERE]
    with tempfile.TemporaryDirectory() as work:
        dump = arguments.dump.resolve() if arguments.dump else Path(work) / "dump.txt"
        if arguments.dump is None:
            dump.write_text(made_dump(), encoding="utf-8")
        commands = {
            "preview": ["preview", str(dump), "--output", f"{work}/out"],
            "--help": ["--help"],
            "status": ["status"],
        }
        os.chdir(work)
        environments = []
        for number, place in enumerate(places):
            Path(f"{work}/home{number}").mkdir()
            environments.append(
                environment_of(place, work, number, bytecode=not arguments.no_bytecode)
            )
        idle: list[tuple[float, float]] = []
        took: dict[tuple[int, str], list[tuple[float, float]]] = {}
        for turn in range(arguments.turns + 1):
            nothing = seconds([sys.executable, "-c", "pass"], environments[0])
            idle += [nothing] if turn else []
            for number, environment in enumerate(environments):
                for name, words in commands.items():
                    one = seconds([sys.executable, "-c", PROGRAM, *words], environment)
                    took.setdefault((number, name), []).extend([one] if turn else [])
        show(places, idle, took)
        print("where the processor time of one preview goes, without the process that reads:")
        subprocess.run([sys.executable, "-c", STEPS, str(dump)], env=environments[0], check=True)


def show(
    places: list[Path],
    idle: list[tuple[float, float]],
    took: dict[tuple[int, str], list[tuple[float, float]]],
) -> None:
    """Print medians: milliseconds, and how many times ``python -c pass``."""
    base = [statistics.median(figures) for figures in zip(*idle, strict=True)]
    print(f"python -c pass: processor {base[0] * 1000:.0f} ms, clock {base[1] * 1000:.0f} ms")
    for (number, name), runs in took.items():
        usual = [statistics.median(figures) for figures in zip(*runs, strict=True)]
        processor, clock = (
            f"{figure * 1000:5.0f} ms = {figure / least:3.0f} x"
            for figure, least in zip(usual, base, strict=True)
        )
        print(f"{places[number]}  {name:8} processor {processor}, clock {clock}")


if __name__ == "__main__":
    main()
