"""The command `parley`: finds the command, runs it, and turns errors into sentences and exit codes.

Exit codes: 0 done, 1 failed, 2 wrong use. What a command does is its own module's.
"""

import os
import sys
from typing import TYPE_CHECKING, Final, NoReturn

from scheduler.cli.table import VERSION, help_text

if TYPE_CHECKING:  # click is loaded only when there is a command to run
    import click

FAILED: Final = 1
WRONG_USE: Final = 2
_WINDOWS: Final = (
    "parley: does not run on Windows itself; install WSL (wsl --install), open its Linux, and "
    "install Parleywatch there."
)


def main() -> NoReturn:
    """Run the command line and exit."""
    if sys.platform == "win32":
        _say(_WINDOWS)
        sys.exit(FAILED)
    arguments = sys.argv[1:]
    if arguments in ([], ["--help"], ["-h"]):
        sys.exit(_print(help_text()))
    if arguments == ["--version"]:
        sys.exit(_print(f"parley {VERSION}\n"))
    sys.exit(run(arguments))


def run(arguments: list[str]) -> int:
    """Run one command and give its exit code; no error leaves it, save under PARLEY_DEBUG."""
    import click

    from scheduler.cli.group import group

    try:
        result = group().main(arguments, prog_name="parley", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else help_text())
        return WRONG_USE
    except click.ClickException as error:
        _say(_usage(error))
        return WRONG_USE if isinstance(error, click.UsageError) else FAILED
    except (click.Abort, KeyboardInterrupt):
        _say("parley: stopped.")
        return FAILED
    except BrokenPipeError:
        return _quiet_end()
    except Exception as error:  # noqa: BLE001 - the top of a command: a sentence instead of a traceback
        return _failure(error)
    return result if isinstance(result, int) else 0


def _usage(error: "click.ClickException") -> str:
    text = error.format_message().strip()
    context = getattr(error, "ctx", None)
    hint = f" See `{context.command_path} --help`." if context and context.parent else ""
    end = "" if text.endswith((".", "?")) else "."
    return f"parley: {text[:1].lower()}{text[1:]}{end}{hint}"


def _failure(error: Exception) -> int:
    from crawler.errors import CrawlerError
    from scheduler.errors import CommandError, ConfigError, SchedulerError
    from storage.errors import StorageError

    if isinstance(error, ExceptionGroup):  # of a TaskGroup: what stopped it, without the wrapping
        return _failure(error.exceptions[0])
    if isinstance(error, ConfigError):
        for problem in error.problems:
            _say(f"parley: {problem}")
        return FAILED
    if isinstance(error, CommandError):
        _say(f"parley: {error}")
        return error.exit_code
    if isinstance(error, StorageError | CrawlerError | SchedulerError):
        _say(f"parley: {error}")
        return FAILED
    if os.environ.get("PARLEY_DEBUG"):
        raise error
    if isinstance(error, OSError):
        _say(f"parley: {_os_sentence(error)}")
        return FAILED
    _say(
        f"parley: a fault of the program stopped this command ({type(error).__name__}: {error}). "
        "Nothing stored is lost. With PARLEY_DEBUG=1 before the command it shows where."
    )
    return FAILED


def _os_sentence(error: OSError) -> str:
    import errno

    where = f"{error.filename}: " if error.filename else ""
    todo = {
        errno.ENOSPC: "the disk is full; free some space.",
        errno.EACCES: "no permission; check who owns it, or choose another place.",
        errno.EROFS: "the disk is read-only; choose another place.",
        errno.EADDRINUSE: "the port is in use; stop what uses it, or set another under [viewer].",
        errno.ENOENT: "there is no such file or folder.",
    }
    reason = (error.strerror or str(error) or type(error).__name__).lower()
    return where + todo.get(error.errno or 0, f"{reason}.")


def _print(text: str) -> int:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        return _quiet_end()
    return 0


def _quiet_end() -> int:
    # whoever read our output (head, less) has gone: no message, and none from the interpreter's end
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
