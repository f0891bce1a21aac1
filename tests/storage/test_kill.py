"""kill -9 in the middle of recording: whatever was told is there, and nothing is there by half."""

import multiprocessing
import random
import sqlite3
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage import history
from storage.database import Database
from storage.models import Article, Change, Version
from tests.support.recorder import ARTICLES, paragraphs_of, record_for_ever

WAIT_S = 60.0
EDITS_A_LIFE = 1000  # more than a life is long, so that no text comes twice


@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.long)])
def test_a_kill_loses_nothing_and_leaves_nothing_by_half(
    sqlite_database: Database, kills: int
) -> None:
    path = sqlite_database.path
    assert path is not None
    moments = random.Random(kills)
    # Imported once, in the process that the others are forked from: a second less for each.
    multiprocessing.set_forkserver_preload(["tests.support.recorder"])
    told: set[int] = set()
    for life in range(kills):
        told |= live_and_die(path, life, moments)
        check(path, told)
    assert len(told) > kills


def live_and_die(path: Path, life: int, moments: random.Random) -> set[int]:
    """Let a process record until it is killed; gives the changes of which it told."""
    starting = multiprocessing.get_context("forkserver")
    ours, its = starting.Pipe(duplex=False)
    with ours:
        process = starting.Process(
            target=record_for_ever, args=(str(path), 1 + life * EDITS_A_LIFE, its)
        )
        process.start()
        its.close()
        told = {change for _ in range(moments.randint(1, 12)) for change in hear(ours)}
        ours.poll(moments.uniform(0, 0.01))  # and some way into the next unit
        process.kill()
        process.join(WAIT_S)
        assert process.exitcode == -9
        while (last := last_words(ours)) is not None:
            told.update(last)
    process.close()
    return told


def hear(told: Connection) -> list[int]:
    assert told.poll(WAIT_S), "it records nothing"
    return told.recv()


def last_words(told: Connection) -> list[int] | None:
    """What it still said before it died; None where nothing is left, or a word was cut off."""
    try:
        return told.recv()
    except (EOFError, OSError):
        return None


def check(path: Path, told: set[int]) -> None:
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
        unfindable = "SELECT COUNT(*) FROM version WHERE id NOT IN (SELECT rowid FROM search)"
        assert raw.execute(unfindable).fetchone() == (0,)
    with closing(Database(str(path))) as database, database.reading() as tx:
        articles = tx.scalars(select(Article).order_by(Article.id)).all()
        led_to = tx.scalars(select(Change.to_id).order_by(Change.to_id)).all()
        ids = tx.scalars(select(Version.id).order_by(Version.id)).all()
        assert told <= set(tx.scalars(select(Change.id)))
        assert led_to == ids  # each version has its change, each change its version
        assert len(articles) <= ARTICLES
        for article in articles:
            counts = select(
                func.count(),
                func.max(Version.number),
                func.count().filter(Version.state != "confirmed"),
            ).where(Version.article_id == article.id)
            assert tx.execute(counts).one() == (article.versions, article.versions, 0)
            assert article.pending_id is None
        # In parts, as the program reads them; a text that is not what its hash says is an error.
        for begin in range(0, len(ids), 500):
            read = history.versions_by_id(tx, ids[begin : begin + 500])
            assert all(is_whole(version.text) for version in read.values())


def is_whole(text: str) -> bool:
    lines = text.split("\n")
    article = int(lines[0].split()[2])
    edit = int(lines[1].split()[6])
    return tuple(lines) == paragraphs_of(article, edit)
