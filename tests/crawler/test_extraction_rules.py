"""Each packaged rule says why it stands there, and has a piece of a page of ours that shows it."""

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from crawler.extraction.article import Extraction, extract_article
from crawler.extraction.rules import load_rules

SHOWN = tomllib.loads(Path(__file__).with_name("shown_by_rules.toml").read_text("utf-8"))
RULES = tomllib.loads(files("crawler.extraction").joinpath("rules.toml").read_text("utf-8"))
PIECES = [
    pytest.param(kind, name, id=f"{kind} {name}")
    for kind in ("box", "line")
    for name in SHOWN[kind]
]
LINES = (
    "5 min read",
    "1,234 views",
    "3 min read · updated 4 h ago",
    "4 812 переглядів",
    "20 minutes",
    "3 minutes de lecture",
    "12 likes · 4 comments",
    "Updated 5 minutes ago",
    "обновлено 7 минут назад",
    "10 reads",
    "2 min. de lecture",
    "4 min",
    "обновлено: 2 часа назад",
    "12 comments on this article",
    "Last updated 3 hours ago by Mary Lund",
    "Оновлено 7 хвилин тому · 5 210 переглядів",
    "8 Min. Lesezeit",
    "1.2k shares | 14 comments",
    "5 min read.",
    "Переглядів: 812",
    "1 234 просмотра",
    "Copyright 2026 The Post",
    "© The Post",
    "Copyright © 2026",
    "Copyright by The Post",
    "Все права защищены",
    "Все права на материалы защищены законом",
    "Alle Rechte vorbehalten.",
    "Hak Cipta © 2026 Suara",
    "Hak cipta dilindungi undang-undang",
    "Published 12 May 2026",
    "Updated on Monday at 14:05",
    "Stand: 12.05.2026 14:05 Uhr",
    "Published: May 12, 2026 10:00 a.m.",
    "Опубликовано 12 мая 2026 г.",
    "Оновлено: 12.05.2026, 10:30",
    "Published on Monday",
)
SENTENCES = (
    "40 minutes later the air alert was lifted.",
    "15 Minuten nach dem Angriff kam die Entwarnung.",
    "300 comments were submitted to the ministry during the month.",
    "12 views of the same night were told.",
    "120 shares in the company were sold by the minister on Monday.",
    "25 комментариев поступило в министерство за неделю.",
    "60 minutes of talks, and no result.",
    "Updated guidance for 3 hour meetings was sent to all schools on Monday.",
    "300 views were offered, and none was shared by all.",
    "30 минут переговоров закончились ничем.",
    "20 хвилин розмови, і жодного результату.",
    "Copyright law was changed by the parliament on Monday.",
    "Copyright infringement suits are heard in June.",
    "Все права и свободы граждан будут защищены, заявил министр.",
    "Усі права жителів запишуть в окремому протоколі.",
    "Alle Rechte der Bewohner bleiben bestehen, sagt der Minister.",
    "Tous droits de douane seront supprimés en mai.",
    "Hak cipta lagu itu dibeli oleh pemerintah kota.",
    "Published documents show that the army knew.",
    "Published documents from 2014 show that the army knew.",
    "Updated rules take effect on Monday.",
    "Modified crops were sown on 200 hectares in the south.",
    "Stand der Verhandlungen ist, dass beide Seiten warten.",
    "Posted at the gate were 12 soldiers, who let nobody in.",
    "Обновлённый список передали 12 мая.",
)
TITLE = "Envoys meet in the palace by the sea"
PARAGRAPHS = [
    "The envoys met in the palace by the sea on Monday, and the doors stayed closed until the evening.",
    "Nobody came out to say a word, and the cars that stood before the gate were sent away at noon.",
    "A list of names went from one side of the table to the other four times before it was signed.",
    "The ports, the plant on the river and the return of the children are left for the next round.",
    "Where that will be is not known; two cities have offered their halls, and neither was refused.",
    "On Tuesday the envoys go home, and the lists go with them, one copy in each of the languages.",
]


def rules_for(text: str) -> list[str]:
    return [rule.name for rule in load_rules().lines if rule.fits(text.casefold())]


def read(piece: str) -> Extraction:
    """A plain news page with the piece in the middle of its article."""
    before, after = (
        "".join(f"<p>{text}</p>" for text in part) for part in (PARAGRAPHS[:3], PARAGRAPHS[3:])
    )
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{TITLE}</title></head><body>'
        f'<div class="story"><h1>{TITLE}</h1>{before}{piece}{after}</div></body></html>'
    )
    return extract_article(page.encode(), url="https://harbour.example/envoys")


def texts(found: Extraction) -> list[str]:
    assert found.content is not None, found.wall
    return [block.text for block in found.content.blocks]


def test_each_rule_has_a_reason_and_a_piece_that_shows_it() -> None:
    for kind in ("box", "line"):
        rules = {rule["name"]: rule for rule in RULES[kind]}
        assert len(rules) == len(RULES[kind]), "two rules of one name"
        assert set(SHOWN[kind]) == set(rules)
        assert all(len(rule["reason"]) > 15 for rule in rules.values())


@pytest.mark.parametrize(("kind", "name"), PIECES)
def test_a_rule_drops_what_it_is_for_and_nothing_else(kind: str, name: str) -> None:
    found = read(SHOWN[kind][name]["drops"])
    assert texts(found) == PARAGRAPHS
    dropped = [piece for piece in found.dropped if piece.rule != "headline"]
    assert {piece.rule for piece in dropped} == {name}
    rule = next(one for one in RULES[kind] if one["name"] == name)
    captions = found.content.captions if found.content else ()
    assert bool(captions) is rule.get("caption", False)


@pytest.mark.parametrize(("kind", "name"), PIECES)
def test_a_text_that_looks_alike_stays(kind: str, name: str) -> None:
    found = texts(read(SHOWN[kind][name]["stays"]))
    assert len(found) == len(PARAGRAPHS) + 1
    assert [text for text in found if text in PARAGRAPHS] == PARAGRAPHS


@pytest.mark.parametrize("text", LINES)
def test_counters_dates_and_notices_are_no_text(text: str) -> None:
    assert rules_for(text)


@pytest.mark.parametrize("text", SENTENCES)
def test_a_sentence_that_begins_like_one_of_them_is_text(text: str) -> None:
    assert not rules_for(text)
