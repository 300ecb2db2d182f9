"""Prints what reading 1 MB costs, in seconds of processor time, for each kind of file.

    python tests/bench/reading.py [CHECKOUT…]

The files are made of the samples that come with the program, each copy of a paper with its words in
another order, so that nothing is known from the copy before; the same files are given to each
CHECKOUT (default: this one). Kinds and checkouts take turns, so that all meet the same machine; the
least of some rounds is printed. Fails if this checkout takes more than half a second for a kind.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sources import shelf
from sources.shelf import Invented

HERE = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 20)
ROUNDS = 5
MEGABYTE = 1_000_000
BAR = 0.5
"""Seconds of processor time for a megabyte."""
_READ = """
import sys, time
from datetime import date
from digest.sources.reading import read_dump
data = open(sys.argv[1], "rb").read()
read_dump(data[:20_000], location="warm", today=date(2026, 11, 20))
began = time.process_time()
found = read_dump(data, location="bench", today=date(2026, 11, 20))
print(time.process_time() - began, len(getattr(found, "records", ())))
"""


def sample_papers() -> list[Invented]:
    """The papers of the samples, as records to write in any layout."""
    from digest import samples
    from digest.sources.dump import read_text

    home = Path(samples.__file__).parent
    records = [
        record
        for path in sorted(home.glob("*.txt"))
        for record in read_text(path.read_text("utf-8"), location=path.name, today=TODAY).records
        if len(record.title.split()) > 2 and record.abstract
    ]
    return [
        shelf.invented(number, record.title, record.abstract)
        for number, record in enumerate(records)
    ]


def reordered(text: str, dice: random.Random) -> str:
    """The text with all words but the first and the last in another order."""
    first, *middle, last = text.split()
    dice.shuffle(middle)
    return " ".join([first, *middle, last])


def many(papers: Sequence[Invented], count: int) -> list[Invented]:
    """So many papers that are like these, none of them like another."""
    dice = random.Random(1)
    return [
        shelf.invented(
            number,
            reordered(paper.title, dice),
            reordered(paper.abstract, dice),
            published=TODAY - timedelta(days=number % 40),
        )
        for number in range(count)
        for paper in (papers[number % len(papers)],)
    ]


def api_array(papers: Sequence[Invented]) -> str:
    return json.dumps(
        [
            {
                "title": paper.title,
                "summary": paper.abstract,
                "id": paper.id,
                "upvotes": paper.votes,
            }
            for paper in papers
        ]
    )


def bibtex(papers: Sequence[Invented]) -> str:
    return "\n\n".join(
        f"@article{{key{paper.id},\n  title = {{{paper.title}}},\n  author = {{Invented, Ada and Made-Up, Bo}},\n"
        f"  abstract = {{{paper.abstract}}},\n  eprint = {{{paper.id}}},\n  year = {{2026}}\n}}"
        for paper in papers
    )


def table(papers: Sequence[Invented]) -> str:
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(["title", "abstract", "id", "votes"])
    rows.writerows([paper.title, paper.abstract, paper.id, paper.votes] for paper in papers)
    return written.getvalue()


KINDS: dict[str, Callable[[Sequence[Invented]], str]] = {
    "dump HTML": shelf.saved_cards,
    "dump text": shelf.copied_with_facts,
    "dump text, words only": shelf.glued,
    "Markdown": shelf.scraped_markdown,
    "Markdown, terminal": shelf.terminal_capture,
    "hard-wrapped": shelf.hard_wrapped,
    "hard-wrapped pairs": shelf.hard_wrapped_pairs,
    "text browser": shelf.text_browser_dump,
    "JSON": api_array,
    "BibTeX": bibtex,
    "CSV": table,
}


def megabyte(layout: Callable[[Sequence[Invented]], str], papers: Sequence[Invented]) -> bytes:
    """About a megabyte of papers in this layout."""
    least = layout(many(papers, 40))
    return layout(many(papers, 40 * MEGABYTE // len(least.encode()))).encode()


def seconds(checkout: Path, file: Path) -> tuple[float, int]:
    """The processor time that a checkout takes for a megabyte of the file, and the papers found."""
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(file)],
        env={**os.environ, "PYTHONPATH": str(checkout)},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    took, papers = done.stdout.split()
    return float(took) * MEGABYTE / file.stat().st_size, int(papers)


def main() -> None:
    checkouts = [Path(each).resolve() for each in sys.argv[1:]] or [HERE]
    papers = sample_papers()
    with tempfile.TemporaryDirectory() as work:
        files = {kind: Path(work, f"{number}.txt") for number, kind in enumerate(KINDS)}
        for kind, file in files.items():
            file.write_bytes(megabyte(KINDS[kind], papers))
        least: dict[tuple[str, Path], tuple[float, int]] = {}
        os.chdir(work)
        for _ in range(ROUNDS):
            for kind, file in files.items():
                for checkout in checkouts:
                    found = seconds(checkout, file)
                    least[kind, checkout] = min(found, least.get((kind, checkout), found))
    print("seconds of processor time for 1 MB (papers found)")
    for kind in KINDS:
        figures = (least[kind, checkout] for checkout in checkouts)
        print(f"{kind:24}", *(f"{took:6.2f} ({count:,})" for took, count in figures))
    slow = [kind for kind in KINDS if least[kind, checkouts[-1]][0] > BAR]
    if slow:
        raise SystemExit(f"FAILED: over {BAR} s: {', '.join(slow)}")


if __name__ == "__main__":
    main()
