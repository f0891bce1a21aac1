"""Pages of systems that newsrooms built themselves: a portal, an agency, a note, a live page, a gallery."""

from html import escape

from tests.support.portals import around
from tests.support.portals.written import Written, markup


def portal(article: Written) -> str:
    """Hashed names, three columns, declared by JSON-LD, and the next article right below this one."""
    words, after = article.words, article.words.following
    body = markup(
        article,
        p='<p class="sc-text_p__k3Fq1">{text}</p>',
        h='<h2 class="sc-text_h__p0Zb7">{text}</h2>',
        q='<blockquote class="sc-quote__w2Lm5"><p>{text}</p></blockquote>',
        fig='<figure class="sc-media__h8Rt2"><div class="sc-media_ratio__x1"><img loading="lazy" src="/cdn/{n}.webp" alt="{text}"></div><figcaption class="sc-media_text__i9">{text}<span class="sc-media_by__j0">{photo}: {more}</span></figcaption></figure>',
        also='<div class="sc-inread__q8Vd4"><span class="sc-inread_label__z3">{also}</span><a class="sc-inread_link__y6" href="/n/{n}">{title}</a></div>',
        ad='<div class="sc-slot__b5Nn0" data-slot="inread-{n}" aria-hidden="true"><span class="sc-slot_label__m2">{ad}</span><div id="gpt-{n}"></div></div>',
    )
    tags = "".join(
        f'<a class="sc-tag__g7" href="/t/{n}">{tag}</a>' for n, tag in enumerate(article.tags)
    )
    following = "".join(
        f'<p class="sc-text_p__k3Fq1">{escape(text)}</p>' for text in after["paragraphs"]
    )
    story = around.news_article(
        article,
        description=article.lead,
        articleSection=article.section,
        inLanguage=article.language,
        isAccessibleForFree=True,
    )
    feed = around.others(
        article,
        '<a class="sc-feed_item__c4" href="{link}"><time class="sc-feed_time__d1">{time}</time><span class="sc-feed_text__e9">{title}</span></a>',
        count=18,
    )
    card = '<a class="sc-card__n4Qy8" href="{link}"><img src="/cdn/{n}.webp" alt=""><h3 class="sc-card_title__r2">{title}</h3><p class="sc-card_text__s5">{lead}</p></a>'
    box = '<div class="sc-side_box__f0" data-widget="{name}"><h3 class="sc-side_head__l7">{head}</h3>{body}</div>'
    bar = f'<div class="sc-share__l2Pw9"><span>{words["share"]}</span><button>Facebook<span class="sc-share_n__o6">124</span></button><button>Telegram<span class="sc-share_n__o6">87</span></button></div>'
    return (
        around.head(
            article,
            around.ld(story),
            around.ld(
                {
                    "@type": "BreadcrumbList",
                    "itemListElement": [
                        {"@type": "ListItem", "position": 1, "name": article.section}
                    ],
                }
            ),
            around.styles(article.name, prefix="sc", rules=240),
        )
        + f'<body class="sc-body__a0"><div id="root"><header class="sc-header__a1Ks2"><a class="sc-header_logo__b3" href="/">{article.site}</a><nav class="sc-nav__b2Jd6"><ul>{around.menu(article)}</ul></nav></header>\n'
        f'<div class="sc-grid__t0"><div class="sc-feed__v9"><h3 class="sc-feed_head__w1">{words["latest"]}</h3>{feed}<a class="sc-feed_all__x7" href="/all">{words["all_news"]}</a></div>\n'
        f'<main class="sc-main__c3Ff1"><article class="sc-story__d4Xx3" data-id="48211"><div class="sc-story_meta__e5"><a class="sc-story_rubric__f2" href="/c/">{article.section}</a><time class="sc-story_time__g3" datetime="{article.published.isoformat()}">{article.day}, {article.time}</time><span class="sc-story_views__h1">12 440 {words["views"]}</span></div>\n'
        f'<h1 class="sc-story_title__i4">{escape(article.title)}</h1><p class="sc-story_lead__j5">{escape(article.lead)}</p><div class="sc-story_by__k6"><a href="/authors/1">{article.by}</a></div>{bar}<div class="sc-story_body__l8">{body}</div>{bar}<div class="sc-tags__m9">{tags}</div><div class="sc-error__p2">{words["error"]}</div></article>\n'
        f'<div class="sc-next_label__n1">{words["following"]}</div><article class="sc-story__d4Xx3" data-id="48190"><div class="sc-story_meta__e5"><time class="sc-story_time__g3" datetime="2026-01-04T10:00:00+02:00">04.01.2026</time></div><h2 class="sc-story_title__i4"><a href="/n/48190">{escape(after["title"])}</a></h2><p class="sc-story_lead__j5">{escape(after["lead"])}</p><div class="sc-story_body__l8">{following}</div></article></main>\n'
        f'<div class="sc-side__u3">{around.widgets(article, box=box)}<h3 class="sc-side_head__l7">{words["popular"]}</h3>{around.others(article, card, count=5, start=9)}</div></div>\n'
        f'<footer class="sc-foot__q9"><p>{words["about"]}</p><p>{words["rights"]}</p></footer></div>{around.cookie_bar(article)}{around.scripts(article, name="scQueue")}</body></html>'
    )


