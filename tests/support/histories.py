"""Databases with a history in them: articles in five languages, written for these tests."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from storage import codec, models, search
from storage.types import (
    Baseline,
    ChangeKind,
    Detail,
    Disclosure,
    TopicVerdict,
    VersionState,
    Weight,
)

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """So many minutes after noon, UTC."""
    return NOON + timedelta(minutes=minutes)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a version says about the change that led to it."""

    kinds: Sequence[ChangeKind]
    weight: Weight = Weight.MAJOR
    reason: str = "a number changed"
    disclosure: Disclosure = Disclosure.UNKNOWN
    details: Sequence[Detail] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One version to be written."""

    minute: float
    title: str
    text: str  # paragraphs, one a line
    step: Step | None = None  # None for the first
    modified: datetime | None = None
    state: VersionState = VersionState.CONFIRMED


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One article to be written."""

    source: str
    path: str
    language: str
    drafts: Sequence[Draft]
    topics: Sequence[str] = ("talks",)
    reasons: Sequence[str] = ()
    authors: Sequence[str] = ()
    baseline: Baseline | None = None


@dataclass(frozen=True, kw_only=True)
class Written:
    """The ids of an article that was written."""

    article_id: int
    version_ids: list[int] = field(default_factory=list)
    change_ids: list[int] = field(default_factory=list)


SOURCES = {
    "Dnipro Wire": ("dnipro.example", "uk", "UA", "private"),
    "The Harbour Post": ("harbour.example", "en", "GB", "private"),
    "Lapak Asik": ("lapak.example", "id", "ID", "private"),
    "江声日报": ("jiangsheng.example", "zh", "CN", "state"),
    "ميناء الخبر": ("mina.example", "ar", "QA", "public"),
}


def write_sources(tx: Session) -> dict[str, models.Source]:
    """Write the five outlets, each with its site."""
    found: dict[str, models.Source] = {}
    for name, (host, language, country, control) in SOURCES.items():
        site = models.Site(name=host, requests=40, last_visit_at=at(90), noise={})
        tx.add(site)
        tx.flush()
        found[name] = models.Source(
            name=name,
            site_id=site.id,
            url=f"https://{host}/feed",
            kind="feed",
            resolved_kind="feed",
            every_s=600,
            outlet=name,
            language=language,
            country=country,
            control=control,
            topics=[],
            allow=[],
            deny=["/sport/*"],
            added_at=at(-600),
            first_round_began_at=at(-600),
            first_round_ended_at=at(-590),
            last_checked_at=at(90),
            last_success_at=at(90),
            next_check_at=at(100),
        )
        tx.add(found[name])
    tx.flush()
    return found


def write(tx: Session, piece: Piece) -> Written:
    """Write an article, its versions and their changes, as `storage.recording` leaves them."""
    source = tx.query(models.Source).filter_by(name=piece.source).one()
    url = f"https://{SOURCES[piece.source][0]}{piece.path}"
    topics = f" {' '.join(piece.topics)} " if piece.topics else ""
    article = models.Article(
        url=url,
        site_id=source.site_id,
        source_id=source.id,
        found_at=at(piece.drafts[0].minute),
        changed_at=at(piece.drafts[-1].minute),
        title=piece.drafts[-1].title,
        language=piece.language,
        topics=topics,
        volatile=[],
        versions=0,
    )
    tx.add(article)
    tx.flush()
    _write_places(tx, article, piece)
    written = Written(article_id=article.id)
    for number, draft in enumerate(piece.drafts, start=1):
        version = _write_version(tx, article, number=number, what=(piece, draft))
        written.version_ids.append(version.id)
        if draft.state is VersionState.CONFIRMED:
            change = _write_change(tx, article, version, what=(piece, draft))
            written.change_ids.append(change.id)
            article.newest_id = version.id
            article.versions += 1
    tx.flush()
    return written


