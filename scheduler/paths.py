"""Where the file of settings and the data are, on this machine.

Order: `-c FILE`, `PARLEY_CONFIG`, `./parley.toml`, the user's configuration folder. Data lie beside
the file, except that those of the user's configuration go into the user's data folder.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

from scheduler.errors import ConfigMissingError

FILE_NAME: Final = "parley.toml"
DATABASE_NAME: Final = "parley.db"
RULES: Final = "rules"  # the folder of rules for publishers' pages, beside the settings
VARIABLE: Final = "PARLEY_CONFIG"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundConfig:
    """A file of settings, and how it was found, in words."""

    path: Path
    how: str

    @property
    def data_folder(self) -> Path:
        """Where the data of these settings lie."""
        if self.path.parent == user_config_folder():
            return user_data_folder()
        return self.path.parent


def user_config_folder() -> Path:
    """The folder of this user's settings."""
    return Path(platformdirs.user_config_dir("parleywatch", appauthor=False))


def user_data_folder() -> Path:
    """The folder of this user's data."""
    return Path(platformdirs.user_data_dir("parleywatch", appauthor=False))


def find_config(asked: Path | None, *, env: Mapping[str, str]) -> FoundConfig:
    """Find the file of settings.

    Args:
        asked: What `-c` named; None if it was not given.
        env: The environment.

    Raises:
        ConfigMissingError: With a sentence that says where was looked, and how to begin.
    """
    if asked is not None:
        return _must_be_there(asked, "named by --config")
    if env.get(VARIABLE):
        return _must_be_there(Path(env[VARIABLE]), f"named by {VARIABLE}")
    here, home = Path.cwd() / FILE_NAME, user_config_folder() / FILE_NAME
    for path, how in ((here, "in this folder"), (home, "in your configuration folder")):
        if path.is_file():
            return FoundConfig(path=path.absolute(), how=how)
    raise ConfigMissingError(
        f"There is no {FILE_NAME} in this folder and none in {home.parent}; "
        "write one with `parley init`, or name one with --config FILE."
    )


def _must_be_there(path: Path, how: str) -> FoundConfig:
    path = path.expanduser().absolute()
    if path.is_dir():
        path = path / FILE_NAME
    if not path.exists():
        raise ConfigMissingError(
            f"{path}: there is no such file ({how}); write one with `parley init {path}`."
        )
    return FoundConfig(path=path, how=how)
