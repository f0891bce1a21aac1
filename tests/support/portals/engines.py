"""Pages of Bitrix and of DataLife Engine, as regional outlets run them."""

from html import escape

from tests.support.portals import around
from tests.support.portals.written import Written, markup

_BREAKS = "<br />\n<br />\n"


def bitrix(article: Written) -> str:
    """The news component as it comes: a text between line breaks, properties right behind it, a menu at the left."""
    words = article.words
    body = markup(
        article,
        between=_BREAKS,
        p="{text}",
        h="<b>{text}</b>",
        fig='<img width="700" alt="{text}" src="/upload/medialibrary/{n}.jpg" height="467" title="{text}"><br />\n<i>{text}. {photo}: {more}</i>',
    )
    properties = "".join(
        f"{name}:&nbsp;{value}<br />\n"
        for name, value in (
            (words["author"], article.by),
            (words["source"], article.site),
            (words["views"].capitalize(), "1318"),
        )
    )
    row = '<p class="news-item" id="bx_3218110189_{n}"><a href="{link}"><img class="preview_picture" src="/upload/{n}.jpg" width="90" height="60" alt="{title}" title="{title}" style="float:left" /></a><span class="news-date-time">1{n}.01.2026</span><a href="{link}"><b>{title}</b></a><br />{lead}<div style="clear:both"></div></p>'
    box = '<div class="bx-sidebar-block" id="bx_incl_area_{name}"><h3>{head}</h3>{body}</div>'
    return (
        around.head(
            article,
            '<meta name="keywords" content="новости, регион, порт" />\n<meta name="robots" content="index, follow" />',
            around.styles(article.name, prefix="bx", rules=180),
            '<script>if(!window.BX)window.BX={};if(!window.BX.message)window.BX.message=function(mess){for(var i in mess)BX.message[i]=mess[i]};(window.BX||top.BX).message({"JS_CORE_LOADING":"Загрузка...","JS_CORE_NO_DATA":"- Нет данных -","JS_CORE_WINDOW_CLOSE":"Закрыть","USER_ID":"","SERVER_TIME":"1780644000"});</script>',
            title=article.title,
            og=False,
        )
        + f'<body><div id="panel"></div><div id="page-wrapper"><table id="header"><tr><td id="logo"><a href="/">{article.site}</a></td><td id="slogan">{words["about"]}</td><td><form action="/search/"><input name="q" value="" placeholder="{words["search"]}"></form></td></tr></table>'
        f'<div id="top-menu"><ul id="top-menu-layout">{around.menu(article, item="<li class=root-item-{n}><a href=/{n}/ class=root-item>{text}</a></li>")}</ul></div>\n'
        f'<div id="content-wrapper"><div id="sidebar"><div class="sidebar-menu"><ul class="left-menu">{around.menu(article)}</ul></div>{around.widgets(article, box=box)}</div>\n'
        f'<div id="workarea"><div id="breadcrumb"><ul class="breadcrumb-navigation"><li><a href="/">{words.list("menu")[0]}</a></li><li><span>&nbsp;&gt;&nbsp;</span></li><li><a href="/news/">{words.list("menu")[1]}</a></li></ul></div><h1 id="pagetitle">{escape(article.title)}</h1>\n'
        f'<div class="news-detail">\n\t\t<img class="detail_picture" border="0" src="/upload/iblock/a1f/port.jpg" width="400" height="267" alt="{escape(article.title)}" title="{escape(article.title)}" />\n\t\t\t<span class="news-date-time">{article.published:%d.%m.%Y %H:%M}</span>\n\t\t\t\t\t<p>{escape(article.lead)}</p>\n\t\t\t\t\t{body}\n\t\t<div style="clear:both"></div>\n\t<br />\n\t{properties}'
        f'\t<div class="news-detail-share"><noindex><div class="share-window-parent"><div class="share-dialog share-dialog-right"><div class="share-dialog-inner share-dialog-inner-right"><table class="bookmarks-table"><tr><td class="bookmarks"><a href="#" class="vk" title="ВКонтакте"></a></td></tr></table></div></div><a class="share-switch" href="#" title="{words["share"]}"></a></div></noindex></div>\n</div><p><a href="/news/">{words["back"]}</a></p>\n'
        f'<div class="news-list"><b>{words["related"]}</b>{around.others(article, row, count=8)}</div></div></div><div id="space-for-footer"></div></div><div id="footer"><div id="copyright">{words["rights"]}</div><div class="schedule">{words["follow"]}</div></div>{around.scripts(article, name="BXCount", calls=80)}</body></html>'
    )


