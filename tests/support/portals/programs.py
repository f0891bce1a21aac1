"""Pages that are programs: an application with the article in its state, and a page for phones."""

import json
from html import escape

from tests.support.portals import around
from tests.support.portals.written import Written, markup


def _blocks(article: Written) -> list[dict[str, object]]:
    """The body as the editor keeps it."""
    return [
        {
            "id": f"b{n}",
            "type": {"h": "header", "q": "quote"}.get(line.kind, "paragraph"),
            "data": {"text": line.gold},
        }
        for n, line in enumerate(article.body)
    ]


def _state(article: Written) -> dict[str, object]:
    """All that the program knows: the article among menus, other headlines and the next article."""
    words = article.words
    return {
        "props": {
            "pageProps": {
                "menu": [
                    {"id": n, "title": text, "slug": f"m-{n}"}
                    for n, text in enumerate(words.raw["menu"])
                ],
                "post": {
                    "id": 48211,
                    "slug": article.name,
                    "title": article.title,
                    "lead": article.lead,
                    "publishedAt": article.published.isoformat(),
                    "updatedAt": article.modified.isoformat() if article.modified else None,
                    "authors": [
                        {"id": 7, "name": name, "position": words.raw["author"]}
                        for name in article.authors
                    ],
                    "content": {
                        "time": 1771927200000,
                        "blocks": _blocks(article),
                        "version": "2.29.1",
                    },
                    "tags": [{"id": n, "title": tag} for n, tag in enumerate(article.tags)],
                },
                "related": [
                    {
                        "id": n,
                        "title": title,
                        "lead": words.raw["leads"][n % 3],
                        "publishedAt": "2026-01-04T10:00:00Z",
                    }
                    for n, title in enumerate(words.raw["others"])
                ],
                "following": {
                    "title": words.following["title"],
                    "content": {
                        "blocks": [
                            {"type": "paragraph", "data": {"text": text}}
                            for text in words.following["paragraphs"]
                        ]
                    },
                },
                "texts": {
                    "cookies": words.raw["cookies"],
                    "newsletter": words.raw["newsletter"],
                    "rights": words.raw["rights"],
                },
            },
            "__N_SSG": True,
        },
        "page": "/news/[slug]",
        "query": {"slug": article.name},
        "buildId": "k3Fz81XmQ0",
        "locale": article.language,
    }


def nextstate(article: Written) -> str:
    """An application whose elements hold the headline only; the text is a list of the editor's blocks in a script."""
    words = article.words
    state = _state(article)
    bones = '<div class="Skeleton_line__c4"></div>' * 9
    chunks = "".join(
        f'<script src="/_next/static/chunks/{n:x}-4f9.js" defer></script>' for n in range(12)
    )
    return (
        around.head(article, chunks, around.styles(article.name, prefix="nx", rules=240))
        + f'<body><div id="__next"><header class="Header_root__a1"><a href="/">{article.site}</a><nav>{around.menu(article, item="<a href=/{n}/>{text}</a>")}</nav></header><main class="Post_root__b2"><h1 class="Post_title__d5">{escape(article.title)}</h1><div class="Post_body__e6">{bones}</div></main><aside>{around.others(article, "<a href={link}>{title}</a>")}</aside><footer><p>{words["rights"]}</p></footer></div>'
        f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(state, ensure_ascii=False)}</script>{around.scripts(article, name="nxCount", calls=120)}</body></html>'
    )


def amp(article: Written) -> str:
    """A page for phones: its own elements for pictures and ads, the next page loaded below."""
    words = article.words
    body = markup(
        article,
        fig='<figure class="ampart-figure"><amp-img src="/a/{n}.jpg" width="1200" height="800" layout="responsive" alt="{text}"></amp-img><figcaption>{text}. {photo}: {more}</figcaption></figure>',
        ad='<div class="amp-ad-wrapper"><amp-ad width="300" height="250" type="doubleclick" data-slot="/21/{n}"><div placeholder></div><div fallback>{ad}</div></amp-ad></div>',
        also='<div class="amp-inline-related"><span>{also}</span><a href="/amp/{n}.html">{title}</a></div>',
    )
    config = {
        "vars": {"account": "UA-1"},
        "triggers": {
            f"t{n}": {"on": "scroll", "scrollSpec": {"verticalBoundaries": [n]}} for n in range(60)
        },
    }
    more = around.others(
        article,
        '<div class="amp-more-item"><a href="{link}"><amp-img src="/a/s{n}.jpg" width="90" height="60"></amp-img><span>{title}</span></a></div>',
        count=10,
    )
    shares = "".join(
        f'<amp-social-share type="{name}" width="40" height="40"></amp-social-share>'
        for name in ("telegram", "whatsapp", "vk")
    )
    box = '<amp-accordion><section><h4>{head}</h4><div class="w-{name}">{body}</div></section></amp-accordion>'
    return (
        around.head(
            article,
            '<script async src="https://cdn.ampproject.example/v0.js"></script>',
            around.ld(around.news_article(article, description=article.lead)),
            around.styles(article.name, prefix="amp", rules=320).replace(
                "<style", "<style amp-custom"
            ),
        ).replace("<html ", "<html amp ")
        + f'<body><amp-analytics type="metrika"><script type="application/json">{json.dumps(config)}</script></amp-analytics><amp-consent id="consent" layout="nodisplay"><div id="consent-ui">{words["cookies"]} <button>{words["accept"]}</button></div></amp-consent>\n'
        f'<amp-sidebar id="sidebar" layout="nodisplay" side="left"><ul>{around.menu(article)}</ul></amp-sidebar><header class="amp-head"><button on="tap:sidebar.toggle">☰</button><a href="/">{article.site}</a></header>\n'
        f'<main class="amp-main"><article class="ampart"><div class="ampart-section"><a href="/c/">{article.section}</a></div><h1 class="ampart-title">{escape(article.title)}</h1><div class="ampart-meta"><time datetime="{article.published.isoformat()}">{article.day}, {article.time}</time> <span class="ampart-author">{article.by}</span></div>\n'
        f'<p class="ampart-lead">{escape(article.lead)}</p><div class="ampart-body">{body}</div><div class="ampart-social">{shares}</div><div class="ampart-tg">{words["subscribe"]}</div></article>\n'
        f'<section class="amp-more"><h3>{words["related"]}</h3>{more}</section>{around.widgets(article, box=box)}</main><amp-next-page><script type="application/json">{json.dumps([{"title": words.following["title"], "image": "/a/n.jpg", "url": "/amp/n.html"}], ensure_ascii=False)}</script></amp-next-page><footer class="amp-foot"><p>{words["rights"]}</p><p>{words["about"]}</p></footer></body></html>'
    )
