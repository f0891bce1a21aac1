"""One case of the hostile rig on the real path: settings from a file, visits, storage, alerts and views.

    python -m tests.hostile.one_case --case '{…}' --control http://127.0.0.1:18090

Prints a line of JSON for each round and address, as the rig's README asks. Times are virtual: a run
begins ten minutes after the one before, or when the site's Retry-After is over.
"""

import argparse
import asyncio
import json
import os
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import select

from crawler.clock import Clock
from crawler.reading import PageJob
from scheduler.alerts.dispatcher import Dispatcher
from scheduler.checking import Checker, checker, wanted
from scheduler.config import Config, load_config
from scheduler.errors import ConfigError
from storage import fetchstate, history, outbox, sources
from storage.database import Database, Writer
from storage.glance import ArticleFilter
from storage.models import Page, Source
from storage.sources import SourceStatus
from storage.types import Article, Change, ChangeKind, Version, VersionState, VisitReport
from storage.urls import site_of
from storage.web.app import create_viewer
from tests.support.asgi import ask
from tests.support.inbox import Hook, Inbox, html_of, smtp_inbox, text_of, webhook
from tests.support.process import parley
from tests.support.site import article_page

Record = dict[str, Any]

SPEED = 240.0
BEHIND_S = 7200.0
EVERY = timedelta(minutes=10)
ALLOW = ("127.0.0.1/32", "127.0.0.2/32", "127.0.1.0/24")
NETNS_ALLOW = (*ALLOW, "5.5.5.5/32", "5.5.5.6/32")
_WARM_WORDS = 40
_PRESENCE = {ChangeKind.NEW, ChangeKind.GONE, ChangeKind.BACK, ChangeKind.MOVED}
_VIEW_CHECKS = ("html_", "diff_", "cli_", "csv_", "export_")
_CHAT_CHECKS = ("alert_no_mention", "alert_no_markdown_link")


class PassingClock(Clock):
    """A fast clock that also jumps."""

    def pass_(self, span: timedelta) -> None:
        """Let time pass at once."""
        self._virtual_began += max(0.0, span.total_seconds())


class Memory:
    """The resident memory of this process and all below it, looked at twenty times a second."""

    def __init__(self) -> None:
        self._own = psutil.Process()
        self._peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            self._peak = max(self._peak, self.now())

    def now(self) -> int:
        """Bytes now."""
        total = 0
        for process in (self._own, *self._own.children(recursive=True)):
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return total

    def begin(self) -> int:
        """Begin a round; gives the bytes at its beginning."""
        self._peak = self.now()
        return self._peak

    def grown_mb(self, began: int) -> int:
        """Megabytes by which the peak since `begin` exceeds its beginning."""
        return max(0, max(self._peak, self.now()) - began) >> 20

    def end(self) -> None:
        """Stop looking."""
        self._ended.set()
        self._thread.join()


@dataclass
class Told:
    """What one round did, as far as the store does not say it."""

    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    chats: list[Record] = field(default_factory=list)
    rss_mb: int = 0


