"""Where tests' alerts arrive: a real SMTP server and a real webhook, both on port 0 of loopback."""

import datetime
import ipaddress
import json
import queue
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

WAIT_S = 20.0
USER, PASSWORD = "desk", "geheim-pässword/42"


@dataclass
class Inbox:
    """The mails that arrived, and how the server behaves; `port` is where it listens."""

    port: int = 0
    refuse_at: str = ""  # "", "rcpt", "data": with 550
    refused_recipients: set[str] = field(default_factory=set)
    is_silent: bool = False  # takes the text and never answers
    recipients: list[list[str]] = field(default_factory=list)
    _mails: "queue.Queue[EmailMessage]" = field(default_factory=queue.Queue)
    _all: list[EmailMessage] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)

    @property
    def mails(self) -> list[EmailMessage]:
        """All that has arrived."""
        return list(self._all)

    def wait(self, timeout_s: float = WAIT_S) -> EmailMessage:
        """Give the next mail, waiting for it."""
        return self._mails.get(timeout=timeout_s)

    def address(self, to: str = "desk@example.org", **options: str) -> str:
        """Give the Apprise address of this server."""
        given = {"from": "parley@example.org", "to": to, "mode": "insecure", **options}
        query = "&".join(f"{key}={quote(value, safe='@')}" for key, value in given.items())
        return f"mailto://127.0.0.1:{self.port}/?{query}"

    def address_with_password(self, to: str = "desk@example.org", **options: str) -> str:
        """Give the Apprise address of this server with user and password."""
        secret = f"{USER}:{quote(PASSWORD, safe='')}@"
        return self.address(to, **options).replace("mailto://", f"mailto://{secret}")

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.recipients.append([str(to) for to in envelope.rcpt_tos])
        self._all.append(mail)
        self._mails.put(mail)


class _Handler:
    """What the server does with a mail."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox

    async def handle_RCPT(self, *given: Any) -> str:  # noqa: N802
        _, _, envelope, address, _ = given
        if self.inbox.refuse_at == "rcpt" or address in self.inbox.refused_recipients:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, *given: Any) -> str:  # noqa: N802
        server, _, envelope = given
        if self.inbox.refuse_at == "data":
            return "554 5.7.1 refused as spam"
        self.inbox._keep(envelope)
        if self.inbox.is_silent:
            await server.loop.run_in_executor(None, self.inbox.answering.wait, WAIT_S)
        return "250 2.0.0 OK: kept"


class _Server(Controller):
    """The server on whatever port was free."""

    def factory(self) -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a password without TLS: on loopback only
            return super().factory()

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        with socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S) as probe:
            if self.ssl_context is None:
                probe.recv(100)
                return
            anyone = ssl.create_default_context()
            anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
            with anyone.wrap_socket(probe) as wrapped:
                wrapped.recv(100)


@contextmanager
def smtp_inbox(
    *, auth: bool = False, tls: Path | None = None, implicit: bool = False
) -> Iterator[Inbox]:
    """Run a real SMTP server.

    Args:
        auth: Whether it wants USER and PASSWORD.
        tls: A certificate with its key; the server then speaks STARTTLS.
        implicit: TLS from the first byte instead.
    """
    inbox = Inbox()
    context = None
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls)
    controller = _Server(
        _Handler(inbox),
        hostname="127.0.0.1",
        port=0,
        ready_timeout=WAIT_S,
        ssl_context=context if implicit else None,
        **_smtp_options(auth=auth, context=None if implicit else context),
    )
    controller.start()
    try:
        inbox.port = controller.port
        yield inbox
    finally:
        inbox.answering.set()
        controller.stop()


def _smtp_options(*, auth: bool, context: ssl.SSLContext | None) -> dict[str, Any]:
    options: dict[str, Any] = {"enable_SMTPUTF8": False, "tls_context": context}
    if auth:
        options |= {
            "authenticator": _authenticate,
            "auth_required": True,
            "auth_require_tls": False,
        }
    return options


def _authenticate(*given: Any) -> AuthResult:
    data = given[-1]
    assert isinstance(data, LoginPassword)
    is_right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=is_right)


def text_of(mail: EmailMessage) -> str:
    """Give the text part of a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")


def html_of(mail: EmailMessage) -> str:
    """Give the HTML part of a mail."""
    part = mail.get_body(("html",))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")


def make_certificate(folder: Path, *hosts: str) -> Path:
    """Make a certificate for 127.0.0.1 and these hosts that nobody trusts, with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
                    *(x509.DNSName(host) for host in hosts),
                ]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


# -- webhook -------------------------------------------------------------------------------------


@dataclass
class Hook:
    """What a webhook got, and how it answers."""

    port: int = 0
    status: int = 200
    location: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def address(self, path: str = "/hook", query: str = "") -> str:
        """Give the Apprise address of this webhook."""
        return f"json://127.0.0.1:{self.port}{path}{query}"


@contextmanager
def webhook() -> Iterator[Hook]:
    """Run a real HTTP server that keeps the JSON it gets."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            body = self.rfile.read(length)
            hook.paths.append(f"{self.command} {self.path}")
            hook.headers.append(dict(self.headers.items()))
            if body:
                hook.requests.append(json.loads(body))
            self.send_response(hook.status)
            if hook.location:
                self.send_header("Location", hook.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_PUT = do_GET = _answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=WAIT_S)
