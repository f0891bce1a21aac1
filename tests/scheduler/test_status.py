"""What `parley status` says of each source and of all: when, how much, at what cost, and what is wrong."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from scheduler.cli import app
from scheduler.status import cost_of, gather
from storage import sources
from storage.database import Database
from storage.models import Change, Page, Source
from storage.sites import record_visit
from storage.types import Outcome, VisitReport
from tests.support.rows import DAY, HOUR, add_article, add_page, read_round, spec

NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("requests", "changes", "days", "per_day", "per_change"),
    [
        pytest.param(1400, 7, 7, 200, 200, id="a-week"),
        pytest.param(100, 0, 0.5, 200, None, id="no-change-yet"),
        pytest.param(100, 2, 0.01, None, 50, id="minutes"),
        pytest.param(0, 0, 7, 0, None, id="nothing"),
    ],
)
def test_a_cost_is_told_by_day_and_change(
    requests: int, changes: int, *, days: float, per_day: float | None, per_change: float | None
) -> None:
    cost = cost_of(requests, changes, days=days)
    assert (cost.requests_per_day, cost.requests_per_change) == (per_day, per_change)


@pytest.fixture
def watched(sqlite_database: Database) -> Database:
    """A source of two days with articles, a change, walls and failures; and one that was taken out."""
    with sqlite_database.transaction() as tx:
        sources.sync(tx, [spec(), spec("old", "https://old.example/")], now=NOW - 2 * DAY)
        sources.sync(tx, [spec()], now=NOW - 2 * DAY)
        article = add_article(tx, "a", found_at=NOW - 3 * HOUR, topics=" talks ")
        for number, reason in enumerate(
            ["paywall: a box", "paywall: a form", "access denied (403)"]
        ):
            add_page(tx, f"wall-{number}", last_outcome="blocked", last_reason=reason)
        add_page(tx, "let-go", last_outcome="blocked", last_reason="captcha", next_check_at=None)
        for stood_at in (None, NOW - 2 * HOUR):
            tx.add(
                Change(
                    article_id=article.id,
                    kinds=["headline"],
                    weight="major",
                    reason="",
                    disclosure="unknown",
                    details=[],
                    stood_at=stood_at,
                    seen_at=NOW - HOUR,
                    decided_at=NOW - HOUR,
                )
            )
        for days in (0, 1, 40):
            at = NOW - days * DAY
            report = VisitReport(
                site="news.example",
                began_at=at,
                ended_at=at,
                requests=61,
                requests_for=(("news", 60), ("", 1), ("nobody", 3)),
            )
            record_visit(tx, report)
        for at in (NOW - 4 * HOUR, NOW - 3 * HOUR, NOW - 2 * HOUR):
            sources.record_round(tx, read_round(at=at), next_read=lambda facts: facts.at)
        failing = read_round(at=NOW, outcome=Outcome.FAILED, reason="answered 503")
        sources.record_round(tx, failing, next_read=lambda facts: facts.at + HOUR)
    return sqlite_database


def test_a_source_says_how_it_does(watched: Database) -> None:
    status = gather(watched)
    news = next(one for one in status.sources if one.name == "news")
    assert news.last_success_at == NOW - 2 * HOUR
    assert news.last_article_at == NOW - 3 * HOUR
    assert (news.failures, news.last_reason) == (1, "answered 503")
    assert news.blocked == (("paywall", 2), ("access denied", 1))
    assert (news.requests, news.changes) == (120, 1)
    assert status.costs["news"].requests_per_day == pytest.approx(60, rel=0.01)
    assert status.costs["news"].requests_per_change == 120
    assert status.cost == status.costs["news"]


def test_it_is_shown_to_people_and_machines(
    watched: Database,
    tmp_path: Path,
    *,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "parley.toml").write_text(f'database = "sqlite:///{watched.path}"\n')
    assert app.run(["status"]) == 0
    shown = capsys.readouterr().out
    assert "Requests: 60 a day over the last week, 120 for each change that was noticed." in shown
    row = next(line for line in shown.splitlines() if line.startswith("news "))
    assert "1x answered 503; 2 pages: paywall; 1 page: access denied" in row
    assert "no longer in the settings" in shown
    assert app.run(["status", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["costs"]["news"]["requests_per_change"] == 120
    assert told["sources"][0]["blocked"] == [["paywall", 2], ["access denied", 1]]


def test_requests_are_forgotten_after_a_month(watched: Database) -> None:
    from storage.requests import forget_requests

    with watched.transaction() as tx:
        forget_requests(tx, before=(NOW - timedelta(days=31)).date())
        assert sources.status(tx, "news").requests == 120


def test_a_rhythm_adds_up_over_what_a_source_leads_to(watched: Database) -> None:
    with watched.transaction() as tx:
        tx.execute(
            update(Source)
            .where(Source.name == "news")
            .values(rhythm={"brought": 14.0, "span_s": 86_400.0})
        )
        assert sources.status(tx, "news").per_day == 14.0
        assert tx.query(Page).count() == 5
