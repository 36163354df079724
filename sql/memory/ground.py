"""Ground in the twin's register: words said, replaced and taken back."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.declared import GroundRow
from spatial.words import GroundKind
from sql import rows
from sql.errors import refused
from sql.memory.versions import GroundVersion, Lived, Register, close


def change_ground(
    register: Register, utility: str, dataset: str | None, words: Sequence[dict[str, Any]]
) -> tuple[Register, int, int]:
    """The register with the words in place of the earlier ones, how many were opened, how many closed."""
    number = register.newest + 1
    said = {(word["kind"], word["pipe_kind"]) for word in words if word["kind"] != rows.UNREADABLE}
    if dataset is not None:
        said.add((rows.UNREADABLE, None))
    staying: dict[tuple[str, str | None, str], list[int]] = defaultdict(list)
    for version in register.ground:
        row = version.row
        if (
            row.utility == utility
            and version.lived.valid_to is None
            and (row.kind, row.pipe_kind) in said
            and row.dataset in (None, dataset)
        ):
            staying[row.kind, row.pipe_kind, version.digest].append(row.ground_id)
    next_id = max((version.row.ground_id for version in register.ground), default=0)
    opened = []
    for word in words:
        if word["geometry"] is None:
            continue
        same = staying[word["kind"], word["pipe_kind"], word["digest"]]
        if same:
            same.pop(0)
            continue
        refuse_unsound(word["geometry"], valid=True)
        next_id += 1
        row = GroundRow(
            ground_id=next_id,
            utility=utility,
            kind=word["kind"],
            dataset=dataset if word["kind"] == rows.UNREADABLE else None,
            pipe_kind=word["pipe_kind"],
            as_of=word["as_of"],
            max_age_days=word["max_age_days"],
            assumed=word["assumed"],
            geometry=word["geometry"],
        )
        opened.append(GroundVersion(row, word["digest"], word["source"], Lived(number, None)))
    closing = {ground_id for ids in staying.values() for ground_id in ids}
    ground = close(register.ground, lambda old: old.row.ground_id in closing, number) + tuple(opened)
    return replace(register, ground=ground), len(opened), len(closing)


def ground_back(register: Register, utility: str, dataset: str, target: int, number: int) -> Register:
    """Ground as it was before `target`: the dataset's unreadable patches, and the words that import spoke."""

    def own(version: GroundVersion) -> bool:
        return version.row.utility == utility and version.row.dataset == dataset

    spoken = [
        version
        for version in register.ground
        if version.row.utility == utility
        and version.row.dataset is None
        and version.lived == Lived(target, None)
    ]
    words = {(version.row.kind, version.row.pipe_kind) for version in spoken}

    def vouched_over_it(version: GroundVersion) -> bool:
        return version.row.utility == utility and version.row.kind == GroundKind.COVERAGE

    def leaves(version: GroundVersion) -> bool:
        since = version.lived.valid_from >= target and (own(version) or vouched_over_it(version))
        return version.lived.valid_to is None and (version in spoken or since)

    def returns(version: GroundVersion) -> bool:
        replaced = (
            version.row.utility == utility
            and version.row.dataset is None
            and version.lived.valid_to == target
            and (version.row.kind, version.row.pipe_kind) in words
        )
        back = own(version) and version.lived.valid_to is not None
        return version.lived.at(target - 1) and (replaced or back)

    first_id = max((version.row.ground_id for version in register.ground), default=0)
    returned = tuple(
        replace(version, row=replace(version.row, ground_id=first_id + nth), lived=Lived(number, None))
        for nth, version in enumerate(filter(returns, register.ground), start=1)
    )
    return replace(register, ground=close(register.ground, leaves, number) + returned)


def refuse_unsound(geometry: BaseGeometry, *, valid: bool = False) -> None:
    xy = shapely.get_coordinates(geometry)
    sound = len(xy) > 0 and bool(np.all(np.abs(xy) <= [180.0, 90.0]))  # NaN compares false
    if not sound or (valid and not shapely.is_valid(geometry)):
        raise refused("value_refused")
