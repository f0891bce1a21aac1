"""Messages travel through real servers: mail, webhook, chat; secrets stay where they are."""

import logging
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from scheduler.alerts.delivery import Delivery
from scheduler.alerts.errors import AlertError
from scheduler.alerts.forms import Rendered
from scheduler.alerts.letters import Letter, recipient_mark
from tests.support.chat import chat_room, needs_ngircd
from tests.support.inbox import (
    PASSWORD,
    Hook,
    Inbox,
    html_of,
    make_certificate,
    smtp_inbox,
    text_of,
    webhook,
)

AT = datetime(2026, 11, 25, 12, 20, tzinfo=UTC)
LETTER = Letter(
    rendered=Rendered(
        subject="52 → 49 drones · Лапак «Асік» 停火 (id) · no note seen",
        text="Before: \u2068[-52-] дронів\u2069\nAfter: \u2068{+49+} дронів 停火 محادثات\u2069\n"
        + "x " * 600,
        html="<!doctype html><p lang=uk>[-52-] → {+49+} дронів</p>",
        json={
            "version": 1,
            "kind": "alert",
            "subject": "s",
            "changes": [],
            "opening": None,
            "text": "t",
        },
        brief="52 → 49\n@everyone [click](http://x)\nhttps://lapak.example/a · parley show 7",
        tail="https://lapak.example/a · parley show 7",
        thread="article-7",
    ),
    key="20261125122000.abcdef0123456789",
    channel="desk",
    at=AT,
)


# -- mail ----------------------------------------------------------------------------------------


async def test_a_mail_carries_our_own_parts_and_the_headers_of_an_automatic_message(
    inbox: Inbox,
) -> None:
    result = await Delivery().deliver(inbox.address(), LETTER)
    assert (result.ok, result.detail) == (True, "250 2.0.0 OK: kept")
    mail = inbox.wait()
    assert mail["Subject"] == LETTER.rendered.subject
    assert text_of(mail).strip() == LETTER.rendered.text.strip()
    assert html_of(mail).strip() == LETTER.rendered.html
    assert mail["Message-ID"] == f"<{LETTER.key}@parleywatch.example.org>"
    assert mail["References"] == "<article-7@parleywatch.example.org>"
    assert mail["List-Id"] == "Parleywatch desk <desk.parleywatch.example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "Parleywatch <parley@example.org>"
    assert mail["To"] == "desk@example.org"
    assert parsedate_to_datetime(mail["Date"]) == AT
    assert len(mail.get_all("Message-ID", [])) == 1
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert all(len(line) <= 998 for line in mail.as_bytes().splitlines())
    assert mail.as_bytes().isascii()


async def test_a_repeat_has_the_same_message_id(inbox: Inbox) -> None:
    delivery = Delivery()
    await delivery.deliver(inbox.address(), LETTER)
    await delivery.deliver(inbox.address(), replace(LETTER, repeat=True))
    assert inbox.wait()["Message-ID"] == inbox.wait()["Message-ID"]


async def test_user_and_password_are_used_and_wrong_ones_explained() -> None:
    with smtp_inbox(auth=True) as inbox:
        assert (await Delivery().deliver(inbox.address_with_password(), LETTER)).ok
        address = inbox.address_with_password().replace("%2F42", "%2F43")
        result = await Delivery().deliver(address, LETTER)
        assert not result.ok
        assert result.detail.startswith("535 ")
        assert "check user and password" in result.detail
        assert PASSWORD[:6] not in result.detail


@pytest.mark.parametrize(("mode", "implicit"), [("starttls", False), ("ssl", True)])
async def test_a_connection_is_secure_and_a_certificate_is_checked(
    tmp_path: Path, mode: str, implicit: bool
) -> None:
    with smtp_inbox(tls=make_certificate(tmp_path), implicit=implicit) as inbox:
        strict = inbox.address(mode=mode).replace("mailto:", "mailtos:")
        result = await Delivery().deliver(strict, LETTER)
        assert not result.ok
        assert "no secure connection" in result.detail
        assert inbox.mails == []
        assert (await Delivery().deliver(f"{strict}&verify=no", LETTER)).ok


async def test_a_server_without_starttls_is_said_to_be_one(inbox: Inbox) -> None:
    result = await Delivery().deliver(inbox.address(mode="starttls"), LETTER)
    assert not result.ok
    assert "STARTTLS" in result.detail
    assert inbox.mails == []