def _write_places(tx: Session, article: models.Article, piece: Piece) -> None:
    url = article.url
    tx.add(models.Address(article_id=article.id, url=url, from_at=article.found_at))
    tx.add(
        models.Page(
            url=url,
            site_id=article.site_id,
            article_id=article.id,
            source_id=article.source_id,
            found_at=article.found_at,
            lead_title=piece.drafts[0].title,
            looks=3,
            last_checked_at=at(90),
            last_seen_at=at(90),
            last_outcome="content",
            next_check_at=at(120),
        )
    )
    tx.add(
        models.Decision(
            url=url,
            article_id=article.id,
            at=article.found_at,
            what="stored",
            reason="first version",
        )
    )


def _write_version(
    tx: Session, article: models.Article, *, number: int, what: tuple[Piece, Draft]
) -> models.Version:
    piece, draft = what
    base = tx.get(models.Version, article.newest_id) if article.newest_id else None
    base_text = _plain(tx, base) if base is not None and number % codec.WHOLE_EVERY else None
    version = models.Version(
        article_id=article.id,
        number=number,
        state=draft.state.value,
        seen_at=at(draft.minute),
        title=draft.title,
        authors=list(piece.authors),
        published=article.found_at - timedelta(minutes=9),
        modified=draft.modified,
        language=piece.language,
        captions=[],
        verdicts=[
            asdict(
                TopicVerdict(
                    topic="talks",
                    is_on_topic="talks" in piece.topics,
                    score=0.9 if piece.topics else 0.1,
                    reasons=tuple(piece.reasons),
                )
            )
        ],
        extractor=1,
        block_kinds=" ".join("p" for _ in draft.text.split("\n")),
        text_hash=codec.text_hash(draft.text),
        text_length=len(draft.text),
        base_id=base.id if base is not None and base_text is not None else None,
        text=codec.pack(draft.text, base=base_text),
    )
    tx.add(version)
    tx.flush()
    known = set(_plain(tx, base).split("\n")) if base is not None else set[str]()
    added = [line for line in draft.text.split("\n") if line not in known]
    if base is None or base.title != draft.title:
        added.insert(0, draft.title)
    search.index(tx, version.id, "\n".join(added))
    return version


def _plain(tx: Session, row: models.Version) -> str:
    base = tx.get(models.Version, row.base_id) if row.base_id else None
    return codec.unpack(row.text, base=_plain(tx, base) if base is not None else None)


def _write_change(
    tx: Session, article: models.Article, version: models.Version, *, what: tuple[Piece, Draft]
) -> models.Change:
    piece, draft = what
    step = draft.step or Step(kinds=[ChangeKind.NEW], weight=Weight.MINOR, reason="a new article")
    change = models.Change(
        article_id=article.id,
        from_id=article.newest_id,
        to_id=version.id,
        kinds=[kind.value for kind in step.kinds],
        weight=step.weight.value,
        reason=step.reason,
        disclosure=step.disclosure.value,
        details=[asdict(detail) for detail in step.details],
        note=step.note,
        stood_at=at(draft.minute - 15) if article.newest_id else None,
        seen_at=at(draft.minute),
        decided_at=at(draft.minute + (4 if article.newest_id else 0)),
        baseline=piece.baseline.value if piece.baseline and not article.newest_id else "",
        topics=article.topics,
        routed_at=at(draft.minute + 5),
    )
    tx.add(change)
    tx.flush()
    return change


def write_presence(
    tx: Session, article_id: int, kind: ChangeKind, *, minute: float, note: str
) -> int:
    """Write that an article went, came back or moved."""
    article = tx.get_one(models.Article, article_id)
    change = models.Change(
        article_id=article.id,
        from_id=article.newest_id,
        to_id=article.newest_id,
        kinds=[kind.value],
        weight=Weight.TRIVIAL.value if kind is ChangeKind.MOVED else Weight.MAJOR.value,
        reason={
            ChangeKind.GONE: "the article is gone",
            ChangeKind.BACK: "the article is back",
        }.get(kind, "the article has another address"),
        disclosure=Disclosure.UNKNOWN.value,
        details=[],
        note=note,
        stood_at=at(minute - 190),
        seen_at=at(minute),
        decided_at=at(minute),
        topics=article.topics,
    )
    tx.add(change)
    if kind is ChangeKind.GONE:
        article.state = "gone"
    article.changed_at = at(minute)
    tx.flush()
    return change.id


