"""A form written to disk as it arrives: however it is cut up, and nothing beyond its bounds."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import pytest

from api.http.form import MOST_FILES, MOST_PARTS, FormOnDisk
from spatial.errors import Refused
from tests.ingest.dock import codes

TYPE = 'multipart/form-data; boundary="b-1"'
BYTES = bytes(range(256)) * 300 + b"\r\n--b-2\r\n--b-1x\r\n--b-"


def part(head: str, data: bytes, *more: str) -> bytes:
    heads = "\r\n".join([f"Content-Disposition: form-data; {head}", *more])
    return b"--b-1\r\n" + heads.encode() + b"\r\n\r\n" + data + b"\r\n"


def body(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--b-1--\r\n"


GOOD = body(
    part('name="utility"', "燃气".encode()),
    part('name="file"; filename="管线 1.gpkg"', BYTES, "Content-Type: application/octet-stream"),
    part('name="file"; filename="C:\\\\a\\\\b.zip"', b""),
)


def taken(folder: Path, blocks: Iterable[bytes], content_type: str = TYPE) -> FormOnDisk:
    form = FormOnDisk(content_type, folder)
    try:
        for block in blocks:
            form.write(block)
        form.finish()
    finally:
        form.close()
    return form


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_the_files_are_the_bytes_that_were_sent(tmp_path: Path, size: int) -> None:
    form = taken(tmp_path, [GOOD[at : at + size] for at in range(0, len(GOOD), size)])
    assert form.fields == [("utility", "燃气")]
    first, second = form.files
    assert (first.name, first.bytes, first.sha256) == ("管线_1.gpkg", len(BYTES), sha256(BYTES).hexdigest())
    assert (tmp_path / first.name).read_bytes() == BYTES
    assert (second.name, second.bytes) == ("b.zip", 0)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["b.zip", "管线_1.gpkg"]


FILE = part('name="file"; filename="a.zip"', b"x")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", "form_unreadable"),
        (GOOD[:-9], "form_unreadable"),
        (b"--b-2--\r\n", "form_unreadable"),
        (b"--b-1\r\n\r\nx\r\n--b-1--\r\n", "form_unreadable"),
        (body(part('name="a"', b"\xff")), "form_unreadable"),
        (body(part('name="a"', b"x", "Content-Transfer-Encoding: base64")), "form_unreadable"),
        (body(b"--b-1\r\nX: " + b"y" * 10_000 + b"\r\n\r\nx\r\n"), "form_unreadable"),
        (body(part('name="a"', b"x", *(f"X-{n}: y" for n in range(20)))), "form_unreadable"),
        (body(*[part('name="a"', b"x")] * (MOST_PARTS + 1)), "form_too_many_parts"),
        (body(*(part(f'name="file"; filename="{n}.zip"', b"x") for n in range(MOST_FILES + 1))), "form_too_large"),
        (body(part('name="mapping"', b"x" * 200_001)), "form_too_large"),
        (body(part('name="crs"; filename="a.zip"', b"x")), "form_name"),
        (body(part('name="file"; filename=""', b"x")), "file_name_missing"),
        (body(part('name="file"; filename="../"', b"x")), "file_name_missing"),
        (body(FILE, part('name="file"; filename="A.ZIP"', b"y")), "file_twice"),
    ],
)  # fmt: skip
def test_what_is_no_form_or_too_much_of_one_is_refused(tmp_path: Path, sent: bytes, code: str) -> None:
    with pytest.raises(Refused) as caught:
        taken(tmp_path, [sent])
    assert codes(caught.value) == {code}


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", f"multipart/form-data; boundary={'b' * 300}"]
)
def test_a_form_without_a_usable_boundary_is_refused(tmp_path: Path, content_type: str) -> None:
    with pytest.raises(Refused) as caught:
        FormOnDisk(content_type, tmp_path)
    assert codes(caught.value) == {"form_unreadable"}


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x.zip", "/etc/x.zip", "..\\..\\x.zip", "x\n.zip", ".zip", "\u202ex.zip"]
)
def test_a_name_leads_nowhere(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    sent = name.replace("\n", "%0A")
    taken(folder, [body(part(f'name="file"; filename="{sent}"', b"x"))])
    assert [file.parent for file in tmp_path.rglob("*.zip")] == [folder]
