"""What can go wrong in telling people.

SchedulerError
└── AlertError   a channel's address cannot be used; says the kind of address, never its secret
"""

from scheduler.errors import SchedulerError


class AlertError(SchedulerError):
    """A channel's address cannot be used."""
