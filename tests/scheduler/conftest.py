"""Fixtures that several tests of the scheduler use."""

from collections.abc import Iterator

import pytest

from tests.support.inbox import Hook, Inbox, smtp_inbox, webhook


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """A real SMTP server that keeps what it is sent."""
    with smtp_inbox() as found:
        yield found


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A real web server that keeps what is posted to it."""
    with webhook() as found:
        yield found
