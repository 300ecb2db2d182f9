"""Run the ``digest`` command: read arguments, call a use-case, print what came of it.

::

    editions        preview, publish, send, run; preview_command writes the preview, preview_server serves it,
                    preview_mail mails it
    held_editions   stop, release, discard
    papers          parse, topics, ingest, explain, withdraw
    rank            rank
    subscribers     add, remove, erase, show, list; subscriber_csv: import, export; approvals: waiting,
                    approve, decline
    invitations     invite; invitations list, revoke
    seeds           seeds add, list, remove
    deliveries      deliveries: who is in which state, and why
    bounces         bounce
    operations      status, sources, check, resume, daemon, worker, web
    keeping         migrate, backup, restore, prune
    console, progress, files     how the command talks, and writes files
"""

from __future__ import annotations

import gc
import io
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from digest.cli import (
    bounces,
    deliveries,
    editions,
    held_editions,
    invitations,
    keeping,
    operations,
    papers,
    rank,
    seeds,
    subscribers,
)
from digest.cli.console import print_error
from digest.visible import visible

HELP = "New research papers by topic, once, by e-mail: a digest you host yourself."

WrongUsage: Any = typer.BadParameter.__base__
"""Every error of a command line; typer has no name of its own for it."""

app = typer.Typer(
    help=HELP,
    # Plain help: it is read in half the time, and starts in half the time, too.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _digest(
    context: typer.Context,
    env_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The list's file of settings. Default: $DIGEST_ENV_FILE, or .env in this folder.",
        ),
    ] = None,
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
    debug: bool = typer.Option(False, "--debug", help="Show where an error came from."),
) -> None:
    if version:
        from importlib.metadata import version as installed_version

        typer.echo(f"digest {installed_version('papers-digest')}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())
    if env_file is not None:
        from digest.settings.env_file import use_env_file

        use_env_file(env_file)


for command in (
    editions.preview,
    editions.run,
    operations.daemon,
    operations.web,
    operations.worker,
    operations.status,
    operations.sources,
    deliveries.deliveries,
    papers.parse,
    papers.topics,
    papers.ingest,
    editions.publish,
    editions.send,
    papers.explain,
    papers.withdraw,
    rank.rank,
    held_editions.stop,
    held_editions.release,
    held_editions.discard,
    bounces.bounce,
    operations.check,
    keeping.migrate,
    operations.resume,
    keeping.backup,
    keeping.restore,
    keeping.prune,
):
    app.command()(command)
app.command()(invitations.invite)
app.add_typer(invitations.commands, name="invitations")
app.add_typer(subscribers.commands, name="subscribers")
app.add_typer(seeds.commands, name="seeds")


def main() -> None:
    """The entry point of the ``digest`` command. ``--debug`` and ``--env-file`` may stand anywhere."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    arguments = _with_env_file_first(arguments)
    # Loading libraries makes many objects that stay: looking through them all again and again
    # for garbage costs a preview a tenth of its time.
    gc.set_threshold(150_000, 20, 50)
    code = run_command(arguments, debug=debug)
    if "sqlalchemy" not in sys.modules:
        # Nor at the end, where no database was opened that has to be closed in order.
        gc.freeze()
    sys.exit(code)


def _with_env_file_first(arguments: list[str]) -> list[str]:
    """Move ``--env-file FILE`` before the command, which is where it is read."""
    for place, argument in enumerate(arguments):
        if argument == "--env-file" or argument.startswith("--env-file="):
            end = place + (2 if argument == "--env-file" else 1)
            return [*arguments[place:end], *arguments[:place], *arguments[end:]]
    return arguments


def run_command(arguments: list[str], *, debug: bool = False) -> int:
    """Run one command line and return its exit code."""
    from digest.errors import DigestError

    try:
        if doubled := doubled_option(arguments):
            raise typer.BadParameter("is given twice: give it once", param_hint=doubled)
        code = app(args=arguments, prog_name="digest", standalone_mode=False)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except WrongUsage as error:
        return _print_usage_error(error)
    except DigestError as error:
        if debug:
            raise
        print_error(str(error))
        return 1
    except KeyboardInterrupt:
        print_error("stopped")
        return 130
    except Exception as error:
        if debug:
            raise
        print_error(
            f"a defect in digest itself ({type(error).__name__}: {error}). "
            "Run again with --debug and report what it prints"
        )
        return 1
    return code if isinstance(code, int) else 0


def doubled_option(arguments: list[str]) -> str:
    """The option that a command takes once and that is given twice; ``""`` if there is none."""
    given = [each.partition("=")[0] for each in arguments if each.startswith("--") and each != "--"]
    twice = {name for name in given if given.count(name) > 1}
    if not twice:
        return ""
    command: Any = typer.main.get_command(app)
    for word in arguments:
        command = getattr(command, "commands", {}).get(word, command)
    if getattr(command, "commands", None):
        return ""
    once = {
        name
        for parameter in command.params
        if parameter.param_type_name == "option" and not (parameter.multiple or parameter.is_flag)
        for name in parameter.opts
    }
    return min(twice & once, default="")


def _print_usage_error(error: Any) -> int:
    """Print what was wrong with the command line; its words may come from a shell's glob."""
    message = io.StringIO()
    error.show(message)
    for line in message.getvalue().rstrip("\n").split("\n"):
        print(visible(line), file=sys.stderr)
    return int(error.exit_code)
