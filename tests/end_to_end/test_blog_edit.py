"""A silent edit on a blog: found by the real path, mailed through a real SMTP server."""

import json

import pytest
from pydantic import SecretStr

from crawler.config import SourceConfig
from scheduler.config import ChannelConfig
from storage.database import Database
from storage.types import ChangeKind, Disclosure, SourceKind
from tests.support.inbox import Inbox, smtp_inbox
from tests.support.shared import shared
from tests.support.site import Site
from tests.support.watch import Watch

PATH = "/ukraina-rusia-damai-di-istanbul/"
PARAGRAPHS = (
    "Delegasi Ukraina dan Rusia bertemu lagi di Istanbul pada hari Senin untuk putaran baru pembicaraan damai.",
    "Angkatan udara Ukraina mengatakan bahwa 52 drone ditembak jatuh semalam di tiga wilayah.",
    "“Kami siap membahas gencatan senjata tanpa syarat apa pun,” kata ketua delegasi Ukraina.",
    "Pertemuan di istana itu berlangsung sedikit lebih dari satu jam dan ditutup tanpa pernyataan bersama.",
    "Kedua belah pihak sepakat untuk menukar tahanan yang terluka dan sakit pada pekan depan.",
)


def blog(*paragraphs: str, views: int = 100) -> str:
    text = "\n".join(f"<p>{p}</p>" for p in paragraphs)
    date = "2025-06-02T15:41:08+00:00"
    return f"""<!doctype html><html lang="id"><head><meta charset="utf-8"><title>Damai di Istanbul | Blog</title>
<meta property="article:published_time" content="{date}"><meta property="article:modified_time" content="{date}">
</head><body class="single-post"><header><a href="/">Blog Kabar</a></header>
<article class="post"><h1 class="entry-title">Ukraina dan Rusia bicara damai di Istanbul</h1>
<div class="entry-content">{text}</div>
<div class="related-posts"><h3>Related Posts</h3><ul><li><a href="/{views}">Kabar nomor {views}</a></li></ul></div>
<div id="comments"><h3>Leave a Comment</h3><form><label>{views % 9} + five =</label><input name="captcha"></form></div>
</article><footer><p>{views} views. All Right Reserved.</p></footer></body></html>"""


def page_source(site: Site, path: str) -> SourceConfig:
    return SourceConfig(
        name="Blog", outlet="Lapak", url=site.at(path), kind=SourceKind.PAGE, language="id"
    )


def desk(inbox: Inbox) -> ChannelConfig:
    return ChannelConfig(name="desk", address=SecretStr(inbox.address()))


async def test_a_number_and_a_quote_changed_without_a_note_reach_the_mailbox(
    sqlite_database: Database,
) -> None:
    with Site() as site, smtp_inbox() as inbox:
        watch = Watch(sqlite_database)
        watch.follow(page_source(site, PATH), channels=[desk(inbox)])
        site.publish(PATH, blog(*PARAGRAPHS))
        await watch.check()
        article = watch.articles()[0]
        assert article.topics == ("talks",)
        assert watch.newest(article).text == "\n".join(PARAGRAPHS)
        assert any("rusia" in reason for reason in watch.newest(article).verdicts[0].reasons)
        await watch.tell()
        assert "1 article" in inbox.wait()["Subject"]

        site.publish(PATH, blog(*PARAGRAPHS, views=733))
        assert await watch.check() == []

        edited = [p.replace("52", "49") for p in PARAGRAPHS if not p.startswith("“")]
        site.publish(PATH, blog(*edited, views=801))
        (change,) = await watch.check()
        assert {ChangeKind.NUMBER, ChangeKind.QUOTE} <= set(change.kinds)
        assert change.disclosure is Disclosure.UNNOTED
        await watch.tell()
        mail = inbox.wait()
        text = mail.get_body(("plain",)).get_content()
        assert mail["Subject"].startswith("52 → 49")
        assert "[-52-]" in text
        assert "{+49+}" in text
        assert "no note seen" in mail["Subject"]


@pytest.mark.shared
async def test_the_seed_pages_come_out_as_their_gold_says(sqlite_database: Database) -> None:
    seed = shared("tools/extraction/seed")
    gold = json.loads((seed / "expected.json").read_text(encoding="utf-8"))
    pages = {p.name: p.read_bytes() for p in seed.glob("page-*.html")}
    with Site() as site, smtp_inbox() as inbox:
        watch = Watch(sqlite_database)
        watch.follow(page_source(site, PATH), channels=[desk(inbox)])
        site.publish(PATH, pages["page-v1.html"])
        await watch.check()
        article = watch.articles()[0]
        first = watch.newest(article)
        assert first.title == gold["title"]
        assert [p for p in gold["paragraphs"]["page-v1.html"] if p not in first.text] == []
        assert article.topics == ("talks",)
        assert any("rusia" in reason for reason in first.verdicts[0].reasons)
        await watch.tell()
        inbox.wait()

        site.publish(PATH, pages["page-v1-refetched.html"])
        assert await watch.check() == []

        site.publish(PATH, pages["page-v2.html"])
        (change,) = await watch.check()
        assert {ChangeKind.NUMBER, ChangeKind.QUOTE} <= set(change.kinds)
        assert change.disclosure is Disclosure.UNNOTED
        await watch.tell()
        text = inbox.wait().get_body(("plain",)).get_content()
        old, new = (first.text, watch.newest(article).text)
        number = next(d.label for d in change.details if d.kind is ChangeKind.NUMBER)
        before, after = number.split(" → ")
        assert before.split()[0] in old
        assert after.split()[0] in new
        assert f"[-{before.split()[0]}-]" in text
        assert f"{{+{after.split()[0]}+}}" in text
