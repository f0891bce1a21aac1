"""The words everybody speaks: what is found, seen, stored and told. Standard library only.

Source → Lead → FetchedPage → ArticleContent → Observation → Article/Version + Change → Delivery.
All times are aware UTC. `seen_at` is our clock; `published` and `modified` are the publisher's claims.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from storage.kinds import FurtherSource, OpeningReason, SourceKind, part_words
from storage.shapes import Shapes

EXTRACTOR_VERSION: Final = 4
"""Raised whenever our rules may read the same bytes differently; each version records it."""


# -- what a source offers and what a page says ---------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """An address a source offered, with what it claimed about it."""

    url: str
    title: str = ""
    published: datetime | None = None
    updated: datetime | None = (
        None  # a feed's `updated`, a sitemap's `lastmod`: a later one brings a look forward
    )
    summary: str = ""
    guid: str = ""  # of a feed's entry, where it tells this article from all others
    closed: str | None = None  # why its page may not be fetched; "": it may; None: not known


class BlockKind(StrEnum):
    """What a block of an article is."""

    PARAGRAPH = "p"
    HEADING = "h"
    QUOTE = "q"
    LIST_ITEM = "li"
    TABLE_ROW = "tr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of an article's text, white space folded, without line breaks.

    `place` is where it stood: tags and classes from the article's subtree down, such as
    `div.entry>p.readmore`. A stored version keeps it only of blocks that stood apart from the article's
    own, as `#` and a key.
    """

    kind: BlockKind
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Titles:
    """The four titles of a page; a *headline change* means the visible one (`h1`)."""

    h1: str = ""
    declared: str = ""  # JSON-LD `headline`
    og: str = ""
    page: str = ""  # <title>


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleContent:
    """What an article says: the text without anything that is foreign to it."""

    title: str
    blocks: tuple[Block, ...]
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    modified: datetime | None = None
    language: str = ""  # two letters, "" when unknown
    captions: tuple[str, ...] = ()  # kept apart, never compared
    titles: Titles = field(default_factory=Titles)
    canonical: str = ""  # as declared; whether it is trusted is `crawler.identity`'s to say
    description: str = ""
    is_free: bool | None = None  # schema.org isAccessibleForFree
    is_partial: bool = False  # headline and lead only, the rest is behind a paywall
    is_feed_only: bool = False  # what a feed says of it; its page is not fetched
    extractor: int = EXTRACTOR_VERSION

    @property
    def text(self) -> str:
        """The blocks' texts, one a line."""
        return "\n".join(block.text for block in self.blocks)


class WallKind(StrEnum):
    """Why a page that answered is not the article."""

    CONSENT = "consent page"
    PAYWALL = "paywall"
    LOGIN = "login page"
    CAPTCHA = "captcha"
    DENIED = "access denied"
    PARKED = "parked domain"
    SOFT_404 = "soft 404"
    MAINTENANCE = "maintenance page"
    FRONT_PAGE = "redirect to the front page"
    ERROR_PAGE = "error page"
    COLLAPSED = "collapsed extraction"
    NOT_AN_ARTICLE = "not an article"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """A page that stands where the article should: which, how sure (0 to 1), and by what it is known."""

    kind: WallKind
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicVerdict:
    """Is this version coverage of a topic: a score against a threshold, with the terms that made it."""

    topic: str
    is_on_topic: bool
    score: float  # 0 to 1; 0.5 is the threshold
    reasons: tuple[str, ...] = ()  # "headline: rusia + ukraina + damai", in the article's own words


# -- one look at one address ---------------------------------------------------------------------


