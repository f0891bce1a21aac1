"""Send one test message to a channel and give the server's answer; nothing is stored."""

import secrets
from datetime import datetime

from scheduler.alerts.delivery import Delivery, deliver
from scheduler.alerts.errors import AlertError
from scheduler.alerts.forms import RenderContext
from scheduler.alerts.letters import DeliveryResult, Letter
from scheduler.alerts.render import render_test
from scheduler.config import Config, policy_for


async def send_test(config: Config, name: str, address: str, *, at: datetime) -> DeliveryResult:
    """Send a test message; the result has the server's answer, or why the address does not load."""
    channel = config.channel(name)
    context = RenderContext(
        timezone=config.timezone,
        base_url=config.base_url,
        policy=policy_for(config.alerts, channel) if channel else config.alerts,
        topics=channel.topics if channel else (),
    )
    letter = Letter(
        rendered=render_test(name, context=context, at=at),
        key=f"test-{secrets.token_hex(8)}",
        channel=name,
        at=at,
    )
    try:
        return await deliver(address, letter)
    except AlertError as error:
        return DeliveryResult(ok=False, detail=str(error))


async def loading_problem(address: str) -> str:
    """Say why an address does not load, without showing it; "" if it does. Sends nothing."""
    try:
        await Delivery().load(address)
    except AlertError as error:
        return str(error)
    return ""
