"""The texts of versions as rows: written as a patch on the version before, read back along the chain."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import codec, rows
from storage.errors import CorruptTextError, NotFoundError
from storage.models import Version as VersionRow
from storage.types import Block


def read_text(tx: Session, version_id: int) -> str:
    """Give the plain text of a version, blocks one a line.

    Raises:
        NotFoundError: No such version.
        CorruptTextError: The text does not unpack to what its hash says.
    """
    chain: list[VersionRow] = []
    wanted: int | None = version_id
    while wanted is not None:
        row = tx.get(VersionRow, wanted)
        if row is None:
            raise NotFoundError(f"There is no version {wanted}.")
        chain.append(row)
        wanted = row.base_id
    text: str | None = None
    for row in reversed(chain):
        text = unpacked(row, base=text)
    return text or ""


def unpacked(row: VersionRow, *, base: str | None) -> str:
    """The plain text of a version's row, given the plain text it is a patch on.

    Raises:
        CorruptTextError: It is not what its hash says.
    """
    try:
        plain = codec.unpack(row.text, base=base)
    except ValueError as error:
        raise CorruptTextError(row.id) from error
    if codec.text_hash(plain) != row.text_hash:
        raise CorruptTextError(row.id)
    return plain


def read_blocks(tx: Session, row: VersionRow) -> tuple[Block, ...]:
    """Give the blocks of a version; of their places, whether they stood apart (`storage.keys`)."""
    return rows.blocks(row.block_kinds, read_text(tx, row.id))


def write_text(
    tx: Session, row: VersionRow, blocks: Sequence[Block], *, base_id: int | None
) -> None:
    """Fill a version's text columns; as a patch on `base_id` where the chain is short enough.

    Versions that are patches on this one keep what they say: they are written anew.
    """
    patched = _patched_on(tx, row)
    text = "\n".join(block.text for block in blocks)
    base = None
    if base_id is not None and _chain_length(tx, base_id) < codec.WHOLE_EVERY - 1:
        base = read_text(tx, base_id)
    row.base_id = base_id if base is not None else None
    row.block_kinds = rows.block_words(blocks)
    row.text_hash = codec.text_hash(text)
    row.text_length = len(text)
    row.text = codec.pack(text, base=base)
    for other, said in patched:
        other.text = codec.pack(said, base=text)


def _patched_on(tx: Session, row: VersionRow) -> list[tuple[VersionRow, str]]:
    """Give the versions that are patches on a stored one, each with its plain text."""
    if row.id is None:  # pyright: ignore[reportUnnecessaryComparison] - a new row has none yet
        return []
    found = tx.scalars(
        select(VersionRow).where(
            VersionRow.article_id == row.article_id, VersionRow.base_id == row.id
        )
    ).all()
    return [(other, read_text(tx, other.id)) for other in found]


def _chain_length(tx: Session, version_id: int) -> int:
    length = 0
    wanted: int | None = version_id
    while wanted is not None and length < codec.WHOLE_EVERY:
        wanted = tx.scalar(select(VersionRow.base_id).where(VersionRow.id == wanted))
        length += wanted is not None
    return length
