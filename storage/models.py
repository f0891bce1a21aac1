"""The tables, one class each, with every invariant the schema can hold. Rows never leave `storage`."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

BigId = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; refuses naive values, gives aware ones back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time; SQLite keeps UTC without its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must be aware")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Give an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Constraint names by convention, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        str: Text,
        bytes: LargeBinary,
        list[Any]: JSON,
        dict[str, Any]: JSON,
    }


class Site(Base):
    """A host (and port) that is visited as one, by one holder of its lease at a time."""

    __tablename__ = "site"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(300), unique=True)
    lease_owner: Mapped[str] = mapped_column(default="")
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[int] = mapped_column(BigInteger, default=0)
    stay_away_until: Mapped[datetime | None]  # Retry-After, or our own backoff
    failures: Mapped[int] = mapped_column(default=0)  # visits in a row in which nothing answered
    last_visit_at: Mapped[datetime | None]
    requests: Mapped[int] = mapped_column(BigInteger, default=0)
    counted_on: Mapped[str] = mapped_column(String(10), default="")  # the day (UTC), as 2026-11-25
    requests_on_day: Mapped[int] = mapped_column(default=0)
    saving_until: Mapped[datetime | None]  # only sources and articles on a topic before that
    noise: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # where its articles stand and what moves, see storage.volatility
    rhythm: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # what the rule of looks learned of its articles' changes
    parameters: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # name of a parameter -> [pairs that said the same, articles told apart by it]
    has_bad_guids: Mapped[bool] = mapped_column(default=False)  # different articles share one
    shapes: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # shape of an address -> [articles, others, entries of feeds], see storage.shapes


class Source(Base):
    """A source of the configuration, its timetable and its health."""

    __tablename__ = "source"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    url: Mapped[str]
    kind: Mapped[str] = mapped_column(String(20))
    resolved_kind: Mapped[str] = mapped_column(String(20), default="")
    every_s: Mapped[int | None]
    is_enabled: Mapped[bool] = mapped_column(default=True)
    is_configured: Mapped[bool] = mapped_column(
        default=True
    )  # False: gone from the file; its history stays
    is_feed_only: Mapped[bool] = mapped_column(default=False)  # its pages are never fetched
    outlet: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(20), default="")
    country: Mapped[str] = mapped_column(String(20), default="")
    control: Mapped[str] = mapped_column(String(20), default="")
    topics: Mapped[list[Any]] = mapped_column(default=list)
    allow: Mapped[list[Any]] = mapped_column(default=list)
    deny: Mapped[list[Any]] = mapped_column(default=list)
    added_at: Mapped[datetime]
    next_check_at: Mapped[datetime | None] = mapped_column(index=True)
    first_round_began_at: Mapped[datetime | None]
    first_round_ended_at: Mapped[datetime | None]  # all that its first look offered has been read
    announced_at: Mapped[datetime | None]  # the opening message has told of it
    last_checked_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_new_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    last_reason: Mapped[str] = mapped_column(default="")
    warning: Mapped[str] = mapped_column(default="")
    rhythm: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what the rule of polls learned
    listed: Mapped[list[Any]] = mapped_column(default=list)  # ids of the pages a feed showed last
    has_bad_validators: Mapped[bool] = mapped_column(default=False)  # they hid new entries
    etag: Mapped[str] = mapped_column(default="")
    last_modified: Mapped[str] = mapped_column(default="")
    body_hash: Mapped[str] = mapped_column(String(64), default="")


class FurtherSource(Base):
    """A feed, sitemap or section that a source led to: tried once, then read with it or let alone.

    `next_check_at` empty: it waits in reserve until what stands before it has failed.
    """

    __tablename__ = "further_source"
    __table_args__ = (UniqueConstraint("source_id", "url"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"))
    url: Mapped[str]
    kind: Mapped[str] = mapped_column(String(20))
    found_by: Mapped[str] = mapped_column(String(40))
    listed_by: Mapped[str] = mapped_column(default="")  # address of the sitemap index
    place: Mapped[int] = mapped_column(default=0)  # the lower, the sooner it is tried
    found_at: Mapped[datetime]
    next_check_at: Mapped[datetime | None]
    last_checked_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_new_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    last_reason: Mapped[str] = mapped_column(default="")
    warning: Mapped[str] = mapped_column(default="")
    rhythm: Mapped[dict[str, Any]] = mapped_column(default=dict)
    listed: Mapped[list[Any]] = mapped_column(default=list)  # as a source's
    has_bad_validators: Mapped[bool] = mapped_column(default=False)
    etag: Mapped[str] = mapped_column(default="")
    last_modified: Mapped[str] = mapped_column(default="")
    body_hash: Mapped[str] = mapped_column(String(64), default="")


class SourceDay(Base):
    """How many requests a source and its articles took on a day (UTC)."""

    __tablename__ = "source_day"
    source_id: Mapped[int] = mapped_column(
        ForeignKey("source.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[str] = mapped_column(String(10), primary_key=True)  # as 2026-11-25
    requests: Mapped[int] = mapped_column(default=0)


class Article(Base):
    """The piece itself, however many addresses it has or had."""

    __tablename__ = "article"
    __table_args__ = (
        Index("ix_article_site_id", "site_id", "id"),
        {"sqlite_autoincrement": True},  # an id once cited is never given again
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    url: Mapped[str]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    source_id: Mapped[int | None] = mapped_column(
        ForeignKey("source.id", ondelete="SET NULL"), index=True
    )
    state: Mapped[str] = mapped_column(String(20), default="live")
    found_at: Mapped[datetime] = mapped_column(index=True)
    changed_at: Mapped[datetime] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(20), default="")
    topics: Mapped[str] = mapped_column(
        default=""
    )  # " talks grain ": names between blanks, so that LIKE finds one
    newest_id: Mapped[int | None] = mapped_column(BigInteger)  # version: the newest confirmed
    pending_id: Mapped[int | None] = mapped_column(BigInteger)  # version: waits for a second look
    pending_stood_at: Mapped[datetime | None]  # when the text before it was last seen
    pending_looks: Mapped[int] = mapped_column(default=0)  # confirming looks that differed again
    versions: Mapped[int] = mapped_column(default=0)
    pending_is_held: Mapped[bool] = mapped_column(default=False)  # all of it may be the site's
    doubted_since: Mapped[datetime | None]  # first sight of what may be the site's
    volatile: Mapped[list[Any]] = mapped_column(default=list)  # keys of blocks that are noise here
    wrapping: Mapped[str] = mapped_column(
        String(20), default=""
    )  # key of the place of its paragraphs
    looks: Mapped[int] = mapped_column(default=0)


class SiteBlock(Base):
    """A block and on how many articles of a site it was seen: what is on several is the site's."""

    __tablename__ = "site_block"
    site_id: Mapped[int] = mapped_column(
        ForeignKey("site.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(10), primary_key=True)  # see storage.keys
    articles: Mapped[int] = mapped_column(default=0)
    inside: Mapped[int] = mapped_column(default=0)  # articles whose own paragraphs it was among
    last_article_id: Mapped[int | None] = mapped_column(BigInteger)
    seen_at: Mapped[datetime]


class Page(Base):
    """An address: found by a source, fetched on its own timetable, leading to an article or not."""

    __tablename__ = "page"
    __table_args__ = (
        Index("ix_page_due", "site_id", "next_check_at"),
        Index("ix_page_next_check_at", "next_check_at"),
        Index("ix_page_number", "site_id", "number"),
        Index("ix_page_site_id", "site_id", "id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    url: Mapped[str] = mapped_column(unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    article_id: Mapped[int | None] = mapped_column(
        ForeignKey("article.id", ondelete="SET NULL"), index=True
    )
    source_id: Mapped[int | None] = mapped_column(
        ForeignKey("source.id", ondelete="SET NULL"), index=True
    )
    found_at: Mapped[datetime]
    baseline: Mapped[str] = mapped_column(
        String(20), default=""
    )  # found as stock: why it is no news
    named_by: Mapped[int | None] = mapped_column(
        BigInteger
    )  # further source that offered it first; None: the source itself
    number: Mapped[str] = mapped_column(String(200), default="")  # see storage.idents
    guid: Mapped[str] = mapped_column(String(16), default="", index=True)  # of its feed's entry
    lead_title: Mapped[str] = mapped_column(default="")
    lead_summary: Mapped[str] = mapped_column(default="")
    lead_published: Mapped[datetime | None]
    lead_updated: Mapped[datetime | None]
    next_check_at: Mapped[datetime | None]  # None: not looked at again
    is_confirming: Mapped[bool] = mapped_column(default=False)  # the next look is a confirmation
    looks: Mapped[int] = mapped_column(default=0)  # that gave content or "not modified"
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    last_checked_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]  # the last look that gave content or "not modified"
    last_outcome: Mapped[str] = mapped_column(String(20), default="")
    last_reason: Mapped[str] = mapped_column(default="")
    twin_version_id: Mapped[int | None] = mapped_column(
        BigInteger
    )  # what it said at first, while it may be another article's second address
    fed_by: Mapped[str] = mapped_column(
        default=""
    )  # address of the feed whose entry is read in its place; "": it is fetched
    missing_since: Mapped[datetime | None]
    missing_looks: Mapped[int] = mapped_column(default=0)
    teaser_looks: Mapped[int] = mapped_column(
        default=0
    )  # looks in a row that showed headline and lead only
    teaser_since: Mapped[datetime | None]
    etag: Mapped[str] = mapped_column(default="")
    last_modified: Mapped[str] = mapped_column(default="")
    body_hash: Mapped[str] = mapped_column(String(64), default="")
    mark: Mapped[str] = mapped_column(
        String(200), default=""
    )  # by which the same article is known cheaply; only while nothing is pending


class Address(Base):
    """An address an article has or had, from when to when."""

    __tablename__ = "address"
    __table_args__ = (UniqueConstraint("article_id", "url"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    url: Mapped[str] = mapped_column(index=True)
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]


class Version(Base):
    """What an article said from one observation until the next change."""

    __tablename__ = "version"
    __table_args__ = (
        UniqueConstraint("article_id", "number"),
        CheckConstraint("number > 0", name="number_from_one"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    seen_at: Mapped[datetime] = mapped_column(index=True)
    title: Mapped[str]
    authors: Mapped[list[Any]]
    published: Mapped[datetime | None]
    modified: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(20), default="")
    captions: Mapped[list[Any]]
    verdicts: Mapped[list[Any]]
    is_partial: Mapped[bool] = mapped_column(default=False)
    is_feed_only: Mapped[bool] = mapped_column(default=False)
    extractor: Mapped[int]
    block_kinds: Mapped[str]  # "p p#Ab3_x9 h li": one word a block, with its place if it is apart
    text_hash: Mapped[str] = mapped_column(String(64))  # of the plain text
    text_length: Mapped[int]  # characters of the plain text
    base_id: Mapped[int | None] = mapped_column(
        BigInteger
    )  # version whose text is the dictionary; None: whole
    text: Mapped[bytes]  # zstd, see storage.codec


class Change(Base):
    """The step between two versions, or an article's coming, going or moving; `routed_at` empty = still owed."""

    __tablename__ = "change"
    __table_args__ = (
        Index("ix_change_unrouted", "routed_at", "id"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), index=True
    )
    from_id: Mapped[int | None] = mapped_column(BigInteger)
    to_id: Mapped[int | None] = mapped_column(BigInteger)
    kinds: Mapped[list[Any]]
    weight: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str]
    disclosure: Mapped[str] = mapped_column(String(20))
    details: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(default="")
    stood_at: Mapped[datetime | None]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    decided_at: Mapped[datetime] = mapped_column(index=True)
    baseline: Mapped[str] = mapped_column(String(20), default="")
    topics: Mapped[str] = mapped_column(
        default=""
    )  # what the article was on when it changed, as in Article.topics
    routed_at: Mapped[datetime | None]


class Channel(Base):
    """A channel of the configuration and since when it is told."""

    __tablename__ = "channel"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    since: Mapped[datetime]
    last_summary_at: Mapped[datetime | None]


class Message(Base):
    """A message to one channel: made once, sent until it has gone out or is given up."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_state", "state", "next_try_at"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(
        String(100), unique=True
    )  # stable: the left part of the Message-ID
    channel: Mapped[str] = mapped_column(String(100), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")
    facts: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # what an opening message says: counts, names


class Delivery(Base):
    """One change owed to one channel."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("change_id", "channel"),
        Index("ix_delivery_open", "channel", "message_id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("change.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(100))
    mode: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(default="")  # which rule said so
    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("message.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime]


class Decision(Base):
    """What was decided about an address, and why: only where it differs from the decision before."""

    __tablename__ = "decision"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    url: Mapped[str] = mapped_column(index=True)
    article_id: Mapped[int | None] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str]


class Fact(Base):
    """A fact about this database: heartbeat, topic fingerprint, who runs on it."""

    __tablename__ = "fact"
    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[dict[str, Any]]
