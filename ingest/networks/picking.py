"""Which columns of a file are read, and under what name of ours."""

from collections.abc import Sequence

from ingest.files.rows import ID, Pick
from ingest.networks.changes import CHANGE
from ingest.networks.mapping import ColumnMap, find_name


def picker(column_map: ColumnMap, id_field: str | None, change_field: str | None) -> Pick:
    """What a map, an id column and a column of changes pick of a file's columns."""

    def pick(names: Sequence[str]) -> dict[str, str]:
        own_id = find_name(id_field or "id", names)
        change = find_name(change_field, names) if change_field is not None else None
        own = {ID: own_id, CHANGE: change}
        return column_map.pick(names) | {name: theirs for name, theirs in own.items() if theirs is not None}

    return pick
