"""Tell where an address came from, what it is to a source, and what it promised by how it is built."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.further import FurtherStatus, further_statuses
from storage.models import FurtherSource, Page, Site, Source
from storage.shape_counts import shapes_of
from storage.shapes import Promise, Shapes, shape_of
from storage.urls import site_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherOf:
    """An address as a further source, and the source that led to it."""

    source: str
    status: FurtherStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an address came from, as far as anybody knows."""

    source: str  # that offered it first; "" for none
    via: str  # the further source in which it stood; "" for the source itself
    further_of: tuple[FurtherOf, ...]  # the sources with which it is read, or was tried
    shape: str  # how it is built
    promise: Promise  # what such addresses were on its site


def origin(tx: Session, url: str) -> Origin:
    """Say where an address (normalised) came from."""
    offered = tx.execute(
        select(Source.name, FurtherSource.url)
        .select_from(Page)
        .join(Source, Source.id == Page.source_id)
        .outerjoin(FurtherSource, FurtherSource.id == Page.named_by)
        .where(Page.url == url)
    ).one_or_none()
    site = tx.scalar(select(Site).where(Site.name == site_of(url)))
    shapes = shapes_of(site) if site else Shapes()
    shape = shape_of(url)
    return Origin(
        source=offered[0] if offered else "",
        via=(offered[1] or "") if offered else "",
        further_of=tuple(_further_of(tx, url)),
        shape=shape,
        promise=Promise.OTHER if shape in shapes.others else shapes.promise(url),
    )


def _further_of(tx: Session, url: str) -> list[FurtherOf]:
    names = dict(
        iter(
            tx.execute(
                select(Source.id, Source.name)
                .join(FurtherSource, FurtherSource.source_id == Source.id)
                .where(FurtherSource.url == url)
            )
        )
    )
    return [
        FurtherOf(source=names[source_id], status=status)
        for source_id, family in further_statuses(tx, list(names)).items()
        for status in family
        if status.url == url
    ]
