"""Pages as big Indonesian portals build them: cut into pages, with lines to other articles and adverts in the text."""

from html import escape

from tests.support.portals import around
from tests.support.portals.written import Written, markup


def id_split(article: Written) -> str:
    """Adverts that ask to scroll on, tables to other articles, a sign for a video, initials, and pages."""
    words = article.words
    body = markup(
        article,
        ad='<!--s:parallaxindetail--><div class="clearfix"></div><div class="parallaxindetail scrollpage"><div class="parallax_abs"><div class="ads-label">ADVERTISEMENT</div><div id="div-gpt-ad-{n}"><script>googletag.cmd.push(function(){{googletag.display("div-gpt-ad-{n}")}});</script></div></div></div><p class="para_caption">SCROLL TO CONTINUE WITH CONTENT</p><!--e:parallaxindetail-->',
        also='<table class="linksisip" style="width:100%"><tbody><tr><td><div class="lihatjg"><strong>{also}: </strong><a data-label="List Berita" href="https://site.example/d-{n}">{title}</a></div></td></tr></tbody></table>',
        video='<div class="sisip_video_ds"><p><strong>{video} "{title}":</strong></p><div class="videoPlayer"><iframe src="https://video.example/embed/{n}"></iframe></div><p>[Gambas:Video Samudra]</p></div>',
    )
    pages = "".join(
        f'<a href="{article.url}/{n}" class="detail__anchor-numb">{n}</a>' for n in (1, 2, 3)
    )
    tags = "".join(
        f'<a href="/tag/{n}" class="nav__item">{tag}</a>' for n, tag in enumerate(article.tags)
    )
    row = '<article class="list-content__item"><div class="media media--left media--image-radius"><div class="media__image"><a href="{link}" class="media__link"><span class="ratiobox"><img src="/c/{n}.jpg" alt=""></span></a></div><div class="media__text"><h3 class="media__title"><a href="{link}" class="media__link">{title}</a></h3><div class="media__date"><span title="Rabu, 03 Jun 2026 {time} WIB">{time}</span></div></div></div></article>'
    box = '<div class="box cb-{name}"><div class="box__header"><h4 class="box__title">{head}</h4></div>{body}</div>'
    said = around.comments(
        article,
        item='<div class="komentar-iframe-min-media"><b>{name}</b><span>{when}</span><div class="komentar-iframe-min-media__desc">{text}</div></div>',
    )
    return (
        around.head(
            article,
            '<meta name="author" content="' + article.by + '">',
            f'<meta name="publishdate" content="{article.published:%Y/%m/%d %H:%M:%S}">',
            around.ld(around.news_article(article)),
            around.styles(article.name, prefix="ws", rules=240),
        )
        + f'<body class="beauty-scroll detail"><div class="header"><div class="header__logo"><a href="/">{article.site}</a></div><ul class="nav nav--column-list">{around.menu(article)}</ul></div><div class="container"><div class="billboard ads-slot"><div id="div-gpt-billboard"></div></div>\n'
        f'<div class="grid-row content__bg mgt-16"><div class="column-8"><div class="page__breadcrumb"><a href="/">{article.site}</a><a href="/i/">{article.section}</a></div><article class="detail"><div class="detail__header"><div class="detail__author">{article.by} - <span class="detail__label">{article.site}</span></div><h1 class="detail__title">{escape(article.title)}</h1><div class="detail__date">Rabu, {article.published:%d} Jun 2026 {article.time} WIB</div>\n'
        f'<div class="detail__share"><div class="share-box"><span class="share-box__label">{words["share"]}</span><a href="#"></a></div><a class="komentar" href="#komentar"><span>3</span> {words["comments"]}</a></div></div><div class="detail__media"><figure class="detail__media-image"><img src="/i/48211.jpg" alt=""><figcaption class="detail__media-caption">Ilustrasi. {words["photo"]}: {article.site}</figcaption></figure></div>\n'
        f'<div class="detail__body flex-between"><div class="detail__body-vertical-share"></div><div class="detail__body-text itp_bodycontent">{body}<p class="strong"><strong>(ran/dhp)</strong></p></div></div>\n'
        f'<div class="detail__multiple"><div class="detail__long-nav"><span>{words["pages"]}</span>{pages}<a class="btn" href="{article.url}?single=1">{words["all_news"]}</a></div></div><div class="detail__body-tag mgt-16"><div class="nav">{tags}</div></div></article>\n'
        f'<div class="komentar-box" id="komentar"><h4>{words["comments"]}</h4>{said}</div><div class="list-content"><h2 class="title">{words["related"]}</h2>{around.others(article, row, count=7)}</div></div>\n'
        f'<div class="column-4">{around.widgets(article, box=box)}<div class="box"><h4>{words["popular"]}</h4>{around.others(article, row, count=7, start=7)}</div></div></div></div><div class="footer"><p>{words["about"]}</p><p>{words["rights"]}</p></div>{around.scripts(article, name="wsCount", calls=60)}</body></html>'
    )


