"""Our own Apprise plugins for mail and webhooks: what Apprise's own cannot carry.

Mail gets a stable Message-ID, our own text part and the headers of an automatic message; a webhook
gets our JSON (`payload`), follows no redirect and uses no proxy. Everything about the form of an
address (user, password, port, mode, recipients) stays Apprise's.
"""

import base64
import json
import smtplib
import ssl
from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Final, cast

import requests
from apprise.exception import AppriseImproperlyConfigured
from apprise.manager_plugins import NotificationManager
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.email.base import NotifyEmail

from scheduler.alerts.letters import Answer, Letter, on_its_way, recipient_mark
from scheduler.alerts.words import clean, cut

_POLICY: Final = SMTP.clone(cte_type="7bit")  # no server has to know 8BITMIME
_LONGEST_ANSWER: Final = 200
_OK: Final = range(200, 300)
_LOGGED_IN: Final = 235
_REDIRECT: Final = range(300, 400)
_OURS: Final = frozenset(
    {
        "from",
        "to",
        "cc",
        "bcc",
        "reply-to",
        "subject",
        "date",
        "message-id",
        "references",
        "in-reply-to",
        "list-id",
        "auto-submitted",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
    }
)


class UnsupportedError(AppriseImproperlyConfigured):
    """An address asks for something we do not do; its text holds nothing of the address."""


def register() -> None:
    """Put our plugins in the place of Apprise's own; a second call changes nothing."""
    manager = NotificationManager()
    for plugin in (ParleyMail, ParleyWebhook):
        if manager[plugin.protocol] is not plugin:
            manager.add(plugin, force=True)


def _handed_over() -> tuple[Letter, Answer]:
    found = on_its_way.get()
    if found is None:
        raise RuntimeError("a message must be handed over with on_its_way")
    return found


# -- mail ----------------------------------------------------------------------------------------


class ParleyMail(NotifyEmail):
    """Mail as Apprise's address says, written and sent by us."""

    service_name = "E-mail"
    request_rate_per_sec = 0  # how much is sent is decided before

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - Apprise's signature
        super().__init__(**options)
        if self.pgp_mode != "no":
            raise UnsupportedError("encrypted or signed mail (pgp=) is not supported")

    def send(self, *_: object, **__: object) -> bool:
        """Send the letter to every recipient that does not have it yet."""
        letter, answer = _handed_over()
        waiting = [
            (name, to)
            for name, to in self._recipients()
            if recipient_mark(to) not in letter.accepted
        ]
        if not waiting:
            answer.lines.append("every recipient has it already")
            return True
        try:
            with self._connect() as server:
                taken = [self._send_one(server, letter, to) for to in waiting]
                return all(taken)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            answer.lines.append(self._words(error))
            return False

    def _recipients(self) -> list[tuple[str, str]]:
        targets = [(str(name or ""), str(to)) for name, to in self.targets]
        copies = [(str(self.names.get(to) or ""), str(to)) for to in (*self.cc, *self.bcc)]
        return [*targets, *copies]

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if not self.verify_certificate:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        host, port = str(self.smtp_host), int(str(self.port))
        timeout_s = float(self.socket_connect_timeout or 15.0)
        server: smtplib.SMTP
        if self.secure_mode == "ssl":
            server = smtplib.SMTP_SSL(host, port, timeout=timeout_s, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=timeout_s)
        try:
            if self.secure_mode == "starttls":
                server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
            if self.user and self.password:
                _log_in(server, str(self.user), str(self.password))
        except BaseException:
            server.close()
            raise
        return server

    def _send_one(self, server: smtplib.SMTP, letter: Letter, to: tuple[str, str]) -> bool:
        _, answer = _handed_over()
        body = self._written(letter, to).as_bytes(policy=_POLICY)
        steps: tuple[Callable[[], tuple[int, bytes]], ...] = (
            lambda: server.mail(str(self.from_addr[1])),
            lambda: server.rcpt(to[1]),
        )
        for step in steps:
            code, said = step()
            if code not in _OK:
                server.rset()
                answer.lines.append(f"{to[1]}: {_said(code, said)}")
                return False
        try:
            code, said = server.data(body)
        except (TimeoutError, smtplib.SMTPServerDisconnected):
            answer.may_have_arrived = True  # the text may be there, only the answer is not
            raise
        except smtplib.SMTPDataError as error:
            code, said = error.smtp_code, cast("bytes", error.smtp_error)
        answer.lines.append(_said(code, said) if code in _OK else f"{to[1]}: {_said(code, said)}")
        if code not in _OK:
            return False
        answer.accepted.append(recipient_mark(to[1]))
        return True

    def _written(self, letter: Letter, to: tuple[str, str]) -> EmailMessage:
        name, sender = str(self.from_addr[0] or "Parleywatch"), str(self.from_addr[1])
        domain = sender.rpartition("@")[2]
        mail = EmailMessage(policy=_POLICY)
        mail["Subject"] = letter.rendered.subject
        mail["From"] = Address(clean(name), addr_spec=sender)
        mail["To"] = self._header_to(to)
        mail["Date"] = format_datetime(letter.at)
        mail["Message-ID"] = f"<{letter.key}@parleywatch.{domain}>"
        mail["List-Id"] = f"Parleywatch {letter.channel} <{letter.channel}.parleywatch.{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        if self.cc:
            mail["Cc"] = ", ".join(sorted(self.cc))
        if self.reply_to:
            mail["Reply-To"] = ", ".join(sorted(self.reply_to))
        if letter.rendered.thread:
            mail["References"] = f"<{letter.rendered.thread}@parleywatch.{domain}>"
        for header, value in self.headers.items():
            if header.strip().lower() not in _OURS:
                mail[clean(header)] = clean(str(value))
        mail.set_content(letter.rendered.text)
        mail.add_alternative(letter.rendered.html, subtype="html")
        return mail

    def _header_to(self, to: tuple[str, str]) -> Address | str:
        """Name the recipient; who gets a copy sees to whom it went."""
        if to[1] in self.cc or to[1] in self.bcc:
            return ", ".join(str(address) for _, address in self.targets)
        return Address(clean(to[0]), addr_spec=to[1])

    def _words(self, error: Exception) -> str:
        place = f"{self.smtp_host}:{self.port}"
        match error:
            case smtplib.SMTPAuthenticationError():
                said = _said(error.smtp_code, cast("bytes", error.smtp_error))
                return f"{said}; check user and password"
            case smtplib.SMTPResponseException():
                return _said(error.smtp_code, cast("bytes", error.smtp_error))
            case smtplib.SMTPNotSupportedError():
                return f"{place}: {error} Another mode (starttls, ssl, insecure) may fit."
            case smtplib.SMTPServerDisconnected() if "timed out" not in str(error):
                return f"{place} closed the connection"
            case UnicodeError():  # its text would show what it could not write
                return f"{place}: a recipient's address holds letters that it cannot take"
            case ssl.SSLError():
                return f"{place}: no secure connection ({cut(clean(str(error)), 120)})"
            case _:
                return connection_words(place, error, self.socket_connect_timeout)


