"""Know a correction note, an update note and an entry of a live blog by how they begin, in many languages.

Pure. The words stand here as data, one language a line; a wrong or missing one is a line to change.
"""

import re
from typing import Final

_CORRECTIONS = """
en: correction|corrections|corrected|clarification|editor's note|editors' note|editor’s note|erratum|retraction
uk: виправлення|виправлено|уточнення|уточнено|спростування|від редакції|примітка редакції|оновлено та виправлено
ru: исправление|исправлено|уточнение|уточнено|поправка|опровержение|от редакции|примечание редакции
be: выпраўленне|удакладненне
bg: поправка|корекция|уточнение
sr: исправка|ispravka|ispravak|demanti
de: korrektur|korrekturhinweis|berichtigung|richtigstellung|klarstellung|anmerkung der redaktion|hinweis der redaktion|anm. d. red
fr: correction|correctif|rectificatif|rectification|précision|erratum|mise au point|note de la rédaction|ndlr
es: corrección|rectificación|aclaración|fe de errores|fe de erratas|nota de la redacción|nota del editor
ca: correcció|rectificació|fe d'errates
it: correzione|rettifica|errata corrige|precisazione|nota della redazione
pt: correção|errata|retificação|esclarecimento|nota da redação|nota do editor
pl: sprostowanie|korekta|poprawka|wyjaśnienie|od redakcji
cs: oprava|upřesnění|poznámka redakce|omluva
sk: oprava|spresnenie
sl: popravek
hu: helyesbítés|helyreigazítás|pontosítás
ro: corecție|corecţie|corectură|erată|rectificare|precizare
tr: düzeltme|düzeltme notu|tekzip|editörün notu
az: düzəliş
id: koreksi|ralat|klarifikasi|catatan redaksi
ms: pembetulan
nl: correctie|rectificatie|rechtzetting|noot van de redactie
sv: rättelse|förtydligande
da: rettelse|præcisering
no: retting|rettelse|presisering
fi: oikaisu|korjaus|täsmennys
el: διόρθωση|διευκρίνιση
lt: pataisymas|patikslinimas
lv: labojums|precizējums
et: parandus|õiendus|täpsustus
ka: შესწორება
hy: ուղղում
kk: түзету
ar: تصحيح|توضيح|تصويب|ملاحظة من المحرر|ملاحظة المحرر
fa: اصلاحیه|تصحیح|اصلاح
he: תיקון|הבהרה|תיקון טעות
hi: सुधार|स्पष्टीकरण
ur: تصحیح
vi: đính chính
th: แก้ไข
zh: 更正|更正启事|更正啟事|勘误|勘誤|订正|訂正|编者按|編者按|编者注|編者註
ja: 訂正|訂正とおわび|おわびと訂正|お詫びと訂正|おことわり
ko: 정정|정정보도|정정합니다|바로잡습니다|고침
"""

_UPDATES = """
en: update|updated|last updated|upd
uk: оновлення|оновлено|оновлюється|доповнено
ru: обновление|обновлено|обновляется|дополнено
be: абноўлена
bg: обновена|обновено
sr: ажурирано|ažurirano
de: update|aktualisiert|aktualisierung
fr: mise à jour|mis à jour
es: actualización|actualizado|actualizada
ca: actualització
it: aggiornamento|aggiornato
pt: atualização|atualizado|actualização
pl: aktualizacja|zaktualizowano
cs: aktualizace|aktualizováno|aktualizujeme
sk: aktualizované|aktualizujeme
hu: frissítés|frissítve|frissült
ro: actualizare|actualizat
tr: güncelleme|güncellendi
az: yenilənib
id: pembaruan|diperbarui
nl: update|bijgewerkt
sv: uppdatering|uppdaterad
da: opdatering|opdateret
no: oppdatering|oppdatert
fi: päivitys|päivitetty
el: ενημέρωση
lt: atnaujinta
lv: papildināts
et: täiendatud|uuendatud
ar: تحديث|محدث
fa: به روز رسانی
he: עדכון|עודכן
hi: अपडेट
vi: cập nhật
zh: 更新
ja: 更新|追記
ko: 업데이트
"""

_BREAKING = """
en: breaking|breaking news|developing|developing story|just in|live|live updates|latest
uk: терміново|блискавка|наживо|онлайн
ru: срочно|молния|онлайн
be: тэрмінова
bg: извънредно
sr: hitno|uživo
de: eilmeldung|eil|liveticker|live
fr: urgent|alerte|alerte info|dernière minute|dernière heure|en direct|direct|flash
es: última hora|urgente|en directo|en vivo|en desarrollo
ca: última hora
it: ultima ora|ultim'ora|ultim’ora|in diretta
pt: última hora|urgente|ao vivo
pl: pilne|z ostatniej chwili|na żywo
cs: právě teď
ro: ultima oră|ultima ora
tr: son dakika|canlı
az: təcili
id: terkini|terbaru|breaking
nl: laatste nieuws
sv: just nu|senaste nytt
da: lige nu
no: siste
fi: juuri nyt
el: έκτακτο
lt: skubu
lv: steidzami
ar: عاجل
fa: فوری
he: מבזק
hi: ब्रेकिंग
zh: 快讯|快訊|突发|突發|最新|最新消息
ja: 速報
ko: 속보|긴급
"""

