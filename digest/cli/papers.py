"""Commands about papers: what was read, what is new, what it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.console import (
    print_error,
    print_errors,
    say,
    say_json,
)

if TYPE_CHECKING:
    from digest.daily.ingest import IngestReport
    from digest.model import Dump, Record
    from digest.wiring.application import Application

WHERE = "Services (hf:daily, arxiv:cs.LG), https:// addresses, files, folders, or - for stdin."
Locations = Annotated[list[str], typer.Argument(help=WHERE, metavar="LOCATION")]
OptionalLocations = Annotated[
    list[str] | None,
    typer.Argument(
        help=f"{WHERE} Default: the configured sources.",
        show_default=False,
        metavar="LOCATION",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def parse(locations: Locations, as_json: Json = False) -> None:
    """Show what is read from a dump, exactly as it stands there."""
    from digest.sources import prepare

    prepare()
    papers = 0
    for dump in _dumps(_application(), locations):
        papers += len(dump.records)
        if as_json:
            for record in dump.records:
                say_json(record_object(record))
            continue
        day = f", page of {dump.day}" if dump.day else ""
        shortfall = f"; {dump.shortfall}" if dump.shortfall else ""
        counted = "1 paper" if len(dump.records) == 1 else f"{len(dump.records)} papers"
        say(f"{dump.location}: {counted}{day}{shortfall}")
        for record in dump.records:
            say(f"{record.position:4}. {record.title}")
    if not papers:
        raise typer.Exit(1)


def topics(
    locations: OptionalLocations = None,
    list_all: Annotated[
        bool, typer.Option("--list", help="List the topics there are, by their ids.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show each paper's topic, and the phrases that decided."""
    if list_all or not locations:
        if not list_all:
            raise typer.BadParameter("name what to read, or ask for --list")
        _list_topics(as_json=as_json)
        return
    from digest.sources import prepare

    prepare()
    app = _application()
    papers = 0
    for dump in _dumps(app, locations):
        for record in dump.records:
            papers += 1
            assignment = app.topics.assign(record.title, record.abstract)
            if as_json:
                say_json(
                    {
                        "title": record.title,
                        "topic": assignment.topic,
                        "topics": assignment.topics,
                        "score": round(assignment.score, 4),
                        "why": assignment.why,
                    }
                )
            else:
                say(f"{assignment.topic:15} {record.title}")
                say(f"{'':15} {', '.join(assignment.why) or 'nothing known in it'}")
    if not papers:
        raise typer.Exit(1)


def _list_topics(*, as_json: bool) -> None:
    """Print each topic's id, by which readers and commands name it, and its name."""
    for topic in _application().topics.topics:
        if as_json:
            say_json({"id": topic.id, "name": topic.name})
        else:
            say(f"{topic.id:20} {topic.name}")


def ingest(locations: OptionalLocations = None, as_json: Json = False) -> None:
    """Read dumps, and remember which papers are new."""
    from digest.sources import prepare

    prepare()
    from digest.daily.ingest import ingest as ingest_dumps

    app = _application()
    report = ingest_dumps(
        app.store,
        app.editorial,
        app.source_locations(locations),
        clock=app.clock,
        tools=app.shared_source_tools,
    )
    print_errors(report.rejected)
    for error in report.failed:
        print_error(str(error))
    for held in report.held:
        print_error(held.line)
    if as_json:
        say_json(_report_object(report))
    else:
        say(report.summary)
    if report.failed or ((report.rejected or report.held) and not report.changes):
        raise typer.Exit(1)


def _report_object(report: IngestReport) -> dict[str, Any]:
    from digest.daily.status import held_object
    from digest.model import Novelty

    return {
        "read": len(report.changes),
        **{str(novelty): report.count(novelty) for novelty in Novelty},
        "rejected": len(report.rejected),
        "held": [held_object(held) for held in report.held],
        "papers": [
            {
                "title": change.record.title,
                "status": str(change.novelty),
                "matched": change.matched,
                "reason": change.reason,
            }
            for change in report.changes
        ],
    }


def explain(
    title: Annotated[str, typer.Argument(help="The title of a paper, or words from it.")],
    as_json: Json = False,
) -> None:
    """Show how a paper was judged: matches, topic, score, edition."""
    from digest.daily.explain import explain as explain_paper

    app = _application()
    explanation = explain_paper(app.store, app.editorial, title, clock=app.clock)
    if as_json:
        say_json(explanation.as_dict())
        return
    for line in explanation.lines():
        say(line)


def withdraw(
    paper: Annotated[str, typer.Argument(help="The paper's number, or its exact title.")],
) -> None:
    """Take a paper out of editions that are not delivered yet, as one that a filter refuses."""
    from digest.daily.withdraw import withdraw as withdraw_paper

    app = _application()
    for line in withdraw_paper(app.store, app.publish_settings, paper, clock=app.clock):
        say(line)


def record_object(record: Record) -> dict[str, Any]:
    """A record as JSON: the words always, everything else where the source had it."""
    extra = {
        "external_id": record.external_id,
        "url": record.url,
        "votes": record.votes,
        "published": record.published.isoformat() if record.published else None,
        "authors": list(record.authors) or None,
        "author_count": record.author_count,
        "organization": record.organization,
        "comments": record.comments,
        "links": [{"kind": str(link.kind), "url": link.url} for link in record.links] or None,
        "announced": record.announced,
        **{name: value for name, value in asdict(record.details).items() if value not in ("", ())},
    }
    present = {name: value for name, value in extra.items() if value is not None}
    return {
        "title": record.title,
        "abstract": record.abstract,
        "position": record.position,
        **present,
    }


def _application() -> Application:
    from digest.wiring.application import open_application

    return open_application()


def _dumps(app: Application, locations: list[str]) -> Iterator[Dump]:
    """Yield each dump at the locations; report what cannot be used, and go on with the rest."""
    from digest.sources import LocationReader

    reader = LocationReader(
        locations,
        today=app.clock().astimezone(app.settings.zone).date(),
        tools=app.source_tools,
        on_rejected=print_errors,
        on_failed=lambda error: print_error(str(error)),
    )
    yield from reader
    if reader.failed:
        raise typer.Exit(1)