def _log_in(server: smtplib.SMTP, user: str, password: str) -> None:
    """Log in; a password beyond ASCII goes as UTF-8 (RFC 4616), which smtplib cannot."""
    if user.isascii() and password.isascii():
        server.login(user, password)
        return
    token = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    code, said = server.docmd("AUTH", f"PLAIN {token}")
    if code != _LOGGED_IN:
        raise smtplib.SMTPAuthenticationError(code, said)


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return cut(clean(f"{code} {text}"), _LONGEST_ANSWER)


def connection_words(place: str, error: Exception, timeout_s: object) -> str:
    """Say why nobody answered at a place."""
    match error:
        case TimeoutError() | smtplib.SMTPServerDisconnected():
            return f"{place} did not answer within {timeout_s} s"
        case ConnectionRefusedError():
            return f"{place} refused the connection"
        case OSError(strerror=str(reason)):
            return f"{place}: {reason.lower()}"
        case _:
            return f"{place}: {cut(clean(str(error)), 120)}"


# -- webhook -------------------------------------------------------------------------------------


class ParleyWebhook(NotifyJSON):
    """Our own JSON, posted to the address."""

    service_name = "Webhook"
    request_rate_per_sec = 0
    socket_read_timeout = 15.0

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - Apprise's signature
        super().__init__(**options)
        if self.method not in {"POST", "PUT", "PATCH"}:
            raise UnsupportedError("a webhook is sent with POST, PUT or PATCH (method=)")

    def send(self, *_: object, **__: object) -> bool:
        """Post the letter."""
        letter, answer = _handed_over()
        try:
            with requests.Session() as session:
                session.trust_env = False  # no proxy, no .netrc: it goes where the address says
                return self._post(session, letter, answer)
        except requests.RequestException as error:
            answer.may_have_arrived = not isinstance(
                error, requests.ConnectTimeout | requests.exceptions.SSLError
            ) and "NewConnectionError" not in repr(error)
            answer.lines.append(self._words(error))
            return False

    def _post(self, session: requests.Session, letter: Letter, answer: Answer) -> bool:
        response = session.request(
            str(self.method),
            f"{'https' if self.secure else 'http'}://{self._place()}{self.fullpath}",
            data=json.dumps(self._payload(letter)).encode(),
            params=self.params,
            headers={
                "User-Agent": "Parleywatch",
                "Content-Type": "application/json",
                "Idempotency-Key": letter.key,
                **self.headers,
            },
            auth=(self.user, self.password or "") if self.user else None,
            verify=self.verify_certificate,
            timeout=self.request_timeout,
            allow_redirects=False,
            stream=True,
        )
        with response:
            answer.lines.append(_http_words(response))
            return response.status_code in _OK

    def _place(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if isinstance(self.port, int) else host

    def _payload(self, letter: Letter) -> dict[str, Any]:
        return {
            **self.payload_extras,
            **letter.rendered.json,
            "message": letter.key,
            "channel": letter.channel,
            "sent_at": letter.at.isoformat().replace("+00:00", "Z"),
            "may_have_arrived_before": letter.repeat,
        }

    def _words(self, error: requests.RequestException) -> str:
        place = self._place()
        match error:
            case requests.Timeout():
                return f"{place} did not answer in time"
            case requests.exceptions.SSLError():
                return f"{place}: no secure connection; its certificate may not be trusted"
            case requests.ConnectionError():
                return f"{place} could not be reached, or closed the connection"
            case _:
                return f"{place}: {type(error).__name__}"


def _http_words(response: requests.Response) -> str:
    said = f"{response.status_code} {response.reason or ''}".strip()
    if response.status_code in _REDIRECT:
        return f"{said}: it points elsewhere, which is not followed; use its final address"
    if response.status_code in _OK:
        return cut(clean(said), _LONGEST_ANSWER)
    start = next(response.iter_content(_LONGEST_ANSWER * 2), b"")
    return cut(clean(f"{said} {start.decode('utf-8', 'replace')}"), _LONGEST_ANSWER)
