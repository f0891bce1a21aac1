"""The pages of the viewer: each reads the history in a few statements and shows it."""

import logging
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment
from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from storage import history, search, sources
from storage.database import Database
from storage.diff import BlockOp, diff_blocks, diff_words
from storage.errors import NotFoundError, StorageError
from storage.glance import ArticleFilter, ChangeRow
from storage.types import Change, Version, Weight
from storage.web import presenting

log = logging.getLogger(__name__)

PAGE_ROWS: Final = 30
_LARGEST_ID: Final = 2**63 - 1
_PLACES: Final = (
    ("/", "Changes"),
    ("/search", "Search"),
    ("/sources", "Sources"),
    ("/help", "Help"),
)
_CHOICES: Final = {
    "show": (("topic", "on topic"), ("off", "off topic"), ("all", "everything")),
    "what": (
        ("all", "all changes"),
        ("major", "major changes"),
        ("edits", "without new articles"),
        ("new", "new articles"),
    ),
}
_WHAT: Final = {
    "major": ArticleFilter(weights=(Weight.MAJOR,)),
    "edits": ArticleFilter(is_new=False),
    "new": ArticleFilter(is_new=True),
}

View = Callable[["Views", Request], Response]


def _page(view: View) -> View:
    """Let a view answer with a page whatever happens: a sentence, never a traceback."""

    @wraps(view)
    def answer(views: "Views", request: Request) -> Response:
        try:
            return view(views, request)
        except NotFoundError as error:
            return views.message(request, 404, "Not found", str(error))
        except StorageError as error:
            return views.message(request, 503, "The database cannot be read", str(error))
        except Exception:
            log.exception("view_failed: %s", request.url.path)
            text = "A fault of the program; its log says more. Nothing stored is lost."
            return views.message(request, 500, "This page failed", text)

    return answer


def _number(text: str | None) -> int | None:
    """Read an id from an address; None for what is none."""
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > len(str(_LARGEST_ID)):
        return None
    found = int(text)
    return found if 0 < found <= _LARGEST_ID else None


def _id_in(request: Request, name: str) -> int:
    found = _number(request.path_params[name])
    if found is None:
        raise NotFoundError("There is nothing at this address; ids are numbers.")
    return found


