"""Pages as the content systems of Ukrainian, Russian and Indonesian outlets build them, with their gold.

Each build gets an article and the words of its site, and gives the page and what of it is the article.
"""

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

REGIONAL = Path(__file__).parents[1] / "crawler" / "regional"
LANGUAGES = ("uk", "ru", "id")
_MONTHS = {
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """An article as it was written, and its site's words."""

    language: str
    words: Mapping[str, Any]
    title: str
    lead: str
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...]
    published: datetime

    @property
    def day(self) -> str:
        """The day as a reader sees it."""
        month = _MONTHS[self.language].split()[self.published.month - 1]
        return f"{self.published.day} {month} {self.published.year}"

    @property
    def time(self) -> str:
        """The time of day as a reader sees it."""
        return f"{self.published:%H:%M}"

    def word(self, name: str) -> str:
        """One of the site's words, escaped."""
        return escape(self.words[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A page and its gold; `published` is None where the page tells none."""

    html: str
    paragraphs: tuple[str, ...]
    lead: str  # "" where the page shows none
    published: datetime | None


@cache
def pieces(language: str) -> tuple[Piece, ...]:
    """All articles of a language."""
    raw = tomllib.loads((REGIONAL / f"{language}.toml").read_text(encoding="utf-8"))
    return tuple(
        Piece(
            language=language,
            words=raw["words"],
            title=one["title"],
            lead=one["lead"],
            paragraphs=tuple(one["paragraphs"]),
            authors=tuple(one["authors"]),
            published=datetime.fromisoformat(one["published"]),
        )
        for one in raw["article"]
    )


def _head(piece: Piece, *more: str, title: str = "") -> str:
    shown = title or f"{piece.title} - {piece.words['site']}"
    return (
        f'<!DOCTYPE html>\n<html lang="{piece.language}">\n<head>\n<meta charset="utf-8">\n<title>{escape(shown)}</title>\n'
        f'<meta name="description" content="{escape(piece.lead)}">\n<meta property="og:title" content="{escape(piece.title)}">\n'
        f'<meta property="og:type" content="article">\n<meta property="og:site_name" content="{piece.word("site")}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        + "\n".join(more)
        + "\n<style>.a{color:#111}.b:hover{opacity:.5}@media(max-width:600px){.c{display:none}}</style>\n"
        "<script>window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments)}gtag('js',new Date());</script>\n</head>\n"
    )


def _ld(piece: Piece, **more: Any) -> str:
    thing: dict[str, Any] = {
        "@type": "NewsArticle",
        "headline": piece.title,
        "datePublished": piece.published.isoformat(),
        "dateModified": piece.published.isoformat(),
        "publisher": {"@type": "Organization", "name": piece.words["site"]},
        **more,
    }
    if piece.authors:
        thing["author"] = [{"@type": "Person", "name": name} for name in piece.authors]
    return thing  # type: ignore[return-value]


def _script(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'


def _menu(piece: Piece, name: str) -> str:
    items = "".join(
        f'<li class="menu-item menu-item-{n}"><a href="/{n}/">{escape(word)}</a></li>'
        for n, word in enumerate(piece.words["menu"])
    )
    return f'<nav class="{name}"><ul>{items}</ul></nav><form role="search" class="search-form"><input type="search" placeholder="{piece.word("search")}"></form>'


def _others(piece: Piece, item: str, *, count: int = 5) -> str:
    """Links to other articles; `item` is formatted with `link`, `title`, `lead` and `n`."""
    return "".join(
        item.format(
            link=f"/news/{900 + n}.html", title=escape(title), lead=piece.word("other_lead"), n=n
        )
        for n, title in enumerate(piece.words["others"][:count])
    )


def _with(paragraphs: Sequence[str], inserts: Mapping[int, str], *, tag: str = "<p>{}</p>") -> str:
    """The paragraphs as markup, with something foreign after some of them."""
    parts = ""
    for number, text in enumerate(paragraphs):
        parts += tag.format(escape(text, quote=False)) + "\n" + inserts.get(number, "")
    return parts


def _authors(piece: Piece) -> str:
    return escape(", ".join(piece.authors) or piece.words["site"])


# -- WordPress -----------------------------------------------------------------------------------


def magazine(piece: Piece) -> Built:
    """A WordPress magazine theme: a graph of structured data, boxes of ads, shares and related posts."""
    graph = {
        "@context": "https://schema.org",
        "@graph": [_ld(piece), {"@type": "WebSite", "name": piece.words["site"]}],
    }
    also = f'<div class="td-a-rec td-a-rec-id-content_inline"><span class="td-adspot-title">Реклама</span></div><p><strong>{piece.word("also")}:</strong> <a href="/news/777.html">{escape(piece.words["others"][0])}</a></p>'
    figure = f'<figure id="attachment_41" class="wp-caption aligncenter"><img src="/p.jpg" alt=""><figcaption class="wp-caption-text">{piece.word("photo")}</figcaption></figure>'
    body = _with(piece.paragraphs, {0: figure, 2: also})
    related = _others(
        piece,
        '<div class="td_module_related_posts td-animation-stack"><h3 class="entry-title td-module-title"><a href="{link}">{title}</a></h3></div>',
    )
    html = (
        _head(piece, _script(graph))
        + f'<body class="post-template-default single single-post single-format-standard"><div id="td-outer-wrap">{_menu(piece, "td-main-menu")}'
        f'<div class="td-main-content-wrap"><article id="post-41" class="post-41 post type-post"><div class="td-post-header"><ul class="td-category"><li class="entry-category"><a href="/c/">{escape(piece.words["menu"][1])}</a></li></ul>'
        f'<header class="td-post-title"><h1 class="entry-title">{escape(piece.title)}</h1><div class="td-module-meta-info"><div class="td-post-author-name"><div class="td-author-by">{piece.word("author_label")}</div> <a href="/author/1/">{_authors(piece)}</a></div>'
        f'<span class="td-post-date"><time class="entry-date updated td-module-date" datetime="{piece.published.isoformat()}">{piece.day}</time></span><div class="td-post-views"><i class="td-icon-views"></i><span class="td-nr-views-41">2211</span></div></div></header></div>'
        f'<div class="td-post-sharing-top"><span class="td-social-but-text">{piece.word("share")}</span> <a href="#">Facebook</a> <a href="#">Telegram</a></div>'
        f'<div class="td-post-content tagdiv-type">\n<p><strong>{escape(piece.lead)}</strong></p>\n{body}<p>{piece.word("subscribe")}</p></div>'
        f'<footer><div class="td-post-source-tags"><ul class="td-tags"><li><span>{piece.word("tags")}</span></li><li><a href="/t/1">{escape(piece.words["menu"][2])}</a></li><li><a href="/t/2">{escape(piece.words["menu"][3])}</a></li></ul></div></footer></article>'
        f'<div class="td_block_wrap td_block_related_posts"><h4 class="td-related-title">{piece.word("related")}</h4>{related}</div>'
        f'<div class="comments" id="comments"><div id="respond" class="comment-respond"><h3>{piece.word("add_comment")}</h3><form><p class="comment-form-captcha"><label>{piece.word("sum")}</label><input name="c"></p><textarea></textarea></form></div></div>'
        f'<div class="td-footer-wrapper"><p>{piece.word("rights")}</p></div></div></div></body></html>'
    )
    return Built(html=html, paragraphs=piece.paragraphs, lead=piece.lead, published=piece.published)


def blog(piece: Piece) -> Built:
    """A plain WordPress theme with microdata, a subhead and a box of related posts inside the entry."""
    also = f'<div class="code-block code-block-2" style="margin:8px 0"><a href="/news/778.html" class="internal-link-card"><span class="title">{escape(piece.words["others"][1])}</span></a></div>'
    head = escape(piece.words["menu"][2])
    parts = (*piece.paragraphs[:2], piece.words["menu"][2], *piece.paragraphs[2:])
    body = (
        _with(piece.paragraphs[:2], {})
        + f'<h2 class="wp-block-heading">{head}</h2>\n'
        + _with(piece.paragraphs[2:], {0: also})
    )
    related = _others(
        piece,
        '<div class="jp-relatedposts-post"><a href="{link}">{title}</a><p class="jp-relatedposts-post-excerpt">{lead}</p></div>',
        count=3,
    )
    html = (
        _head(piece, f'<link rel="canonical" href="https://site.example/{piece.language}/7/">')
        + f'<body><header class="site-header"><p class="site-title"><a href="/">{piece.word("site")}</a></p>{_menu(piece, "nav-primary")}</header><div class="site-inner"><main class="content">'
        f'<article class="post-7 post type-post entry" itemscope itemtype="https://schema.org/Article"><header class="entry-header"><h1 class="entry-title" itemprop="headline">{escape(piece.title)}</h1>'
        f'<p class="entry-meta"><time class="entry-time" itemprop="datePublished" datetime="{piece.published.isoformat()}">{piece.day}</time> <span class="entry-author" itemprop="author" itemscope itemtype="https://schema.org/Person"><span class="entry-author-name" itemprop="name">{_authors(piece)}</span></span> <span class="entry-comments-link"><a href="#c">3 {piece.word("comments")}</a></span></p></header>'
        f'<div class="entry-content" itemprop="text"><p class="has-medium-font-size">{escape(piece.lead)}</p>\n{body}'
        f'<div class="sharedaddy sd-sharing-enabled"><h3 class="sd-title">{piece.word("share")}:</h3><ul><li><a href="#">X</a></li><li><a href="#">WhatsApp</a></li></ul></div><div id="jp-relatedposts" class="jp-relatedposts"><h3>{piece.word("related")}</h3>{related}</div></div></article></main>'
        f'<aside class="sidebar"><section class="widget"><h4>{piece.word("popular")}</h4><ul>{_others(piece, "<li><a href={link}>{title}</a></li>")}</ul></section></aside></div>'
        f'<footer class="site-footer"><p>{piece.word("rights")}</p></footer></body></html>'
    )
    return Built(html=html, paragraphs=parts, lead=piece.lead, published=piece.published)


# -- Bitrix and DLE ------------------------------------------------------------------------------


def bitrix(piece: Piece) -> Built:
    """A Bitrix news component: text between line breaks, lists of other news in the same template."""
    text = "<br />\n<br />\n".join(escape(p, quote=False) for p in piece.paragraphs)
    html = (
        _head(
            piece,
            f'<meta property="article:published_time" content="{piece.published.isoformat()}">',
            *(f'<meta name="author" content="{escape(name)}">' for name in piece.authors),
        )
        + f'<body class="bx-background-image bx-theme-blue"><div id="panel"></div><div class="bx-wrapper" id="bx_eshop_wrap"><header class="bx-header">{_menu(piece, "bx-top-nav-container")}</header>'
        f'<div class="workarea"><div class="container bx-content-section"><div class="bx-breadcrumb"><a href="/">{escape(piece.words["menu"][0])}</a> <span>{escape(piece.words["menu"][1])}</span></div><h1 id="pagetitle">{escape(piece.title)}</h1>'
        f'<div class="bx-newsdetail"><div class="bx-newsdetail-block" id="bx_1878455859_42"><div class="bx-newsdetail-img"><img src="/upload/a.jpg" title="{escape(piece.title)}"></div><div class="bx-newsdetail-preview"><b>{escape(piece.lead)}</b></div>'
        f'<div class="bx-newsdetail-content">{text}</div><div class="row"><div class="bx-newsdetail-date"><i class="fa fa-calendar-o"></i> {piece.published:%d.%m.%Y}</div><div class="bx-newsdetail-view"><i class="fa fa-eye"></i> {piece.word("views")}: 318</div><div class="bx-newsdetail-tags">{piece.word("tags")}: {escape(piece.words["menu"][3])}</div></div>'
        f'<div class="bx-newsdetail-separator">|</div><noindex><div class="ya-share2" data-services="vkontakte,telegram">{piece.word("share")}</div></noindex></div></div>'
        f'<div class="news-list"><h3>{piece.word("related")}</h3>{_others(piece, "<p class=news-item><span class=news-date-time>12.01.2026</span> <a href={link}><b>{title}</b></a><br />{lead}</p>")}</div></div></div>'
        f'<footer class="bx-footer"><div class="bx-copyright">{piece.word("rights")}</div></footer></div></body></html>'
    )
    return Built(html=html, paragraphs=piece.paragraphs, lead=piece.lead, published=piece.published)


def dle(piece: Piece) -> Built:
    """DataLife Engine: one block of text with line breaks, counters, ratings and a form below."""
    text = "<br><br>".join(escape(p, quote=False) for p in (piece.lead, *piece.paragraphs))
    by = f'<a href="/user/x/" itemprop="author">{_authors(piece)}</a>' if piece.authors else ""
    html = (
        _head(piece)
        + f'<body><div class="wrap"><div class="header">{_menu(piece, "h-menu")}</div><div class="cols"><div id="dle-content"><div class="fullstory" itemscope itemtype="https://schema.org/NewsArticle"><meta itemprop="datePublished" content="{piece.published.isoformat()}">'
        f'<h1 itemprop="headline">{escape(piece.title)}</h1><div class="short-info"><span class="short-date">{piece.published:%d-%m-%Y, %H:%M}</span> <span>{by}</span> <span class="short-views">1 204 {piece.word("views")}</span></div>'
        f'<div class="full-text clearfix" itemprop="articleBody">{text}</div><div class="mistake"><i class="fa fa-info"></i> {piece.word("error")}</div><div class="rating"><div id="ratig-layer-7"><ul class="unit-rating"><li class="current-rating">80</li></ul></div></div>'
        f'<div class="rel-box"><div class="rel-title">{piece.word("related")}</div>{_others(piece, "<a class=rel-item href={link}><span>{title}</span></a>")}</div>'
        f'<div class="comms"><div class="comm-title">{piece.word("comments")} (0)</div><form id="dle-comments-form"><div class="ac-title">{piece.word("add_comment")}</div><label>{piece.word("sum")}</label><textarea></textarea></form></div></div></div>'
        f'<div class="side"><div class="side-b">{piece.word("popular")}</div>{_others(piece, "<a class=side-item href={link}>{title}</a>")}</div></div><div class="footer">{piece.word("rights")}</div></div></body></html>'
    )
    return Built(
        html=html, paragraphs=(piece.lead, *piece.paragraphs), lead="", published=piece.published
    )


# -- custom systems ------------------------------------------------------------------------------


def portal(piece: Piece) -> Built:
    """A news portal with hashed class names, a list in the body and the next article below."""
    aside = f'<aside class="InlineList_root__Q8"><h3>{piece.word("also")}</h3><ul>{_others(piece, "<li><a href={link}>{title}</a></li>", count=3)}</ul></aside>'
    body = _with(piece.paragraphs, {1: aside}, tag='<p class="Text_p__k3F">{}</p>')
    following = "".join(f"<p class='Text_p__k3F'>{piece.word('other_lead')}</p>" for _ in range(3))
    html = (
        _head(
            piece, _script({"@context": "https://schema.org", **_ld(piece, description=piece.lead)})
        )  # type: ignore[dict-item]
        + f'<body><div id="root"><header class="Header_root__a1">{_menu(piece, "Nav_root__b2")}</header><main class="Page_main__c3"><article class="Article_root__d4"><div class="Article_meta__e5"><a href="/c/">{escape(piece.words["menu"][4])}</a><time datetime="{piece.published.isoformat()}">{piece.day}, {piece.time}</time></div>'
        f'<h1 class="Article_title__f6">{escape(piece.title)}</h1><p class="Article_lead__g7">{escape(piece.lead)}</p><figure class="Figure_root__h8"><img src="/i.webp" alt=""><figcaption class="Figure_caption__i9">{escape(piece.words["others"][2])} <span class="Figure_credit__j0">{piece.word("photo")}</span></figcaption></figure>'
        f'<div class="Article_body__k1">{body}</div><div class="Share_root__l2"><button>{piece.word("share")}</button></div></article>'
        f'<article class="Article_root__d4"><h2 class="Article_title__f6"><a href="/news/950.html">{escape(piece.words["others"][3])}</a></h2><div class="Article_body__k1">{following}</div></article></main>'
        f'<section class="Most_root__m3"><h3>{piece.word("popular")}</h3>{_others(piece, "<a class=Most_item__n4 href={link}>{title}</a>")}</section><footer>{piece.word("rights")}</footer></div></body></html>'
    )
    return Built(html=html, paragraphs=piece.paragraphs, lead=piece.lead, published=piece.published)


def mobile(piece: Piece) -> Built:
    """An AMP page with microdata, ads between the paragraphs and a form for a newsletter."""
    ad = '<amp-ad width="300" height="250" type="doubleclick" data-slot="/1/a"><div placeholder>Ad</div></amp-ad>'
    figure = f'<amp-img src="/a.jpg" width="600" height="400" layout="responsive"></amp-img><div class="img-caption">{piece.word("photo")}</div>'
    body = _with(piece.paragraphs, {0: ad, 1: figure, 2: ad})
    by = "".join(
        f'<span itemprop="author" itemscope itemtype="https://schema.org/Person"><span itemprop="name">{escape(name)}</span></span> '
        for name in piece.authors
    )
    html = (
        _head(piece).replace("<html ", "<html amp ")
        + f'<body><amp-sidebar id="s">{_menu(piece, "amp-menu")}</amp-sidebar><div class="page" itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">{escape(piece.title)}</h1><div class="info">{by}<time itemprop="datePublished" datetime="{piece.published.isoformat()}">{piece.day} {piece.time}</time></div>'
        f'<h2 class="subtitle" itemprop="description">{escape(piece.lead)}</h2><div class="text" itemprop="articleBody">{body}</div><div class="social"><amp-social-share type="telegram"></amp-social-share> {piece.word("share")}</div>'
        f'<form class="newsletter-form" action-xhr="/s"><p>{piece.word("subscribe")}</p><input type="email"></form><amp-list class="more">{_others(piece, "<div class=more-item><a href={link}>{title}</a></div>")}</amp-list></div><footer>{piece.word("rights")}</footer></body></html>'
    )
    return Built(html=html, paragraphs=piece.paragraphs, lead=piece.lead, published=piece.published)


def state(piece: Piece) -> Built:
    """An application whose elements are empty until a script fills them from its state."""
    data = {
        "props": {
            "pageProps": {
                "menu": [
                    {"title": word, "url": f"/{n}"} for n, word in enumerate(piece.words["menu"])
                ],
                "article": {
                    "id": 41,
                    "title": piece.title,
                    "lead": piece.lead,
                    "publishedAt": piece.published.isoformat(),
                    "authors": [{"name": name, "slug": "x"} for name in piece.authors],
                    "content": "".join(
                        f"<p>{escape(p, quote=False)}</p>" for p in piece.paragraphs
                    ),
                },
                "popular": [
                    {"id": n, "title": title, "lead": piece.words["other_lead"]}
                    for n, title in enumerate(piece.words["others"])
                ],
            }
        },
        "page": "/news/[slug]",
        "buildId": "k3Fz81",
    }
    html = (
        _head(piece)
        + f'<body><div id="__next"><header>{_menu(piece, "nav")}</header><main><h1>{escape(piece.title)}</h1><div class="skeleton"></div><div class="skeleton"></div></main><footer>{piece.word("rights")}</footer></div>'
        f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(data, ensure_ascii=False)}</script></body></html>'
    )
    return Built(html=html, paragraphs=piece.paragraphs, lead=piece.lead, published=piece.published)


def old_portal(piece: Piece) -> Built:
    """A site laid out in tables: dateline in the text, signs of video and pages, initials at the end."""
    place = "JAKARTA" if piece.language == "id" else "KYIV" if piece.language == "uk" else "ANKARA"
    first = f"{place} - {piece.paragraphs[0]}"
    paragraphs = (first, *piece.paragraphs[1:])
    also = f'<table class="linksisip"><tr><td><strong>{piece.word("also")}:</strong> <a href="/news/780.html">{escape(piece.words["others"][2])}</a></td></tr></table>'
    advert = '<div class="ads-slot"><p class="ads-label">ADVERTISEMENT</p><p class="ads-label">SCROLL TO CONTINUE WITH CONTENT</p></div>'
    video = "<p>[Gambas:Video 20detik]</p>" if piece.language == "id" else ""
    body = _with(paragraphs, {0: advert, 1: also, 2: video}, tag='<p align="justify">{}</p>')
    pages = "".join(f'<a href="?page={n}">{n}</a> ' for n in (1, 2))
    html = (
        _head(piece, _script(_ld(piece)))
        + f'<body><table width="100%" class="layout"><tr><td class="top" colspan="3">{_menu(piece, "menu")}</td></tr><tr><td class="left" width="180"><div class="block"><b>{piece.word("popular")}</b>{_others(piece, "<div class=mini><a href={link}>{title}</a></div>")}</div></td>'
        f'<td class="center"><div class="detail"><h1 class="detail__title">{escape(piece.title)}</h1><div class="detail__author">{_authors(piece)} - {piece.word("site")}</div><div class="detail__date">{piece.day} {piece.time}</div><div class="detail__sub"><h2>{escape(piece.lead)}</h2></div>'
        f'<div class="detail__body-text itp_bodycontent">{body}</div><div class="detail__multiple"><div class="detail__long-nav">{pages}</div></div><div class="detail__body-tag"><span>{piece.word("tags")}</span> <a href="/t">{escape(piece.words["menu"][1])}</a></div></div></td>'
        f'<td class="right"><div class="block">{_others(piece, "<div class=mini><a href={link}>{title}</a><br>{lead}</div>", count=3)}</div></td></tr></table><div class="copyright">{piece.word("rights")}</div></body></html>'
    )
    return Built(html=html, paragraphs=paragraphs, lead=piece.lead, published=piece.published)


BUILDS: Mapping[str, Callable[[Piece], Built]] = {
    "magazine": magazine,
    "blog": blog,
    "bitrix": bitrix,
    "dle": dle,
    "portal": portal,
    "mobile": mobile,
    "state": state,
    "old portal": old_portal,
}