def id_read(article: Written) -> str:
    """A paper's site: its name in the dateline, lines to other articles, a channel, and a form for readers' notes."""
    words = article.words
    body = markup(
        article,
        h="<h2>{text}</h2>",
        fig='<div class="photo"><img src="/crops/{n}.jpg" alt=""><div class="photo__icon"></div><div class="photo__caption">{text} ({more})</div></div>',
        also='<p><strong>{also}: <a class="inner-link-baca-juga" href="https://site.example/read/{n}">{title}</a></strong></p>',
        subscribe='<p><em>{follow}. Caranya, klik tautan <a href="https://t.me/example">t.me/example</a>, lalu gabung. Anda harus memasang aplikasi Telegram lebih dahulu di ponsel.</em></p>',
    )
    names = "".join(
        f'<div class="credit-title-name"><h6>{escape(name)},</h6><div class="credit-title-nameTitle">{words["author"]}</div></div>'
        for name in article.authors
    )
    tags = "".join(
        f'<li class="tag__article__item"><a class="tag__article__link" href="/tag/{n}">{tag}</a></li>'
        for n, tag in enumerate(article.tags)
    )
    row = '<div class="articleItem"><a class="article-link" href="{link}"><div class="articleItem-wrap"><div class="articleItem-box"><h2 class="articleTitle">{title}</h2><div class="articlePost"><div class="articlePost-subtitle">{lead}</div><div class="articlePost-date">08/07/2026, {time} WIB</div></div></div></div></a></div>'
    box = '<div class="sideWidget sideWidget-{name}"><h3>{head}</h3>{body}</div>'
    say = '<div class="commentItem"><div class="commentItem-name">{name}</div><div class="commentItem-text">{text}</div><div class="commentItem-date">{when}</div></div>'
    return (
        around.head(
            article,
            f'<meta name="content_PublishedDate" content="{article.published:%Y-%m-%d %H:%M:%S}">\n<meta name="content_author" content="{article.by}">',
            around.ld(around.news_article(article)),
            around.styles(article.name, prefix="hn", rules=240),
        )
        + f'<body class="theme--home"><div class="wrap"><div class="header"><a class="logo" href="/">{article.site}</a><ul class="nav__row">{around.menu(article)}</ul></div><div class="container clearfix"><div class="row mt2 col-offset-fluid clearfix"><div class="col-bs10-10"><ul class="breadcrumb__wrap"><li><a href="/">Home</a></li><li><a href="/e/">{article.section}</a></li></ul></div></div>\n'
        f'<h1 class="read__title">{escape(article.title)}</h1><div class="read__header col-offset-fluid clearfix"><div class="col-bs10-7"><div class="read__time">{article.site} - {article.published:%d/%m/%Y}, {article.time} WIB</div><div class="credit-title">{names}</div></div><div class="social--inline"><span>{words["share"]}</span><a class="social__link" href="#">Facebook</a></div></div>\n'
        f'<div class="col-bs10-7 js-read-article"><div class="read__article mt2 clearfix"><div class="read__content"><div class="clearfix">{body}<div class="ads-on-body"><div class="ads__label">{words["ad"]}</div></div></div></div></div>\n'
        f'<div class="paging"><span class="paging__label">{words["pages"]}:</span><div class="paging__wrap"><div class="paging__item"><a class="paging__link paging__link--active" href="#">1</a></div><div class="paging__item"><a class="paging__link" href="?page=2">2</a></div><div class="paging__item"><a class="paging__link" href="?page=all">Show All</a></div></div></div>\n'
        f'<div class="tag__article"><span class="tag__article__title">{words["tags"]}</span><ul class="tag__article__wrap">{tags}</ul></div><div class="reportWrap">{words["error"]}</div><div class="commentWrap"><h3>{words["add_comment"]}</h3>{around.comments(article, item=say)}</div></div>\n'
        f'<div class="col-bs10-3"><div class="mostWrap"><h3 class="most__title">{words["popular"]}</h3>{around.others(article, "<div class=most__list><div class=most__count>{n}</div><a class=most__link href={link}><h4 class=most__title>{title}</h4></a></div>", count=10)}</div>{around.widgets(article, box=box)}</div></div><div class="articleList -list"><h3>{words["latest"]}</h3>{around.others(article, row, count=8, start=4)}</div><div class="footer"><p>{words["about"]}</p><p>Copyright 2008 - 2026 {article.site}. {words["rights"]}</p></div></div>{around.cookie_bar(article)}{around.scripts(article, name="hnCount", calls=60)}</body></html>'
    )