def write_move(tx: Session, article_id: int, url: str, *, minute: float) -> int:
    """Give an article another address."""
    article = tx.get_one(models.Article, article_id)
    tx.query(models.Address).filter_by(article_id=article_id, to_at=None).one().to_at = at(minute)
    article.url = url
    tx.add(models.Address(article_id=article_id, url=url, from_at=at(minute)))
    return write_presence(tx, article_id, ChangeKind.MOVED, minute=minute, note=f"now at {url}")


# -- the articles --------------------------------------------------------------------------------

INDONESIAN = Piece(
    source="Lapak Asik",
    path="/dunia/perundingan-jenewa",
    language="id",
    reasons=("judul: perundingan + rusia + ukraina", "teks: gencatan senjata"),
    authors=("Sari Wulandari",),
    drafts=[
        Draft(
            minute=0,
            title="Rusia dan Ukraina lanjutkan perundingan di Jenewa",
            text="Delegasi Rusia dan Ukraina kembali bertemu di Jenewa pada hari Selasa untuk"
            " membahas gencatan senjata.\nMenurut angkatan udara Ukraina, 52 pesawat nirawak"
            " ditembak jatuh pada malam hari.\n“Kami siap berbicara tentang setiap kota,” kata"
            " seorang anggota delegasi.\nPertemuan berikutnya belum dijadwalkan.",
        ),
        Draft(
            minute=62,
            title="Rusia dan Ukraina lanjutkan perundingan di Jenewa",
            text="Delegasi Rusia dan Ukraina kembali bertemu di Jenewa pada hari Selasa untuk"
            " membahas gencatan senjata.\nMenurut angkatan udara Ukraina, 49 pesawat nirawak"
            " ditembak jatuh pada malam hari.\n“Kami siap berbicara tentang beberapa kota,” kata"
            " seorang anggota delegasi.\nPertemuan berikutnya belum dijadwalkan.",
            step=Step(
                kinds=[ChangeKind.NUMBER, ChangeKind.QUOTE],
                reason="a number and a quote differ: 52 → 49",
                disclosure=Disclosure.UNNOTED,
                details=[
                    Detail(
                        kind=ChangeKind.NUMBER,
                        before="Menurut angkatan udara Ukraina, 52 pesawat nirawak ditembak jatuh"
                        " pada malam hari.",
                        after="Menurut angkatan udara Ukraina, 49 pesawat nirawak ditembak jatuh"
                        " pada malam hari.",
                        label="52 → 49",
                    )
                ],
            ),
        ),
    ],
)

UKRAINIAN = Piece(
    source="Dnipro Wire",
    path="/news/peremovyny-zheneva",
    language="uk",
    reasons=("заголовок: перемовини + Женева", "текст: делегація, припинення вогню"),
    authors=("Олена Гай", "Марко Сич"),
    drafts=[
        Draft(
            minute=5,
            title="Перемовини в Женеві: делегації домовилися про обмін",
            text="Українська та російська делегації домовилися про обмін полоненими за формулою"
            " «усіх на всіх».\nПро це повідомив керівник делегації після шести годин розмов.\n"
            "Обмін має відбутися до кінця тижня.\nПро припинення вогню сторони не домовилися.",
        ),
        Draft(
            minute=41,
            title="Перемовини в Женеві: делегації обговорили обмін",
            text="Українська та російська делегації обговорили обмін полоненими за формулою"
            " «усіх на всіх».\nПро це повідомив керівник делегації після шести годин розмов.\n"
            "Про припинення вогню сторони не домовилися.",
            step=Step(
                kinds=[ChangeKind.HEADLINE, ChangeKind.PARAGRAPH_REMOVED, ChangeKind.WORDING],
                reason="the headline says something else: домовилися → обговорили",
                details=[
                    Detail(
                        kind=ChangeKind.HEADLINE,
                        before="Перемовини в Женеві: делегації домовилися про обмін",
                        after="Перемовини в Женеві: делегації обговорили обмін",
                    )
                ],
            ),
        ),
        Draft(
            minute=80,
            title="Перемовини в Женеві: делегації обговорили обмін",
            text="Українська та російська делегації обговорили обмін полоненими за формулою"
            " «усіх на всіх».\nПро це повідомив керівник делегації після шести годин розмов.\n"
            "Про припинення вогню сторони не домовилися.\nУточнення: у першій версії йшлося про"
            " домовленість; сторони її лише обговорили.",
            modified=at(79),
            step=Step(
                kinds=[ChangeKind.CORRECTION, ChangeKind.PARAGRAPH_ADDED],
                reason="a correction was added",
                disclosure=Disclosure.NOTED,
                details=[
                    Detail(
                        kind=ChangeKind.CORRECTION,
                        after="Уточнення: у першій версії йшлося про домовленість; сторони її лише"
                        " обговорили.",
                    )
                ],
            ),
        ),
        Draft(
            minute=88,
            title="Перемовини в Женеві: делегації обговорили обмін",
            text="Українська та російська делегації обговорили обмін полоненими.",
            state=VersionState.SEEN_ONCE,
        ),
    ],
)

