"""Local zones over the national ones: a county's published widths laid on a base profile's document.

The widths of GB 55009-2021 5.1.6 and 5.1.7 are minimum values, so a local row that is narrower is refused.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from spatial.errors import Faults

Document = Mapping[str, Any]
Key = tuple[str, str]
"""(asset, class)."""


def derive(base: Document, own: Document) -> dict[str, Any]:
    """A profile that says only what it does otherwise: whole sections of its own, all others its base's."""
    whole = {**base, **{name: section for name, section in own.items() if name != "base"}}
    if isinstance(whole["sources"], Mapping):
        whole["sources"] = {**base["sources"], **whole["sources"]}
    return whole


def lay_over(base: Document, overrides: Sequence[tuple[str, Document]]) -> dict[str, Any]:
    """The base's document with local widths in it; overrides: (name, document of rule-override.schema.json).

    Where several name the same asset and class, the wider protection and the wider control are taken: the
    ground of one lies beside that of the other, and the register does not say which one a pipe is in.
    The id stays the base's, so that permits filed under the base are judged again when these come into force.

    :raises Refused: a width below the base's, a class named twice, all faults at once.
    """
    faults = Faults()
    minimum = _by_key(base)
    widths = dict(minimum)
    taken: dict[Key, Document] = {}
    for name, override in overrides:
        for key, row in _rows(name, override, minimum, faults).items():
            taken[key] = _wider(taken[key], row) if key in taken else row
    faults.raise_if_any()
    widths |= taken
    return {
        **base,
        "version": "+".join(
            [base["version"], *(f"{name}-{override['version']}" for name, override in overrides)]
        ),
        "title_zh": "；".join([base["title_zh"], *(override["title_zh"] for _, override in overrides)]),
        "title_en": "; ".join([base["title_en"], *(override["title_en"] for _, override in overrides)]),
        "sources": _sources(base, [override for _, override in overrides]),
        "zones": [{"assets": [asset], "classes": [name], **row} for (asset, name), row in widths.items()],
    }


def _by_key(document: Document) -> dict[Key, Document]:
    return {
        (asset, name): {field: value for field, value in row.items() if field not in ("assets", "classes")}
        for row in document["zones"]
        for asset in row["assets"]
        for name in row["classes"]
    }


def _rows(
    name: str, override: Document, minimum: Mapping[Key, Document], faults: Faults
) -> dict[Key, Document]:
    rows: dict[Key, Document] = {}
    for number, row in enumerate(override["zones"]):
        pointer = f"/zones/{number}"
        for asset in row["assets"]:
            for pressure_class in row["classes"]:
                key = (asset, pressure_class)
                if key in rows:
                    faults.add(
                        "profile_twice",
                        en=f"{name}: {asset} {pressure_class} has two widths; keep one",
                        zh=f"{name}：{asset} {pressure_class} 的范围定义了两次，请保留一个",
                        pointer=pointer,
                    )
                for width in ("protection_m", "control_m"):
                    if width in row and row[width] < minimum[key][width]:
                        faults.add(
                            "override_narrower",
                            en=f"{name}: {width} {row[width]} of {asset} {pressure_class} is below the "
                            f"{minimum[key][width]} of the profile it overrides, which is a minimum by law "
                            f"({minimum[key]['clause']}); leave the class out, or correct the width",
                            zh=f"{name}：{asset} {pressure_class} 的 {width} {row[width]} 小于所覆盖规则的 "
                            f"{minimum[key][width]}，后者为法定最小值（{minimum[key]['clause']}）；"
                            "请删去该级别或更正宽度",
                            pointer=pointer,
                        )
                rows[key] = _complete(row, minimum[key])
    return rows


def _complete(row: Document, minimum: Document) -> Document:
    """A notice that names no control width leaves the code's, which cannot end inside the protection zone."""
    own = {field: value for field, value in row.items() if field not in ("assets", "classes")}
    if "control_m" in row:
        return own
    return {
        **own,
        "control_m": max(minimum["control_m"], row["protection_m"]),
        "clause": f"{row['clause']}; {minimum['clause']}",
        "source": [*row["source"], *minimum["source"]],
        "verified": row["verified"] and minimum["verified"],
    }


def _wider(one: Document, other: Document) -> Document:
    wide = {width: max(one[width], other[width]) for width in ("protection_m", "control_m")}
    for row in (one, other):
        if wide.items() <= row.items():
            return row
    return {
        **wide,
        "clause": f"{one['clause']}; {other['clause']}",
        "source": sorted({*one["source"], *other["source"]}),
        "verified": one["verified"] and other["verified"],
    }


def _sources(base: Document, overrides: Sequence[Document]) -> dict[str, str]:
    sources: dict[str, str] = dict(base["sources"])
    for override in overrides:
        sources |= override["sources"]
    return sources
