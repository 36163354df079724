"""Where uploaded files lie until they are imported: a folder that nobody else can enter, with one folder for each upload.

The name of the spool stands in the vault beside each upload: of several machines on one database each imports what it took
in itself, since only there the bytes are.
"""

import fcntl
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from spatial.errors import Refused
from sql.vault import Vault

LEAST_FREE = 0.1
"""Of the disk: below that nothing more is taken in, so that the database beside it can go on."""
STRAY_AFTER_S = 3600.0
"""A folder without an upload in the vault is one that is still arriving, or one whose server died: by then the latter."""
_NAME = "name"


@dataclass(frozen=True, slots=True)
class Spool:
    """folder: need not be there yet."""

    folder: Path

    def name(self) -> str | None:
        """None while nothing was ever taken in."""
        try:
            return (self.folder / _NAME).read_text("ascii")
        except OSError:
            return None

    def made(self) -> str:
        """Make it if need be; its name. :raises Refused: spool_not_writable."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.name() is None:
                self._give_name()
        except OSError as error:
            raise Refused.because(
                "spool_not_writable",
                en=f"uploaded files cannot be kept ({error.strerror}): whoever runs Predig must make PREDIG_HOME a folder it "
                "may write; until then import with `predig network import`",
                zh=f"无法保存上传的文件（{error.strerror}）：请系统管理员将 PREDIG_HOME 设为可写目录；"
                "在此之前请用 predig network import 导入",
            ) from error
        return (self.folder / _NAME).read_text("ascii")

    def _give_name(self) -> None:
        """Written aside and linked, so that nobody reads half of it and the first of two stands."""
        with tempfile.NamedTemporaryFile("w", dir=self.folder, prefix=".", encoding="ascii") as file:
            file.write(str(uuid.uuid4()))
            file.flush()
            with suppress(FileExistsError):
                os.link(file.name, self.folder / _NAME)

    def check_room(self, coming_bytes: int) -> None:
        """:raises Refused: spool_full."""
        disk = shutil.disk_usage(self.folder)
        if disk.free - coming_bytes < LEAST_FREE * disk.total:
            raise Refused.because(
                "spool_full",
                en="the disk that uploads are kept on is nearly full: nothing was stored; ask whoever runs Predig to free some "
                "space, then send it again",
                zh="存放上传文件的磁盘空间不足，未保存任何内容：请联系系统管理员清理空间后重新上传",
            )

    def of(self, upload_id: str) -> Path:
        """The folder of an upload."""
        return self.folder / upload_id

    @contextmanager
    def arriving(self, upload_id: str) -> Iterator[Path]:
        """A new folder for an upload. It is gone again when the block fails."""
        place = self.of(upload_id)
        place.mkdir(mode=0o700)
        try:
            yield place
        except BaseException:
            self.forget(upload_id)
            raise

    def forget(self, upload_id: str) -> None:
        shutil.rmtree(self.of(upload_id), ignore_errors=True)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether no other process works on this spool while the block lasts. However one ends, the kernel gives it back."""
        with (self.folder / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    @contextmanager
    def workbench(self) -> Iterator[None]:
        """Temporary files of this process go into one folder, the same each time: what a killed one left there is taken
        away by the next. Only within alone(). The name of the spool is in its name, which nobody else knows."""
        place = Path(tempfile.gettempdir()) / f"predig-import-{self.name()}"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o711)  # the reader of a foreign file is another user, and must get through
        tempfile.tempdir = str(place)
        try:
            yield
        finally:
            tempfile.tempdir = None
            shutil.rmtree(place, ignore_errors=True)

    def sweep(self, vault: Vault) -> None:
        """Take away what belongs to uploads that have ended, or that never came to be one."""
        if self.name() is None:
            return
        for place in list(self.folder.iterdir()):
            if not place.is_dir():
                continue
            try:
                stray = vault.upload(place.name).ended_at is not None
            except Refused:
                stray = time.time() - place.stat().st_mtime > STRAY_AFTER_S
            if stray:
                self.forget(place.name)


def on_disk(place: Path) -> None:
    """What is in a folder has reached the disk, and so has its name: an upload is acknowledged only then."""
    for file in (*place.iterdir(), place, place.parent):
        at = os.open(file, os.O_RDONLY)
        try:
            os.fsync(at)
        finally:
            os.close(at)