def id_tribune(article: Written) -> str:
    """A network of local sites: where the text first stood, who edited it, and the next headlines in the same column."""
    words = article.words
    body = markup(
        article,
        fig='<div class="imgfull_div"><img class="imgfull" src="/foto/{n}.jpg" alt="{text}"><div class="ovh imgcaption">{text} <br><span class="credit">({more})</span></div></div>',
        also='<p class="baca"><strong>{also}: <a href="https://site.example/2026/{n}" title="{title}">{title}</a></strong></p>',
    )
    first = f'<p><em>Artikel ini telah tayang di <a href="https://site.example">{article.site}</a> dengan judul {escape(article.title)}, <a href="{article.url}">{article.url}</a></em></p>'
    staff = f'<div id="penulis"><div>{words["author"]}: <a href="/reporter/1">{article.by}</a></div><div>Editor: <a href="/editor/2">Maria Sahetapy</a></div></div>'
    row = '<li class="p1520 art-list pos_rel"><div class="fr mt5 pos_rel"><a href="{link}"><img src="/t/{n}.jpg" alt=""></a></div><div class="mr140"><h3><a href="{link}" class="f20 ln24 fbo txt-oev-2" title="{title}">{title}</a></h3><div class="grey pt5 f13 ln18 txt-oev-3">{lead}</div><div class="grey pt5"><time class="foot timeago" title="{time}">{time}</time></div></div></li>'
    tags = "".join(
        f'<h5 class="tagcloud3"><a class="rd2" href="/tag/{n}">{tag}</a></h5>'
        for n, tag in enumerate(article.tags)
    )
    box = '<div class="fl mb20 side-{name}"><h4 class="f18">{head}</h4>{body}</div>'
    return (
        around.head(
            article,
            around.times(article),
            around.styles(article.name, prefix="st", rules=240),
            around.ld(around.news_article(article)),
        )
        + f'<body><div class="bodytop"></div><div id="headwrap"><div id="logo"><a href="/">{article.site}</a></div><div id="menu"><ul>{around.menu(article)}</ul></div></div><div class="main"><div class="content"><div class="fl w677"><div id="article_con"><div class="pb20"><h4 class="f16"><a href="/c/">{article.section}</a></h4></div>\n'
        f'<div id="article"><h1 class="f50 black2 f400 crimson" id="arttitle">{escape(article.title)}</h1><div class="mt10"><time class="grey"><span style="display:inline-block">{words["published"]}: Rabu, {article.day} {article.time} WIT</span></time></div>{staff}<div class="share_sosmed"><span>{words["share"]}</span><a href="#">f</a></div>\n'
        f'<div class="side-article txt-article multi-fontsize">{body}<div class="ads-between"><span>{words["ad"]}</span></div>{first}<p><em>{words["follow"]}</em></p></div><div class="paging"><span>{words["pages"]} 1/2</span><a href="?page=2">Selanjutnya</a><a href="?page=all">{words["all_news"]}</a></div><div class="mb10 f16 fbo">{words["tags"]}</div>{tags}</div>\n'
        f'<div class="news-related"><h4>{words["related"]}</h4><ul>{around.others(article, row, count=6)}</ul></div><div class="comment-area"><h4>{words["comments"]}</h4>{around.comments(article, item="<div class=cmt><b>{name}</b> <i>{when}</i><p>{text}</p></div>")}</div></div></div>\n'
        f'<div class="fr w300">{around.widgets(article, box=box)}<h4>{words["popular"]}</h4><ul>{around.others(article, row, count=8, start=6)}</ul></div></div></div><div class="foot"><p>{words["about"]}</p><p>{words["rights"]}</p></div>{around.scripts(article, name="stQ", calls=60)}</body></html>'
    )
