"""Send one test message to a channel and give the server's answer; nothing is stored."""

import secrets

from crawler.clock import Clock
from scheduler.alerts.delivery import DeliveryResult, deliver
from scheduler.alerts.forms import RenderContext
from scheduler.alerts.render import render_test
from scheduler.config import Config, policy_for


async def send_test(config: Config, name: str, address: str) -> DeliveryResult:
    """Send a test message; the result has the server's answer in words."""
    channel = config.channel(name)
    context = RenderContext(
        timezone=config.timezone,
        base_url=config.base_url,
        policy=policy_for(config.alerts, channel) if channel else config.alerts,
        topics=channel.topics if channel else (),
    )
    rendered = render_test(name, context=context, at=Clock().now())
    return await deliver(address, rendered, key=f"test-{secrets.token_hex(8)}")
