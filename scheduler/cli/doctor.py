"""`parley doctor`: test what must be right before a long run, each with what to do about it.

The checks themselves are `scheduler.checkup`'s; here they are run and printed.
"""

import asyncio
from typing import Final

import click

from scheduler.checkup import Finding, State, check_here, check_live, check_settings
from scheduler.cli.context import json_option
from scheduler.cli.group import Invocation
from scheduler.cli.output import emit_json, harmless, has_colour

_COLOURS: Final = {State.OK: "green", State.WARN: "yellow", State.FAIL: "red"}


@click.command()
@click.option("--live", is_flag=True, help="Also fetch every source and test every channel.")
@json_option
@click.pass_context
def doctor(ctx: click.Context, *, live: bool, as_json: bool) -> int:
    """Test the settings, the database, and every source and channel.

    Without --live nothing is fetched or sent. Ends with 1 if anything failed.
    """
    from crawler.clock import Clock

    clock = Clock()
    findings: list[Finding] = []

    def tell(finding: Finding) -> None:
        findings.append(finding)
        if not as_json:
            click.echo(_line(finding))

    config, about_settings = check_settings(ctx.ensure_object(Invocation).config)
    for finding in about_settings:
        tell(finding)
    if config is not None:
        for finding in check_here(config, now=clock.now()):
            tell(finding)
        if live:
            asyncio.run(check_live(config, clock, tell=tell))
    if as_json:
        emit_json(findings)
    else:
        click.echo(_verdict(findings))
    return 1 if any(finding.state is State.FAIL for finding in findings) else 0


def _line(finding: Finding) -> str:
    mark = f"{finding.state:<5}"
    if has_colour():
        mark = click.style(mark, fg=_COLOURS[finding.state], bold=True)
    text = harmless(f"{finding.about}: {finding.text}")
    return f"{mark} {text}" + (f"\n      → {harmless(finding.todo)}" if finding.todo else "")


def _verdict(findings: list[Finding]) -> str:
    failed = sum(finding.state is State.FAIL for finding in findings)
    warned = sum(finding.state is State.WARN for finding in findings)
    if failed:
        return f"\n{failed} failed, {warned} to look at."
    return f"\nAll is well, {warned} to look at." if warned else "\nAll is well."