def bitrix_own(article: Written) -> str:
    """An agency's own template over Bitrix: the visual editor's spans, a table of properties, lists in the same column."""
    words = article.words
    span = '<span style="font-size: 12pt; font-family: Arial, Helvetica;">'
    body = markup(
        article,
        p=f'<p style="text-align: justify;">\n\t {span}{{text}}</span>\n</p>',
        h=f'<h2 style="text-align: left;"><b>{span}{{text}}</span></b></h2>',
        q=f'<blockquote style="text-align: justify;">{span}<i>{{text}}</i></span></blockquote>',
        li=f"<li>{span}{{text}}</span></li>",
        also='<div class="news-inside" id="bx_651765591_{n}"><div class="news-inside__label">{also}</div><a class="news-inside__link" href="/news/{n}/">{title}</a></div>',
    )
    properties = "".join(
        f'<tr><td class="props__name">{name}</td><td class="props__value">{value}</td></tr>'
        for name, value in (
            (words["source"], article.site),
            (words["tags"], ", ".join(article.tags)),
        )
    )
    card = '<div class="news-card" id="bx_1373509569_{n}"><a class="news-card__pic" href="{link}"><img src="/upload/resize_cache/{n}.jpg" alt=""></a><div class="news-card__date">1{n}.01.2026</div><a class="news-card__name" href="{link}">{title}</a><div class="news-card__text">{lead}</div></div>'
    box = '<div class="aside-block aside-block_{name}"><div class="aside-block__title">{head}</div>{body}</div>'
    return (
        around.head(
            article,
            around.times(article),
            *(f'<meta name="author" content="{escape(name)}" />' for name in article.authors),
            around.styles(article.name, prefix="st", rules=200),
            title=f"{article.title} :: {article.site}",
        )
        + f'<body class="page page_inner"><div id="panel"></div>{around.icons(12)}<header class="header" id="bx_header"><a class="header__logo" href="/"><img src="/logo.svg" alt="{article.site}"></a><div class="header__menu">{around.menu(article, item="<a class=header__link href=/{n}/>{text}</a>")}</div></header>\n'
        f'<div class="layout"><div class="layout__main"><div class="crumbs" id="navigation" itemscope itemtype="http://schema.org/BreadcrumbList"><a href="/">{words.list("menu")[0]}</a> / <a href="/c/">{article.section}</a></div>\n'
        f'<div class="detail" id="bx_1878455859_48211"><h1 class="detail__title">{escape(article.title)}</h1><div class="detail__info"><span class="detail__date">{article.published:%d.%m.%Y, %H:%M}</span><span class="detail__author">{words["author"]}: {article.by}</span><span class="detail__views" title="{words["views"]}">2 318</span></div>\n'
        f'<div class="detail__anons">{escape(article.lead)}</div><div class="detail__text">{body}</div><table class="props">{properties}</table>\n'
        f'<div class="detail__error">{words["error"]}</div><div class="ya-share2" data-services="vkontakte,telegram,whatsapp" data-counter=""></div><div class="detail__tg">{words["follow"]}</div></div>\n'
        f'<div class="section-title">{words["related"]}</div><div class="cards">{around.others(article, card, count=6)}</div>'
        f'<div class="feedback" id="comp_9f2c"><div class="section-title">{words["add_comment"]}</div><form><input placeholder="{words["name"]}"><textarea></textarea><div class="feedback__captcha">{words["captcha"]} <img src="/bitrix/tools/captcha.php?captcha_sid=0f3a" alt="CAPTCHA"></div></form></div></div>\n'
        f'<div class="layout__aside">{around.widgets(article, box=box)}<div class="aside-block"><div class="aside-block__title">{words["latest"]}</div>{around.others(article, "<div class=line><span class=line__time>{time}</span><a class=line__link href={link}>{title}</a></div>", count=18)}</div></div></div>\n'
        f'<footer class="footer"><div class="footer__copy">{words["rights"]}</div><div class="footer__about">{words["about"]}</div></footer>{around.scripts(article, name="stCount", calls=90)}</body></html>'
    )