class Outcome(StrEnum):
    """What one look at one article gave."""

    CONTENT = "content"
    NOT_MODIFIED = "not modified"  # 304, or byte for byte what it was
    GONE = "gone"  # 404, 410, soft 404, redirect to the front page
    BLOCKED = "blocked"  # a wall: source health, never a version
    FAILED = "failed"  # 5xx, 429, time-out, cut off, refused by our own guard or by robots.txt


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a conditional request repeats (RFC 9110, section 13), and a hash of the bytes."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One look at one address: content, not modified, gone, blocked or failed.

    `url` is the normalised address that was asked for, `final_url` the normalised one that answered
    after redirects; `permanent` tells that every redirect on the way was a 301 or 308.
    `retry_after` is how long the publisher asked us to stay away from the whole site.
    """

    url: str
    seen_at: datetime
    outcome: Outcome
    reason: str = ""
    status: int | None = None
    final_url: str = ""
    permanent: bool = False
    canonical: str = ""  # normalised, same site: trusted to be the article's own address
    content: ArticleContent | None = None
    teaser: ArticleContent | None = None  # what a pay wall leaves open: headline and lead
    verdicts: tuple[TopicVerdict, ...] = ()
    mark: str = ""  # by which other bytes that say the same are known; "" where they are not
    validators: Validators = field(default_factory=Validators)
    retry_after: timedelta | None = None
    took_s: float = 0.0
    is_ours: bool = False  # it failed on our side: that says nothing about the publisher


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRound:
    """One look at one source: the leads it offered, or why it offered none."""

    source: str
    seen_at: datetime
    outcome: Outcome
    reason: str = ""
    status: int | None = None
    leads: tuple[Lead, ...] = ()
    warning: str = ""  # "3 of 25 entries could not be read"
    resolved_kind: SourceKind | None = None  # what an `auto` source turned out to be
    further: tuple[FurtherSource, ...] = ()  # that it leads to, those to be tried first in front
    looks: tuple[Observation, ...] = ()  # at entries of a feed whose pages may not be fetched
    via: str = ""  # address of the further source this round is of; "" for the source itself
    validators: Validators = field(default_factory=Validators)
    retry_after: timedelta | None = None
    took_s: float = 0.0
    is_ours: bool = False  # it failed on our side: that says nothing about the publisher


# -- history -------------------------------------------------------------------------------------


class ArticleState(StrEnum):
    """Is the article there, as far as we have seen."""

    LIVE = "live"
    MISSING = "missing"  # gone at the last look, not confirmed yet
    GONE = "gone"


class VersionState(StrEnum):
    """What became of a version."""

    CONFIRMED = "confirmed"
    PROVISIONAL = "provisional"  # differs, stored at once, waits for a second look
    SEEN_ONCE = "seen once"  # stood there at one look only, with the version before around it
    NOISE = "noise"  # differed again at once: never an edit


class ChangeKind(StrEnum):
    """What kind of step lies between two versions."""

    NEW = "new"
    HEADLINE = "headline"
    NUMBER = "number"
    QUOTE = "quote"
    NAME = "name"
    DATE = "date"
    PARAGRAPH_ADDED = "paragraph_added"
    PARAGRAPH_REMOVED = "paragraph_removed"
    PARAGRAPH_MOVED = "paragraph_moved"
    CORRECTION = "correction"
    WORDING = "wording"
    TYPOGRAPHY = "typography"
    UPDATE = "update"
    LIVE_ENTRY = "live_entry"
    REVERTED = "reverted"
    GONE = "gone"
    BACK = "back"
    MOVED = "moved"


class Weight(StrEnum):
    """How much of what a reader takes away changed."""

    MAJOR = "major"
    MINOR = "minor"
    TRIVIAL = "trivial"


class Disclosure(StrEnum):
    """Did the publisher say so: a note or a later date, neither though dates are declared, or no telling."""

    NOTED = "noted"
    UNNOTED = "unnoted"
    UNKNOWN = "unknown"


class Baseline(StrEnum):
    """Why a change is no news: it was there, or happened, before we could have been looking."""

    FIRST_ROUND = "first round"  # the stock a source held when it was first read
    SLEEP = "sleep"  # we were not looking for more than a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One thing that differs: the sentence or block before and after; empty where there was or is none."""

    kind: ChangeKind
    before: str = ""
    after: str = ""
    label: str = ""  # for a subject: "52 → 49"


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """What the step between two texts is, in words."""

    kinds: tuple[ChangeKind, ...]  # most important first
    weight: Weight
    reason: str  # why it has this weight
    disclosure: Disclosure
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionText:
    """What is compared: the part of a version that a reader takes away."""

    title: str
    blocks: tuple[Block, ...]
    modified: datetime | None = None
    published: datetime | None = None
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What an article said from one observation until the next change."""

    id: int
    article_id: int
    number: int  # 1, 2, 3 … within the article
    state: VersionState
    seen_at: datetime
    title: str
    authors: tuple[str, ...]
    published: datetime | None
    modified: datetime | None
    language: str
    blocks: tuple[Block, ...]
    captions: tuple[str, ...]
    is_partial: bool
    is_feed_only: bool
    verdicts: tuple[TopicVerdict, ...]

    @property
    def known_part(self) -> str:
        """How much of the article is known by it, in words; "" for all of it."""
        return part_words(is_partial=self.is_partial, is_feed_only=self.is_feed_only)

    @property
    def text(self) -> str:
        """The blocks' texts, one a line."""
        return "\n".join(block.text for block in self.blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Who publishes: as it stands beside a headline."""

    name: str
    language: str = ""
    country: str = ""
    control: str = ""  # state, public, private, exile, or "" where nobody says


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The step between two versions of an article, or its coming, going or moving.

    `stood_at` is the last look at which the old text stood there (None for a new article),
    `seen_at` the first at which the new one did; `decided_at` is when that was sure.
    """

    id: int
    article_id: int
    from_version: int | None  # ids
    to_version: int | None
    kinds: tuple[ChangeKind, ...]
    weight: Weight
    reason: str
    disclosure: Disclosure
    details: tuple[Detail, ...]
    stood_at: datetime | None
    seen_at: datetime
    decided_at: datetime
    baseline: Baseline | None
    note: str = (
        ""  # "answered 404 at 4 looks since 09:10", "now at https://…", "seen once at 14:05"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The piece itself, however many addresses it has or had."""

    id: int
    url: str
    state: ArticleState
    found_at: datetime
    title: str
    language: str
    outlet: Outlet
    source: str  # the name of the source that first offered it
    topics: tuple[str, ...]  # those the newest version is on
    versions: int  # confirmed ones
    changed_at: datetime  # the last confirmed step


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """A source as the configuration names it; `site` is the host (and port) of its address."""

    name: str
    url: str
    site: str
    kind: SourceKind
    every: timedelta | None  # None: a cron line says when
    outlet: Outlet
    topics: tuple[str, ...] = ()  # () = all
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    is_enabled: bool = True
    is_feed_only: bool = False  # its articles' pages are never fetched


# -- visits --------------------------------------------------------------------------------------


class Purpose(StrEnum):
    """Why an address is fetched; the order in which a visit does it."""

    SOURCE = "source"
    CONFIRM = "confirmation"
    RECHECK = "recheck"  # of an article on a topic
    NEW = "new"
    REST = "rest"  # rechecks of articles on no topic


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSource:
    """A source that is to be read now."""

    name: str
    url: str
    kind: SourceKind
    validators: Validators
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    home: str = ""  # the source's own address, where this is a further one; else ""
    leads_on: bool = False  # what it leads to is read as well
    is_feed_only: bool = False  # its articles' pages are never fetched
    topics: tuple[str, ...] = ()  # names of those it is watched for; () = all
    shapes: Shapes = field(default_factory=Shapes)  # how its site builds addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePage:
    """An address that is to be fetched now, with what its next look is compared with."""

    url: str
    purpose: Purpose
    validators: Validators
    lead: Lead
    topics: tuple[str, ...] = ()  # names of the topics its source is watched for; () = all
    usual_length: int | None = None  # characters of the newest version's text; None = never read
    is_partial: bool = False  # that version is not the whole article
    mark: str = ""  # of the page when it was last read in full
    source: str = ""  # that offers it; "" where nobody does


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What one visit to one site has to do."""

    site: str
    sources: tuple[DueSource, ...] = ()
    pages: tuple[DuePage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to visit a site: one holder at a time, fenced by a token."""

    site: str
    owner: str
    token: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitReport:
    """What one visit did."""

    site: str
    began_at: datetime
    ended_at: datetime
    requests: int = 0
    statuses: tuple[tuple[int, int], ...] = ()  # (status, how often)
    rounds: tuple[SourceRound, ...] = ()
    observations: int = 0
    requests_for: tuple[tuple[str, int], ...] = ()  # (source, how many): of it and of its articles
    failures: tuple[str, ...] = ()
    ended_because: str = "done"  # done, budget, stopped, lease lost


# -- what is owed to whom ------------------------------------------------------------------------


class DeliveryMode(StrEnum):
    """How a change reaches a channel."""

    NOW = "now"
    SUMMARY = "summary"
    HISTORY = "history"  # not told; kept


class DeliveryState(StrEnum):
    """What became of it."""

    OWED = "owed"
    SENDING = "sending"  # found so after a crash: it may have gone out
    SENT = "sent"
    GIVEN_UP = "given up"


class MessageKind(StrEnum):
    """What a message is."""

    ALERT = "alert"  # one change
    SUMMARY = "summary"  # many
    OPENING = "opening"  # what was there before: told once
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedChange:
    """A change with all that telling it needs; the versions are None where only its weight counts."""

    change: Change
    article: Article
    old: Version | None = None
    new: Version | None = None
    topics: tuple[str, ...] = ()  # what the article was on when it changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How a change reaches one channel, and which rule said so."""

    channel: str
    mode: DeliveryMode
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDelivery:
    """A change owed to a channel that no message carries yet."""

    id: int
    mode: DeliveryMode
    created_at: datetime
    owed: OwedChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What an opening message says; `newest` are articles on a topic, newest first."""

    reason: OpeningReason
    read: tuple[str, ...] = ()  # outlets
    failing: tuple[tuple[str, str], ...] = ()  # (outlet, why)
    unfinished: tuple[str, ...] = ()  # outlets whose first round was still running
    found: int = 0  # articles
    on_topic: int = 0
    newest: tuple[Article, ...] = ()
    since: datetime | None = None  # a sleep: from when nobody was looking


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to one channel as the outbox keeps it; `key` never changes."""

    id: int
    key: str
    channel: str
    kind: MessageKind
    state: DeliveryState
    subject: str
    created_at: datetime
    attempts: int
    may_have_arrived: bool = False  # it was being sent when somebody pulled the plug
    accepted: tuple[str, ...] = ()  # hashes of recipients that have it already
    error: str = ""
    sent_at: datetime | None = None
    next_try_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHealth:
    """How sending to a channel goes."""

    channel: str
    since: datetime
    owed: int  # messages not out yet
    waiting: int  # changes no message carries yet
    given_up: int
    last_sent_at: datetime | None
    last_error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message that went out, for exports."""

    id: int
    key: str
    channel: str
    kind: MessageKind
    subject: str
    sent_at: datetime
    change_ids: tuple[int, ...]
    article_ids: tuple[int, ...] = ()  # those an opening message names