def _machine_text(article: Written) -> str:
    """The whole article once more in microdata that nobody sees."""
    whole = escape(" ".join(line.gold for line in article.body if line.kind in {"p", "h", "q"}))
    people = "".join(
        f'<div itemprop="creator" itemscope itemtype="https://schema.org/Person"><div itemprop="name">{escape(name)}</div></div>'
        for name in article.authors
    )
    changed = (
        f'<div itemprop="dateModified">{article.modified.isoformat()}</div>'
        if article.modified
        else ""
    )
    return f'<div class="schema_org" itemscope itemtype="https://schema.org/NewsArticle" style="display:none"><a itemprop="url" href="{article.url}"></a><div itemprop="headline">{escape(article.title)}</div><div itemprop="description">{escape(article.lead)}</div><div itemprop="datePublished">{article.published.isoformat()}</div>{changed}{people}<div itemprop="articleBody">{whole}</div></div>'


def agency(article: Written) -> str:
    """Each paragraph in a block of its own, the whole text once more in hidden microdata."""
    words = article.words
    wrap = '<div class="article__block" data-type="{}">{}</div>'
    body = markup(
        article,
        p=wrap.format("text", '<div class="article__text">{text}</div>'),
        h=wrap.format("h2", '<h2 class="article__h2">{text}</h2>'),
        q=wrap.format(
            "quote",
            '<blockquote class="article__quote"><div class="article__quote-bg"><div class="article__quote-text">{text}</div></div></blockquote>',
        ),
        fig=wrap.format(
            "media",
            '<div class="article__photo"><div class="photoview__open"><img src="/img/{n}.jpg" alt="{text}"></div><div class="media__copyright"><span class="media__copyright-item">© {more}</span></div><div class="media__description">{text}</div></div>',
        ),
        also=wrap.format(
            "article",
            '<div class="article__article"><a class="article__article-image" href="/{n}.html"><img src="/img/s{n}.jpg" alt="{title}"></a><div class="article__article-desc"><a class="article__article-title" href="/{n}.html">{title}</a></div><div class="article__article-info">{time_ago}</div></div>'.replace(
                "{time_ago}", "12.01.2026, 10:40"
            ),
        ),
        box=wrap.format(
            "infographics",
            '<div class="article__infobox"><div class="article__infobox-title">{text}</div><div class="article__infobox-text">{more}</div></div>',
        ),
    )
    hidden = _machine_text(article)
    item = '<div class="cell-list__item"><a class="cell-list__item-link color-font-hover-only" href="{link}" title="{title}"><span class="cell-list__item-title">{title}</span></a><div class="cell-info"><div class="cell-info__date">{time}</div></div></div>'
    tags = "".join(
        f'<a class="article__tags-item" href="/tag_{n}/">{tag}</a>'
        for n, tag in enumerate(article.tags)
    )
    names = "".join(
        f'<div class="article__author"><div class="article__author-name">{escape(name)}</div><a class="article__author-all" href="/a/">{words["all_news"]}</a></div>'
        for name in article.authors
    )
    react = "".join(
        f'<a class="emoji-item m-type-s{n}" data-type="s{n}"><i></i><span class="m-value">{n * 3}</span></a>'
        for n in range(1, 5)
    )
    box = '<div class="widget widget-{name}"><div class="widget__title">{head}</div>{body}</div>'
    return (
        around.head(
            article,
            around.times(article),
            around.styles(article.name, prefix="ag", rules=230),
            f'<meta property="article:section" content="{article.section}">',
        )
        + f'<body id="body" class="body m-article-page"><div class="page" id="page"><div class="header" id="header"><a class="header__logo-a" href="/">{article.site}</a><div class="header__menu"><ul class="header__menu-list">{around.menu(article)}</ul></div></div>\n'
        f'<div class="page__container"><div class="layout-article"><div class="layout-article__over"><div class="layout-article__main"><div class="layout-article__600-align">{hidden}\n'
        f'<div class="article m-article" id="endless" data-article-id="48211"><div class="endless__item m-active" data-published="{article.published:%Y-%m-%dT%H:%M}"><div class="article__header"><div class="article__info"><div class="article__info-date"><a href="/{article.published:%Y%m%d}/">{article.published:%H:%M %d.%m.%Y}</a></div><div class="article__views" data-id="48211"><span>88412</span></div></div>\n'
        f'<h1 class="article__title">{escape(article.title)}</h1><h2 class="article__second-title">{escape(article.lead)}</h2></div>{names}<div class="article__body">{body}</div>\n'
        f'<div class="emoji">{react}</div><div class="article__userbar"><div class="article__userbar-share">{words["share"]}</div></div><div class="article__tags">{tags}</div></div></div></div></div>\n'
        f'<div class="layout-article__right"><div class="cell-list"><div class="cell-list__title">{words["latest"]}</div>{around.others(article, item, count=20)}</div>{around.widgets(article, box=box)}</div></div></div></div>\n'
        f'<div class="footer"><div class="footer__copyright">{words["rights"]}</div><div class="footer__rules">{words["about"]}</div></div></div><div class="modal" id="modalAuth"><div class="auth__title">Login</div><form><input name="login"></form></div>{around.scripts(article, name="agCount", calls=60)}</body></html>'
    )