class CaseRun:
    """Runs a case's rounds, each to its end, and tells what came of them."""

    def __init__(self, case: Record, *, control: str, folder: Path) -> None:
        self.case, self.control, self.folder = case, control, folder
        # Behind the rig's own clock, which a Retry-After with a date tells: this one overtakes it.
        self.clock = PassingClock(speed=SPEED, virtual=time.time() - BEHIND_S)
        self.names = {case["url"]: "case"} | {
            url: f"watched {n}" for n, url in enumerate(case["watch"], start=1)
        }
        self.inbox = Inbox()
        self.hook = Hook()
        self.config = Config(timezone="UTC")
        self._seen_mails = self._seen_chats = 0

    # -- settings --------------------------------------------------------------------------------

    def write_settings(self) -> Config:
        """Write parley.toml as a user would, and read it.

        Raises:
            ConfigError: The case's source cannot be one.
        """
        chat = f"mmost://127.0.0.1:{self.hook.port}/3ccdd113474722377935511fc85d3dd4"
        allow = NETNS_ALLOW if self.case["needs"] and "netns" in self.case["needs"] else ALLOW
        lines = [
            'timezone = "UTC"',
            f"allow_networks = {json.dumps(list(allow))}",
            'recheck = "all"',
            *("[fetch]", 'pace = "0s"', "concurrency = 4"),
            *("[absence]", "looks = 3", 'over = "15m"'),
            *("[alerts]", 'now = ["major", "minor"]'),
            *("[[channels]]", 'name = "desk"', f"address = {json.dumps(self.inbox.address())}"),
            *("[[channels]]", 'name = "chat"', f'address = "{chat}"'),
        ]
        for url, name in self.names.items():
            kind = self.case["kind"] if name == "case" else "page"
            lines += ["[[sources]]", f'name = "{name}"', f"url = {json.dumps(url)}"]
            lines += [f'kind = "{kind}"', *(self._own_settings() if name == "case" else ())]
        path = self.folder / "parley.toml"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return load_config(path, {})

    def _own_settings(self) -> list[str]:
        asked: Record = self.case["config"]
        lines: list[str] = []
        if "auth" in asked:
            lines.append(f"login = {json.dumps(asked['auth']['basic'])}")
        if "headers" in asked:
            pairs = ", ".join(f"{k} = {json.dumps(v)}" for k, v in asked["headers"].items())
            lines.append(f"headers = {{ {pairs} }}")
        if "ignore_patterns" in asked:
            lines.append(f"ignore_patterns = {json.dumps(asked['ignore_patterns'])}")
        return lines

    # -- rounds ----------------------------------------------------------------------------------

    async def lines(self) -> "list[Record]":
        """Run everything; gives the lines."""
        try:
            self.config = self.write_settings()
        except ConfigError as error:
            return [self._refused(n["n"], str(error)) for n in self.case["rounds"]]
        found: list[Record] = []
        memory = Memory()
        try:
            async with checker(self.config, self.clock) as looking:
                await self._warm_up(looking)
                for round_ in self.case["rounds"]:
                    found += await self._round(looking, round_, memory)
        finally:
            memory.end()
        return found

    def _refused(self, number: int, reason: str) -> Record:
        nothing = {"versions": [], "alerts": [], "seconds": 0.0, "rss_mb": 0, "views": {}}
        return {
            "url": self.case["url"],
            "round": number,
            "outcome": "rejected",
            "reason": reason,
            **nothing,
        }

    async def _warm_up(self, looking: Checker) -> None:
        """Read a page in each worker first, so that what readers load is not taken for growth."""
        text = "Delegations met in Istanbul for talks on a ceasefire between Russia and Ukraine. "
        job = PageJob(
            body=article_page("Talks in Istanbul resume", [text * 5] * _WARM_WORDS).encode(),
            url="http://127.0.0.1/warm",
            content_type="text/html",
            fetched_at=self.clock.now(),
            topics=looking._engine.equipment.topics,
        )
        pool = looking._engine.equipment.pool
        await asyncio.gather(*(pool.read_page(job) for _ in range(6)))

    async def _round(self, looking: Checker, round_: Record, memory: Memory) -> list[Record]:
        begin = f"{self.control}/round?case={self.case['id']}&n={round_['n']}"
        await asyncio.to_thread(fetch, begin)
        told, before = Told(), self._state()
        began = memory.begin()
        for _ in range(round_["times"]):
            self._let_time_pass()
            await looking.check(
                wanted(self.config, list(self.names.values())), self._progress(told)
            )
            await self._tell(looking._writer)
        told.rss_mb = memory.grown_mb(began)
        self._collect(told)
        after = self._state()
        return [
            await asyncio.to_thread(self._line, url, round_["n"], told=told, states=(before, after))
            for url in self.names
        ]

    def _progress(self, told: Told) -> Any:
        def progress(_site: str, report: VisitReport | None, why_not: str) -> None:
            if report is None:
                told.problems.append(why_not)
                return
            took = self.clock.real_s(report.ended_at - report.began_at)
            told.seconds = max(told.seconds, took)  # of a visit: no fetch in it took longer

        return progress

    def _let_time_pass(self) -> None:
        """Go on ten minutes, and past the time for which the site asked us to stay away."""
        self.clock.pass_(EVERY)
        with self._reading() as tx:
            until = [s.stay_away_until for s in sources.statuses(tx) if s.stay_away_until]
        now = self.clock.now()
        self.clock.pass_(max((at - now for at in until), default=timedelta(0)))

    async def _tell(self, writer: Writer) -> None:
        now = self.clock.now()
        await writer.do(lambda tx: outbox.sync_channels(tx, ["desk", "chat"], now=now))
        await writer.do(lambda tx: sources.end_first_rounds(tx, now=now))
        database = Database(self.config.database)
        dispatcher = Dispatcher(database, writer, self.clock, config=self.config)
        await dispatcher.run_once()
        database.close()

    def _collect(self, told: Told) -> None:
        mails, chats = self.inbox.mails, self.hook.requests
        told.mails, told.chats = mails[self._seen_mails :], chats[self._seen_chats :]
        self._seen_mails, self._seen_chats = len(mails), len(chats)

    # -- what came of it -------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> "Iterator[Any]":
        database = Database(self.config.database)
        try:
            with database.reading() as tx:
                yield tx
        finally:
            database.close()

    def _state(self) -> "State":
        path = Database(self.config.database).path
        if path is None or not path.exists():
            return State()
        with self._reading() as tx:
            return State(
                articles=_all_articles(tx),
                changes=[row.change for row in history.changes(tx, ArticleFilter(), limit=5000)],
                statuses={s.name: s for s in sources.statuses(tx)},
                decisions=len(_decisions(tx)),
            )

    def _line(self, url: str, number: int, *, told: Told, states: "tuple[State, State]") -> Record:
        before, after = states
        name = self.names[url]
        mine = [a for a in after.articles if _is_of(a, name, url)]
        known = {a.id for a in before.articles}
        ids = {a.id for a in mine}
        old = {change.id for change in before.changes}
        new = [c for c in after.changes if c.id not in old and c.article_id in ids]
        reasons = self._reasons(url, name, before=before, after=after)
        versions = self._versions(mine)
        return {
            "url": url,
            "round": number,
            "outcome": _outcome(mine, known, new, reasons=reasons),
            "reason": "; ".join(reasons)[:500],
            "versions": versions,
            "articles": len(mine),
            "alerts": self._alerts(told, is_empty=not after.articles) if name == "case" else [],
            "seconds": round(told.seconds, 2),
            "rss_mb": told.rss_mb,
            "next_fetch_in_s": self._next_fetch_s(url),
            "views": self._views(mine) if name == "case" else {},
        }

    def _reasons(self, url: str, name: str, *, before: "State", after: "State") -> list[str]:
        """What a user is told: the source's state, and the last outcome of each of its addresses."""
        found: list[str] = []
        status: SourceStatus | None = after.statuses.get(name)
        if status is not None and status.failures:
            found.append(status.last_reason)
        with self._reading() as tx:
            found.extend(
                f"{decision.what}: {decision.reason}"  # as `parley why` says it
                for decision in _decisions(tx)[before.decisions :]
                if decision.what in {"blocked", "failed", "missing"}
            )
            page = fetchstate.page_state(tx, url)
        if page is not None and page.last_outcome in {"blocked", "failed", "gone"}:
            found.append(f"{page.last_outcome}: {page.last_reason}")
        if status is not None and status.warning:
            found.append(status.warning)
        return list(dict.fromkeys(reason for reason in found if reason))

    def _versions(self, articles: Sequence[Article]) -> list[Record]:
        found: list[Record] = []
        with self._reading() as tx:
            for article in articles[:40] + articles[-5:] if len(articles) > 45 else articles:
                heads = history.versions(tx, article.id)
                ids = [h.id for h in heads if h.state is VersionState.CONFIRMED]
                found.extend(_version(article, history.version(tx, id_)) for id_ in reversed(ids))
        return found

    def _alerts(self, told: Told, *, is_empty: bool) -> list[Record]:
        checks = self.case["expect"]["checks"]
        as_chat = any(check.startswith(_CHAT_CHECKS) for check in checks)
        as_html = any(check.startswith("alert_html") for check in checks)
        found: list[Record] = []
        for number, mail in enumerate(told.mails):
            alert = {
                "title": str(mail["Subject"]),
                "body": html_of(mail) if as_html else text_of(mail),
                "raw": mail.as_string(),
            }
            if as_chat and number < len(told.chats):
                alert = {"title": "", "body": told.chats[number].get("text", "")}
            # The opening message says of a source that gives nothing what is wrong with it.
            found.append(alert | ({"kind": "health"} if is_empty else {}))
        return found

    def _next_fetch_s(self, url: str) -> float | None:
        """From the last look on; the clock of a case runs fast."""
        with self._reading() as tx:
            at = sources.next_due(tx, site_of(url))
            looks = (
                *tx.scalars(select(Page.last_checked_at)),
                *tx.scalars(select(Source.last_checked_at)),
            )
        since = max((look for look in looks if look is not None), default=self.clock.now())
        return None if at is None else max(0.0, (at - since).total_seconds())

    # -- views -----------------------------------------------------------------------------------

    def _views(self, articles: Sequence[Article]) -> Record:
        checks = self.case["expect"]["checks"]
        if not any(check.startswith(_VIEW_CHECKS) for check in checks):
            return {}
        views: Record = {"html": self._page(articles)}
        if articles:
            views["diff"] = self._ask(f"/articles/{articles[0].id}/compare")
        if any(check.startswith("cli_") for check in checks):
            views["cli"] = parley("list", folder=self.folder).stdout
            views["cli"] += parley("list", "--articles", folder=self.folder).stdout
            for article in articles[:1]:
                views["cli"] += parley("show", str(article.id), folder=self.folder).stdout
        if any(check.startswith(("csv_", "export_")) for check in checks):
            views |= self._exported()
        return views

    def _exported(self) -> Record:
        """Write the history as a user would, into a folder of its own."""
        folder = self.folder / "exported"
        folder.mkdir(exist_ok=True)
        table = folder / "history.csv"
        parley("export", "--format", "csv", "-o", str(table), folder=self.folder)
        names = [str(path.relative_to(folder)) for path in folder.rglob("*")]
        return {"csv": table.read_text(encoding="utf-8-sig"), "export": names}

    def _page(self, articles: Sequence[Article]) -> str:
        if not articles:
            return self._ask("/sources") + self._ask("/")
        return "".join(
            self._ask(place)
            for place in ("/", "/sources", *(f"/articles/{a.id}" for a in articles[:10]))
        )

    def _ask(self, place: str) -> str:
        database = Database(self.config.database)
        try:
            app = create_viewer(database, hosts=("127.0.0.1",), timezone="UTC", manual=None)
            return ask(app, place).text
        finally:
            database.close()


