"""predig show ID --files FOLDER: what came in with a permit, byte for byte."""

from pathlib import Path

from api.cli.output import Output
from ingest.files.zipped import plain_name
from maps.plain import plain
from spatial.errors import Refused
from sql.vault import FileRecord, Vault


def write_files(permit_id: str | None, folder: Path, vault: Vault, output: Output) -> None:
    """Each file under its own name in FOLDER/AMENDMENT, so that the parts of a Shapefile stay together.

    :raises Refused: permit_unknown; file_exists, since nothing is written over; file_not_written.
    """
    if permit_id is None:
        raise Refused.because(
            "id_missing",
            en="say whose files: `predig show ID --files FOLDER`",
            zh="请写明许可编号：predig show ID --files FOLDER",
        )
    used: set[Path] = set()
    for file in vault.permit(permit_id).files:
        _, data = vault.permit_file(permit_id, file.number)
        path = _free(folder / str(file.amendment), file, used)
        used.add(path)
        _write(path, data)
        output.record(
            {"file": str(path), "name": file.name, "bytes": file.size_bytes, "sha256": file.sha256},
            plain(str(path)),
        )


def _free(folder: Path, file: FileRecord, used: set[Path]) -> Path:
    """Names are strangers', and two of them may come to the same once they are plain."""
    path = folder / plain_name(file.name)
    return path.with_name(f"{file.number}_{path.name}") if path in used else path


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as written:
            written.write(data)
    except FileExistsError:
        raise Refused.because(
            "file_exists",
            en=f"{path} is there already: name another folder",
            zh=f"{path} 已存在：请另选文件夹",
        ) from None
    except OSError as error:
        raise Refused.because(
            "file_not_written",
            en=f"{str(path)!r} cannot be written ({error.strerror}): name another folder with --files",
            zh=f"无法写入 {str(path)!r}（{error.strerror}）：请用 --files 指定其他文件夹",
        ) from error