def note(article: Written) -> str:
    """A few lines in the middle, forty headlines with their times at the left."""
    words = article.words
    feed = around.others(
        article,
        '<div class="feed-item"><span class="feed-time">{time}</span> <a href="{link}" class="feed-link">{title}</a></div>',
        count=40,
    )
    row = '<div class="row-news"><a href="{link}"><img src="/t/{n}.jpg" alt=""></a><div><a href="{link}"><strong>{title}</strong></a><p>{lead}</p></div></div>'
    box = '<div class="informer informer-{name}"><b>{head}</b>{body}</div>'
    body = markup(article)
    return (
        around.head(
            article,
            around.ld(around.news_article(article)),
            around.styles(article.name, prefix="nt", rules=190),
            '<meta name="theme-color" content="#ffffff">',
        )
        + f'<body><div id="wrapper"><div id="head"><div class="logo"><a href="/">{article.site}</a></div><ul class="nav">{around.menu(article)}</ul></div><div id="main">\n'
        f'<div class="col-left"><div class="feed-title">{words["latest"]}</div>{feed}</div>\n'
        f'<div class="col-center"><div class="post" id="post48211"><div class="post_head"><span class="post_section">{article.section}</span> <span class="post_date">{article.day}, {article.time}</span></div><h1 class="post_title">{escape(article.title)}</h1><div class="post_img"><img src="/p/48211.jpg" alt="{escape(article.title)}"><div class="post_img_by">{words["photo"]}: {article.site}</div></div><div class="post_news_text"><p><strong>{escape(article.lead)}</strong></p>{body}<p class="follow">{words["follow"]}</p></div><div class="post_error">{words["error"]}</div><div class="post_share"><a href="#">Facebook</a><a href="#">Telegram</a><a href="#">Viber</a></div></div>\n'
        f'<div class="more"><div class="more-title">{words["related"]}</div>{around.others(article, row, count=4, start=3)}</div></div>\n'
        f'<div class="col-right">{around.widgets(article, box=box)}<div class="top"><div class="top-title">{words["popular"]}</div>{around.others(article, row, count=6, start=8)}</div></div></div><div id="foot"><p>{words["about"]}</p><p>{words["rights"]}</p></div></div>{around.scripts(article, name="ntCount")}</body></html>'
    )


