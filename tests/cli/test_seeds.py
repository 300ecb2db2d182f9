"""An operator names papers as a taste, of one reader or for everybody."""

from __future__ import annotations

from cli.conftest import Terminal

BIB = "@misc{a, title={Weaving Flowers With An Engine}, eprint={2606.01234}}\n@misc{b, note={x}}\n"


def test_a_bibliography_serves_everybody_and_says_what_it_could_not_use(digest: Terminal) -> None:
    added = digest("seeds", "add", digest.text_file("lab.bib", BIB))
    assert added.code == 0
    assert added.out == "1 added, 1 not known here yet, 1 could not be used\n"
    assert "line 2: this entry has neither a title nor an id" in added.err
    (seed,) = digest("seeds", "list", "--json").lines
    assert (seed["list"], seed["external_id"], seed["known"]) == ("everyone", "2606.01234", False)
    assert "Weaving Flowers" in digest("seeds", "list", "--list", "everyone").out
    assert digest("seeds", "remove", str(seed["number"])).out == "1 removed\n"
    assert digest("seeds", "list").out == ""


def test_the_seeds_of_a_reader_are_theirs(digest: Terminal) -> None:
    digest("subscribers", "add", "ada@example.org", "--confirmed")
    papers = digest.text_file("papers.txt", "2606.01234\n2606.01235\n")
    report = digest("seeds", "add", papers, "--for", "ada@example.org", "--json").json
    assert report == {"added": 2, "present": 0, "unknown": 2, "refused": []}
    assert digest("seeds", "list").out == ""
    assert len(digest("seeds", "list", "--for", "1", "--json").lines) == 2
    shown = digest("subscribers", "show", "ada@example.org").json
    assert [seed["external_id"] for seed in shown["taste"]["seeds"]] == ["2606.01234", "2606.01235"]
    assert digest("seeds", "remove", "--all", "--for", "ada@example.org").out == "2 removed\n"


def test_what_is_wrong_is_one_clear_line(digest: Terminal) -> None:
    missing = digest("seeds", "add", "no-such-file.bib")
    assert (missing.code, missing.err.count("\n")) == (1, 1)
    assert "no-such-file.bib: cannot be read" in missing.err
    unclear = digest("seeds", "remove")
    assert unclear.code == 1
    assert "give the numbers of the papers, or --all" in unclear.err
    nobody = digest("seeds", "list", "--for", "nobody@example.org")
    assert "no such subscriber" in nobody.err
    useless = digest("seeds", "add", digest.text_file("x.txt", "BERT"))
    assert useless.code == 1
