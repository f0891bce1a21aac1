"""What stands around an article on every page: styles, scripts, menus, feeds, widgets, comments and feet.

Each piece is as long as on real pages and always the same for the same article.
"""

import json
import random
from collections.abc import Mapping
from html import escape
from typing import Any

from tests.support.portals.written import Written

_CURRENCIES = (("USD", "41,52"), ("EUR", "45,18"), ("PLN", "10,61"))
_PROPERTIES = ("margin", "padding", "color", "font", "display", "width", "line-height", "opacity")


def styles(seed: str, *, prefix: str, rules: int = 160) -> str:
    """A sheet of styles as a theme's builder writes it."""
    pick = random.Random(seed)
    sheet = "".join(
        f".{prefix}_{n:x}{pick.choice(('', ':hover', '>li', ' a', '::before'))}{{"
        + "".join(f"{name}:{pick.randint(0, 40)}px;" for name in pick.sample(_PROPERTIES, 4))
        + "}"
        for n in range(rules)
    )
    return f"<style id='{prefix}-inline-css'>:root{{--{prefix}-main:#b3121d}}{sheet}@media(max-width:767px){{.{prefix}_1{{display:none}}}}</style>"


def scripts(article: Written, *, name: str, calls: int = 40) -> str:
    """Counters, queues and settings; among them headlines of other articles."""
    others = [
        {"id": n, "title": title, "url": f"/news/{n}.html"}
        for n, title in enumerate(article.words.raw["others"])
    ]
    calls_ = "".join(
        f"{name}.push(['set','slot{n}',{{w:{n * 7 % 400},h:{n * 3 % 300},lazy:!0,t:'{n:05x}'}}]);"
        for n in range(calls)
    )
    return (
        f"<script>window.{name}=window.{name}||[];(function(d,s,i){{var j=d.createElement(s);j.async=!0;j.src='https://count.example/'+i+'.js';d.head.appendChild(j)}})(document,'script','{name}');{calls_}</script>\n"
        f"<script>var {name}Recommend={json.dumps(others, ensure_ascii=False)};</script>\n"
        f"<noscript><img height='1' width='1' style='display:none' src='https://count.example/px?id={name}' alt=''></noscript>"
    )


def head(article: Written, *more: str, title: str = "", og: bool = True) -> str:
    """The page's head up to its end."""
    shown = title or f"{article.title} — {article.site}"
    graph = (
        f'<meta property="og:type" content="article">\n<meta property="og:title" content="{escape(article.title)}">\n'
        f'<meta property="og:description" content="{escape(article.summary)}">\n<meta property="og:site_name" content="{escape(article.site)}">\n'
        f'<meta property="og:url" content="{article.url}">\n<meta property="og:image" content="https://site.example/i/share-48211.jpg">\n<meta name="twitter:card" content="summary_large_image">\n'
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{article.language}" prefix="og: https://ogp.me/ns#">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(shown)}</title>\n<meta name="description" content="{escape(article.summary)}">\n<link rel="canonical" href="{article.url}">\n<link rel="icon" href="/favicon.ico">\n'
        + (graph if og else "")
        + "\n".join(more)
        + "\n</head>\n"
    )


def times(article: Written) -> str:
    """The times as OpenGraph declares them."""
    changed = (
        f'<meta property="article:modified_time" content="{article.modified.isoformat()}">'
        if article.modified
        else ""
    )
    return f'<meta property="article:published_time" content="{article.published.isoformat()}">{changed}'


def news_article(article: Written, **more: Any) -> dict[str, Any]:
    """The article as schema.org describes it."""
    thing: dict[str, Any] = {
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": article.url},
        "headline": article.title,
        "datePublished": article.published.isoformat(),
        "image": ["https://site.example/i/share-48211.jpg"],
        "publisher": {
            "@type": "Organization",
            "name": article.site,
            "logo": {"@type": "ImageObject", "url": "https://site.example/logo.png"},
        },
        **more,
    }
    if article.modified:
        thing["dateModified"] = article.modified.isoformat()
    if article.authors:
        thing["author"] = [
            {"@type": "Person", "name": name, "url": "https://site.example/a/1"}
            for name in article.authors
        ]
    return thing


def ld(data: Mapping[str, Any]) -> str:
    """A script of structured data."""
    return f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False)}</script>'


def menu(article: Written, *, item: str = '<li><a href="/{n}/">{text}</a></li>') -> str:
    """The entries of the main menu."""
    return "".join(item.format(n=n, text=text) for n, text in enumerate(article.words.list("menu")))


def others(article: Written, item: str, *, count: int = 6, start: int = 0) -> str:
    """Entries that lead to other articles; `item` may ask for `title`, `lead`, `link`, `time` and `n`."""
    titles, leads = article.words.list("others"), article.words.list("leads")
    return "\n".join(
        item.format(
            title=titles[n % len(titles)],
            lead=leads[n % len(leads)],
            link=f"/news/{9000 + n}.html",
            time=f"{21 - n % 14:02}:{(n * 17) % 60:02}",
            n=n,
        )
        for n in range(start, start + count)
    )


def widgets(article: Written, *, box: str) -> str:
    """Weather, rates and a poll; `box` is formatted with `name`, `head` and `body`."""
    words = article.words
    rates = "".join(
        f"<tr><td>{name}</td><td>{rate}</td><td>+0,04</td></tr>" for name, rate in _CURRENCIES
    )
    answers = "".join(
        f'<label><input type="radio" name="v" value="{n}"> {one}</label>'
        for n, one in enumerate(words.list("answers"))
    )
    parts = (
        (
            "weather",
            words["weather"],
            f'<span class="t">+18°</span> {words["city"]}, 748 mm, 4 m/s',
        ),
        ("currency", words["money"], f"<table>{rates}</table>"),
        ("poll", words["poll"], f'<form action="/vote">{answers}<button>OK</button></form>'),
    )
    return "\n".join(
        box.format(name=name, head=heading, body=body) for name, heading, body in parts
    )


def comments(article: Written, *, item: str) -> str:
    """What readers wrote; `item` is formatted with `name`, `text`, `when` and `n`."""
    names = ("Voron_77", "Teta Oksana", "mr.baker")
    return "\n".join(
        item.format(name=name, text=text, when=f"{article.published:%d.%m.%Y} 2{n}:1{n}", n=n)
        for n, (name, text) in enumerate(zip(names, article.words.list("readers"), strict=True))
    )


def cookie_bar(article: Written) -> str:
    """The bar that asks for consent, below the page."""
    words = article.words
    return f'<div id="cookie-notice" class="cookie-notice" role="dialog"><p>{words["cookies"]}</p><button>{words["accept"]}</button></div>'


def icons(count: int = 24) -> str:
    """A sheet of drawn icons at the top of the page."""
    drawn = "".join(
        f'<symbol id="icon-{n}" viewBox="0 0 24 24"><title>icon {n}</title><path d="M{n} 2c{n}.4 3.1 4.7 9.2 11 {n}l-3 5.5q2 {n} 4 8zM12 {n}h8v{n}z"/></symbol>'
        for n in range(count)
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" style="display:none">{drawn}</svg>'