def liveblog(article: Written) -> str:
    """A text broadcast: dated entries, newest first, each declared as a posting of its own."""
    words = article.words
    entries = "".join(
        f'<section class="online__item" id="entry-{number}"><div class="online__time"><a href="#entry-{number}">{time}</a></div><div class="online__content">{text}<div class="online__share"><button title="{words["share"]}"></button></div></div></section>\n'
        for number, (time, text) in enumerate(_entries(article))
    )
    updates = [
        {
            "@type": "BlogPosting",
            "headline": line.more,
            "datePublished": f"{article.published:%Y-%m-%d}T{line.text}:00+00:00",
            "articleBody": line.more,
        }
        for line in article.body
        if line.kind == "entry"
    ]
    story = around.news_article(
        article, coverageStartTime=article.published.isoformat(), liveBlogUpdate=updates
    )
    story["@type"] = "LiveBlogPosting"
    card = '<div class="tile"><a class="tile__link" href="{link}"><span class="tile__title">{title}</span></a><span class="tile__time">{time}</span></div>'
    box = (
        '<div class="rail__box rail__box--{name}"><div class="rail__title">{head}</div>{body}</div>'
    )
    return (
        around.head(article, around.ld(story), around.styles(article.name, prefix="lv", rules=200))
        + f'<body><div class="app">{around.icons(8)}<header class="top"><a href="/">{article.site}</a><div class="top__menu">{around.menu(article, item="<a href=/{n}/>{text}</a>")}</div></header><div class="content"><div class="content__main"><div class="online" data-live="1">\n'
        f'<div class="online__head"><div class="online__badge">LIVE</div><h1>{escape(article.title)}</h1><p class="online__lead">{escape(article.lead)}</p><div class="online__meta"><span class="online__author">{article.by}</span><span class="online__updated">{words["updated"]}: {article.modified:%d.%m.%Y %H:%M}</span><span class="online__count">{len(updates)}</span></div></div>\n'
        f'<div class="online__refresh"><button>{words["updated"]}</button></div><div class="online__list">{entries}</div></div><div class="subscribe-line">{words["follow"]}</div></div>\n'
        f'<div class="rail">{around.widgets(article, box=box)}<div class="rail__title">{words["popular"]}</div>{around.others(article, card, count=14)}</div></div><footer class="bottom"><p>{words["rights"]}</p><p>{words["about"]}</p></footer></div>{around.scripts(article, name="lvCount", calls=90)}</body></html>'
    )


def _entries(article: Written) -> list[tuple[str, str]]:
    """Time and markup of each entry."""
    whole = markup(
        article,
        entry='<!--entry {more}--><h3 class="online__title">{text}</h3>',
        also='<div class="online__also"><span>{also}:</span> <a href="/n/{n}">{title}</a></div>',
    )
    parts = (part.partition("-->") for part in whole.split("<!--entry ")[1:])
    return [(time.strip(), text) for time, _, text in parts]


def gallery(article: Written) -> str:
    """Pictures with their captions and counters, a few paragraphs between them."""
    words = article.words
    total = len(article.captions)
    slides = iter(range(1, total + 1))
    body = markup(
        article,
        p='<div class="gallery-text"><p>{text}</p></div>',
        fig='<div class="gallery-slide"><figure class="gallery-figure"><picture><source srcset="/g/{n}.avif" type="image/avif"><img src="/g/{n}.jpg" alt="" data-full="/g/{n}-full.jpg"></picture><div class="gallery-count">%%/'
        + str(total)
        + '</div><figcaption class="gallery-caption">{text}<span class="gallery-author">{photo}: {more}</span></figcaption></figure></div>',
    )
    while "%%" in body:
        body = body.replace("%%", str(next(slides)), 1)
    thumb = '<li class="thumb"><a href="{link}"><img src="/g/t{n}.jpg" alt=""><span>{title}</span></a></li>'
    box = '<section class="box box-{name}"><h3>{head}</h3>{body}</section>'
    return (
        around.head(
            article,
            around.times(article),
            around.styles(article.name, prefix="gl", rules=260),
            around.ld(around.news_article(article, description=article.lead)),
        )
        + f'<body class="photo-page"><header><div class="brand"><a href="/">{article.site}</a></div><nav><ul>{around.menu(article)}</ul></nav></header><main>\n'
        f'<section class="photo"><div class="photo-top"><a href="/photo/">{article.section}</a><h1>{escape(article.title)}</h1><div class="photo-info"><span class="photo-date">{article.day}, {article.time}</span> <span class="photo-author">{article.by}</span></div></div>\n'
        f'<p class="photo-lead">{escape(article.lead)}</p><div class="gallery">{body}</div><div class="gallery-nav"><a class="prev" href="/p/1">←</a><a class="nextp" href="/p/3">→</a></div><div class="photo-share">{words["share"]}: <a href="#">X</a> <a href="#">Telegram</a></div></section>\n'
        f'<section class="other-galleries"><h3>{words["related"]}</h3><ul>{around.others(article, thumb, count=9)}</ul></section></main><div class="boxes">{around.widgets(article, box=box)}</div><footer><p>{words["rights"]}</p><p>{words["about"]}</p></footer>{around.cookie_bar(article)}{around.scripts(article, name="glCount", calls=80)}</body></html>'
    )
