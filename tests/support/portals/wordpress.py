"""Pages of WordPress: a magazine theme of a page builder, and a plain theme with blocks of the editor."""

from html import escape
from typing import Any

from tests.support.portals import around
from tests.support.portals.written import Written, markup

_MODULE = '<div class="td_module_flex td_module_flex_1 td_module_wrap td-animation-stack"><div class="td-module-container td-category-pos-above"><div class="td-module-thumb"><a href="{link}" rel="bookmark" class="td-image-wrap" title="{title}"><span class="entry-thumb td-thumb-css"></span></a></div><div class="td-module-meta-info"><h3 class="entry-title td-module-title"><a href="{link}">{title}</a></h3><div class="td-excerpt">{lead}</div><div class="td-editor-date"><span class="td-post-date"><time class="entry-date updated td-module-date" datetime="2026-01-0{n}T{time}:00+02:00">0{n}.01.2026</time></span></div></div></div></div>'


def _graph(article: Written) -> str:
    """Structured data as a plugin for search engines writes it: one graph, its parts pointing at each other."""
    people = [
        {"@type": "Person", "@id": f"https://site.example/#/schema/person/{n}", "name": name}
        for n, name in enumerate(article.authors)
    ]
    changed = article.modified or article.published
    page: dict[str, Any] = {
        "@type": "WebPage",
        "@id": article.url,
        "url": article.url,
        "name": f"{article.title} - {article.site}",
        "isPartOf": {"@id": "https://site.example/#website"},
        "datePublished": article.published.isoformat(),
        "dateModified": changed.isoformat(),
        "breadcrumb": {"@id": f"{article.url}#breadcrumb"},
        "inLanguage": article.language,
    }
    crumbs = {
        "@type": "BreadcrumbList",
        "@id": f"{article.url}#breadcrumb",
        "itemListElement": [{"@type": "ListItem", "position": 1, "name": article.section}],
    }
    site = {
        "@type": "WebSite",
        "@id": "https://site.example/#website",
        "name": article.site,
        "potentialAction": [{"@type": "SearchAction", "target": "https://site.example/?s={q}"}],
    }
    story = around.news_article(
        article, isPartOf={"@id": article.url}, wordCount=812, articleSection=[article.section]
    )
    story["author"] = [{"@id": person["@id"]} for person in people]
    return around.ld({"@graph": [story, page, crumbs, site, *people]})


def _block(name: str, inner: str, *, n: int) -> str:
    return (
        f'<div class="td_block_wrap {name} tdi_{n} td-pb-border-top td_block_template_1" data-td-block-uid="tdi_{n}">'
        f"<style>.tdi_{n}{{margin-bottom:{n}px!important}}@media(min-width:768px){{.tdi_{n}{{justify-content:center}}}}</style>"
        f'<div class="tdb-block-inner td-fix-index">{inner}</div></div>\n'
    )


def _share_buttons() -> str:
    return "".join(
        f'<a class="td-social-sharing-button td-social-network td-social-{name.lower()}" href="https://share.example/{name}"><div class="td-social-but-icon"><i class="td-icon-{name.lower()}"></i></div><div class="td-social-but-text">{name}</div></a>'
        for name in ("Facebook", "Twitter", "Telegram", "WhatsApp", "Viber")
    )


def _author_box(article: Written) -> str:
    words = article.words
    return f'<div class="tdb-author-photo"><img src="/a.jpg" alt=""></div><div class="tdb-author-info"><a href="/author/1/" class="tdb-author-name">{article.by}</a><div class="tdb-author-descr">{words["about"]}</div></div>'


