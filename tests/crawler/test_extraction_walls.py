"""Walls are known in many languages, by how little stands there, and by what the article used to be."""

import html

import pytest

from crawler.extraction.article import Extraction, extract_article
from crawler.extraction.walls import load_words
from storage.types import WallKind

SENTENCE = "The delegations sat for four hours and agreed on nine of the twelve points, a spokeswoman said. "


def page(body: str, *, title: str = "Envoys agree to meet again", head: str = "") -> bytes:
    text = (
        f"<!doctype html><html><head><meta charset=utf-8><title>{html.escape(title)}</title>{head}</head>"
        f"<body><nav><a href=/>Home</a></nav><main><h1>{html.escape(title)}</h1>{body}</main></body></html>"
    )
    return text.encode()


def read(body: bytes, **more: int) -> Extraction:
    return extract_article(body, url="https://harbour.example/envoys", **more)


def article(paragraphs: int) -> str:
    return "".join(
        f"<p>{SENTENCE}In round {number} nothing moved.</p>" for number in range(paragraphs)
    )


@pytest.mark.parametrize(
    "title",
    [
        "Page not found", "404", "Error 404 - Not Found", "Seite nicht gefunden", "Page introuvable", "Página no encontrada",
        "Pagina non trovata", "Página não encontrada", "Pagina niet gevonden", "Nie znaleziono strony", "Halaman tidak ditemukan",
        "Sayfa bulunamadı", "Страница не найдена", "Сторінку не знайдено", "Sidan hittades inte", "Stránka nenalezena",
        "页面不存在", "ページが見つかりません", "페이지를 찾을 수 없습니다", "الصفحة غير موجودة",
    ],
)  # fmt: skip
def test_a_soft_404_is_known_by_its_headline(title: str) -> None:
    wall = read(page("<p>…</p>", title=title)).wall
    assert wall is not None
    assert wall.kind is WallKind.SOFT_404


@pytest.mark.parametrize(
    "title",
    [
        "404 soldiers return home after exchange",
        "Not found: the missing clause of the treaty that nobody signed",
    ],
)
def test_a_headline_that_only_uses_the_words_is_no_soft_404(title: str) -> None:
    assert read(page(article(4), title=title)).wall is None


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (WallKind.PAYWALL, "Jetzt weiterlesen mit Plus: Sie sind bereits Abonnent?"),
        (WallKind.PAYWALL, "Abonnez-vous pour lire la suite. Déjà abonné ?"),
        (WallKind.PAYWALL, "Suscríbete para seguir leyendo"),
        (WallKind.PAYWALL, "Abbonati per continuare a leggere"),
        (WallKind.PAYWALL, "Assine para continuar lendo"),
        (WallKind.PAYWALL, "Abonneer je om verder te lezen"),
        (WallKind.PAYWALL, "Wykup dostęp, aby czytać dalej"),
        (WallKind.PAYWALL, "Silakan berlangganan untuk melanjutkan membaca"),
        (WallKind.PAYWALL, "Okumaya devam etmek için abone olun ve girin"),
        (WallKind.PAYWALL, "Оформите подписку, чтобы читать дальше"),
        (WallKind.PAYWALL, "Оформіть передплату, щоб читати далі"),
        (WallKind.PAYWALL, "Redan prenumerant? Logga in för att läsa vidare"),
        (WallKind.CAPTCHA, "Подтвердите, что вы не робот. Проверка браузера."),
        (WallKind.CAPTCHA, "Bitte bestätigen: Sie sind kein Roboter. Captcha lösen."),
        (WallKind.DENIED, "Доступ к ресурсу ограничен. Доступ запрещён."),
        (WallKind.DENIED, "Acceso denegado. No disponible."),
        (WallKind.LOGIN, "Silakan login untuk membuka halaman ini. Kata sandi"),
        (WallKind.LOGIN, "Авторизуйтесь, чтобы открыть страницу. Пароль"),
        (WallKind.MAINTENANCE, "На сайті проводяться роботи, технічні роботи триватимуть годину."),
        (WallKind.PARKED, "Diese Domain steht zum Verkauf. Domain kaufen."),
        (WallKind.CONSENT, "Szanujemy twoją prywatność. My i nasi partnerzy prosimy o zgodę na pliki cookie."),
        (WallKind.CONSENT, "Ми цінуємо вашу конфіденційність. Надайте згоду: файли cookie, приватність."),
    ],
)  # fmt: skip
def test_a_wall_is_known_in_its_language(kind: WallKind, said: str) -> None:
    wall = read(page(f"<div><p>{said}</p></div>")).wall
    assert wall is not None
    assert wall.kind is kind
    assert 0 < wall.confidence <= 1
    assert wall.reason


@pytest.mark.parametrize("kind", list(load_words()), ids=lambda kind: kind.name)
def test_each_kind_has_words_in_twelve_languages_or_more(kind: WallKind) -> None:
    words = load_words()[kind]
    assert len(words.title) + len(words.strong) >= 24
    assert all(word == word.casefold() for word in (*words.title, *words.strong, *words.weak))


def test_an_article_about_cookies_is_an_article() -> None:
    about = "<p>Cookies, consent and privacy: the court said that advertising partners must ask first.</p>"
    assert read(page(about + article(9))).wall is None


def test_a_subscription_offer_below_a_long_text_is_no_wall() -> None:
    offer = '<div class="paywall"><h3>Subscribe to continue reading tomorrow</h3></div>'
    assert read(page(article(20) + offer)).wall is None


def test_a_collapse_with_pay_words_is_a_paywall() -> None:
    teaser = article(4) + "<p>Log in to continue.</p>"
    assert read(page(teaser)).content is not None or read(page(teaser)).wall is not None
    wall = read(page(teaser), usual_length=6000).wall
    assert wall is not None
    assert wall.kind is WallKind.PAYWALL


def test_a_strong_collapse_without_pay_words_is_told_as_one() -> None:
    wall = read(page(article(1)), usual_length=6000).wall
    assert wall is not None
    assert wall.kind is WallKind.COLLAPSED


def test_an_article_that_lost_half_its_text_is_still_an_article() -> None:
    assert read(page(article(10)), usual_length=2400).wall is None


def test_a_page_that_says_it_is_not_free_and_shows_a_lead_is_a_paywall() -> None:
    head = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Envoys agree to meet again","isAccessibleForFree":"False"}</script>'
    wall = read(page(article(1), head=head)).wall
    assert wall is not None
    assert wall.kind is WallKind.PAYWALL


def test_a_page_that_names_the_front_page_as_its_address_is_no_article() -> None:
    head = '<link rel="canonical" href="https://harbour.example/">'
    wall = read(page(article(6), head=head)).wall
    assert wall is not None
    assert wall.kind is WallKind.FRONT_PAGE


@pytest.mark.parametrize(
    "body", [b"", b"   ", b"%PDF-1.7 ...", b"\x89PNG\r\n", bytes(range(1, 9)) * 300]
)
def test_what_is_no_page_is_no_article(body: bytes) -> None:
    wall = read(body).wall
    assert wall is not None
    assert wall.kind is WallKind.NOT_AN_ARTICLE
