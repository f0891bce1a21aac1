"""A real chat server for tests: ngircd on loopback, and somebody in a room who listens."""

import grp
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

WAIT_S = 20.0
NGIRCD = shutil.which("ngircd") or (
    "/usr/sbin/ngircd" if Path("/usr/sbin/ngircd").exists() else None
)
needs_ngircd = pytest.mark.skipif(
    NGIRCD is None, reason="no chat server: install ngircd (Debian: apt-get install ngircd)"
)

_SETTINGS = """
[Global]
    Name = irc.test.example
    AdminInfo1 = test
    AdminEMail = test@example.org
    Info = test
    Listen = 127.0.0.1
    Ports = {port}
    MotdPhrase = hello
    PidFile = {folder}/pid
    ServerUID = {user}
    ServerGID = {group}
[Limits]
    MaxConnectionsIP = 0
    MaxPenaltyTime = 0
[Options]
    DNS = no
    Ident = no
    PAM = no
    SyslogFacility = local1
"""


@dataclass
class Room:
    """A room and somebody who listens in it."""

    port: int
    name: str
    _reader: socket.socket
    _rest: bytes = b""

    def address(self) -> str:
        """Give the Apprise address of this room."""
        return f"irc://parley@127.0.0.1:{self.port}/%23{self.name.removeprefix('#')}"

    def wait_for(self, word: str) -> list[str]:
        """Give what was said in the room up to a line with this word."""
        said: list[str] = []
        while not said or word not in said[-1]:
            line = self.next_line()
            if " PRIVMSG " in line:
                said.append(line.split(" :", 1)[1])
        return said

    def next_line(self) -> str:
        """Give the next line of the server; answers its pings."""
        while b"\r\n" not in self._rest:
            found = self._reader.recv(4096)
            assert found, "the chat server closed the connection"
            self._rest += found
        line, _, self._rest = self._rest.partition(b"\r\n")
        text = line.decode("utf-8", "replace")
        if text.startswith("PING"):
            self._reader.sendall(text.replace("PING", "PONG", 1).encode() + b"\r\n")
        return text


@contextmanager
def chat_room(folder: Path) -> Iterator[Room]:
    """Run ngircd with one listener in the room #talks."""
    with socket.socket() as probe:  # ngircd takes no port 0
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    settings = folder / "ngircd.conf"
    settings.write_text(_SETTINGS.format(port=port, folder=folder, user=user, group=group))
    command = [str(NGIRCD), "-n", "-f", str(settings)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as server:
        try:
            _wait_until_it_listens(server)
            with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as reader:
                yield _join(Room(port=port, name="#talks", _reader=reader))
        finally:
            with suppress(ProcessLookupError):
                server.terminate()


def _wait_until_it_listens(server: "subprocess.Popen[bytes]") -> None:
    assert server.stdout is not None
    for line in server.stdout:
        if b"listening on" in line.lower():
            return
    raise AssertionError("ngircd did not start")


def _join(room: Room) -> Room:
    room._reader.sendall(b"NICK listener\r\nUSER listener 0 * :listener\r\nJOIN #talks\r\n")
    while " 366 " not in room.next_line():
        pass
    return room