def _column(article: Written, body: str) -> str:
    """The blocks of the column with the article, top to bottom."""
    words = article.words
    share = _share_buttons()
    tags = "".join(f'<li><a href="/tag/{n}/">{tag}</a></li>' for n, tag in enumerate(article.tags))
    return "".join(
        (
            _block(
                "tdb_single_categories",
                f'<a class="tdb-entry-category" href="/c/">{article.section}</a>',
                n=21,
            ),
            _block(
                "tdb_title tdb-single-title",
                f'<h1 class="tdb-title-text">{escape(article.title)}</h1><div></div><div class="tdb-title-line"></div>',
                n=22,
            ),
            _block("tdb_single_subtitle", f"<p>{escape(article.lead)}</p>", n=23),
            _block(
                "tdb_single_author",
                f'<div class="tdb-author-name-wrap"><span class="tdb-author-by">{words["author"]}</span> <a class="tdb-author-name" href="/author/1/">{article.by}</a></div>',
                n=24,
            ),
            _block(
                "tdb_single_date",
                f'<time class="entry-date updated td-module-date" datetime="{article.published.isoformat()}">{article.day} {article.time}</time>',
                n=25,
            ),
            _block(
                "tdb_single_post_views",
                f'<i class="tdb-views-icon td-icon-views"></i><span class="td-nr-views-48211">4812</span> {words["views"]}',
                n=26,
            ),
            _block(
                "tdb_single_post_share",
                f'<div class="td-post-sharing-visible"><span class="td-social-share-text">{words["share"]}</span>{share}</div>',
                n=27,
            ),
            _block("tdb_single_content", body, n=28).replace(
                "td_block_template_1", "td_block_template_1 td-post-content tagdiv-type", 1
            ),
            _block(
                "tdb_single_tags",
                f'<ul class="tdb-tags"><li><span>{words["tags"]}</span></li>{tags}</ul>',
                n=29,
            ),
            _block("tdb_single_author_box", _author_box(article), n=30),
            _block(
                "td_flex_block_1 tdb_single_related",
                f'<div class="td-block-title-wrap"><h4 class="td-block-title"><span>{words["related"]}</span></h4></div><div id="tdi_31" class="td_block_inner td-mc1-wrap">{around.others(article, _MODULE)}</div>',
                n=31,
            ),
            _block(
                "tdb_single_comments",
                f'<div class="comments" id="comments"><h4>{words["comments"]}: 3</h4><ol class="comment-list">{around.comments(article, item="<li class=comment id=comment-{n}><article><footer><cite>{name}</cite><time>{when}</time></footer><div class=comment-content><p>{text}</p></div></article></li>")}</ol><div id="respond" class="comment-respond"><h3>{words["add_comment"]}</h3><form><p>{words["mail"]}</p><label>{words["captcha"]}<input name="c"></label><textarea></textarea></form></div></div>',
                n=32,
            ),
        )
    )


def newspaper(article: Written) -> str:
    """A magazine theme whose pages are built of rows, columns and blocks, each with its own style."""
    words = article.words
    body = markup(
        article,
        fig='<figure id="attachment_{n}" aria-describedby="caption-attachment-{n}" style="width: 1024px" class="wp-caption aligncenter"><img class="size-large wp-image-{n}" src="/wp-content/uploads/{n}.jpg" alt="" width="1024" height="683" /><figcaption id="caption-attachment-{n}" class="wp-caption-text">{text}. {photo}: {more}</figcaption></figure>',
        also='<p class="has-text-align-left"><strong>{also}: </strong><a href="https://site.example/?p={n}" data-type="post">{title}</a></p>',
        ad='<div class="td-a-rec td-a-rec-id-content_inline tdi_{n} td_block_template_1"><span class="td-adspot-title">{ad}</span><ins class="adsbygoogle" data-ad-slot="{n}"></ins><script>(adsbygoogle=window.adsbygoogle||[]).push({{}});</script></div>',
        video='<div class="wp-block-embed__wrapper"><iframe title="{title}" width="696" height="392" src="https://video.example/embed/{n}" allowfullscreen></iframe></div><p><em>{video}: <a href="https://video.example/{n}">{title}</a></em></p>',
        q='<blockquote class="td_quote_box td_box_center"><p>{text}</p></blockquote>',
        h="<h3>{text}</h3>",
        subscribe='<p><a href="https://t.me/example" target="_blank" rel="noopener"><strong>{subscribe}</strong></a></p>',
    )
    column = _column(article, body)
    box = '<aside class="td_block_template_1 widget widget_{name}"><h4 class="block-title"><span>{head}</span></h4>{body}</aside>'
    side = around.others(article, _MODULE, start=6) + around.widgets(article, box=box)
    entries = around.menu(
        article,
        item='<li id="menu-item-{n}" class="menu-item menu-item-type-taxonomy menu-item-{n} td-menu-item td-normal-menu"><a href="/{n}/"><div class="tdb-menu-item-text">{text}</div></a></li>',
    )
    return (
        around.head(
            article,
            around.times(article),
            _graph(article),
            around.styles(article.name, prefix="tdi", rules=220),
            '<script src="/wp-includes/js/jquery/jquery.min.js"></script>',
            title=f"{article.title} - {article.site}",
        )
        + '<body class="wp-singular post-template-default single single-post postid-48211 single-format-standard global-block-template-1 tdb_template_118 tdb-template tdc-header-template td-full-layout">\n'
        f'{around.icons()}<div class="td-menu-background"></div><div id="td-mobile-nav"><div class="td-mobile-container"><ul class="td-mobile-main-menu">{entries}</ul></div></div>\n'
        f'<div id="td-outer-wrap" class="td-theme-wrap"><div class="tdc-header-wrap"><div class="tdb_header_menu tdb-menu-items-in-more"><ul class="tdb-block-menu tdb-menu">{entries}</ul></div><div class="tdb_header_logo"><a href="/"><span class="tdb-logo-text-title">{article.site}</span></a></div></div>\n'
        f'<div id="td-content-container" class="td-content-wrap"><div class="td-main-content-wrap"><div class="tdc-content-wrap"><article id="template-id-118" class="post-48211 post type-post status-publish format-standard has-post-thumbnail hentry td-container-wrap"><div id="tdi_10" class="tdc-zone"><div class="tdc_zone tdi_11 wpb_row td-pb-row"><div id="tdi_12" class="tdc-row stretch_row"><div class="vc_row tdi_13 wpb_row td-pb-row"><div class="vc_column tdi_15 wpb_column vc_column_container tdc-column td-pb-span8"><div class="wpb_wrapper">\n{column}</div></div>\n'
        f'<div class="vc_column tdi_40 wpb_column vc_column_container tdc-column td-pb-span4 td-is-sticky"><div class="wpb_wrapper"><div class="td_block_wrap tdb_header_search"><form class="tdb-search-form"><input type="text" placeholder="{words["search"]}"></form></div><h4 class="block-title">{words["popular"]}</h4>{side}</div></div></div></div></div></div></article></div></div></div>\n'
        f'<div class="td-footer-template-wrap"><div class="tdm_block td_block_wrap tdm_block_inline_text"><p class="tdm-descr">{words["about"]}</p><p>{words["rights"]}</p></div><ul>{entries}</ul></div></div>{around.cookie_bar(article)}{around.scripts(article, name="tdBlock")}</body></html>'
    )


