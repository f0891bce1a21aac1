"""What can go wrong in deciding, starting and telling.

SchedulerError
├── ConfigError          the settings cannot be used; `problems` has one sentence each
│   └── ConfigMissingError   there is no file of settings where one was looked for
├── SecretError          an address that is kept in the environment or a file cannot be read
└── CommandError         a command cannot do what was asked; `exit_code` 1 failed, 2 wrong use
"""


class SchedulerError(Exception):
    """Anything below; its text says where, what, and what to do."""


class ConfigError(SchedulerError):
    """The settings cannot be used."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(self.problems))


class ConfigMissingError(ConfigError):
    """There is no file of settings."""


class SecretError(SchedulerError):
    """An address that is kept in the environment or in a file cannot be read; never shows it."""


class CommandError(SchedulerError):
    """A command cannot do what was asked."""

    def __init__(self, text: str, *, exit_code: int = 1) -> None:
        self.exit_code = exit_code
        super().__init__(text)
