"""Where the shared tools are: `$PARLEY_SHARED`, else the folder `shared` beside the checkout."""

import os
from pathlib import Path

_BESIDE = Path(__file__).parents[3] / "shared"


def _found() -> Path | None:
    named = os.environ.get("PARLEY_SHARED")
    folder = Path(named) if named else _BESIDE
    return folder.resolve() if (folder / "tools").is_dir() else None


SHARED = _found()


def shared(path: str) -> Path:
    """A file or folder of the shared tools; only tests marked `shared` may ask."""
    assert SHARED is not None, "mark this test with pytest.mark.shared"
    return SHARED / path
