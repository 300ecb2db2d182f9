"""The ``digest`` command: reads arguments, calls a use-case, prints what came of it.

Exit codes are a contract: 0 success, 1 a failure told in one line on stderr, 2 wrong usage. Nothing
heavy is imported before a command runs, so that ``digest --help`` answers at once.
"""

from __future__ import annotations

import sys

import typer

from digest.cli import editions, operations, papers, readers
from digest.cli.console import complain

HELP = "New research papers by topic, once, by e-mail: a digest you host yourself."

app = typer.Typer(
    help=HELP,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _digest(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
    debug: bool = typer.Option(False, "--debug", help="Show where an error came from."),
) -> None:
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"digest {installed('papers-digest')}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


TODAY = "Every day"
MEMORY = "What is known"
HOUSE = "The house"

app.command(rich_help_panel=TODAY)(editions.preview)
app.command(rich_help_panel=TODAY)(editions.run)
app.command(rich_help_panel=TODAY)(operations.daemon)
app.command(rich_help_panel=TODAY)(operations.status)
app.command(rich_help_panel=MEMORY)(papers.parse)
app.command(rich_help_panel=MEMORY)(papers.topics)
app.command(rich_help_panel=MEMORY)(papers.explain)
app.command(rich_help_panel="One step at a time")(papers.ingest)
app.command(rich_help_panel="One step at a time")(editions.publish)
app.command(rich_help_panel="One step at a time")(editions.send)
app.add_typer(readers.app, name="subscribers", rich_help_panel=HOUSE)
app.command(rich_help_panel=HOUSE)(operations.check)
app.command(rich_help_panel=HOUSE)(operations.migrate)
app.command(rich_help_panel=HOUSE)(operations.resume)


def main() -> None:
    """Entry point of the ``digest`` command. ``--debug`` may stand anywhere."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    sys.exit(run_command(arguments, debug=debug))


def run_command(arguments: list[str], *, debug: bool = False) -> int:
    """Run one command line and return its exit code."""
    import click

    from digest.errors import DigestError

    try:
        outcome = app(args=arguments, prog_name="digest", standalone_mode=False)
    except DigestError as error:
        if debug:
            raise
        complain(str(error))
        return 1
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        complain("stopped")
        return 130
    except BrokenPipeError:
        # The reader of our output (``| head``) has what it wanted.
        sys.stderr.close()
        return 0
    except Exception as error:
        if debug:
            raise
        complain(
            f"a defect in digest itself ({type(error).__name__}: {error}). "
            "Run again with --debug and report what it prints"
        )
        return 1
    return outcome if isinstance(outcome, int) else 0
