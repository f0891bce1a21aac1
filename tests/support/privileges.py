"""Be a user like any other, also where the tests run as root, who may read and write everything."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NOBODY = 65534


@contextmanager
def without_privileges() -> Iterator[None]:
    """Be nobody while the block runs."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def common_folder() -> Iterator[Path]:
    """A new folder that everybody can enter and read; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="parley-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