_CORRECTION_PHRASES = """
en: (?:an? )?(?:earlier|previous|original|prior) version of (?:this|the) (?:article|story|report|piece|post|headline|item)
en: this (?:article|story|report|piece|headline|post) (?:has been|was) (?:corrected|amended)
en: (?:has been|was) (?:updated|amended) to correct
uk: (?:попередній|первісній|першій) версії (?:матеріалу|статті|новини|публікації|тексту)
ru: (?:предыдущей|первоначальной|прежней|первой) версии (?:материала|статьи|новости|публикации|текста)
de: (?:früheren|vorherigen|ersten|älteren) (?:version|fassung) (?:dieses|des) (?:artikels|beitrags|textes|berichts)
fr: version (?:précédente|antérieure|initiale) de (?:cet article|ce texte)|(?:cet article|ce texte) a été corrigé
es: (?:versión anterior|versión previa|primera versión) de (?:este artículo|esta noticia|este texto)
it: (?:versione precedente|prima versione) (?:di questo|dell)\\W?\\s?articolo
pt: versão (?:anterior|inicial) (?:deste|do) (?:artigo|texto)
pl: (?:wcześniejszej|poprzedniej|pierwotnej) wersji (?:artykułu|tekstu|tego artykułu|tego tekstu)
tr: haberin (?:önceki|ilk|eski) (?:halinde|sürümünde|versiyonunda)
id: versi (?:sebelumnya|awal) (?:dari )?(?:artikel|berita) ini|(?:artikel|berita) ini telah (?:dikoreksi|diralat)
nl: (?:eerdere|vorige) versie van dit (?:artikel|bericht)
sv: (?:tidigare|första) version av (?:artikeln|texten|den här artikeln)
da: (?:tidligere|første) version af (?:artiklen|denne artikel)
ar: (?:نسخة|صيغة) سابقة من (?:هذا|هذه) (?:الخبر|المقال|التقرير|المادة)
zh: (?:此前|先前|早前)版本|本文已更正
ja: (?:当初|以前)の(?:記事|版)|誤りがありました
ko: (?:이전|앞선) 기사|잘못 (?:표기|보도|전달)
"""

_LEADING = r"^[\W_]{0,6}"


def _labels(lines: str) -> re.Pattern[str]:
    words = {
        word for line in lines.strip().splitlines() for word in line.partition(": ")[2].split("|")
    }
    longest_first = sorted((re.escape(word) for word in words), key=len, reverse=True)
    return re.compile(rf"{_LEADING}({'|'.join(longest_first)})(?![^\W\d_])", re.IGNORECASE)


def _phrases(lines: str) -> re.Pattern[str]:
    found = [line.partition(": ")[2] for line in lines.strip().splitlines()]
    return re.compile("|".join(found), re.IGNORECASE)


_CORRECTION: Final = _labels(_CORRECTIONS)
_OWN_UPDATE: Final = _labels(_UPDATES)
_UPDATE: Final = _labels(_UPDATES + _BREAKING)
_CORRECTION_PHRASE: Final = _phrases(_CORRECTION_PHRASES)
_SEPARATOR = re.compile(
    r"\s*(?:[:：.!|•»\])】〉》]|[—–]|-(?=\s|$)|$|\d"
    r"|(?:[,(]|at|on|vom|am|um|à|du|del|от|від|о|el|il|em)\s?[^:：]{0,24}\d)"
)
_STAMP_CHARS: Final = 60
_PHRASE_WITHIN: Final = 300  # a note says at once what it is about

_ENTRY = re.compile(
    r"""^[\W_]{0,3}
    (?:\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?\.?,?\s+ | \d{1,2}\.?\s+[^\W\d_]{3,12}\.?,?\s+)?
    (?: \d{1,2}:\d{2}(?::\d{2})?(?!\d)
      | \d{1,2}[.h]\d{2}(?=\s*(?:uhr|[—–|:]))
      | \d{1,2}\s?[時时시]\s?\d{1,2}\s?[分분] )
    """,
    re.VERBOSE | re.IGNORECASE,
)


def is_correction(text: str) -> bool:
    """Does this paragraph or sentence read as a correction or clarification by the publisher?"""
    return bool(_label_end(_CORRECTION, text)) or bool(
        _CORRECTION_PHRASE.search(text[:_PHRASE_WITHIN])
    )


def is_update(text: str) -> bool:
    """Does it begin as an update, a breaking lead or a time of updating does?"""
    return bool(_label_end(_UPDATE, text))


def is_own_update(text: str) -> bool:
    """Does it begin as an update of this very article does? Breaking news may be another's."""
    return bool(_label_end(_OWN_UPDATE, text))


def is_stamp(text: str) -> bool:
    """Is it nothing but a time of updating, such as `Updated 14:05 GMT`?"""
    return (
        is_update(text)
        and len(text) <= _STAMP_CHARS
        and len(re.findall(r"\d", text)) > 1
        and (
            len(re.findall(r"[^\W\d_]{2,}", text)) <= 6  # noqa: PLR2004
        )
    )


def split_tag(title: str) -> tuple[str, str]:
    """Part `UPDATE: Talks resume` into the tag and the rest; the tag is empty where there is none."""
    end = _label_end(_UPDATE, title)
    rest = title[end:].lstrip(" :：.!|•»])】〉》—–-")
    return (title[: len(title) - len(rest)].strip(), rest) if end and rest else ("", title)


def is_entry(text: str) -> bool:
    """Does a block begin with a time, as an entry of a live blog does?"""
    return bool(_ENTRY.match(text))


def _label_end(labels: re.Pattern[str], text: str) -> int:
    """Where the label at the beginning of a text ends; 0 where none stands or it is just a word."""
    match = labels.match(text)
    return match.end() if match and _SEPARATOR.match(text, match.end()) else 0
