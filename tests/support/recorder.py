"""A process that records edits without end, as fast as it can, until it is killed.

Each unit of work is two looks: one that shows a new text and one that confirms it. So whoever looks
at the database, at any moment, sees a version and its change, or neither.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

from sqlalchemy.orm import Session

from storage import recording
from storage.database import Database, Writer
from storage.look import LookRules
from storage.types import ArticleContent, Block, BlockKind, Observation, Outcome, TopicVerdict

ARTICLES = 4
NOON = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
RULES = LookRules(next_look=lambda _: timedelta(hours=1))
VERDICT = TopicVerdict(topic="talks", is_on_topic=True, score=0.9, reasons=("talks",))


def url_of(article: int) -> str:
    """The address of an article."""
    return f"https://news.example/{article}"


def paragraphs_of(article: int, edit: int) -> tuple[str, ...]:
    """What an article says after so many edits."""
    return (
        f"Delegation number {article} arrived in the capital late on Monday evening.",
        f"Officials in district {article} said that {edit} prisoners had come home so far.",
        f"A spokesman of group {article} said a further round was possible in two weeks.",
    )


def record_edit(tx: Session, article: int, edit: int) -> list[int]:
    """Show the new text twice; gives the changes that are sure then."""
    content = ArticleContent(
        title=f"Prisoners of district {article} come home",
        blocks=tuple(
            Block(kind=BlockKind.PARAGRAPH, text=text, place="div>p")
            for text in paragraphs_of(article, edit)
        ),
        language="en",
    )
    changes: list[int] = []
    for minutes in (0, 5):
        observation = Observation(
            url=url_of(article),
            seen_at=NOON + timedelta(minutes=10 * edit + minutes),
            outcome=Outcome.CONTENT,
            content=content,
            verdicts=(VERDICT,),
        )
        changes += recording.record(tx, observation, rules=RULES).change_ids
    return changes


def record_for_ever(path: str, first_edit: int, told: Connection) -> None:
    """Record edits of all articles from this number on; tell of every change once it is committed."""
    asyncio.run(_record_all(Database(path), first_edit, told))


async def _record_all(database: Database, first_edit: int, told: Connection) -> None:
    async with Writer(database) as writer, asyncio.TaskGroup() as tasks:
        for article in range(ARTICLES):
            tasks.create_task(_record_one(writer, article, first_edit=first_edit, told=told))


async def _record_one(writer: Writer, article: int, *, first_edit: int, told: Connection) -> None:
    edit = first_edit
    while True:
        told.send(await writer.do(lambda tx, edit=edit: record_edit(tx, article, edit)))
        edit += 1
