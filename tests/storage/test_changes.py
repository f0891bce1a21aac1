"""What a step between two versions is called, how it is weighed, and whether it was disclosed."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.changes import MOST_DETAILS, classify
from storage.codec import text_hash
from storage.types import Block, BlockKind, ChangeKind, Disclosure, VersionText, Weight

K = ChangeKind
MORNING = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)
LATER = MORNING + timedelta(hours=2)


def version(
    *texts: str,
    title: str = "Envoys meet by the lake",
    language: str = "",
    modified: datetime | None = None,
    published: datetime | None = None,
) -> VersionText:
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts)
    return VersionText(
        title=title, blocks=blocks, language=language, modified=modified, published=published
    )


def kinds(old: VersionText, new: VersionText) -> set[ChangeKind]:
    classified = classify(old, new)
    assert classified is not None
    return set(classified.kinds)


LEAD = "The two delegations arrived at the lake before noon and went straight to work."
TAIL = "Nobody expects a treaty this week, but both sides agreed to keep the channel open."
MIDDLE = "A table of walnut stands in the hall, with a chair for each of the advisers."
OTHER = "Fishermen on the northern shore complained about the ban on boats near the villa."
FOURTH = "The villa once belonged to a shipping magnate who collected sea charts and clocks."


# -- one sentence edited in place ----------------------------------------------------------------

EDITS = [
    # a number's value
    ("en", "Some 52 drones were shot down overnight.", "Some 49 drones were shot down overnight.", {K.NUMBER}),
    ("en", "The fund holds 1,000 crowns.", "The fund holds 1,500 crowns.", {K.NUMBER}),
    ("en", "Support stands at 12 % of voters.", "Support stands at 14 % of voters.", {K.NUMBER}),
    ("en", "Repairs will cost 5 million crowns.", "Repairs will cost 5 billion crowns.", {K.NUMBER}),
    ("en", "They fired S-300 missiles at dawn.", "They fired S-400 missiles at dawn.", {K.NUMBER}),
    ("en", "Seven sailors were freed at noon.", "Eight sailors were freed at noon.", {K.NUMBER}),
    ("en", "Seven sailors were freed at noon.", "9 sailors were freed at noon.", {K.NUMBER}),
    ("en", "About 30 guards stood by the gate.", "About guards stood by the gate.", {K.NUMBER}),
    ("uk", "Уночі збили 52 безпілотники над морем.", "Уночі збили 47 безпілотників над морем.", {K.NUMBER}),
    ("uk", "Зустріч тривала сім годин без перерви.", "Зустріч тривала вісім годин без перерви.", {K.NUMBER}),
    ("ru", "В списке значатся 1 200 имён моряков.", "В списке значатся 1 350 имён моряков.", {K.NUMBER}),
    ("ru", "Ущерб оценили в 3 млн рублей.", "Ущерб оценили в 3 млрд рублей.", {K.NUMBER}),
    ("id", "Sebanyak 80 pelaut dibebaskan kemarin.", "Sebanyak 84 pelaut dibebaskan kemarin.", {K.NUMBER}),
    ("id", "Rapat itu berlangsung tiga jam.", "Rapat itu berlangsung lima jam.", {K.NUMBER}),
    ("de", "Die Brücke kostet 1.250 Kronen Maut.", "Die Brücke kostet 1.350 Kronen Maut.", {K.NUMBER}),
    ("de", "Nach sechs Stunden war Schluss.", "Nach neun Stunden war Schluss.", {K.NUMBER}),
    ("fr", "La délégation compte 14 conseillers.", "La délégation compte 16 conseillers.", {K.NUMBER}),
    ("es", "Murieron cuatro marineros en el puerto.", "Murieron cinco marineros en el puerto.", {K.NUMBER}),
    ("pl", "Na liście jest 320 nazwisk.", "Na liście jest 340 nazwisk.", {K.NUMBER}),
    ("tr", "Heyette 25 danışman bulunuyor.", "Heyette 28 danışman bulunuyor.", {K.NUMBER}),
    ("zh", "代表团共有52人，昨晚抵达湖边。", "代表团共有49人，昨晚抵达湖边。", {K.NUMBER}),
    ("ja", "湖畔には三人の顧問が残った。", "湖畔には五人の顧問が残った。", {K.NUMBER}),
    ("ja", "代表団は５２人で構成される。", "代表団は４９人で構成される。", {K.NUMBER}),
    ("ko", "대표단은 모두 52명으로 구성됐다.", "대표단은 모두 49명으로 구성됐다.", {K.NUMBER}),
    ("ar", "ضم الوفد ٥٢ مستشارا وصلوا ليلا.", "ضم الوفد ٤٩ مستشارا وصلوا ليلا.", {K.NUMBER}),
    # a date
    ("en", "The next round opens on Monday.", "The next round opens on Thursday.", {K.DATE}),
    ("en", "The next round opens on 12 March.", "The next round opens on 14 March.", {K.DATE}),
    ("en", "The doors open at 14:05 sharp.", "The doors open at 15:30 sharp.", {K.DATE}),
    ("en", "The line was drawn in 2014, maps show.", "The line was drawn in 2015, maps show.", {K.DATE}),
    ("uk", "Раунд відкриють 3 березня зранку.", "Раунд відкриють 5 березня зранку.", {K.DATE}),
    ("ru", "Встреча пройдёт в среду у озера.", "Встреча пройдёт в пятницу у озера.", {K.DATE}),
    ("de", "Die Runde beginnt am Dienstag um acht.", "Die Runde beginnt am Freitag um acht.", {K.DATE}),
    ("fr", "La séance s'ouvre le 3 mai à midi.", "La séance s'ouvre le 9 mai à midi.", {K.DATE}),
    ("es", "La ronda empieza el 2 de abril.", "La ronda empieza el 6 de abril.", {K.DATE}),
    ("tr", "Toplantı salı günü göl kıyısında.", "Toplantı cuma günü göl kıyısında.", {K.DATE}),
    ("ja", "会合は3月12日に開かれる。", "会合は3月14日に開かれる。", {K.DATE}),
    ("ko", "회담은 3월 12일 열린다.", "회담은 3월 14일 열린다.", {K.DATE}),
    # a name
    ("en", "The text was carried by Marta Olsen to the hall.", "The text was carried by Piet Braun to the hall.", {K.NAME}),
    ("en", "The envoy from Iran left early.", "The envoy from Iraq left early.", {K.NAME}),
    ("en", "They flew on to Ankara after lunch.", "They flew on to Riyadh after lunch.", {K.NAME}),
    ("uk", "Делегацію прийняли в палаці в Анкарі.", "Делегацію прийняли в палаці в Женеві.", {K.NAME}),
    ("ru", "Бумагу передал помощнику Лавров лично.", "Бумагу передал помощнику Песков лично.", {K.NAME}),
    ("de", "Den Entwurf brachte Präsident Lindqvist mit.", "Den Entwurf brachte Präsident Oyelaran mit.", {K.NAME}),
    ("zh", "普京总统表示愿意继续谈判。", "泽连斯基总统表示愿意继续谈判。", {K.NAME}),
    ("ja", "プーチン大統領は停戦に応じた。", "ゼレンスキー大統領は停戦に応じた。", {K.NAME}),
    # a quote
    ("en", "“We came to listen,” said the envoy.", "“We came to argue,” said the envoy.", {K.QUOTE}),
    ("en", '"We came to listen," said the envoy.', '"We came only to listen," said the envoy.', {K.QUOTE}),
    ("en", "‘We came to listen,’ said the envoy.", "‘We came to leave,’ said the envoy.", {K.QUOTE}),
    ("uk", "«Ми прийшли слухати», — сказав посол.", "«Ми не прийшли слухати», — сказав посол.", {K.QUOTE}),
    ("ru", "«Мы готовы ждать», — сказал посол.", "«Мы не готовы ждать», — сказал посол.", {K.QUOTE}),
    ("id", "“Kami datang untuk mendengar,” kata utusan.", "“Kami datang untuk pergi,” kata utusan.", {K.QUOTE}),
    ("de", "„Wir hören heute zu“, sagte der Gesandte.", "„Wir gehen heute weg“, sagte der Gesandte.", {K.QUOTE}),
    ("fr", "« Nous venons écouter », a dit l'envoyé.", "« Nous venons partir », a dit l'envoyé.", {K.QUOTE}),
    ("es", "«Venimos a escuchar», dijo el enviado.", "«Venimos para hablar», dijo el enviado.", {K.QUOTE}),
    ("pl", "„Przyszliśmy słuchać”, mówił wysłannik.", "„Przyszliśmy milczeć”, mówił wysłannik.", {K.QUOTE}),
    ("tr", "“Dinlemeye geldik” dedi elçi kapıda.", "“Konuşmaya geldik” dedi elçi kapıda.", {K.QUOTE}),
    ("zh", "他说：“我们是来倾听的。”", "他说：“我们是来争论的。”", {K.QUOTE}),
    ("ja", "「停戦は近い」と特使は述べた。", "「停戦は遠い」と特使は述べた。", {K.QUOTE}),
    ("ar", "قال المبعوث «جئنا لنستمع» عند الباب.", "قال المبعوث «جئنا لنرحل» عند الباب.", {K.QUOTE}),
    ("en", "The envoy said he was tired of waiting for them.", "The envoy said “he was tired of waiting for them”.", {K.QUOTE}),
    # wording
    ("en", "Officials hurried through the garden gate.", "Officials walked through the garden gate.", {K.WORDING}),
    ("en", "The move is legal under the treaty.", "The move is illegal under the treaty.", {K.WORDING}),
    ("en", "He will not attend the lunch.", "He will now attend the lunch.", {K.WORDING}),
    ("de", "Die Gespräche am See dauern an.", "Die Verhandlungen am See dauern an.", {K.WORDING}),
    ("uk", "Сторони домовилися зустрітися знову.", "Сторони відмовилися зустрітися знову.", {K.WORDING}),
    ("en", "In the storm 12 died and 30 were hurt.", "In the storm 30 were hurt and 12 died.", {K.WORDING}),
    # typography and spelling
    ("en", "The negotiators went home by train.", "The negotaitors went home by train.", {K.TYPOGRAPHY}),
    ("en", "A cease-fire holds near Kiev.", "A ceasefire holds near Kyiv.", {K.TYPOGRAPHY}),
    ("en", "They resume on the shore", "They resume on the shore.", {K.TYPOGRAPHY}),
    ("en", '"We came to listen," he said.', "“We came to listen”, he said.", {K.TYPOGRAPHY}),
    ("en", "The toll is 1,000 crowns.", "The toll is 1 000 crowns.", {K.TYPOGRAPHY}),
    ("en", "The toll is 5 million crowns.", "The toll is 5,000,000 crowns.", {K.TYPOGRAPHY}),
    ("en", "The toll is 5 million crowns.", "The toll is 5 milloin crowns.", {K.TYPOGRAPHY}),
    ("en", "About 7 guards stood by.", "About seven guards stood by.", {K.TYPOGRAPHY}),
    ("en", "Between 10-12 guards stood by.", "Between 10–12 guards stood by.", {K.TYPOGRAPHY}),
    ("uk", "Переговорники поїхали додому потягом.", "Перегворники поїхали додому потягом.", {K.TYPOGRAPHY}),
    ("ru", "Министр ещё не ответил на письмо.", "Министр еще не ответил на письмо.", {K.TYPOGRAPHY}),
    ("ru", "«Мы готовы ждать», — сказал он.", "“Мы готовы ждать”, - сказал он.", {K.TYPOGRAPHY}),
    ("de", "Der Unterhändler schwieg am Ufer.", "Der Unterhädnler schwieg am Ufer.", {K.TYPOGRAPHY}),
    ("tr", "Heyet İzmir üzerinden döndü.", "Heyet İmzir üzerinden döndü.", {K.TYPOGRAPHY}),
    ("ko", "공동선언문이 발표됐다고 한다.", "공동언선문이 발표됐다고 한다.", {K.TYPOGRAPHY}),
    ("zh", "代表团抵达湖边小镇。", "代表团达抵湖边小镇。", {K.TYPOGRAPHY}),
]  # fmt: skip


@pytest.mark.parametrize(("language", "before", "after", "named"), EDITS)
def test_an_edited_sentence_is_named(
    *, language: str, before: str, after: str, named: set[ChangeKind]
) -> None:
    old, new = version(before, language=language), version(after, language=language)
    assert kinds(old, new) == named


@pytest.mark.parametrize(("language", "before", "after", "named"), EDITS)
def test_an_edit_is_named_alike_amid_other_paragraphs(
    *, language: str, before: str, after: str, named: set[ChangeKind]
) -> None:
    old = version(LEAD, before, TAIL, language=language)
    new = version(LEAD, after, TAIL, language=language)
    assert kinds(old, new) == named


@pytest.mark.parametrize(
    ("before", "after", "label"),
    [
        ("Some 52 drones fell.", "Some 49 drones fell.", "52 → 49 drones fell"),
        ("Some 1,000 fell.", "Some 1,500 fell.", "1,000 → 1,500 fell"),
        ("Of 52 drones over Kyiv", "Of 49 drones over Kyiv", "52 → 49 drones"),
        ("About 20% of them", "About 15% of them", "20 → 15%"),
        ("Впало 1 дрон над містом", "Впало 2 дрони над містом", "1 → 2 дрони"),
        ("Ada 52 pesawat nirawak.", "Ada 49 pesawat nirawak.", "52 → 49 pesawat nirawak"),
        ("A 30-day truce.", "A 60-day truce.", "30 → 60 day truce"),
        ("Then two of them", "Then three of them", "two → three"),
        ("Some 52 sheep and", "Some 49 goats and", "52 → 49"),
        ("約1200人の兵士が", "約1000人の兵士が", "1200 → 1000"),
        (
            "Some 52 extraordinarily-well-kept ships.",
            "Some 49 extraordinarily-well-kept ships.",
            "52 → 49 extraordinarily-well-kept ships",
        ),
        ("It ended on 12 March.", "It ended on 14 March.", "12 March → 14 March"),
        ("About 30 guards stood.", "About guards stood.", "30 → –"),
        ("It cost 5 million then.", "It cost 5 billion then.", "5 million → 5 billion"),
        ("Word came from Ankara.", "Word came from Geneva.", "Ankara → Geneva"),
    ],
)
def test_a_changed_fact_is_told_in_a_label(before: str, after: str, label: str) -> None:
    classified = classify(version(before), version(after))
    assert classified is not None
    assert classified.details[0].label == label
    assert (classified.details[0].before, classified.details[0].after) == (before, after)


def test_a_label_never_outgrows_a_subject() -> None:
    long_figure = "12" * 40
    classified = classify(version(f"Some {long_figure} fell."), version("Some 7 fell."))
    assert classified is not None
    assert all(len(detail.label) <= 40 for detail in classified.details)


def test_a_word_that_a_label_has_no_room_for_is_left_out_whole() -> None:
    long_word = "Donaudampfschifffahrtsgesellschaften"
    classified = classify(version(f"Etwa 52 {long_word}."), version(f"Etwa 49 {long_word}."))
    assert classified is not None
    assert classified.details[0].label == "52 → 49"


def test_a_paragraph_that_took_a_quote_with_it_is_shown_once() -> None:
    said = "“They are not interested in a truce,” the lawmaker added."
    classified = classify(version(LEAD, said, TAIL), version(LEAD, TAIL))
    assert classified is not None
    assert classified.kinds == (K.QUOTE, K.PARAGRAPH_REMOVED)
    assert [(d.kind, d.before) for d in classified.details] == [(K.PARAGRAPH_REMOVED, said)]


def test_the_sentence_around_a_change_is_shown_and_not_its_neighbours() -> None:
    before = "Mr. Olsen spoke first. Some 52 boats were seen. Then it rained."
    classified = classify(version(before), version(before.replace("52", "49")))
    assert classified is not None
    assert classified.details[0].before == "Some 52 boats were seen."
    assert classified.details[0].after == "Some 49 boats were seen."


def test_a_replaced_sentence_with_other_numbers_is_not_a_number_alone() -> None:
    stays = "The advisers of both sides stayed in the hall until late in the evening."
    before = f"{stays} They ate 12 fish and went to bed early in the northern wing."
    after = f"{stays} Musicians arrived with 40 drums although nobody had invited any of them."
    assert K.WORDING in kinds(version(LEAD, before), version(LEAD, after))


def test_a_paragraph_wholly_replaced_is_one_removed_and_one_added() -> None:
    before = "In the morning 12 boats left the harbour under a grey sky."
    after = "Economists think that tariffs on 30 goods may rise once more."
    assert kinds(version(LEAD, before, TAIL), version(LEAD, after, TAIL)) == {
        K.PARAGRAPH_REMOVED,
        K.PARAGRAPH_ADDED,
    }


def test_a_number_in_a_quote_is_both() -> None:
    before, after = "“We lost 12 boats,” he said.", "“We lost 19 boats,” he said."
    assert kinds(version(before), version(after)) == {K.NUMBER, K.QUOTE}


def test_a_sentence_with_a_quote_that_is_dropped_is_a_dropped_quote() -> None:
    said = "The hall was silent at noon, and the windows stayed shut. “We will not sign this paper today,” said the envoy."
    left = "The hall was silent at noon, and the windows stayed shut."
    assert K.QUOTE in kinds(version(LEAD, said), version(LEAD, left))


# -- paragraphs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        pytest.param([LEAD, TAIL], [LEAD, MIDDLE, TAIL], {K.PARAGRAPH_ADDED}, id="added"),
        pytest.param([LEAD, MIDDLE, TAIL], [LEAD, TAIL], {K.PARAGRAPH_REMOVED}, id="removed"),
        pytest.param(
            [LEAD, MIDDLE, OTHER, TAIL],
            [MIDDLE, OTHER, TAIL, LEAD],
            {K.PARAGRAPH_MOVED},
            id="moved",
        ),
        pytest.param(
            [LEAD, f"{MIDDLE} {OTHER}"], [LEAD, MIDDLE, OTHER], {K.TYPOGRAPHY}, id="split in two"
        ),
        pytest.param(
            [LEAD, MIDDLE, OTHER, TAIL], [LEAD, f"{MIDDLE} {OTHER}", TAIL], {K.TYPOGRAPHY}, id="joined"
        ),
        pytest.param(
            [LEAD, "At noon 52 boats came.", TAIL],
            [LEAD, MIDDLE, "At noon 49 boats came.", TAIL],
            {K.NUMBER, K.PARAGRAPH_ADDED},
            id="added beside a changed number",
        ),
        pytest.param(
            [LEAD, "Some 12 boats of 30 sank near Ankara on Monday.", TAIL],
            [LEAD, TAIL],
            {K.PARAGRAPH_REMOVED},
            id="facts inside a removed paragraph are not named",
        ),
        pytest.param(
            [LEAD, TAIL],
            [LEAD, "“We lost 12 boats near Ankara on Monday,” he said.", TAIL],
            {K.PARAGRAPH_ADDED},
            id="facts inside an added paragraph are not named",
        ),
        pytest.param(
            [LEAD, "“We lost our boats and nets,” he said.", TAIL],
            [LEAD, TAIL],
            {K.PARAGRAPH_REMOVED, K.QUOTE},
            id="a removed paragraph takes its quote along",
        ),
        pytest.param(
            [LEAD, MIDDLE, TAIL],
            [MIDDLE, MIDDLE, TAIL, LEAD],
            {K.PARAGRAPH_MOVED, K.PARAGRAPH_ADDED},
            id="a paragraph doubled is added",
        ),
    ],
)  # fmt: skip
def test_paragraphs_are_named(old: list[str], new: list[str], named: set[ChangeKind]) -> None:
    assert kinds(version(*old), version(*new)) == named


def test_a_rewrite_is_removed_and_added_paragraphs() -> None:
    old = version(LEAD, MIDDLE, OTHER, TAIL, title="Envoys meet by the lake")
    new = version(
        "Wheat prices fell for a third day as rain reached the southern plains.",
        "Traders in the port blame a warehouse fire for the confusion over stocks.",
        "A committee will look into insurance claims once the silo has cooled.",
        FOURTH,
        title="Wheat prices tumble after rain",
    )
    classified = classify(old, new)
    assert classified is not None
    assert set(classified.kinds) == {K.HEADLINE, K.PARAGRAPH_REMOVED, K.PARAGRAPH_ADDED}
    assert classified.weight is Weight.MAJOR


# -- headlines -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "named", "weight"),
    [
        ("Talks resume in spring", "Talks collapse in spring", {K.HEADLINE}, Weight.MAJOR),
        ("Talks resume", "Harvest feared lost", {K.HEADLINE}, Weight.MAJOR),
        ("Storm hits 12 ports", "Storm hits 19 ports", {K.HEADLINE, K.NUMBER}, Weight.MAJOR),
        ("Переговори у Женеві", "Переговори зірвано", {K.HEADLINE}, Weight.MAJOR),
        ("停戦協議が再開へ", "停戦協議が決裂した", {K.HEADLINE}, Weight.MAJOR),
        ("Negotiators return", "Negotaitors return", {K.HEADLINE}, Weight.MINOR),
        ("Talks resume", "UPDATE: Talks resume", {K.HEADLINE, K.UPDATE}, Weight.MINOR),
        ("Переговори тривають", "ОНОВЛЕНО: Переговори тривають", {K.HEADLINE, K.UPDATE}, Weight.MINOR),
        ("LIVE: Talks resume", "Talks resume", {K.HEADLINE}, Weight.MINOR),
        ("Talks 'resume' - again", "Talks “resume” – again", {K.TYPOGRAPHY}, Weight.TRIVIAL),
        ("Talks Resume Again", "Talks resume again", {K.TYPOGRAPHY}, Weight.TRIVIAL),
    ],
)  # fmt: skip
def test_a_headline_is_weighed_by_its_substance(
    *, before: str, after: str, named: set[ChangeKind], weight: Weight
) -> None:
    classified = classify(version(LEAD, title=before), version(LEAD, title=after))
    assert classified is not None
    assert (set(classified.kinds), classified.weight) == (named, weight)


def test_a_changed_headline_is_shown_before_and_after() -> None:
    classified = classify(version(LEAD, title="One"), version(LEAD, title="Another"))
    assert classified is not None
    assert (classified.details[0].before, classified.details[0].after) == ("One", "Another")


# -- notes ---------------------------------------------------------------------------------------

CORRECTIONS = [
    "Correction: an earlier figure was wrong. It has been put right.",
    "Correction, 12 March: the spelling of a name was wrong.",
    "[Clarification] The villa stands on the northern shore.",
    "Editor’s note: the second paragraph was corrected.",
    "An earlier version of this article misstated the number of boats.",
    "Виправлення: у тексті було вказано неправильне число.",
    "Уточнення. Вілла стоїть на північному березі.",
    "Исправление: в тексте было указано неверное число.",
    "В предыдущей версии материала число было указано неверно.",
    "Korrektur: Die Zahl der Boote war falsch angegeben.",
    "Richtigstellung: Die Villa steht am Nordufer.",
    "In einer früheren Version dieses Artikels stand eine falsche Zahl.",
    "Rectificatif : le nombre de bateaux était faux.",
    "Corrección: la cifra anterior era errónea.",
    "Fe de errores: el nombre estaba mal escrito.",
    "Correzione: la cifra era sbagliata.",
    "Correção: o número estava errado.",
    "Sprostowanie: liczba łodzi była błędna.",
    "Düzeltme: Tekne sayısı yanlış verilmişti.",
    "Koreksi: jumlah perahu sebelumnya salah.",
    "Ralat: nama utusan salah tulis.",
    "Rectificatie: het aantal boten klopte niet.",
    "Rättelse: antalet båtar var fel.",
    "Oikaisu: veneiden määrä oli väärä.",
    "Oprava: počet lodí byl chybný.",
    "Helyesbítés: a hajók száma hibás volt.",
    "Διόρθωση: ο αριθμός ήταν λάθος.",
    "تصحيح: ورد عدد القوارب خطأ.",
    "תיקון: מספר הסירות היה שגוי.",
    "更正：此前报道的船只数量有误。",
    "【訂正】船の数に誤りがありました。",
    "[정정] 선박 수를 바로잡습니다.",
]


@pytest.mark.parametrize("note", CORRECTIONS)
@pytest.mark.parametrize("place", ["first", "last"])
def test_a_correction_note_is_a_correction_and_noted(note: str, place: str) -> None:
    texts = [note, LEAD, TAIL] if place == "first" else [LEAD, TAIL, note]
    classified = classify(version(LEAD, TAIL, modified=MORNING), version(*texts, modified=MORNING))
    assert classified is not None
    assert set(classified.kinds) == {K.CORRECTION}
    assert (classified.weight, classified.disclosure) == (Weight.MAJOR, Disclosure.NOTED)


def test_a_correction_note_at_the_end_of_a_paragraph_is_one() -> None:
    assert kinds(version(LEAD), version(f"{LEAD} Correction: the hour was wrong.")) == {
        K.CORRECTION
    }


def test_a_number_changed_and_a_note_about_it_are_both_named() -> None:
    old = version(LEAD, "At noon 52 boats came.")
    new = version(LEAD, "At noon 49 boats came.", "Correction: the number of boats was wrong.")
    assert kinds(old, new) == {K.NUMBER, K.CORRECTION}


@pytest.mark.parametrize(
    "text",
    [
        "Correction in the wheat market went on for a third day, traders in the port said.",
        "An earlier version of this treaty had named the northern shore as the border.",
        "Поправки к закону внесут весной, сообщили в парламенте.",
        "В предыдущей версии меморандума говорилось о северном береге.",
        "Live music was heard from the villa until the early morning.",
        "Updates of the map are sold in the harbour shop next to the pier.",
    ],
)
def test_words_that_only_look_like_a_note_are_a_paragraph(text: str) -> None:
    assert kinds(version(LEAD, TAIL), version(LEAD, text, TAIL)) == {K.PARAGRAPH_ADDED}


@pytest.mark.parametrize(
    "lead",
    [
        "Breaking: officials at the lake said on Friday that the schedule had changed.",
        "UPD: officials at the lake said on Friday that the schedule had changed.",
        "Терміново: на березі повідомили про зміну графіка, чекають на заяву до вечора.",
        "Срочно: на берегу сообщили об изменении графика, ждут заявления до вечера.",
        "Eilmeldung: Am See hieß es am Freitag, der Zeitplan habe sich wieder geändert.",
        "Dernière minute : au bord du lac, le calendrier a changé une nouvelle fois.",
        "Última hora: junto al lago dicen que el calendario volvió a cambiar el viernes.",
        "Pilne: nad jeziorem podano w piątek, że plan spotkań znowu się zmienił.",
        "Son dakika: göl kıyısında programın cuma günü yeniden değiştiği bildirildi bugün.",
        "Terkini: di tepi danau disebutkan bahwa jadwal berubah lagi pada hari Jumat.",
        "速報：湖畔の会合の日程が変更されたと当局が明らかにした。",
        "快讯：湖边会谈的日程再次更改，官员周五说。",
        "속보: 호숫가 회담 일정이 다시 바뀌었다고 당국이 금요일 밝혔다고 한다.",
        "عاجل: قال مسؤولون عند البحيرة إن الجدول تغير مرة أخرى يوم الجمعة.",
    ],
)
def test_a_breaking_lead_is_an_update_with_its_paragraph_and_noted(lead: str) -> None:
    classified = classify(version(LEAD, TAIL), version(lead, LEAD, TAIL))
    assert classified is not None
    assert set(classified.kinds) == {K.UPDATE, K.PARAGRAPH_ADDED}
    assert (classified.weight, classified.disclosure) == (Weight.MINOR, Disclosure.NOTED)


def test_a_time_of_updating_is_an_update_and_no_number() -> None:
    assert kinds(version(LEAD), version(LEAD, "Updated 14:05 GMT")) == {K.UPDATE}
    old, new = version(LEAD, "Updated 14:05 GMT"), version(LEAD, "Updated 15:20 GMT")
    assert kinds(old, new) == {K.UPDATE}


def test_a_number_changed_inside_a_note_is_a_number() -> None:
    note = "Correction: an earlier figure was wrong, it is {} boats and not more than that."
    assert kinds(version(LEAD, note.format(12)), version(LEAD, note.format(14))) == {K.NUMBER}


# -- live blogs ----------------------------------------------------------------------------------

ENTRIES = [
    "14:05 — The doors of the hall opened and the press was let in.",
    "13:20 — Lunch was served on the terrace above the lake.",
    "12.03. 11:10 UTC: The first cars arrived at the gate.",
]


def test_a_new_entry_in_a_live_blog_is_a_live_entry() -> None:
    new_entry = "15:40 — Both delegations left without a word."
    old, new = version(LEAD, *ENTRIES, TAIL), version(LEAD, new_entry, *ENTRIES, TAIL)
    assert kinds(old, new) == {K.LIVE_ENTRY}


def test_the_oldest_entry_paged_off_is_not_a_removed_paragraph() -> None:
    new_entry = "15:40 — Both delegations left without a word."
    old, new = version(LEAD, *ENTRIES, TAIL), version(LEAD, new_entry, *ENTRIES[:-1], TAIL)
    assert kinds(old, new) == {K.LIVE_ENTRY}


def test_all_blocks_of_an_entry_are_one_live_entry() -> None:
    texts = [
        "15:40",
        "Both delegations left without a word to the press.",
        "Gulls took the terrace.",
    ]
    classified = classify(version(LEAD, *ENTRIES), version(LEAD, *texts, *ENTRIES))
    assert classified is not None
    assert classified.kinds == (K.LIVE_ENTRY,)
    assert len(classified.details) == 1


def test_a_dated_paragraph_in_an_ordinary_article_is_a_paragraph() -> None:
    assert kinds(version(LEAD, TAIL), version(LEAD, ENTRIES[0], TAIL)) == {K.PARAGRAPH_ADDED}


def test_an_entry_withdrawn_without_a_new_one_is_a_removed_paragraph() -> None:
    old, new = version(LEAD, *ENTRIES), version(LEAD, *ENTRIES[1:])
    assert kinds(old, new) == {K.PARAGRAPH_REMOVED}


# -- return to an earlier text -------------------------------------------------------------------


def test_a_return_to_an_earlier_text_is_named_beside_what_changed() -> None:
    first, second = version("Some 52 boats came."), version("Some 49 boats came.")
    known = text_hash(f"{first.title}\nSome 52 boats came.")
    classified = classify(second, first, earlier=[known])
    assert classified is not None
    assert set(classified.kinds) == {K.NUMBER, K.REVERTED}
    assert "as it was before" in classified.reason


def test_the_hash_of_the_text_alone_serves_too() -> None:
    classified = classify(version("b"), version("a"), earlier=[text_hash("a")])
    assert classified is not None
    assert K.REVERTED in classified.kinds


def test_a_new_text_is_no_return() -> None:
    classified = classify(version("b"), version("c"), earlier=[text_hash("a")])
    assert classified is not None
    assert K.REVERTED not in classified.kinds


# -- nothing a reader could see ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Talks go on.", "Talks  go\u00a0on. "),
        ("Talks go on.", "Ta\u00adlks go\u200b on.\ufeff"),
        ("Résumé of the day", "Re\u0301sume\u0301 of the day"),
        ("10\u202f000 boats", "10 000 boats"),
    ],
)
def test_what_no_reader_sees_is_no_change(before: str, after: str) -> None:
    assert classify(version(before, title=before), version(after, title=after)) is None


def test_another_kind_of_block_or_an_empty_one_is_no_change() -> None:
    old = version(LEAD, TAIL)
    blocks = (
        Block(kind=BlockKind.HEADING, text=LEAD),
        Block(kind=BlockKind.PARAGRAPH, text=" \u200b"),
        Block(kind=BlockKind.QUOTE, text=TAIL, place="div>p"),
    )
    assert classify(old, VersionText(title=old.title, blocks=blocks)) is None


# -- weight, reason, disclosure ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "weight", "reason"),
    [
        ([LEAD, "Some 52 fell."], [LEAD, "Some 49 fell."], Weight.MAJOR, "a number changed: 52 → 49 fell"),
        ([LEAD, TAIL], [LEAD], Weight.MINOR, "a paragraph was removed"),
        ([LEAD, TAIL, OTHER, MIDDLE, FOURTH], [LEAD, TAIL, OTHER], Weight.MINOR, "2 paragraphs were removed"),
        ([LEAD, "Some 52 fell."], [LEAD], Weight.MAJOR, "a paragraph with the figure 52 was removed"),
        ([LEAD, "“We will not sign it,” he said."], [LEAD], Weight.MAJOR, "a quote was dropped"),
        ([LEAD], [LEAD, TAIL], Weight.MINOR, "a paragraph was added"),
        ([LEAD, "Boats hurried home."], [LEAD, "Boats sailed home."], Weight.MINOR, "wording only"),
        ([LEAD, "Boats sailed home"], [LEAD, "Boats sailed home."], Weight.TRIVIAL, "typography only"),
    ],
)  # fmt: skip
def test_a_weight_gives_its_reason_in_words(
    *, old: list[str], new: list[str], weight: Weight, reason: str
) -> None:
    classified = classify(version(*old), version(*new))
    assert classified is not None
    assert (classified.weight, classified.reason) == (weight, reason)


@pytest.mark.parametrize(
    ("was", "now", "disclosure"),
    [
        (MORNING, LATER, Disclosure.NOTED),
        (MORNING, MORNING, Disclosure.UNNOTED),
        (LATER, MORNING, Disclosure.UNNOTED),
        (None, None, Disclosure.UNKNOWN),
        (MORNING, None, Disclosure.UNKNOWN),
        (None, MORNING, Disclosure.UNKNOWN),
    ],
)
def test_a_modified_date_discloses_or_not(
    was: datetime | None, now: datetime | None, disclosure: Disclosure
) -> None:
    classified = classify(version("a", modified=was), version("b", modified=now))
    assert classified is not None
    assert classified.disclosure is disclosure


def test_a_modified_date_that_first_appears_after_publication_discloses() -> None:
    old = version("a", published=MORNING)
    new = version("b", published=MORNING, modified=LATER)
    classified = classify(old, new)
    assert classified is not None
    assert classified.disclosure is Disclosure.NOTED


def test_a_silent_change_of_a_number_and_a_dropped_quote_is_told_most_important_first() -> None:
    said = "“They are not interested in a truce,” the lawmaker added."
    old = version(LEAD, said, MIDDLE, "Of 80 drones 52 were shot down.", modified=MORNING)
    new = version(LEAD, MIDDLE, "Of 80 drones 47 were shot down.", modified=MORNING)
    classified = classify(old, new)
    assert classified is not None
    assert classified.kinds == (K.NUMBER, K.QUOTE, K.PARAGRAPH_REMOVED)
    assert classified.disclosure is Disclosure.UNNOTED
    assert classified.details[0].label == "52 → 47"
    assert classified.reason == "a number changed: 52 → 47; a quote was dropped"


def test_details_are_capped() -> None:
    old = version(*[f"Boat {n} of the fleet carried {n + 100} sacks." for n in range(40)])
    new = version(*[f"Boat {n} of the fleet carried {n + 900} sacks." for n in range(40)])
    classified = classify(old, new)
    assert classified is not None
    assert len(classified.details) == MOST_DETAILS


# -- always --------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    ["52", "1,000", "12 March", "14:05", "“", "”", "«", "»", '"', "Correction:", "Update", "Putin",
     "5 million", "boats", "три", "三人", "會談", "\u200b", "\u00a0", ".", "?", "\n", "İ", "ß", "٥٢",
     "\x1f", "\x1e", "\x00", "\ud800", "²", "①", "ⅷ"]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=14).map(" ".join),
    st.lists(PIECES, max_size=14).map("".join),
)
VERSIONS = st.builds(
    lambda title, texts: version(*texts, title=title), TEXTS, st.lists(TEXTS, max_size=6)
)


@settings(deadline=None)
@given(VERSIONS, VERSIONS)
def test_any_two_versions_can_be_compared(old: VersionText, new: VersionText) -> None:
    classified = classify(old, new, earlier=["0" * 64])
    if classified is not None:
        assert classified.kinds
        assert classified.reason
        assert len(set(classified.kinds)) == len(classified.kinds)
        assert all(len(detail.label) <= 40 for detail in classified.details)


@settings(deadline=None)
@given(VERSIONS)
def test_a_version_does_not_differ_from_itself(same: VersionText) -> None:
    assert classify(same, same) is None


def _alternating(first: str, second: str) -> tuple[VersionText, VersionText]:
    return version(first * (300_000 // len(first))), version(second * (300_000 // len(second)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(*_alternating("the ", "the of "), id="repetitive"),
        pytest.param(*_alternating("12 ", "13 "), id="figures"),
        pytest.param(*_alternating("“a” ", "”b« "), id="quotation marks"),
        pytest.param(*_alternating("字漢", "漢語"), id="script without spaces"),
        pytest.param(*_alternating("1", "2"), id="one long number"),
        pytest.param(*_alternating("a. ", "b! "), id="sentences"),
        pytest.param(
            version(*[f"a {n} x" for n in range(25_000)]),
            version(*[f"b {n} y" for n in range(25_000)]),
            id="many blocks",
        ),
        pytest.param(
            version(*["the of " * (350 + n) for n in range(60)]),
            version(*["of and the " * (230 + n) for n in range(60)]),
            id="similar blocks",
        ),
    ],
)
def test_hostile_text_costs_a_bounded_time(old: VersionText, new: VersionText) -> None:
    began = time.process_time()
    assert classify(old, new) is not None
    assert time.process_time() - began < 6  # 2 s on an idle machine; tests run beside others