ENGLISH = Piece(
    source="The Harbour Post",
    path="/world/geneva-ceasefire-talks",
    language="en",
    reasons=("headline: ceasefire + talks", "text: Kyiv, Moscow, delegation"),
    authors=("Ruth Amsel",),
    drafts=[
        Draft(
            minute=10,
            title="Ceasefire talks enter third day in Geneva",
            text="Delegations from Kyiv and Moscow met for a third day in Geneva on Tuesday.\n"
            "A draft of 28 points is on the table, two officials said.\nThe café across the street"
            " has stayed open around the clock for reporters.\nNeither side spoke of a date for"
            " the next round.",
        ),
        Draft(
            minute=70,
            title="Ceasefire talks enter third day in Geneva",
            text="Delegations from Kyiv and Moscow met for a third day in Geneva on Tuesday.\n"
            "A draft of 19 points is on the table, three officials said.\nThe café across the"
            " street has stayed open around the clock for reporters.\nNeither side spoke of a date"
            " for the next round.",
            step=Step(
                kinds=[ChangeKind.NUMBER],
                reason="numbers differ: 28 → 19, two → three",
                details=[
                    Detail(
                        kind=ChangeKind.NUMBER,
                        before="A draft of 28 points is on the table, two officials said.",
                        after="A draft of 19 points is on the table, three officials said.",
                        label="28 → 19",
                    )
                ],
            ),
        ),
    ],
)

CHINESE = Piece(
    source="江声日报",
    path="/guoji/rineiwa-tanpan.html",
    language="zh",
    reasons=("标题：停火 + 谈判", "正文：日内瓦、代表团"),
    drafts=[
        Draft(
            minute=20,
            title="俄乌停火谈判在日内瓦继续举行",
            text="俄罗斯和乌克兰代表团星期二在日内瓦继续举行停火谈判。\n消息人士说，双方讨论了一份"
            "包含28点的草案。\n下一轮谈判的日期尚未确定。",
        ),
        Draft(
            minute=55,
            title="俄乌停火谈判在日内瓦继续举行",
            text="俄罗斯和乌克兰代表团星期二在日内瓦继续举行停火谈判。\n消息人士说，双方讨论了一份"
            "包含19点的草案。\n下一轮谈判的日期尚未确定。",
            step=Step(
                kinds=[ChangeKind.NUMBER],
                reason="a number differs: 28 → 19",
                details=[
                    Detail(
                        kind=ChangeKind.NUMBER,
                        before="消息人士说，双方讨论了一份包含28点的草案。",
                        after="消息人士说，双方讨论了一份包含19点的草案。",
                        label="28 → 19",
                    )
                ],
            ),
        ),
    ],
)

ARABIC = Piece(
    source="ميناء الخبر",
    path="/alam/mufawadat-jinif",
    language="ar",
    reasons=("العنوان: محادثات + أوكرانيا",),
    drafts=[
        Draft(
            minute=25,
            title="استئناف المحادثات بين روسيا وأوكرانيا في جنيف",
            text="استأنف الوفدان الروسي والأوكراني المحادثات في جنيف يوم الثلاثاء.\nوقال مصدر"
            " مطلع إن المسودة تضم 28 بندا.\nولم يحدد موعد الجولة المقبلة.",
        )
    ],
)

