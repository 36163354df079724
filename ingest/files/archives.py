"""What a zip archive holds: one Shapefile, one File Geodatabase or one KML, read from a folder that is gone afterwards."""

import zipfile
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ingest.files.geodatabase import read_geodatabase
from ingest.files.kml import only_links, read_kml
from ingest.files.layers import check_no_layers, only_layer
from ingest.files.local import sha256_of
from ingest.files.rows import Pick, Reading, Rows
from ingest.files.shapefiles import SHAPEFILE_PARTS, read_shapefile
from ingest.files.zipped import Members, opened, own_folder, plain_name, unpack
from spatial.errors import Refused

MOST_LINKS_BYTES = 100_000
"""Of a doc.kml that holds but links."""


def read_zip(path: Path, pick: Pick, reading: Reading) -> Rows:
    """The rows of what an archive holds; `sources` is the archive itself.

    :raises Refused: as ingest.files.zipped, zip_holds_nothing, zip_holds_several, and what its content is refused for.
    """
    with opened(path) as (archive, members), own_folder() as folder:
        shapefiles, geodatabases = _shapefiles(members), _geodatabases(members)
        kmls = {inside: member for inside, member in members.items() if inside.suffix.lower() == ".kml"}
        held = [found for found in (shapefiles, geodatabases, kmls) if found]
        if not held:
            raise Refused.because(
                "zip_holds_nothing",
                en=f"{path.name} holds no Shapefile, File Geodatabase or KML; unpack it and name the data file",
                zh=f"{path.name} 中没有 Shapefile、File Geodatabase 或 KML；请解压后指定数据文件",
            )
        if len(held) > 1:
            raise _several(path.name)
        if shapefiles:
            rows = _read_shapefile(path.name, archive, shapefiles, folder, pick, reading)
        elif geodatabases:
            rows = _read_geodatabase(path.name, archive, geodatabases, folder, pick, reading)
        else:
            rows = _read_kml(path.name, archive, kmls, folder, pick, reading)
    return replace(rows, sources=((path.name, sha256_of(path)),))


def _shapefiles(members: Members) -> dict[str, Members]:
    """Layer -> its parts. One that stands alone goes by its file name, two of one name by their folders as well."""
    found: dict[str, Members] = {}
    for main in members:
        if main.suffix.lower() == ".shp":
            parts = {
                inside: member
                for inside, member in members.items()
                if inside.parent == main.parent
                and inside.stem.casefold() == main.stem.casefold()
                and inside.suffix.lower() in SHAPEFILE_PARTS
            }
            name = main.stem if main.stem not in found else str(main.with_suffix(""))
            found[name] = parts
    return found


def _geodatabases(members: Members) -> dict[PurePosixPath, Members]:
    """The .gdb folders and the files in each."""
    found: dict[PurePosixPath, dict[PurePosixPath, zipfile.ZipInfo]] = {}
    for inside, member in members.items():
        if inside.parent.suffix.lower() == ".gdb":
            found.setdefault(inside.parent, {})[inside] = member
    return dict(found)


def _read_shapefile(
    name: str, archive: zipfile.ZipFile, held: dict[str, Members], folder: Path, pick: Pick, reading: Reading
) -> Rows:
    layer = only_layer(name, list(held), reading)
    parts = {
        plain_name(f"{layer}.shp")[:-4] + inside.suffix.lower(): member
        for inside, member in held[layer].items()
    }
    if len(parts) < len(held[layer]):
        raise _several(name)  # n.shp and N.SHP
    unpacked = unpack(archive, parts, folder)
    main = next(place for place in unpacked.values() if place.suffix == ".shp")
    return read_shapefile(main, pick, replace(reading, layers=()))


def _read_geodatabase(
    name: str,
    archive: zipfile.ZipFile,
    held: dict[PurePosixPath, Members],
    folder: Path,
    pick: Pick,
    reading: Reading,
) -> Rows:
    if len(held) > 1:
        raise _several(name)
    (inside, members), *_ = held.items()
    place = folder / plain_name(inside.name)
    place.mkdir()
    unpack(archive, {member.name: info for member, info in members.items()}, place)
    return read_geodatabase(place, pick, reading)


def _read_kml(
    name: str,
    archive: zipfile.ZipFile,
    held: Members,
    folder: Path,
    pick: Pick,
    reading: Reading,
) -> Rows:
    check_no_layers(name, reading)
    inside = _the_kml(archive, held)
    if inside is None:
        raise _several(name)
    unpacked = unpack(archive, {inside.name: held[inside]}, folder)
    return read_kml(unpacked[inside.name], pick, reading)


def _the_kml(archive: zipfile.ZipFile, held: Members) -> PurePosixPath | None:
    """The only one; or, as GDAL packs them, the one that a doc.kml beside it links to and holds nothing else."""
    if len(held) == 1:
        return next(iter(held))
    root = held.get(PurePosixPath("doc.kml"))
    if root is None or len(held) > 2 or root.file_size > MOST_LINKS_BYTES:
        return None
    other = next(inside for inside in held if inside.name != "doc.kml" or inside.parent.name)
    return other if only_links(archive.read(root)) == [str(other)] else None


def _several(name: str) -> Refused:
    return Refused.because(
        "zip_holds_several",
        en=f"{name} holds several sets of data; pack each into an archive of its own, or unpack it and name the data file",
        zh=f"{name} 中有多套数据；请分别打包，或解压后指定数据文件",
    )
