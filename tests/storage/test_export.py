"""The export holds every version, change and alert, in the words others read."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from storage.database import Database
from storage.export import PAGE_ROWS, ExportFilter, Record, claim, claims, export
from storage.types import ChangeKind
from tests.support import histories
from tests.support.histories import Written, at


@pytest.fixture
def written(database: Database) -> dict[str, Written]:
    with database.transaction() as tx:
        return histories.newsroom(tx)


def of_type(database: Database, name: str, what: ExportFilter | None = None) -> list[Record]:
    return [record for record in export(database, what=what) if record["type"] == name]


K = ChangeKind


@pytest.mark.parametrize(
    ("kinds", "parts"),
    [
        ([K.NEW], [("new", ["new"])]),
        ([K.GONE], [("deleted", ["gone"])]),
        ([K.BACK], [("restored", ["back"])]),
        ([K.MOVED], [("moved", ["moved"])]),
        ([K.HEADLINE], [("headline", ["headline"])]),
        ([K.HEADLINE, K.NUMBER], [("edit", ["headline", "number"])]),
        ([K.WORDING], [("edit", ["wording"])]),
        ([K.REVERTED], [("edit", ["reverted"])]),
        ([K.BACK, K.NUMBER], [("restored", ["back"]), ("edit", ["number"])]),
        ([], [("edit", [])]),
    ],
)
def test_a_change_claims_presence_or_content(
    kinds: list[ChangeKind], parts: list[tuple[str, list[str]]]
) -> None:
    assert [(kind, [str(k) for k in names]) for kind, names in claims(kinds)] == parts
    assert claim(kinds) == parts[0][0]


def test_confirmed_versions_are_handed_out_whole(
    database: Database, written: dict[str, Written]
) -> None:
    found = of_type(database, "version")
    assert len(found) == 11
    ukrainian = [r for r in found if r["article"] == written["uk"].article_id]
    assert [r["text"] for r in ukrainian] == [d.text for d in histories.UKRAINIAN.drafts[:3]]
    assert [datetime.fromisoformat(r["fetched_at"]) for r in ukrainian] == [at(5), at(41), at(80)]
    assert {r["state"] for r in found} == {"confirmed"}


def test_other_versions_are_handed_out_when_asked(
    database: Database, written: dict[str, Written]
) -> None:
    assert written
    found = of_type(database, "version", ExportFilter(with_unconfirmed=True))
    assert [r["state"] for r in found].count("seen once") == 1


def test_changes_name_what_they_claim(database: Database, written: dict[str, Written]) -> None:
    found = of_type(database, "change")
    by_id = {record["change"]: record for record in found}
    assert [record["change"] for record in found] == sorted(by_id)
    number = by_id[written["id"].change_ids[1]]
    assert (number["kind"], number["kinds"]) == ("edit", ["number", "quote"])
    assert number["disclosure"] == "unnoted"
    assert number["details"][0]["label"] == "52 → 49"
    assert datetime.fromisoformat(number["at"]) == at(66)
    assert datetime.fromisoformat(number["stood_at"]) == at(47)
    assert by_id[written["ar"].change_ids[-1]]["kind"] == "deleted"
    assert by_id[written["zh"].change_ids[-1]]["kind"] == "moved"
    assert by_id[written["sport"].change_ids[0]]["baseline"] == "first round"


def test_alerts_name_what_a_reader_was_sent(
    database: Database, written: dict[str, Written]
) -> None:
    changed, new = written["id"].change_ids[1], written["en"].change_ids[0]
    with database.transaction() as tx:
        histories.write_message(tx, "desk", [changed], kind="alert", minute=67)
        histories.write_message(tx, "room", [changed, new], kind="summary", minute=90)
        histories.write_message(tx, "desk", [], kind="summary", minute=91)
        histories.write_message(tx, "desk", [], kind="test", minute=92)
        opening = histories.write_message(tx, "desk", [], kind="opening", minute=93)
        opening.facts = {"opening": {"newest": [written["zh"].article_id]}}
        histories.write_message(tx, "desk", [new], kind="alert", minute=94).state = "owed"
    found = of_type(database, "alert")
    assert [
        (r["message"], r.get("url", "")[:14], r.get("kind"), r.get("summary")) for r in found
    ] == [
        ("m67-desk", "https://lapak.", "edit", None),
        ("m90-room", "https://lapak.", "edit", True),
        ("m90-room", "https://harbou", "new", True),
        ("m91-desk", "", None, True),
        ("m93-desk", "https://jiangs", "new", True),
    ]
    assert datetime.fromisoformat(found[0]["at"]) == at(67)


@pytest.mark.parametrize(
    ("what", "version", "change"),
    [
        (ExportFilter(topic="talks"), 10, 12),
        (ExportFilter(topic="grain"), 0, 0),
        (ExportFilter(since=at(70)), 2, 4),
    ],
)
def test_the_export_is_filtered(
    database: Database,
    written: dict[str, Written],
    *,
    what: ExportFilter,
    version: int,
    change: int,
) -> None:
    assert written
    assert len(of_type(database, "version", what)) == version
    assert len(of_type(database, "change", what)) == change


def test_every_record_is_plain_json_with_utc_times(
    database: Database, written: dict[str, Written]
) -> None:
    assert written
    for record in export(database):
        assert json.loads(json.dumps(record)) == record
        assert record.get("at", record.get("fetched_at")).endswith("+00:00")


def test_more_than_a_page_is_handed_out_once_each(database: Database) -> None:
    count = PAGE_ROWS + 7
    drafts: Sequence[histories.Draft] = [
        replace(histories.ENGLISH.drafts[0], minute=n, text=f"Entry {n}.\nThe same below it.")
        for n in range(count)
    ]
    with database.transaction() as tx:
        histories.write_sources(tx)
        histories.write(tx, replace(histories.ENGLISH, drafts=drafts))
    assert [r["number"] for r in of_type(database, "version")] == list(range(1, count + 1))
    assert len(of_type(database, "change")) == count
