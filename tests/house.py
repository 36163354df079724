"""The rules of the house (who may import whom, what stays pure) and the walk that finds what breaks them.

Everything is read with `ast`, nothing is imported: imports inside functions, relative ones and
`importlib.import_module("...")` count like any other.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOMS = ("api", "bench", "ingest", "maps", "spatial", "sql", "tests")

MAY_IMPORT = {
    "spatial": set[str](),
    "sql": {"spatial"},
    "ingest": {"spatial"},
    "maps": {"spatial"},
    "api": {"spatial", "sql", "ingest", "maps", "bench"},
    "bench": {"spatial", "sql", "ingest", "maps", "api", "tests"},
    "tests": {"spatial", "sql", "ingest", "maps", "api", "bench"},
}

INSIDE_SPATIAL = {
    "measuring": set[str](),
    "rules": {"measuring"},
    "crs": {"measuring"},
    "judging": {"measuring", "rules"},
    "bulk": {"measuring", "rules", "judging", "screening"},
    "comparing": {"measuring", "crs"},
    "inventory": {"measuring"},
    "saying": {"measuring", "rules", "judging"},
    "advising": {"measuring", "rules", "crs", "judging", "screening"},
}
"""Inside the mind: which room may look into which; its values, words and errors are open to all."""

LIVES_ONLY_IN = {
    "fastapi": "api",
    "starlette": "api",
    "uvicorn": "api",
    "folium": "maps",
    "psycopg2": "sql",
    "sqlalchemy": "sql",
    "geoalchemy2": "sql",
}
"""Third parties that belong to one room; tests and bench may use what they like."""

NOT_IN_SPATIAL = frozenset(
    "aiohttp asyncio fcntl fileinput fiona geopandas glob http httpx io logging mmap multiprocessing os pathlib "
    "pickle pyogrio random requests secrets select shelve shutil signal socket sqlite3 subprocess sys tempfile "
    "threading time urllib uuid zipfile".split()
)
"""Files, web, clock, chance, processes: the mind takes values and gives values."""

CALLS_NOT_IN_SPATIAL = frozenset(
    "open input print eval exec compile date.today datetime.today datetime.now datetime.utcnow "
    "datetime.date.today datetime.datetime.now datetime.datetime.today datetime.datetime.utcnow".split()
)


@dataclass(frozen=True, slots=True)
class Import:
    """One import of a file: the full dotted name, or None for a name only known at run time."""

    line: int
    name: str | None


def house_faults(root: Path) -> list[str]:
    """Everything in the tree at `root` that breaks the rules, one sentence each; empty when all is well."""
    return [*_room_faults(root), *_import_faults(root), *_purity_faults(root)]


def _room_faults(root: Path) -> Iterator[str]:
    for room in ROOMS:
        if not (root / room / "__init__.py").is_file():
            yield f"the room {room} is missing"
        elif not any(_has_code(file) for file in _files(root, room)):
            yield f"the room {room} is empty"
    for folder in sorted(root.iterdir()):
        known = folder.name in (*ROOMS, "build", "out") or folder.name.startswith(".")
        if folder.is_dir() and not known and next(folder.rglob("*.py"), None):
            yield f"{folder.name} is no room of the house"


def _has_code(file: Path) -> bool:
    if file.name == "__init__.py":
        return False
    statements = _tree(file).body
    return any(
        not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in statements
    )


def _import_faults(root: Path) -> Iterator[str]:
    for room in ROOMS:
        for file in _files(root, room):
            place = file.relative_to(root)
            for found in _imports(_tree(file), place.parent.parts):
                if found.name is None:
                    if room != "tests":
                        yield f"{place}:{found.line} imports a name that only exists at run time"
                    continue
                top = found.name.partition(".")[0]
                if top in ROOMS and top != room and top not in MAY_IMPORT[room]:
                    yield f"{place}:{found.line} {room} imports {top}"
                if room == "spatial":
                    yield from _inner_faults(place, found)
                owner = LIVES_ONLY_IN.get(top, room)
                if owner != room and room not in ("tests", "bench"):
                    yield f"{place}:{found.line} {room} imports {top}, which lives in {owner}"
                if room == "spatial" and top in NOT_IN_SPATIAL:
                    yield f"{place}:{found.line} spatial imports {top}, but it is pure"


def _inner_faults(place: Path, found: Import) -> Iterator[str]:
    inner = place.parts[1]
    seen = (found.name or "").split(".")
    closed = {*INSIDE_SPATIAL, "screening"} - {inner}
    if inner not in INSIDE_SPATIAL or len(seen) < 2 or seen[0] != "spatial":
        return
    if seen[1] in closed and seen[1] not in INSIDE_SPATIAL[inner]:
        yield f"{place}:{found.line} {inner} imports {seen[1]}"


def _purity_faults(root: Path) -> Iterator[str]:
    for file in _files(root, "spatial"):
        for node in ast.walk(_tree(file)):
            if isinstance(node, ast.Call) and _dotted(node.func) in CALLS_NOT_IN_SPATIAL:
                yield f"{file.relative_to(root)}:{node.lineno} spatial calls {_dotted(node.func)}, but it is pure"


def _imports(tree: ast.Module, package: tuple[str, ...]) -> Iterator[Import]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node.module or "", node.level, package)
            names = [base] if base else [alias.name for alias in node.names]
            yield from (Import(node.lineno, name) for name in names)
        elif isinstance(node, ast.Call) and _dotted(node.func) in (
            "importlib.import_module",
            "import_module",
            "__import__",
        ):
            said = node.args[0] if node.args else None
            if isinstance(said, ast.Constant) and isinstance(said.value, str):
                bare = said.value.lstrip(".")
                yield Import(node.lineno, _absolute(bare, len(said.value) - len(bare), package) or bare)
            else:
                yield Import(node.lineno, None)


def _absolute(module: str, level: int, package: tuple[str, ...]) -> str:
    """`module` as seen from the top; a relative import that climbs out of its room lands in another one."""
    if level == 0:
        return module
    kept = package[: max(len(package) - (level - 1), 0)]
    return ".".join((*kept, *([module] if module else [])))


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _files(root: Path, room: str) -> list[Path]:
    return sorted(file for file in (root / room).rglob("*.py") if "__pycache__" not in file.parts)


def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
