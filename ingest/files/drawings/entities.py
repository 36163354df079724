"""The entities of a drawing one by one, block references taken apart, each with its layer and what can be done with it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from ingest.files.drawings.curves import READABLE
from ingest.files.drawings.sieve import ANNOTATIONS
from spatial.errors import Refused

MOST_ENTITIES = 2_000_000
"""Block references and what is in them, each time it is drawn: a few blocks within one another make millions."""
DEEPEST = 16
"""Blocks within one another."""

COMPOSED = frozenset({"MLINE"})
"""ezdxf takes these apart into lines and arcs."""

State = Literal["readable", "annotation", "unreadable"]


@dataclass(frozen=True, slots=True)
class Item:
    """One entity as it is drawn. handle: of the entity it came from, with its number where that drew several.

    block: the name of the outermost block it is drawn by; cells: the attributes filled in there.
    """

    entity: Any
    kind: str
    layer: str
    state: State
    handle: str
    block: str | None = None
    cells: dict[str, str | None] = field(default_factory=dict)


def items(document: Any, name: str) -> Iterator[Item]:
    """Everything in model space. :raises Refused: drawing_too_many_entities."""
    walk = _Walk(name)
    if unfolded(document) > MOST_ENTITIES:
        raise walk.too_many()
    for entity in document.modelspace():
        handle = entity.dxf.get("handle") or "?"
        if entity.dxftype() == "INSERT":
            block = entity.dxf.get("name", "")
            cells = {attrib.dxf.get("tag", "?"): attrib.dxf.get("text") for attrib in entity.attribs}
            for number, item in enumerate(walk.reference(entity, layer_of(entity), 0), 1):
                yield Item(item.entity, item.kind, item.layer, item.state, f"{handle}/{number}", block, cells)
        else:
            found = list(walk.one(entity, layer_of(entity), 0))
            for number, item in enumerate(found, 1):
                own = handle if len(found) == 1 else f"{handle}/{number}"
                yield Item(item.entity, item.kind, item.layer, item.state, own)


def unfolded(document: Any) -> int:
    """How many entities model space draws with its blocks taken apart, worked out block by block: what takes an hour to take
    apart is refused in a moment."""
    known: dict[tuple[str, int], int] = {}

    def of(entities: Any, depth: int) -> int:
        return sum(1 + of_reference(one, depth) if one.dxftype() == "INSERT" else 1 for one in entities)

    def of_reference(insert: Any, depth: int) -> int:
        if depth >= DEEPEST or not _is_here(insert):
            return 0
        key = (insert.dxf.name.lower(), depth)
        if key not in known:
            known[key] = of(insert.block(), depth + 1)
        return known[key] * int(max(insert.mcount, 1))

    return of(document.modelspace(), 0)


def on_paper(document: Any) -> Iterator[tuple[str, str]]:
    """(layer, type) of what is drawn on the sheets themselves, where no coordinate is a place on the ground."""
    for layout in document.layouts:
        if not layout.is_modelspace:
            for entity in layout:
                if entity.dxftype() not in ANNOTATIONS:
                    yield layer_of(entity), entity.dxftype()


def layer_of(entity: Any) -> str:
    """Of an entity ezdxf does not know only the bare tags say it."""
    if entity.dxf.is_supported("layer"):
        return str(entity.dxf.get("layer", "0"))
    tags = getattr(entity, "xtags", None)
    subclasses = () if tags is None else tags.subclasses
    return next((str(tag.value) for tags in subclasses for tag in tags if tag.code == 8), "0")


class _Walk:
    """Counts what is looked at, so that blocks within blocks come to an end."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._looked_at = 0

    def too_many(self) -> Refused:
        return Refused.because(
            "drawing_too_many_entities",
            en=f"{self._name} draws more than {MOST_ENTITIES:,} entities, with its blocks taken apart; save the layers that "
            "are meant as a drawing of their own",
            zh=f"{self._name} 的块展开后超过 {MOST_ENTITIES:,} 个对象；请把所需图层单独存为一个图",
        )

    def one(self, entity: Any, layer: str, depth: int) -> Iterator[Item]:
        self._looked_at += 1
        if self._looked_at > MOST_ENTITIES:
            raise self.too_many()
        kind = entity.dxftype()
        if kind == "INSERT":
            yield from self.reference(entity, layer, depth)
        elif kind in COMPOSED:
            yield from self._composed(entity, kind, layer, depth)
        elif kind in ANNOTATIONS:
            yield _item(entity, layer, "annotation")
        else:
            yield _item(entity, layer, "readable" if kind in READABLE else "unreadable")

    def reference(self, insert: Any, layer: str, depth: int) -> Iterator[Item]:
        """What a block reference draws. What is on layer 0 in a block is on the layer of the reference."""
        self._looked_at += 1
        if depth >= DEEPEST or not _is_here(insert):
            yield _item(insert, layer, "unreadable")
            return
        for copy in insert.multi_insert() if insert.mcount > 1 else (insert,):
            try:
                drawn, skipped = _taken_apart(copy)
            except Exception:  # ezdxf over damaged numbers
                yield _item(insert, layer, "unreadable")
                return
            for entity in drawn:
                own = layer_of(entity)
                yield from self.one(entity, layer if own == "0" else own, depth + 1)
            for entity in skipped:
                own = layer_of(entity)
                state: State = "annotation" if entity.dxftype() in ANNOTATIONS else "unreadable"
                yield _item(entity, layer if own == "0" else own, state, placed=False)

    def _composed(self, entity: Any, kind: str, layer: str, depth: int) -> Iterator[Item]:
        try:
            parts = list(entity.virtual_entities())
        except Exception:  # ezdxf over damaged numbers
            parts = []
        if not parts:
            yield _item(entity, layer, "unreadable")
        for part in parts:
            yield from self.one(part, layer, depth + 1)


def _is_here(insert: Any) -> bool:
    """Whether a block reference draws something of this drawing: an external reference is another file, not opened."""
    try:
        return insert.block() is not None and not insert.is_xref() and insert.mcount <= MOST_ENTITIES
    except Exception:  # ezdxf over a damaged name
        return False


def _taken_apart(insert: Any) -> tuple[list[Any], list[Any]]:
    """(what it draws, where it draws it; what of its block could not be put there)."""
    skipped: list[Any] = []
    drawn = list(insert.virtual_entities(skipped_entity_callback=lambda entity, _: skipped.append(entity)))
    return drawn, skipped


def _item(entity: Any, layer: str, state: State, placed: bool = True) -> Item:
    """placed: whether the entity stands where it is drawn, so that its extents say where it is."""
    return Item(entity if placed else None, entity.dxftype(), layer, state, "")
