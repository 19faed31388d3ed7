"""Running the command line: its exit status, and errors as one line."""

from __future__ import annotations

import io
import os
import sys
from typing import NoReturn

import typer

from keybounds.cli.app import app, say
from keybounds.errors import InputError, KeyboundsError


def run() -> NoReturn:
    """Run the command line and exit with its status; errors become one line on stderr."""
    if len(sys.argv) == 1:  # what can be asked for is the answer, on stdout as for --help
        sys.argv.append("--help")
    if sys.stdout is None:  # closed by who started us: what is printed is wanted nowhere
        sys.stdout = io.StringIO()
    status = 0
    try:
        # not `app()`, which exits with 1 where the reader of a pipe has gone, and without a word where interrupted
        command = typer.main.get_command(app)
        try:
            with command.make_context("keybounds", sys.argv[1:]) as context:
                command.invoke(context)
        except typer.Exit as ended:
            status = ended.exit_code
        sys.stdout.flush()
    except InputError as error:
        _fail(str(error), 2)
    except KeyboundsError as error:
        _fail(str(error), 1)
    except typer.TyperException as error:
        _fail(error.format_message(), 2)
    except MemoryError as error:
        _fail(f"out of memory: {error}", 1)
    except BrokenPipeError:  # the reader of our output has gone: nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        _fail(f"{error.filename or 'file'}: {error.strerror or error}", 2)
    sys.exit(status)


def _fail(message: str, status: int) -> NoReturn:
    say("keybounds: " + " ".join(message.split()) + "\n", err=True)
    sys.exit(status)
