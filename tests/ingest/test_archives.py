"""Zipped Shapefiles as real programs pack them, and archives that want to hurt."""

import stat
import zipfile
from pathlib import Path

import pytest
import shapely

from ingest import ColumnMap
from ingest.files import zipped
from spatial.errors import Refused
from tests.ingest.dock import codes, network
from tests.ingest.test_files import frame, refused_codes

COLUMNS = ColumnMap(columns={"pressure_class": "压力", "material": "材质"})


def shapefile(
    folder: Path, stem: str = "管线", encoding: str = "gb18030", says: str | None = "cpg"
) -> list[Path]:
    """says: where the .dbf's encoding is told: cpg, dbf or nowhere."""
    data = frame(压力=["中压A", "低压"], 材质=["钢", "PE"])
    data.to_file(folder / f"{stem}.shp", encoding=encoding)
    if says != "cpg":
        (folder / f"{stem}.cpg").unlink()
    table = folder / f"{stem}.dbf"
    content = bytearray(table.read_bytes())
    content[29] = 0x4D if says == "dbf" else 0  # 0x4D: code page 936
    table.write_bytes(content)
    return sorted(folder.glob(f"{stem}.*"))


def packed(path: Path, files: list[Path], folder: str = "", names: str = "utf-8") -> Path:
    """names: the encoding of the names; other than UTF-8 they are not told to be, as on Chinese Windows."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            info = _Named(folder + file.name, names)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, file.read_bytes())
    return path


class _Named(zipfile.ZipInfo):
    def __init__(self, name: str, encoding: str) -> None:
        super().__init__(name)
        self._encoding = encoding

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        utf_8 = self._encoding == "utf-8"
        return self.filename.encode(self._encoding), self.flag_bits | (zipped._UTF_8 if utf_8 else 0)


@pytest.mark.parametrize("names", ["utf-8", "gb18030"])
@pytest.mark.parametrize(
    ("encoding", "says", "told"),
    [
        ("gb18030", "cpg", None),
        ("utf-8", "cpg", None),
        ("gb18030", "dbf", None),
        ("gb18030", None, "GB18030"),
    ],
)
def test_a_zipped_shapefile_of_chinese_names_is_read(
    tmp_path: Path, names: str, encoding: str, says: str | None, told: str | None
) -> None:
    (tmp_path / "parts").mkdir()
    files = shapefile(tmp_path / "parts", encoding=encoding, says=says)
    archive = packed(tmp_path / "管网.zip", files, "城东/", names)
    intake = network(archive, mapping=ColumnMap(columns=COLUMNS.columns, encoding=told))
    assert [(a.pressure_class, a.material) for a in intake.assets] == [("MP-A", "钢"), ("LP", "PE")]
    assert [name for name, _ in intake.sources] == ["管网.zip"]
    plain = network(
        tmp_path / "parts" / "管线.shp", mapping=ColumnMap(columns=COLUMNS.columns, encoding=told)
    )
    assert [shapely.to_wkb(a.geometry) for a in intake.assets] == [
        shapely.to_wkb(a.geometry) for a in plain.assets
    ]


def test_text_in_an_unknown_encoding_and_missing_parts_are_told_of_as_unzipped(tmp_path: Path) -> None:
    files = shapefile(tmp_path, says=None)
    assert refused_codes(packed(tmp_path / "a.zip", files), mapping=COLUMNS) == {"encoding_unknown"}
    without = [file for file in files if file.suffix != ".dbf"]
    assert refused_codes(packed(tmp_path / "b.zip", without)) == {"shapefile_incomplete"}


def test_of_several_shapefiles_one_is_named(tmp_path: Path) -> None:
    from ingest.files.rows import Reading

    files = shapefile(tmp_path, "管线") + shapefile(tmp_path, "阀门")
    archive = packed(tmp_path / "a.zip", files)
    with pytest.raises(Refused) as caught:
        network(archive)
    assert (
        codes(caught.value) == {"layers_several"}
        and "管线" in str(caught.value)
        and "阀门" in str(caught.value)
    )
    assert network(archive, reading=Reading(layers=("管线",))).received == 2
    assert refused_codes(archive, reading=Reading(layers=("水",))) == {"layer_missing"}
    assert refused_codes(archive, reading=Reading(layers=("管线", "阀门"))) == {"layers_several"}


def crafted(
    path: Path, *members: tuple[zipfile.ZipInfo | str, bytes], way: int = zipfile.ZIP_DEFLATED
) -> Path:
    with zipfile.ZipFile(path, "w", way) as archive:
        for member, content in members:
            archive.writestr(member, content)
    return path


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("member", "code"),
    [
        ("../n.shp", "zip_path_unsafe"),
        ("/etc/n.shp", "zip_path_unsafe"),
        ("C:/n.shp", "zip_path_unsafe"),
        ("a\\..\\..\\n.shp", "zip_path_unsafe"),
        (link("n.shp"), "zip_path_unsafe"),
        ("inner.zip", "zip_nested"),
        ("readme.txt", "zip_holds_nothing"),
    ],
)
def test_members_that_lead_elsewhere_are_refused(
    tmp_path: Path, member: zipfile.ZipInfo | str, code: str
) -> None:
    assert refused_codes(crafted(tmp_path / "a.zip", (member, b"content"))) == {code}
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.zip"]


def test_bombs_are_counted_before_anything_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipped, "unpack", None)
    bomb = crafted(tmp_path / "a.zip", ("n.shp", bytes(30_000_000)))
    assert refused_codes(bomb) == {"zip_too_large"}
    many = crafted(tmp_path / "b.zip", *((f"{n}.txt", b"") for n in range(zipped.MAX_MEMBERS + 1)))
    assert refused_codes(many) == {"zip_too_many_members"}


def test_a_member_larger_than_it_says_is_cut_off_and_refused(tmp_path: Path) -> None:
    path = crafted(tmp_path / "a.zip", ("n.shp", bytes(1_000_000)))
    content = path.read_bytes()
    said = (1_000_000).to_bytes(4, "little")
    assert content.count(said) == 2  # beside the member, and in the directory
    path.write_bytes(content.replace(said, (100).to_bytes(4, "little")))
    assert refused_codes(path) == {"zip_unreadable"}


def test_archives_that_are_damaged_locked_or_packed_oddly(tmp_path: Path) -> None:
    files = shapefile(tmp_path)
    whole = packed(tmp_path / "a.zip", files).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    assert refused_codes(tmp_path / "cut.zip") == {"zip_unreadable"}
    odd = crafted(tmp_path / "odd.zip", ("n.shp", b"content"), way=zipfile.ZIP_LZMA)
    assert refused_codes(odd) == {"zip_method"}
    locked = bytearray(crafted(tmp_path / "b.zip", ("n.shp", b"content")).read_bytes())
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(locked)
    assert refused_codes(tmp_path / "locked.zip") == {"zip_encrypted"}


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("管线.shp", "管线.shp"),
        ("a!b;c.shp", "a_b_c.shp"),
        ("..", "member"),
        ("x" * 99, "x" * 60),
        (".gdb", "member.gdb"),
        ("\U00020000" * 99 + "." + "\U00020000" * 30, "\U00020000" * 45 + "." + "\U00020000" * 10),
    ],
)
def test_unpacked_files_get_plain_names(name: str, plain: str) -> None:
    assert zipped.plain_name(name) == plain
