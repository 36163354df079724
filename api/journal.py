"""What of a long run is kept already, so that a run that was stopped goes on where it was.

One small file a run, under PREDIG_HOME: a line for each part that was committed, added after the commit. A run killed
between the two judges that part again and keeps it twice, which harms nobody: an enquiry stands for nothing. To ask
the database instead would need an index over every screening ever kept, for the sake of the few that were cut short.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Journal:
    """place: the file, whose name says all that the run depends on."""

    place: Path

    def kept(self) -> dict[int, str]:
        """Number of each site that is done -> its screening. A line cut short by a crash counts for nothing."""
        done: dict[int, str] = {}
        try:
            lines = self.place.read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return done
        for line in lines[:-1]:
            try:
                done |= {int(number): str(screening_id) for number, screening_id in json.loads(line).items()}
            except ValueError:
                continue
        return done

    def add(self, done: Mapping[int, str]) -> None:
        """On the disk before this returns."""
        self.place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.place.open("a", encoding="utf-8") as file:
            # After a crash the last line may have no end.
            file.write(("\n" if file.tell() else "") + json.dumps(done) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        """The run is told of; nobody need go on with it."""
        self.place.unlink(missing_ok=True)