@dataclass(frozen=True)
class State:
    """The store at one moment."""

    articles: list[Article] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    statuses: dict[str, SourceStatus] = field(default_factory=dict)
    decisions: int = 0


def fetch(url: str) -> None:
    """Ask the rig for something, and wait for its answer."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        answer.read()


def _all_articles(tx: Any) -> list[Article]:
    found: list[Article] = []
    before_id = None
    while page := history.articles(tx, ArticleFilter(), before_id=before_id, limit=500):
        found += page
        before_id = page[-1].id
    return found


def _decisions(tx: Any) -> list[Any]:
    from sqlalchemy import select

    from storage.models import Decision

    return list(tx.scalars(select(Decision).order_by(Decision.id)))


def _is_of(article: Article, name: str, url: str) -> bool:
    """A watched page is its own; everything else came through the case's source."""
    return article.url == url if name != "case" else True


def _outcome(
    mine: Sequence[Article], known: set[int], new: Sequence[Change], *, reasons: Sequence[str]
) -> str:
    if any(a.id not in known for a in mine):
        return "stored"
    kinds = [set(change.kinds) for change in new]
    if any(kind - _PRESENCE for kind in kinds):
        return "changed"
    if any(ChangeKind.GONE in kind for kind in kinds):
        return "removed"
    return "rejected" if reasons else "unchanged"


def _version(article: Article, version: Version) -> Record:
    published: datetime | None = version.published
    return {
        "url": article.url,
        "title": version.title,
        "text": "\n".join(block.text for block in version.blocks),
        "published": published.isoformat() if published else None,
    }


def main() -> None:
    """Run one case and print its lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", required=True)
    parser.add_argument("--control", required=True)
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as made, smtp_inbox() as inbox, webhook() as hook:
        run = CaseRun(json.loads(options.case), control=options.control, folder=Path(made))
        run.inbox, run.hook = inbox, hook
        for line in asyncio.run(run.lines()):
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