def _letter(article: Written) -> str:
    """A form for the outlet's letter; its braces survive being a mark."""
    words = article.words
    html = f'<div class="wp-block-group is-layout-flow has-background" id="letter"><div class="mc4wp-form-fields"><p>{words["newsletter"]}</p><form><input type="email" placeholder="E-mail"><button class="wp-block-button__link">{words["send"]}</button></form></div></div>'
    return html.replace("{", "{{").replace("}", "}}")


def _minutes(article: Written) -> str:
    words = article.words
    return f'<span class="rt-reading-time"><span class="rt-label rt-prefix">{words["reading"]}: </span><span class="rt-time">6</span> <span class="rt-label rt-postfix">{words["minutes"]}</span></span>'


def gutenberg(article: Written) -> str:
    """A plain theme with microdata; the entry is made of the editor's blocks, a form stands among them."""
    words = article.words
    letter = _letter(article)
    body = markup(
        article,
        fig='<figure class="wp-block-image size-large"><img decoding="async" width="1024" height="640" src="/wp-content/uploads/{n}-1024x640.png" alt="" class="wp-image-{n}" srcset="/wp-content/uploads/{n}.png 1500w"/><figcaption class="wp-element-caption">{text}. <em>{photo}: {more}</em></figcaption></figure>',
        h='<h2 class="wp-block-heading" id="h-{n}">{text}</h2>',
        p="\n<p>{text}</p>\n",
        ul='<ul class="wp-block-list">{text}</ul>',
        table='<figure class="wp-block-table is-style-stripes"><table class="has-fixed-layout"><tbody>{text}</tbody></table></figure>',
        q='<blockquote class="wp-block-quote is-layout-flow"><p>{text}</p></blockquote>',
        also='<div class="wp-block-group related-inline"><p class="related-inline__label">{also}</p><ul class="wp-block-latest-posts__list wp-block-latest-posts"><li><a class="wp-block-latest-posts__post-title" href="/?p={n}">{title}</a></li></ul></div>'
        + letter,
        box='<div class="wp-block-group has-background infobox"><h4 class="wp-block-heading">{text}</h4><p>{more}</p></div>',
    )
    people = ", ".join(
        f'<span class="entry-author" itemprop="author" itemscope itemtype="https://schema.org/Person"><a href="/author/{n}/" class="entry-author-link" rel="author" itemprop="url"><span class="entry-author-name" itemprop="name">{escape(name)}</span></a></span>'
        for n, name in enumerate(article.authors)
    )
    posts = around.others(
        article,
        '<article class="post-{n} post type-post entry" aria-label="{title}"><header class="entry-header"><h4 class="entry-title"><a class="entry-title-link" href="{link}">{title}</a></h4></header><div class="entry-content"><p>{lead}</p></div></article>',
        count=5,
    )
    box = '<section id="{name}-3" class="widget widget_{name}"><div class="widget-wrap"><h4 class="widget-title widgettitle">{head}</h4>{body}</div></section>'
    related = around.others(
        article,
        '<div class="jp-relatedposts-post jp-relatedposts-post{n}"><h4 class="jp-relatedposts-post-title"><a class="jp-relatedposts-post-a" href="{link}">{title}</a></h4><p class="jp-relatedposts-post-excerpt">{lead}</p><p class="jp-relatedposts-post-date">21.01.2026</p></div>',
        count=3,
        start=8,
    )
    said = around.comments(
        article,
        item='<li class="comment depth-1" id="comment-{n}"><article itemprop="comment" itemscope itemtype="https://schema.org/Comment"><header class="comment-header"><p class="comment-author"><span>{name}</span></p><p class="comment-meta"><time class="comment-time">{when}</time></p></header><div class="comment-content"><p>{text}</p></div></article></li>',
    )
    entries = around.menu(
        article,
        item='<li id="menu-item-4{n}" class="menu-item menu-item-type-post_type menu-item-4{n}"><a href="/{n}/" itemprop="url"><span itemprop="name">{text}</span></a></li>',
    )
    tags = ", ".join(
        f'<a href="/tag/{n}/" rel="tag">{tag}</a>' for n, tag in enumerate(article.tags)
    )
    return (
        around.head(
            article,
            around.times(article),
            around.styles(article.name, prefix="wp", rules=260),
            '<link rel="https://api.w.org/" href="https://site.example/wp-json/">',
        )
        + f'<body class="post-template-default single single-post postid-48211 single-format-standard header-image content-sidebar genesis-breadcrumbs-visible"><div class="site-container"><ul class="genesis-skip-link"><li><a href="#genesis-content" class="screen-reader-shortcut">Skip to content</a></li></ul><header class="site-header"><div class="wrap"><p class="site-title"><a href="/">{article.site}</a></p></div></header><nav class="nav-primary" aria-label="Main"><ul class="menu genesis-nav-menu menu-primary">{entries}</ul></nav>\n'
        f'<div class="site-inner"><div class="content-sidebar-wrap"><main class="content" id="genesis-content"><div class="breadcrumb"><a href="/">{words.list("menu")[0]}</a> / <a href="/c/">{article.section}</a> / {escape(article.title)}</div>\n'
        f'<article class="post-48211 post type-post status-publish format-standard has-post-thumbnail category-economy entry" itemscope itemtype="https://schema.org/CreativeWork"><header class="entry-header"><h1 class="entry-title" itemprop="headline">{escape(article.title)}</h1>\n'
        f'<p class="entry-meta"><time class="entry-time" itemprop="datePublished" datetime="{article.published.isoformat()}">{article.day}</time> {words["author"]}: {people} <span class="entry-comments-link"><a href="#respond">{words["add_comment"]}</a></span> {_minutes(article)}</p></header>\n'
        f'<div class="entry-content" itemprop="text"><p class="has-large-font-size">{escape(article.lead)}</p>\n{body}\n'
        f'<div class="sharedaddy sd-sharing-enabled"><div class="robots-nocontent sd-block sd-social"><h3 class="sd-title">{words["share"]}:</h3><div class="sd-content"><ul><li class="share-facebook"><a href="?share=facebook"><span>Facebook</span></a></li><li class="share-telegram"><a href="?share=telegram"><span>Telegram</span></a></li><li class="share-end"></li></ul></div></div></div><div id="jp-relatedposts" class="jp-relatedposts"><h3 class="jp-relatedposts-headline"><em>{words["related"]}</em></h3><div class="jp-relatedposts-items">{related}</div></div></div>\n'
        f'<footer class="entry-footer"><p class="entry-meta"><span class="entry-categories">{article.section}</span> <span class="entry-tags">{words["tags"]}: {tags}</span></p></footer></article>\n'
        f'<h2 class="screen-reader-text">Reader Interactions</h2><div class="entry-comments" id="comments"><h3>{words["comments"]}</h3><ol class="comment-list">{said}</ol></div><div id="respond" class="comment-respond"><h3 id="reply-title">{words["add_comment"]}</h3><form class="comment-form"><p class="comment-notes">{words["mail"]}</p><p class="comment-form-author"><label>{words["name"]}</label><input></p><p class="aiowps-captcha"><label>{words["captcha"]}</label><input></p></form></div></main>\n'
        f'<aside class="sidebar sidebar-primary widget-area"><section class="widget featured-content"><h4 class="widget-title">{words["popular"]}</h4>{posts}</section>{around.widgets(article, box=box)}</aside></div></div><footer class="site-footer"><div class="wrap"><p>{words["rights"]}</p><p>{words["about"]}</p></div></footer></div>{around.cookie_bar(article)}{around.scripts(article, name="wpStats")}</body></html>'
    )