@pytest.mark.parametrize(
    ("refuse_at", "answer"),
    [
        ("rcpt", "desk@example.org: 550 no such user"),
        ("data", "desk@example.org: 554 5.7.1 refused as spam"),
    ],
)
async def test_what_a_mail_server_says_comes_back_in_its_words(
    inbox: Inbox, refuse_at: str, answer: str
) -> None:
    inbox.refuse_at = refuse_at
    result = await Delivery().deliver(inbox.address(), LETTER)
    assert (result.ok, result.detail, result.may_have_arrived) == (False, answer, False)


async def test_nobody_at_the_port_is_said_in_words(inbox: Inbox) -> None:
    address = inbox.address()
    with smtp_inbox() as other:
        closed = other.port
    result = await Delivery().deliver(address.replace(f":{inbox.port}", f":{closed}"), LETTER)
    assert (result.ok, result.detail) == (False, f"127.0.0.1:{closed} refused the connection")


async def test_a_lost_answer_means_that_it_may_have_arrived(inbox: Inbox) -> None:
    inbox.is_silent = True
    result = await Delivery().deliver(inbox.address(cto="1.0"), LETTER)
    assert not result.ok
    assert result.may_have_arrived
    assert "did not answer within" in result.detail


async def test_only_recipients_that_do_not_have_it_get_a_repeat(inbox: Inbox) -> None:
    inbox.refused_recipients = {"b@example.org"}
    address = inbox.address(to="a@example.org,b@example.org,c@example.org")
    result = await Delivery().deliver(address, LETTER)
    assert not result.ok
    assert set(result.accepted) == {
        recipient_mark("a@example.org"),
        recipient_mark("c@example.org"),
    }
    inbox.refused_recipients = set()
    again = replace(LETTER, accepted=frozenset(result.accepted))
    assert (await Delivery().deliver(address, again)).ok
    assert inbox.recipients == [["a@example.org"], ["c@example.org"], ["b@example.org"]]


async def test_copies_go_out_once_and_hidden_ones_stay_hidden(inbox: Inbox) -> None:
    address = inbox.address(cc="c@example.org", bcc="hidden@example.org", reply="r@example.org")
    assert (await Delivery().deliver(address, LETTER)).ok
    assert sorted(inbox.recipients) == [
        ["c@example.org"],
        ["desk@example.org"],
        ["hidden@example.org"],
    ]
    for mail in inbox.mails:
        assert "hidden" not in mail.as_string()
        assert (mail["To"], mail["Cc"], mail["Reply-To"]) == (
            "desk@example.org",
            "c@example.org",
            "r@example.org",
        )


async def test_a_header_of_the_address_never_replaces_ours(inbox: Inbox) -> None:
    address = (
        f"{inbox.address()}&%2BX-Desk=foreign&%2BMessage-ID=%3Cmine%3E&%2BBcc=evil@example.org"
    )
    assert (await Delivery().deliver(address, LETTER)).ok
    mail = inbox.wait()
    assert mail["X-Desk"] == "foreign"
    assert mail.get_all("Message-ID") == [f"<{LETTER.key}@parleywatch.example.org>"]
    assert mail["Bcc"] is None


# -- webhook -------------------------------------------------------------------------------------


async def test_a_webhook_gets_our_json(hook: Hook) -> None:
    address = hook.address(query="?%2BX-Token=geheim-123&:team=desk")
    result = await Delivery().deliver(address, replace(LETTER, repeat=True))
    assert (result.ok, result.detail) == (True, "200 OK")
    assert hook.requests == [
        {
            **LETTER.rendered.json,
            "team": "desk",
            "message": LETTER.key,
            "channel": "desk",
            "sent_at": "2026-11-25T12:20:00Z",
            "may_have_arrived_before": True,
        }
    ]
    assert hook.headers[0]["Content-Type"] == "application/json"
    assert hook.headers[0]["Idempotency-Key"] == LETTER.key
    assert hook.headers[0]["X-Token"] == "geheim-123"
    assert hook.headers[0]["User-Agent"] == "Parleywatch"


