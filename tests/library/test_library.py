"""The library: four functions, their values, one error, and nothing loaded before it is used."""

from __future__ import annotations

import inspect
import io
import json
import re
import subprocess
import sys
import tomllib
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest
from mail.sample_editions import edition as sample_edition

import digest
from digest import samples

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = samples.paths()[-1]
SURFACE = {
    "__version__",
    "parse", "classify", "compare", "render",
    "ParsedPapers", "PaperTopics", "TopicConfidence", "PaperMatch", "RenderedDigest",
    "Record", "Rejected", "DigestError",
}  # fmt: skip
HEAVY = {"numpy", "jinja2", "sqlalchemy", "lxml", "pydantic", "httpx", "starlette", "typer", "rich"}
MOSS = digest.Record(
    title="Moss: Reconstruction of Surfaces That Are Neither Solid nor Fog",
    abstract="We reconstruct moss, fur and felt from sixty photographs. " * 12,
    external_id="2611.01234",
    authors=("Ada Fictive", "Ben Invented"),
)


def loaded_after(program: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after that program."""
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return set(done.stdout.splitlines()[-1].split())


def example(page: Path, mark: str) -> str:
    block = page.read_text(encoding="utf-8").partition(f"<!-- {mark} -->")[2]
    return block.partition("```python\n")[2].partition("```")[0]


def test_the_surface_is_exactly_that() -> None:
    assert set(digest.__all__) == set(dir(digest)) == SURFACE
    namespace: dict[str, object] = {}
    exec("from digest import *", namespace)
    assert set(namespace) - {"__builtins__"} == SURFACE
    with pytest.raises(AttributeError, match="no attribute 'publish'"):
        digest.publish  # noqa: B018


def test_its_parameters_and_fields_are_those_that_the_documentation_promises() -> None:
    page = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    for name in ("parse", "classify", "compare", "render"):
        promised = re.search(rf"`digest\.{name}\(([^`]*)\)`", page)
        assert promised is not None, name
        names = [each.split("=")[0].strip() for each in promised[1].split(",")]
        parameters = inspect.signature(getattr(digest, name)).parameters
        assert [each for each in names if each != "*"] == list(parameters), name
    for name in SURFACE:
        value = getattr(digest, name)
        if inspect.isclass(value) and not issubclass(value, Exception) and name != "Record":
            for field in fields(value):  # type: ignore[arg-type]
                assert f"`{field.name}`" in page, f"{name}.{field.name}"


def test_its_version_is_the_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert digest.__version__ == project["version"]


def test_its_types_are_marked() -> None:
    assert (Path(digest.__file__).parent / "py.typed").exists()


def test_to_import_it_loads_nothing_of_the_program() -> None:
    loaded = loaded_after("import digest; digest.__version__; dir(digest)")
    assert not {name for name in loaded if name.startswith("digest.")}
    assert not loaded & HEAVY


def test_only_what_renders_loads_the_templates_library() -> None:
    loaded = loaded_after(
        "import digest\n"
        f"listed = digest.parse(open({str(SAMPLE)!r}, 'rb'))\n"
        "digest.classify(listed.papers[0]); digest.compare(*listed.papers[:2])"
    )
    assert not loaded & {"numpy", "jinja2", "sqlalchemy", "pydantic", "starlette", "typer"}


@pytest.mark.parametrize(
    ("page", "mark"),
    [(ROOT / "docs" / "library.md", "example"), (ROOT / "README.md", "library")],
    ids=["docs", "readme"],
)
def test_the_example_runs_as_it_is_written(page: Path, mark: str, tmp_path: Path) -> None:
    (tmp_path / "papers.html").write_bytes(SAMPLE.read_bytes())
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", example(page, mark)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "Billing by the Thought" in done.stdout
    assert "Our " in (tmp_path / "digest.html").read_text(encoding="utf-8")


def test_a_list_reads_the_same_as_a_file_as_bytes_as_text_and_as_an_open_file() -> None:
    read = digest.parse(SAMPLE)
    assert len(read) == len(read.papers) == 37
    assert list(read) == list(read.papers)
    data = SAMPLE.read_bytes()
    for source in (data, data.decode(), io.BytesIO(data), io.StringIO(data.decode())):
        assert digest.parse(source).papers == read.papers


def test_what_was_left_out_is_told_with_its_line() -> None:
    read = digest.parse(SAMPLE).papers
    rows = [{"title": paper.title, "abstract": paper.abstract} for paper in read[:4]]
    rows.append({"title": "x" * 9_000, "abstract": read[5].abstract})
    listed = digest.parse(json.dumps(rows))
    assert [paper.title for paper in listed][:4] == [paper.title for paper in read[:4]]
    assert listed.kind == "JSON"
    (problem,) = listed.problems
    assert problem.reason == "a title of 9,000 characters, cut at 2,000: is it one paper?"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (b"", "the list: empty, nothing to read: copy the page into it again"),
        (str(SAMPLE), f"{SAMPLE}: is the name of a file, and a str is read as the text itself. "
                      "Give pathlib.Path(…) to read the file"),
        ("https://example.org/papers", "https://example.org/papers: is an address, and the library "
                                       "asks no network. Fetch it first and give its bytes"),
        (Path("nowhere.html"), "nowhere.html: no such file. Check the path"),
        (SAMPLE.parent, f"{SAMPLE.parent}: a folder, and one list is read at a time. "
                        "Call parse for each file in it"),
        (7, "cannot read papers from 'int'. Give bytes, text, a pathlib.Path or an open file"),
        ("%PDF-1.4 and so on", "the list: this is a PDF, not text: give the page as text, Markdown "
                               "or HTML"),
    ],
    ids=["empty", "name", "address", "missing", "folder", "number", "pdf"],
)  # fmt: skip
def test_what_cannot_be_read_is_one_line_that_mends(source: object, line: str) -> None:
    with pytest.raises(digest.DigestError) as caught:
        digest.parse(source)  # type: ignore[arg-type]
    assert str(caught.value) == line


def test_a_paper_has_topics_with_their_confidence() -> None:
    for paper in digest.parse(SAMPLE):
        topics = digest.classify(paper)
        shares = [topic.confidence for topic in topics.topics]
        assert shares == sorted(shares, reverse=True)
        assert 0 < sum(shares) <= 1.001
        assert topics.primary is topics.topics[0]
    unknown = digest.classify(digest.Record(title="Untitled"))
    assert (unknown.primary.id, unknown.primary.confidence, unknown.why) == ("other", 1.0, ())


def test_topics_of_ones_own_are_used_and_a_wrong_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        '[[topic]]\nid = "moss"\nname = "Moss"\nphrases = ["moss", "fur and felt"]\n'
    )
    assert digest.classify(MOSS, topics=tmp_path / "own.toml").primary.name == "Moss"
    (tmp_path / "bad.toml").write_text("[[topic\n")
    with pytest.raises(digest.DigestError, match=r"bad\.toml"):
        digest.classify(MOSS, topics=tmp_path / "bad.toml")


def test_two_papers_are_compared_with_a_reason() -> None:
    other = digest.parse(SAMPLE).papers[0]
    assert digest.compare(MOSS, MOSS).same
    revised = digest.compare(
        MOSS, replace(MOSS, abstract=MOSS.abstract + "And we add lichen. " * 9)
    )
    assert revised.same
    assert revised.revised
    assert "same arXiv id 2611.01234" in revised.reason
    assert digest.compare(MOSS, other) == digest.PaperMatch(
        False, "no id, title, name or phrase in common"
    )
    assert digest.compare(MOSS, replace(MOSS, external_id="2611.09999")).reason == (
        "different ids: arXiv id 2611.09999, and arxiv:2611.01234"
    )
    stranger = replace(MOSS, external_id=None, authors=("Cy Nobody",), abstract="Something else.")
    assert digest.compare(MOSS, stranger).reason == "no author in common"


def test_what_is_no_paper_is_said_in_one_line() -> None:
    line = "expected a paper, not 'str'. Take one from parse(…), or write digest.Record"
    for wrong in (
        lambda: digest.classify("Moss"),  # type: ignore[arg-type]
        lambda: digest.compare(MOSS, "Moss"),  # type: ignore[arg-type]
        lambda: digest.render(["Moss"]),  # type: ignore[list-item]
    ):
        with pytest.raises(digest.DigestError, match=re.escape(line)):
            wrong()
    with pytest.raises(digest.DigestError, match="there are no papers to render"):
        digest.render([])


def test_papers_are_rendered_the_same_every_time() -> None:
    listed = digest.parse(SAMPLE)
    mail = digest.render(listed, name="Moss Club", day=date(2026, 11, 20))
    assert mail == digest.render(listed, name="Moss Club", day=date(2026, 11, 20))
    assert mail.subject.startswith("Slow Brush")
    assert "Moss Club" in mail.html
    for title in ("Slow Brush", "Works on My Cluster"):
        assert title in mail.html
        assert title in mail.text
    assert "20 November 2026" in mail.text


def test_a_day_that_is_only_written_is_refused_in_one_line() -> None:
    with pytest.raises(digest.DigestError, match=r"the day is a str.*datetime\.date"):
        digest.render([MOSS], day="2026-11-22")  # type: ignore[arg-type]


def test_a_template_that_is_wrong_is_named(tmp_path: Path) -> None:
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "shell.html.j2").write_text("{{ content")
    with pytest.raises(digest.DigestError, match=r"shell\.html\.j2"):
        digest.render([MOSS], templates=tmp_path)


def test_an_edition_is_rendered_as_it_stands() -> None:
    edition = sample_edition(12)
    mail = digest.render(edition, name="Moss Club")
    assert edition.entries[0].title in mail.text
    assert "Moss Club" in mail.html