SPORT = Piece(
    source="The Harbour Post",
    path="/local/ferry-timetable",
    language="en",
    topics=(),
    baseline=Baseline.FIRST_ROUND,
    drafts=[
        Draft(
            minute=-500,
            title="New ferry timetable from <b>Monday</b> & beyond",
            text="The morning ferry leaves ten minutes earlier.\nTickets stay as they are.",
        )
    ],
)


def newsroom(tx: Session) -> dict[str, Written]:
    """Write all of it: five outlets, six articles, a deletion and a move."""
    write_sources(tx)
    pieces = {
        "sport": SPORT,
        "id": INDONESIAN,
        "uk": UKRAINIAN,
        "en": ENGLISH,
        "zh": CHINESE,
        "ar": ARABIC,
    }
    written = {name: write(tx, piece) for name, piece in pieces.items()}
    written["ar"].change_ids.append(
        write_presence(
            tx,
            written["ar"].article_id,
            ChangeKind.GONE,
            minute=280,
            note="answered 404 at 4 looks since 2026-11-24 13:35 UTC",
        )
    )
    written["zh"].change_ids.append(
        write_move(
            tx,
            written["zh"].article_id,
            "https://jiangsheng.example/guoji/2026/rineiwa-tanpan.html",
            minute=290,
        )
    )
    return written


def write_message(
    tx: Session, channel: str, change_ids: Sequence[int], *, kind: str, minute: float
) -> models.Message:
    """Write a message that went out with these changes."""
    message = models.Message(
        key=f"m{minute:g}-{channel}",
        channel=channel,
        kind=kind,
        state="sent",
        subject="…",
        created_at=at(minute),
        sent_at=at(minute),
        facts={},
    )
    tx.add(message)
    tx.flush()
    for change_id in change_ids:
        tx.add(
            models.Delivery(
                change_id=change_id,
                channel=channel,
                mode="now" if kind == "alert" else "summary",
                message_id=message.id,
                created_at=at(minute),
            )
        )
    tx.flush()
    return message


def many(tx: Session, count: int) -> None:
    """Write so many small articles of one version, quickly."""
    sources = list(write_sources(tx).values())
    text = "Delegations met again.\nNothing was signed."
    packed, hashed = codec.pack(text, base=None), codec.text_hash(text)
    ids = range(1, count + 1)
    moments = [at(number / 10) for number in ids]
    owner = [sources[number % len(sources)] for number in ids]
    tx.execute(
        insert(models.Article),
        [
            {
                "id": n,
                "url": f"https://many.example/{n}",
                "site_id": s.site_id,
                "source_id": s.id,
                "state": "live",
                "found_at": t,
                "changed_at": t,
                "title": f"Перемовини, день {n}",
                "language": "uk",
                "topics": " talks " if n % 3 == 0 else "",
                "newest_id": n,
                "versions": 1,
                "volatile": [],
                "looks": 1,
                "pending_looks": 0,
            }
            for n, t, s in zip(ids, moments, owner, strict=True)
        ],
    )
    tx.execute(
        insert(models.Version),
        [
            {
                "id": n,
                "article_id": n,
                "number": 1,
                "state": "confirmed",
                "seen_at": t,
                "title": f"Перемовини, день {n}",
                "authors": [],
                "captions": [],
                "verdicts": [],
                "language": "uk",
                "is_partial": False,
                "is_feed_only": False,
                "extractor": 1,
                "block_kinds": "p p",
                "text_hash": hashed,
                "text_length": len(text),
                "text": packed,
            }
            for n, t in zip(ids, moments, strict=True)
        ],
    )
    tx.execute(
        insert(models.Change),
        [
            {
                "article_id": n,
                "to_id": n,
                "kinds": ["new"],
                "weight": "minor",
                "reason": "a new article",
                "disclosure": "unknown",
                "details": [],
                "note": "",
                "seen_at": t,
                "decided_at": t,
                "baseline": "",
                "topics": " talks " if n % 3 == 0 else "",
            }
            for n, t in zip(ids, moments, strict=True)
        ],
    )
