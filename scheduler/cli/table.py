"""Which commands there are, where each lives, and the text of `parley --help`.

Standard library only, and little of it: `parley --help` must not load the program.
"""

from typing import Final, NamedTuple

VERSION: Final = "0.1.0"


class Command(NamedTuple):
    """A command: its name, where it is imported from, and its line of help."""

    name: str
    target: str  # "module below scheduler.cli:attribute"
    summary: str


GROUPS: Final[tuple[tuple[str, tuple[Command, ...]], ...]] = (
    (
        "Start",
        (
            Command("init", "setup:init", "Write parley.toml: what to watch, and for whom."),
            Command("add", "adding:add", "Add a site, feed, section or article to parley.toml."),
            Command("channels", "channels:channels", "Add, test or remove where alerts go."),
            Command(
                "doctor", "doctor:doctor", "Test the settings, the database, sources, channels."
            ),
            Command("demo", "demo:demo", "See it work in a small newsroom on this machine."),
        ),
    ),
    (
        "Run",
        (
            Command("run", "daemon:run", "Watch, until you stop it."),
            Command("reload", "daemon:reload", "Let the running program read parley.toml again."),
            Command("check", "daemon:check", "Look at sources or addresses now."),
            Command("status", "daemon:status", "What runs, what is due, what fails."),
            Command(
                "service", "service:service", "Print a unit for systemd, a container or compose."
            ),
        ),
    ),
    (
        "Read",
        (
            Command("list", "history:list_articles", "Articles, the last changed first."),
            Command("show", "history:show", "One article with its versions and changes."),
            Command("diff", "history:diff", "Two versions, word by word."),
            Command("search", "history:search", "Every sentence ever published, found again."),
            Command("serve", "history:serve", "The same in your browser."),
        ),
    ),
    (
        "Why",
        (
            Command("why", "history:why", "What was decided about an address, and why."),
            Command("try", "trying:try_page", "What would be taken from a page; stores nothing."),
            Command("topics", "topics:topics", "The topics, and what a text scores on them."),
            Command("rules", "rules:rules", "Your rules for publishers' pages, and their tests."),
        ),
    ),
    (
        "Keep",
        (
            Command("export", "history:export", "The history as lines of JSON."),
            Command("sources", "sources:sources", "List, pause or resume sources."),
        ),
    ),
    (
        "More",
        (Command("help", "help:help_topic", "Read a page of the manual: parley help TOPIC."),),
    ),
)
COMMANDS: Final = {command.name: command for _, commands in GROUPS for command in commands}

_USAGE: Final = """\
Usage: parley [OPTIONS] COMMAND [ARGS]...

  Watches how the Russia-Ukraine talks are covered: keeps every version of an
  article and tells you what changed.

  New here? `parley demo` shows it, `parley init` sets it up.
"""
_OPTIONS: Final = """\
Options:
  -c, --config FILE  Use this file of settings.
  --version          Print the version.
  -h, --help         This page; `parley COMMAND --help` says more.
"""


def help_text() -> str:
    """Write what `parley --help` prints."""
    parts = [_USAGE]
    for title, commands in GROUPS:
        lines = [f"  {command.name:<9} {command.summary}" for command in commands]
        parts.append("\n".join([f"{title}:", *lines, ""]))
    parts.append(_OPTIONS)
    return "\n".join(parts)