class Views:
    """The pages over one database."""

    def __init__(
        self,
        database: Database,
        templates: Environment,
        *,
        zone: ZoneInfo,
        manual: Mapping[str, str],
    ) -> None:
        self._database = database
        self._templates = templates
        self._zone = zone
        self._manual = manual

    def _show(
        self, request: Request, template: str, *, status: int = 200, **values: object
    ) -> Response:
        path = request.scope["path"]
        place = "/help" if path.startswith("/help") else path
        text = self._templates.get_template(template).render(
            root=request.scope.get("root_path", ""),
            places=_PLACES,
            here=place,
            zone=self._zone.key,
            **values,
        )
        return HTMLResponse(text.encode("utf-8", "replace"), status_code=status)

    def message(self, request: Request, status: int, head: str, text: str) -> Response:  # noqa: PLR0917 - a request and its three words
        """A page that says one thing."""
        return self._show(
            request,
            "message.html",
            status=status,
            head=head,
            text=text,
            place="/",
            place_name="The newest changes",
        )

    def show_refusal(self, request: Request, error: Exception) -> Response:
        """What Starlette itself refuses: an unknown page."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        return self.message(request, status, "Not found", "There is no page at this address.")

    # -- changes ---------------------------------------------------------------------------------

    @_page
    def show_changes(self, request: Request) -> Response:
        """The newest changes, filtered."""
        asked = request.query_params
        chosen = {
            "show": _chosen(asked.get("show"), "show"),
            "what": _chosen(asked.get("what"), "what"),
            "outlet": asked.get("outlet", "")[:300],
        }
        before_id = _number(asked.get("before"))
        with self._database.reading() as tx:
            found = history.changes(tx, _wanted(chosen), before_id=before_id, limit=PAGE_ROWS + 1)
            outlets = history.outlets(tx)
        rows, has_more = found[:PAGE_ROWS], len(found) > PAGE_ROWS
        return self._show(
            request,
            "changes.html",
            days=presenting.by_day(rows, self._zone),
            outlets=outlets,
            chosen=chosen,
            choices=_CHOICES,
            is_filtered=chosen["show"] != "all" or chosen["what"] != "all" or chosen["outlet"],
            newest=_place("/", chosen) if before_id else "",
            older=_place("/", {**chosen, "before": rows[-1].change.id}) if has_more else "",
        )

    # -- articles --------------------------------------------------------------------------------

    @_page
    def show_article(self, request: Request) -> Response:
        """An article, its versions and why they are there."""
        article_id = _id_in(request, "article_id")
        before = _number(request.query_params.get("before"))
        limit = history.MOST_VERSIONS
        with self._database.reading() as tx:
            article = history.article(tx, article_id)
            heads = history.versions(tx, article_id, before_number=before, limit=limit)
            changes = [row.change for row in _changes_of(tx, article_id)] if before is None else []
            addresses = history.addresses(tx, article_id)
            decisions = history.decisions(tx, article_id)
        confirmed = [head.number for head in heads if head.state == "confirmed"]
        pair = (confirmed[1], confirmed[0]) if len(confirmed) > 1 else None
        whole = (confirmed[-1], confirmed[0]) if len(confirmed) > 2 else None  # noqa: PLR2004 - more than a pair
        return self._show(
            request,
            "article.html",
            article=article,
            verdicts=heads[0].verdicts if heads else (),
            pair=pair,
            first_and_last=whole,
            timeline=presenting.timeline(heads, changes),
            addresses=addresses,
            decisions=decisions,
            older=f"/articles/{article_id}?before={heads[-1].number}"
            if len(heads) == limit
            else "",
        )

    @_page
    def show_version(self, request: Request) -> Response:
        """One version, whole."""
        version_id = _id_in(request, "version_id")
        with self._database.reading() as tx:
            version = history.version(tx, version_id)
            article = history.article(tx, version.article_id)
            before = history.believed_before(tx, version.article_id, version.number)
        return self._show(request, "version.html", version=version, article=article, before=before)

    @_page
    def show_comparison(self, request: Request) -> Response:
        """Two versions of an article by their numbers, the last two where none are named."""
        article_id = _id_in(request, "article_id")
        asked = request.query_params
        numbers = (_number(asked.get("from")), _number(asked.get("to")))
        with self._database.reading() as tx:
            latest = history.latest_two(tx, article_id) or (0, 0)
            named = [n or last for n, last in zip(numbers, latest, strict=True)]
            old_id, new_id = history.version_ids(tx, article_id, named)
            return self._compared(request, tx, old_id=old_id, new_id=new_id)

    @_page
    def show_pair(self, request: Request) -> Response:
        """Two versions of an article by their ids: where messages link to."""
        old_id, new_id = _id_in(request, "old_id"), _id_in(request, "new_id")
        with self._database.reading() as tx:
            return self._compared(request, tx, old_id=old_id, new_id=new_id)

    def _compared(
        self, request: Request, tx: Session, *, old_id: int | None, new_id: int | None
    ) -> Response:
        versions = history.versions_by_id(tx, [old_id or 0, new_id or 0])
        old, new = versions.get(old_id or 0), versions.get(new_id or 0)
        if old is None or new is None or old.article_id != new.article_id:
            raise NotFoundError("There are no two such versions of one article.")
        article = history.article(tx, old.article_id)
        heads = history.versions(tx, article.id)
        change = _change_between(_changes_of(tx, article.id), old, new)
        pairs = diff_blocks(
            [block.text for block in old.blocks], [block.text for block in new.blocks]
        )
        return self._show(
            request,
            "compare.html",
            article=article,
            old=old,
            new=new,
            heads=heads,
            change=change,
            title_spans=diff_words(old.title, new.title),
            groups=presenting.folded(pairs),
            is_same=old.title == new.title and all(p.op is BlockOp.EQUAL for p in pairs),
            claims=self._claims(old, new),
        )

    def _claims(self, old: Version, new: Version) -> list[tuple[str, str, str]]:
        """What the page says of itself, where it says something else."""

        def shown(version: Version) -> dict[str, str]:
            times = {"Says published": version.published, "Says modified": version.modified}
            return {
                **{k: presenting.local(v, self._zone) if v else "—" for k, v in times.items()},
                "By": ", ".join(version.authors) or "—",
            }

        before, after = shown(old), shown(new)
        return [(name, before[name], after[name]) for name in before if before[name] != after[name]]

    # -- search, sources, help -------------------------------------------------------------------

    @_page
    def show_search(self, request: Request) -> Response:
        """What was ever published, found again."""
        query = request.query_params.get("q", "").strip()[:300]
        before_id = _number(request.query_params.get("before"))
        hits: list[search.Hit] = []
        if query:
            with self._database.reading() as tx:
                hits = search.search(tx, query, PAGE_ROWS + 1, before_id=before_id)
        shown, has_more = hits[:PAGE_ROWS], len(hits) > PAGE_ROWS
        older = {"q": query, "before": shown[-1].version_id} if has_more else None
        return self._show(
            request,
            "search.html",
            query=query,
            hits=shown,
            newest=_place("/search", {"q": query}) if before_id else "",
            older=_place("/search", older) if older else "",
        )

    @_page
    def show_sources(self, request: Request) -> Response:
        """The sources and how they do: those that fail first."""
        with self._database.reading() as tx:
            found = sources.statuses(tx)
        found.sort(key=lambda s: (not s.is_configured, not s.is_enabled, -s.failures, s.name))
        failing = sum(s.failures > 0 and s.is_configured and s.is_enabled for s in found)
        return self._show(request, "sources.html", sources=found, failing=failing)

    @_page
    def show_help(self, request: Request) -> Response:
        """A page of the manual."""
        topic = request.path_params.get("topic", "")
        if topic and topic not in self._manual:
            raise NotFoundError(f"The manual has no page {topic!r}.")
        pages = [(name, _heading(text) or name) for name, text in self._manual.items()]
        body = _manual_page(self._manual[topic], self._manual) if topic else ""
        return self._show(
            request, "help.html", title=dict(pages).get(topic, "Help"), pages=pages, body=body
        )


def _chosen(asked: str | None, name: str) -> str:
    values = [value for value, _ in _CHOICES[name]]
    return asked if asked in values else values[0]


def _wanted(chosen: Mapping[str, str]) -> ArticleFilter:
    what = _WHAT.get(chosen["what"], ArticleFilter())
    return ArticleFilter(
        is_on_topic={"topic": True, "off": False}.get(chosen["show"]),
        source=chosen["outlet"] or None,
        weights=what.weights,
        is_new=what.is_new,
    )


def _place(path: str, asked: Mapping[str, object]) -> str:
    given = {name: value for name, value in asked.items() if value}
    return f"{path}?{urlencode(given, errors='replace')}" if given else path


def _changes_of(tx: Session, article_id: int) -> list[ChangeRow]:
    return history.changes(
        tx, ArticleFilter(article_ids=(article_id,)), limit=history.MOST_VERSIONS
    )


def _change_between(rows: list[ChangeRow], old: Version, new: Version) -> Change | None:
    for row in rows:
        if (row.change.from_version, row.change.to_version) == (old.id, new.id):
            return row.change
    return None


def _heading(text: str) -> str:
    first = text.lstrip().partition("\n")[0]
    return first.lstrip("# ").strip() if first.startswith("#") else ""


def _manual_page(text: str, manual: Mapping[str, str]) -> Markup:
    """A page of our own manual as HTML; links between its files become links between pages."""
    from markdown import markdown  # noqa: PLC0415 - 30 ms that only this page needs

    for name in manual:
        text = text.replace(f"]({name}.md", f"]({name}")
    page = markdown(text, extensions=["tables", "fenced_code", "sane_lists"])
    return Markup(page)  # noqa: S704 - the manual comes with the program
