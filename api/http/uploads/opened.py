"""The files of a form become the plan that is judged, and the form the document that JSON would have been."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.file_limits import plan_limits
from api.http.asking import check_own_page
from api.http.context import Context
from api.http.schemas import Schema
from api.http.uploads.form import FILE, REQUEST, Form, SentFile, read_form
from api.http.uploads.room import TOO_MANY
from ingest import Reading, plan_document, pointed
from ingest.files.jsontext import read_json
from ingest.files.zipped import plain_name
from spatial.crs.grids.pointed import Pointed
from spatial.errors import Fault, Refused
from sql.vault import PlanFile

GEOJSON = (".json", ".geojson")
Value = TypeVar("Value")


@asynccontextmanager
async def form_of(
    request: Request, here: Context, fields: Mapping[str, Schema], *, asks: bool = True
) -> AsyncIterator[Form]:
    """As read_form(), in the room there is for uploads, for as long as it is needed.

    :raises Refused: origin_foreign: a form is what a page of another site could send here without asking first.
    """
    check_own_page(request)
    with here.uploads.holding() as hold:
        yield await read_form(request, fields, asks=asks, most_bytes=here.uploads.most_bytes, hold=hold)


@dataclass(frozen=True, slots=True)
class Understood:
    """document: the request, with the plan its files amount to where it has none of its own. refused: what is wrong with
    the form or its files; then the plan is missing. files: to be kept."""

    document: Any
    refused: tuple[Fault, ...]
    files: tuple[PlanFile, ...]

    def take(self, read: Callable[[Any], Value]) -> Value:
        """What `read` makes of the document. :raises Refused: all that is wrong with either."""
        if not self.refused:
            return read(self.document)
        also: list[Fault] = []
        try:
            read(self.document)
        except Refused as refused:
            also = [fault for fault in refused.faults if fault.pointer != "/plan"]
        raise Refused([*also, *self.refused])


async def understood(form: Form, here: Context) -> Understood:
    """:raises Refused: there is no request, or it is no JSON; too_many_files."""
    if form.request is None:
        raise Refused([_no_request(), *form.faults])
    document = await run_in_threadpool(read_json, form.request)
    if not isinstance(document, dict):
        return Understood(document, form.faults, ())
    faults = list(form.faults)
    said = form.said["crs"]
    if document.get("crs") is None and said is not None:
        document["crs"] = said
    elif said not in (None, document.get("crs")):
        faults.append(_two_crs())
    from_file = document.get("plan") is None and bool(form.files)
    if from_file:
        document.pop("plan", None)
    if from_file and not faults and isinstance(document.get("crs"), str | None):
        try:
            document["plan"] = await plan_of_files(
                form.files, {**form.said, "crs": document.get("crs")}, here
            )
        except Refused as refused:
            if any(fault.code == TOO_MANY for fault in refused.faults):
                raise  # nothing is wrong with the file: it is to be sent again as it is
            faults += refused.faults
    read_as = {
        "judged": "file" if from_file else "plan",
        "crs": document.get("crs"),
        **{name: form.said[name] for name in ("layer", "units", "points_are")},
    }
    files = tuple(PlanFile(one.name, one.content_type, one.data, read_as) for one in form.files)
    return Understood(document, tuple(faults), files)


async def plan_of_files(files: Sequence[SentFile], said: Mapping[str, Any], here: Context) -> Any:
    """The plan that files amount to as GeoJSON, not yet checked. said: crs, layer, units, points_are, and common_points
    where they may be given.

    :raises Refused: as plan_document(), each fault in its place, or at `form:file`; files_several, file_too_large, too_many_files.
    """
    main = main_file(files)
    if main.name.lower().endswith(GEOJSON) and len(main.data) > here.settings.max_body_mb * 1e6:
        raise _large_geojson(main.name, here.settings.max_body_mb)
    async with here.uploads.seat():
        return await run_in_threadpool(_plan, main, files, said, here)


def main_file(files: Sequence[SentFile]) -> SentFile:
    """The one file, or the .shp of a Shapefile of which the others are parts. :raises Refused: files_several."""
    if len(files) == 1:
        return files[0]
    shapes = [one for one in files if one.name.lower().endswith(".shp")]
    if len(shapes) == 1:
        stem = shapes[0].name.lower().removesuffix("shp")
        if all(one.name.lower().startswith(stem) for one in files):
            return shapes[0]
    raise Refused.because(
        "files_several",
        en="several files must be the parts of one Shapefile (a.shp, a.shx, a.dbf, a.prj …): send one dig plan at a time",
        zh="多个文件只能是同一个 Shapefile 的组成部分（a.shp、a.shx、a.dbf、a.prj 等）：请一次提交一份开挖方案",
        pointer=f"form:{FILE}",
    )


def _plan(main: SentFile, files: Sequence[SentFile], said: Mapping[str, Any], here: Context) -> Any:
    try:
        crs = here.crs_named(said["crs"])
    except Refused as refused:
        raise Refused([replace(fault, pointer=fault.pointer or "/crs") for fault in refused.faults]) from None
    reading = Reading(layers=(said["layer"],) if said["layer"] else (), units=said["units"])
    with TemporaryDirectory(prefix="predig-upload-") as folder:
        local = Path(folder) / plain_name(main.name)
        local.write_bytes(main.data)
        for part in files:
            if part is not main:
                # Under the name of the main one, which may have lost characters that no name should have.
                local.with_suffix(Path(plain_name(part.name)).suffix.lower()).write_bytes(part.data)
        try:
            points = _points(said.get("common_points"))
            limits = plan_limits(here.settings)
            return plan_document(local, crs, reading, said["points_are"], limits, points)
        except Refused as refused:
            at = f"form:{FILE}"
            raise Refused([replace(one, pointer=one.pointer or at) for one in refused.faults]) from None


def _points(text: str | None) -> Pointed | None:
    if text is None:
        return None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    return pointed(said, "common_points")


def _large_geojson(name: str, most_mb: float) -> Refused:
    """It is read in this process, at which others are waiting."""
    return Refused.because(
        "file_too_large",
        en=f"{name} is GeoJSON of more than {most_mb:g} MB: divide the plan, or raise PREDIG_MAX_BODY_MB",
        zh=f"{name} 为 GeoJSON，超过 {most_mb:g} MB：请拆分方案，或调高 PREDIG_MAX_BODY_MB",
        pointer=f"form:{FILE}",
    )


def _no_request() -> Fault:
    return Fault(
        "request_missing",
        f"the form has no part `{REQUEST}`: give it, as the JSON that would be the body without a file",
        f"表单缺少 {REQUEST} 部分：请以 JSON 填写（即不带文件时的正文）",
        f"form:{REQUEST}",
    )


def _two_crs() -> Fault:
    return Fault(
        "crs_twice",
        "the request declares another CRS: say it once",
        "与 request 中声明的坐标系不同：请只填写一处",
        "form:crs",
    )
