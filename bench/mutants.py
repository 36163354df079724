"""Break the rules one by one, in a copy of the tree, and see that a test fails.

A test that cannot fail proves nothing. Each mutation names a file, a text that stands in it exactly once,
what it becomes, and the smallest part of `make test` that must notice.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench.mutations import FLAT, Mutant
from bench.mutations3d import SOLID

TREE = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info", "build", "out", "node_modules"
)
AT_ONCE = 2
LONGEST_S = 300


MUTANTS = (*FLAT, *SOLID)


def fault_of(mutant: Mutant, tree: Path) -> str | None:
    """Why a mutation cannot be applied to the tree; None when it can, in exactly one place."""
    file = tree / mutant.file
    if not file.is_file():
        return f"{mutant.name}: {mutant.file} is not there"
    times = file.read_text(encoding="utf-8").count(mutant.old)
    return None if times == 1 else f"{mutant.name}: the text stands {times} times in {mutant.file}, not once"


def missing_tests(mutant: Mutant, tree: Path) -> list[str]:
    return [name for name in mutant.tests if not (tree / name).exists()]


@contextmanager
def copy_of(tree: Path) -> Iterator[Path]:
    """A throw-away copy: the working tree itself is never touched."""
    with tempfile.TemporaryDirectory(prefix="predig-mutant-") as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(tree, copy, ignore=LEFT_OUT)
        yield copy


def tests_pass(tree: Path, tests: tuple[str, ...]) -> bool:
    """Whether pytest passes there.

    :raises RuntimeError: pytest could not run the tests at all, which proves nothing.
    """
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    if ran.returncode not in (0, 1):
        raise RuntimeError(f"pytest ended with {ran.returncode}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return ran.returncode == 0


def killed(mutant: Mutant, tree: Path = TREE) -> bool:
    """Apply one mutation to a copy; True when its tests fail there."""
    with copy_of(tree) as copy:
        file = copy / mutant.file
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        return not tests_pass(copy, mutant.tests)


def main(words: Sequence[str]) -> int:
    """words: only mutants with one of these in their name; none: all."""
    mutants = [mutant for mutant in MUTANTS if not words or any(word in mutant.name for word in words)]
    faults = [fault for mutant in mutants if (fault := fault_of(mutant, TREE))]
    if faults or not mutants:
        print("\n".join(faults) or "no mutant has such a name", file=sys.stderr)
        return 1
    chosen = tuple(dict.fromkeys(name for mutant in mutants for name in mutant.tests))
    with copy_of(TREE) as copy:
        if not tests_pass(copy, chosen):
            print("the tests fail without any mutation: nothing can be shown", file=sys.stderr)
            return 1
    survived = 0
    width = max(len(mutant.name) for mutant in mutants)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for mutant, dead in zip(mutants, pool.map(killed, mutants), strict=True):
            survived += not dead
            print(f"{mutant.name:<{width}}  {'killed' if dead else 'SURVIVED':<8}  {mutant.file}", flush=True)
    print(f"{len(mutants) - survived} of {len(mutants)} killed")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
