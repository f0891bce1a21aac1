"""How the history reads on a terminal and in a pipe; `scheduler.cli.history` says what is read.

Whatever came from the network passes through `harmless`. Comparisons are marked [-old-]{+new+}
everywhere, and coloured on a terminal: the signs stay for those who see none, and when copied.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import click

from scheduler.cli.output import emit_json, harmless, has_colour, local_time, table, wrapped
from storage.types import Article, Change, ChangeKind, Outlet, TopicVerdict, Version

if TYPE_CHECKING:  # SQLAlchemy comes with them
    from storage.diff import BlockPair, Span
    from storage.glance import ChangeRow
    from storage.history import AddressRow, DecisionRow, VersionHead
    from storage.search import Hit

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_PRESENCE: Final = frozenset({
    ChangeKind.NEW, ChangeKind.GONE, ChangeKind.BACK, ChangeKind.MOVED,
})  # fmt: skip
_STANDS: Final = {
    ChangeKind.GONE: ("last seen there", "first missing"),
    ChangeKind.BACK: ("last seen before it went", "there again"),
    ChangeKind.MOVED: ("at the old address last seen", "at the new one"),
}
_DISCLOSURE: Final = {"noted": "noted", "unnoted": "no note seen", "unknown": ""}


def read_moment(text: str, *, now: datetime) -> datetime | None:
    """Read a time (naive where it names no zone) or how long ago: 2026-11-24, 2026-11-24T14:05, 2d.

    Returns:
        None for what is neither.
    """
    text = text.strip()
    if len(text) > 1 and text[-1] in _UNITS and text[:-1].isascii() and text[:-1].isdigit():
        seconds = min(int(text[:-1][:9]) * _UNITS[text[-1]], 10**9)
        return now - timedelta(seconds=seconds)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _kinds(change: Change) -> str:
    return ", ".join(kind.value.replace("_", " ") for kind in change.kinds)


def _outlet(outlet: Outlet) -> str:
    about = ", ".join(part for part in (outlet.language, outlet.country, outlet.control) if part)
    return f"{outlet.name} ({about})" if about else outlet.name


def _say(text: str) -> None:
    click.echo(wrapped(harmless(text)))


def _head(text: str) -> None:
    click.echo(click.style(harmless(text), bold=True) if has_colour() else harmless(text))


# -- lists ---------------------------------------------------------------------------------------


def print_changes(found: "Sequence[ChangeRow]", *, zone: str, as_json: bool) -> None:
    """Print changes, a row each."""
    if as_json:
        emit_json([asdict(row) for row in found])
        return
    if not found:
        click.echo("No change fits.")
        return
    rows = [
        [
            str(row.article.id),
            local_time(row.change.decided_at, zone),
            str(row.change.weight),
            row.change.details[0].label
            if row.change.details and row.change.details[0].label
            else _kinds(row.change),
            row.article.outlet.name,
            row.article.title,
        ]
        for row in found
    ]
    heads = ["article", "when", "weight", "what", "outlet", "headline"]
    click.echo(table(rows, heads=heads, whole=("article", "when", "weight")))


def print_articles(found: Sequence[Article], *, zone: str, as_json: bool) -> None:
    """Print articles, a row each."""
    if as_json:
        emit_json([asdict(article) for article in found])
        return
    if not found:
        click.echo("No article fits.")
        return
    rows = [
        [
            str(article.id),
            local_time(article.changed_at, zone),
            str(article.versions),
            "" if article.state == "live" else str(article.state),
            ", ".join(article.topics),
            article.outlet.name,
            article.title,
        ]
        for article in found
    ]
    heads = ["article", "changed", "versions", "state", "topics", "outlet", "headline"]
    click.echo(table(rows, heads=heads, whole=("article", "changed", "versions", "state")))


def print_hits(found: "Sequence[Hit]", *, zone: str, as_json: bool) -> None:
    """Print what a search found, the words marked."""
    if as_json:
        emit_json([
            {**asdict(hit), "snippet": "".join(piece.text for piece in hit.snippet)}
            for hit in found
        ])  # fmt: skip
        return
    if not found:
        click.echo("Nothing found.")
    for hit in found:
        _head(hit.title)
        when = local_time(hit.seen_at, zone)
        _say(
            f"  {when} · {_outlet(hit.article.outlet)} · article {hit.article.id}, "
            f"version {hit.number} (v{hit.version_id})"
        )
        snippet = "".join(_marked(piece.text, piece.is_match) for piece in hit.snippet)
        click.echo(wrapped(f"  {snippet}"))
        click.echo()


def _marked(text: str, is_match: bool) -> str:  # noqa: FBT001 - a piece's two parts
    text = harmless(text)
    if not is_match:
        return text
    return click.style(text, bold=True, fg="yellow") if has_colour() else f"*{text}*"


# -- one article ---------------------------------------------------------------------------------


def print_article(
    article: Article,
    heads: "Sequence[VersionHead]",
    events: Sequence[Change],
    *,
    addresses: "Sequence[AddressRow]",
    zone: str,
) -> None:
    """Print an article, its versions and what led to them."""
    _print_head(article)
    for row in addresses[1:]:
        _say(f"until {local_time(row.to_at, zone)} at {row.url}")
    if heads:
        print_verdicts(heads[0].verdicts)
    items: list[tuple[datetime, VersionHead | Change]] = [(head.seen_at, head) for head in heads]
    items += [(event.seen_at, event) for event in events]
    for _, item in sorted(items, key=lambda item: item[0], reverse=True):
        click.echo()
        if isinstance(item, Change):
            _print_change(item, zone)
        else:
            _print_version_head(item, zone, title=article.title)


def _print_head(article: Article) -> None:
    _head(article.title)
    state = "" if article.state == "live" else f" · {article.state}"
    _say(f"{_outlet(article.outlet)} · article {article.id}{state}")
    _say(article.url)


def print_verdicts(verdicts: Iterable[TopicVerdict]) -> None:
    """Print whether something is on a topic, and by which words."""
    for verdict in verdicts:
        words = f": {'; '.join(verdict.reasons)}" if verdict.reasons else ""
        _say(f"{verdict.topic}: {'on topic' if verdict.is_on_topic else 'off topic'}{words}")


def _print_version_head(head: "VersionHead", zone: str, *, title: str) -> None:
    state = "" if head.state == "confirmed" else f" · {head.state}"
    part = f" · {head.known_part}" if head.known_part else ""
    when = local_time(head.seen_at, zone)
    _head(f"Version {head.number} (v{head.id}) · {when}{state}{part}")
    if head.title != title:
        _say(f"  {head.title}")
    for change in head.changes:
        _print_change(change, zone)


def _print_change(change: Change, zone: str) -> None:
    disclosure = "" if set(change.kinds) <= _PRESENCE else _DISCLOSURE[change.disclosure]
    baseline = f"no news: {change.baseline}" if change.baseline else ""
    parts = (str(change.weight), _kinds(change), change.reason, disclosure, baseline)
    _say("  " + " · ".join(part for part in parts if part))
    for detail in change.details[:6]:
        click.echo(wrapped("    " + spans_text(_detail_spans(detail.before, detail.after))))
    if change.stood_at:
        stood, seen = local_time(change.stood_at, zone), local_time(change.seen_at, zone)
        before, after = _STANDS.get(change.kinds[0], ("old text last seen", "new text first seen"))
        _say(f"  {before} {stood}, {after} {seen}")
    if change.note:
        _say(f"  {change.note}")


def _detail_spans(before: str, after: str) -> "list[Span]":
    from storage.diff import diff_words

    return diff_words(before[:3000], after[:3000])


def print_version(version: Version, article: Article, *, zone: str) -> None:
    """Print one version, whole."""
    _head(version.title)
    state = "" if version.state == "confirmed" else f" · {version.state}"
    _say(f"{_outlet(article.outlet)} · article {article.id}, version {version.number}{state}")
    _say(f"seen {local_time(version.seen_at, zone)} at {article.url}")
    if version.known_part:
        _say(version.known_part)
    if version.authors:
        _say(f"by {', '.join(version.authors)}")
    for words, when in (("published", version.published), ("modified", version.modified)):
        if when:
            _say(f"the page says {words} {local_time(when, zone)}")
    print_verdicts(version.verdicts)
    for block in version.blocks:
        click.echo()
        _say(block.text)


# -- comparisons ---------------------------------------------------------------------------------


def spans_text(spans: "Iterable[Span]") -> str:
    """Write what differs, word by word."""
    return "".join(_span(span) for span in spans)


def _span(span: "Span") -> str:
    text = harmless(span.text)
    if span.op == "equal" or not text:
        return text
    shown, colour = (f"{{+{text}+}}", "green") if span.op == "insert" else (f"[-{text}-]", "red")
    return click.style(shown, fg=colour) if has_colour() else shown


def print_comparison(pairs: "Iterable[BlockPair]", *, whole: bool) -> None:
    """Print two versions word by word; unchanged paragraphs are counted unless `whole`."""
    unchanged = 0
    for pair in pairs:
        if pair.op == "equal" and not whole:
            unchanged += 1
            continue
        _print_unchanged(unchanged)
        unchanged = 0
        click.echo(wrapped(_pair(pair)))
        click.echo()
    _print_unchanged(unchanged)


def _print_unchanged(count: int) -> None:
    if count:
        click.echo(f"… {count} unchanged paragraph{'' if count == 1 else 's'} …\n")


def _pair(pair: "BlockPair") -> str:
    from storage.diff import Op, Span

    if pair.spans:
        return spans_text(pair.spans)
    if pair.op == "move":
        return f"(moved {'away' if pair.new is None else 'here'}) {harmless(pair.new or pair.old or '')}"
    op = {"insert": Op.INSERT, "delete": Op.DELETE}.get(pair.op, Op.EQUAL)
    return spans_text([Span(op=op, text=pair.new if pair.new is not None else pair.old or "")])


# -- why -----------------------------------------------------------------------------------------


def print_decisions(decisions: "Iterable[DecisionRow]", *, zone: str, url: str) -> None:
    """Print what was decided, in order; the address where it is another than `url`."""
    for row in decisions:
        where = "" if row.url == url else f" ({row.url})"
        _say(f"{local_time(row.at, zone)}  {row.what}: {row.reason}{where}")
