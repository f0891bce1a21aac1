"""What tests of the crawler share."""

from collections.abc import AsyncIterator

import pytest

from tests.support.crew import Crew, make_crew


@pytest.fixture
async def crew() -> AsyncIterator[Crew]:
    """An engine whose visits go to loopback and whose findings stay in memory."""
    made = make_crew()
    yield made
    await made.engine.equipment.close()