async def test_a_webhook_follows_no_redirect(hook: Hook) -> None:
    with webhook() as other:
        hook.status, hook.location = 307, f"http://127.0.0.1:{other.port}/elsewhere"
        result = await Delivery().deliver(hook.address(), LETTER)
        assert not result.ok
        assert result.detail.startswith("307 Temporary Redirect: it points elsewhere")
        assert other.paths == []


async def test_a_webhook_uses_no_proxy(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert (await Delivery().deliver(hook.address(), LETTER)).ok
        assert proxy.paths == []
    assert hook.paths == ["POST /hook"]


@pytest.mark.parametrize("status", [400, 401, 404, 500, 503])
async def test_what_a_webhook_answers_comes_back(hook: Hook, status: int) -> None:
    hook.status = status
    result = await Delivery().deliver(hook.address(), LETTER)
    assert not result.ok
    assert result.detail.startswith(str(status))
    assert not result.may_have_arrived


# -- chat ----------------------------------------------------------------------------------------


@needs_ngircd
async def test_a_chat_gets_a_short_form_that_pings_nobody(tmp_path: Path) -> None:
    with chat_room(tmp_path) as room:
        result = await Delivery().deliver(room.address(), LETTER)
        assert result.ok, result.detail
        said = "\n".join(room.wait_for("parley show 7"))
    assert "52 → 49" in said
    assert "@everyone" not in said
    assert "](http" not in said
    assert "https://lapak.example/a · parley show 7" in said


# -- addresses -----------------------------------------------------------------------------------

SECRET = "s3cr3t-T0ken-abc"


@pytest.mark.parametrize(
    ("address", "says"),
    [
        (f"slak://{SECRET}/room", "no kind of address that Apprise knows"),
        (f"tgram://{SECRET}", "does not load"),
        (f"mailto://{SECRET}", "does not load"),
        (f"mailtos://u:{SECRET}@example.org/?mode=nonsense", "does not load"),
        (f"mailtos://u:{SECRET}@example.org/?to=a@example.org&pgp=sign", "pgp="),
        (f"jsons://example.org/{SECRET}?method=DELETE", "POST, PUT or PATCH"),
        (f"discord://{SECRET}", "does not load"),
        (f"json://[{SECRET}/x", "does not load"),
    ],
)
async def test_an_address_that_does_not_load_says_its_kind_and_no_secret(
    address: str, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("apprise").setLevel(logging.DEBUG)
    with caplog.at_level(logging.DEBUG), pytest.raises(AlertError) as caught:
        await Delivery().load(address)
    assert str(caught.value).startswith(f"{address.partition(':')[0]}://… ")
    assert says in str(caught.value)
    assert SECRET not in str(caught.value) + caplog.text
    assert caught.value.__cause__ is None


async def test_an_address_is_loaded_once(inbox: Inbox) -> None:
    delivery = Delivery()
    assert await delivery.load(inbox.address()) is await delivery.load(inbox.address())


async def test_no_log_line_holds_a_secret(hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    hook.status = 500
    with caplog.at_level(logging.DEBUG):
        address = hook.address(f"/{SECRET}", f"?%2BX-Token={SECRET}2")
        result = await Delivery().deliver(address, LETTER)
        stock = f"xml://user:{SECRET}@127.0.0.1:{hook.port}/{SECRET}?%2BX-Token={SECRET}2"
        other = await Delivery().deliver(stock, LETTER)
    assert not other.ok
    assert SECRET not in result.detail + other.detail + caplog.text


async def test_a_server_that_never_answers_is_not_waited_for_longer_than_asked(
    inbox: Inbox,
) -> None:
    inbox.is_silent = True
    result = await Delivery(timeout_s=0.5).deliver(inbox.address(), LETTER)
    assert (result.ok, result.detail, result.may_have_arrived) == (False, "no answer in time", True)


def test_a_program_ends_though_a_server_has_not_answered(inbox: Inbox) -> None:
    inbox.is_silent = True
    code = f"""
import asyncio, sys
from tests.scheduler.test_alerts_delivery import LETTER, Delivery
async def main():
    task = asyncio.create_task(Delivery().deliver({inbox.address()!r}, LETTER))
    await asyncio.to_thread(sys.stdin.readline)
    task.cancel()
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as program:
        inbox.wait()
        program.communicate(b"\n", timeout=10)
    assert program.returncode == 0