def dle(article: Written) -> str:
    """DataLife Engine: one block of text with line breaks, marks of its editor, a login, ratings and a question below."""
    words = article.words
    body = markup(
        article,
        between="<br><br>",
        p="{text}",
        also='<div class="quote"><b>{also}:</b> <a href="https://site.example/{n}-news.html">{title}</a></div>',
    )
    who = article.by or "admin"
    tags = ", ".join(f'<span><a href="/tags/{tag}/">{tag}</a></span>' for tag in article.tags)
    said = around.comments(
        article,
        item='<div id="comment-id-{n}"><div class="comment"><div class="com_info"><b class="name"><a href="/user/{name}/">{name}</a></b><span class="grey">{when}</span></div><div class="com_content"><div id="comm-id-{n}">{text}</div></div></div></div>',
    )
    box = '<div class="block block_{name}"><h4 class="title">{head}</h4><div class="block_cont">{body}</div></div>'
    return (
        around.head(
            article,
            '<meta name="generator" content="DataLife Engine (https://engine.example)">',
            around.styles(article.name, prefix="dle", rules=150),
            "<script>var dle_root='/';var dle_admin='';var dle_login_hash='5c1f';var dle_group=5;var dle_skin='Default';var dle_wysiwyg='2';var quick_wysiwyg='0';var dle_act_lang=[\"Да\",\"Нет\",\"Ввод\",\"Отмена\"];var menu_short='Быстрое редактирование';var dle_confirm='Подтверждение';var dle_prompt='Ввод информации';</script>",
            title=f"{article.title} » {article.site}",
        )
        + f'<body><div class="page">{around.icons(10)}<div class="headpic fixed"><div class="wrp"><header id="header"><a class="logotype" href="/">{article.site}</a><div class="topmenu"><ul>{around.menu(article)}</ul></div><a id="loginbtn" href="#">Login</a></header></div></div>\n'
        f'<div class="wrp"><div class="body"><div id="midside" class="rightside"><div class="speedbar"><div class="over"><a href="/">{article.site}</a> » <a href="/news/">{article.section}</a> » {escape(article.title)}</div></div><div class="content" id="content"><div id="dle-content">\n'
        f'<article class="box story fullstory"><div class="box_in dark_top"><h1 class="title">{escape(article.title)}</h1><div class="text"><div id="news-id-48211"><!--TBegin:https://site.example/uploads/posts/bridge.jpg|left--><a href="/uploads/posts/bridge.jpg" class="highslide"><img src="/uploads/posts/thumbs/bridge.jpg" style="float:left;" alt="{escape(article.title)}"></a><!--TEnd-->{body}</div></div>\n'
        f'<div class="mistape">{words["error"]}</div><div class="story_tools"><div class="category"><svg class="icon icon-cat"><use xlink:href="#icon-3"></use></svg><a href="/news/">{article.section}</a></div><div class="rate"><div class="rate_stars"><div id="ratig-layer-48211"><div class="rating"><ul class="unit-rating"><li class="current-rating" style="width:85%;">85</li><li><a href="#" title="1" class="r1-unit">1</a></li><li><a href="#" title="2" class="r2-unit">2</a></li></ul></div></div></div><span id="vote-num-id-48211">20</span></div></div></div>\n'
        f'<div class="meta"><ul class="right"><li class="grey" title="{words["views"]}: 1204"><svg class="icon icon-views"></svg> 1 204</li><li class="meta_coms" title="{words["comments"]}: 3"><a href="#comment">3</a></li></ul><ul class="left"><li class="story_date"><svg class="icon icon-info"></svg> <a href="/user/{who}/">{who}</a><span class="grey"> от </span><time datetime="{article.published:%Y-%m-%d}" class="grey"><a href="/{article.published:%Y/%m/%d}/">{article.published:%d-%m-%Y, %H:%M}</a></time></li></ul></div></article>\n'
        f'<div class="box"><div class="box_in"><b class="title">{words["tags"]}</b> {tags}</div></div><div class="block relatednews"><h4 class="title">{words["related"]}</h4><ul class="relnews">{around.others(article, "<li><a href={link}>{title}</a></li>")}</ul></div>\n'
        f'<div id="dle-ajax-comments"></div><div class="comments ignore-select" id="comment"><div class="box"><div class="com_list"><div class="title">{words["comments"]}</div>{said}</div></div></div><form method="post" name="dle-comments-form" id="dle-comments-form"><div id="addcomment" class="addcomment"><div class="box"><h3>{words["add_comment"]}</h3><ul class="ui-form"><li><input placeholder="{words["name"]}"></li><li><textarea></textarea></li><li class="form-group"><label for="question_answer">{words["captcha"]}</label><input id="question_answer" name="question_answer"></li></ul><button>{words["send"]}</button></div></div></form></div></div></div>\n'
        f'<aside id="rightside" class="rightside">{around.widgets(article, box=box)}<div class="block"><h4 class="title">{words["popular"]}</h4><ul class="topnews">{around.others(article, "<li><a href={link}><b>{title}</b></a><span class=grey>{lead}</span></li>", count=8)}</ul></div></aside></div><footer id="footer"><div class="wrp"><p>{words["rights"]}</p><p>{words["about"]}</p></div></footer></div></div>{around.scripts(article, name="dleCount", calls=70)}</body></html>'
    )
