"""Changes as the outbox gives them, with everything that does not matter filled in."""

from datetime import UTC, datetime, timedelta
from typing import Any

from storage.types import (
    Article,
    ArticleState,
    Block,
    BlockKind,
    Change,
    ChangeKind,
    Detail,
    Disclosure,
    Outlet,
    OwedChange,
    TopicVerdict,
    Version,
    VersionState,
    Weight,
)

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
DRONES = Detail(
    kind=ChangeKind.NUMBER,
    before="Pada malam itu 52 pesawat nirawak ditembak jatuh.",
    after="Pada malam itu 49 pesawat nirawak ditembak jatuh.",
    label="52 → 49 drones",
)
LAPAK = Outlet(name="Lapak Asik", language="id", country="ID", control="private")


def article(**fields: Any) -> Article:
    """An Indonesian article on the talks."""
    given: dict[str, Any] = {
        "id": 1,
        "url": "https://lapak.example/a",
        "state": ArticleState.LIVE,
        "found_at": NOON - timedelta(days=1),
        "title": "Perundingan Rusia dan Ukraina",
        "language": "id",
        "outlet": LAPAK,
        "source": "Lapak Asik",
        "topics": ("talks",),
        "versions": 2,
        "changed_at": NOON,
        **fields,
    }
    return Article(**given)


def version(id_: int = 12, **fields: Any) -> Version:
    """A version of that article."""
    given: dict[str, Any] = {
        "id": id_,
        "article_id": 1,
        "number": 2,
        "state": VersionState.CONFIRMED,
        "seen_at": NOON,
        "title": "Perundingan Rusia dan Ukraina",
        "authors": (),
        "published": None,
        "modified": None,
        "language": "id",
        "blocks": (Block(kind=BlockKind.PARAGRAPH, text="Delegasi bertemu di Jenewa."),),
        "captions": (),
        "is_partial": False,
        "is_feed_only": False,
        "verdicts": (
            TopicVerdict(
                topic="talks", is_on_topic=True, score=0.9, reasons=("judul: rusia + ukraina",)
            ),
        ),
        **fields,
    }
    return Version(**given)


def owed(**fields: Any) -> OwedChange:
    """A major change of that article, decided at noon."""
    given: dict[str, Any] = {
        "id": 1,
        "article_id": 1,
        "from_version": 11,
        "to_version": 12,
        "kinds": (ChangeKind.NUMBER,),
        "weight": Weight.MAJOR,
        "reason": "a number changed",
        "disclosure": Disclosure.UNNOTED,
        "details": (DRONES,),
        "stood_at": NOON + timedelta(minutes=-15),
        "seen_at": NOON,
        "decided_at": NOON,
        "baseline": None,
        "note": "",
        **fields,
    }
    told = given.pop("article", None) or article(id=given["article_id"])
    old, new = given.pop("old", version(11, number=1)), given.pop("new", version(12))
    topics = given.pop("topics", ("talks",))
    return OwedChange(change=Change(**given), article=told, old=old, new=new, topics=topics)
