"""Commands about local grids. Nothing they print holds a parameter."""

from argparse import Namespace

from api.cli.output import Output
from api.grids.registry import GridWish, Registered, crs_named, register_grid
from api.settings import Settings
from api.wiring import open_vault
from maps.plain import plain
from spatial.crs import Grid, grid_name

KINDS = {
    "3": ("三参数", "3 parameters"),
    "4": ("四参数", "4 parameters"),
    "7": ("七参数", "7 parameters"),
    "plane": ("抬高的投影面", "raised plane"),
    "points": ("公共点", "common points"),
}


def crs_of(arguments: Namespace, settings: Settings) -> str | Grid | None:
    """What --crs means; the vault is opened only for what may be the name of a grid: what is read may be refused."""
    text: str | None = arguments.crs
    if grid_name(text) is None:
        return text
    with open_vault(settings) as vault:
        return crs_named(vault, settings, text)


def crs_register(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig crs register."""
    wish = GridWish(
        name=arguments.name,
        base=arguments.base,
        source=arguments.source,
        accuracy_m=arguments.accuracy_m,
        parameters=arguments.parameters,
        convention=arguments.convention,
        points=arguments.points,
        plane_height_m=arguments.plane_height_m,
        centre=arguments.centre,
    )
    with open_vault(settings) as vault:
        done = register_grid(vault, settings, wish)
    residuals = [{"point": point, "residual_m": round(metres, 4)} for point, metres in done.residuals_m]
    record = {
        "name": done.name,
        "version": done.version,
        "kind": done.kind,
        "accuracy_m": done.accuracy_m,
        "residuals": residuals,
    }
    output.record(record, "\n".join(map(plain, _told(done, output))))


def _told(done: Registered, output: Output) -> list[str]:
    said = [
        output.both(f"公共点 {point}：残差 {metres:.3f} 米", f"common point {point}: residual {metres:.3f} m")
        for point, metres in done.residuals_m
    ]
    said.append(
        output.both(
            f"坐标系 {done.name} 已登记，第 {done.version} 版，精度 {done.accuracy_m:g} 米（95%）；使用：--crs grid:{done.name}",
            f"the grid {done.name} is registered, version {done.version}, accurate to {done.accuracy_m:g} m (95 %); "
            f"use it as --crs grid:{done.name}",
        )
    )
    return said


def crs_list(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig crs list: every version, the newest of each name first."""
    with open_vault(settings) as vault:
        grids = vault.grids()
    for grid in grids:
        record = {
            "name": grid.name,
            "version": grid.version,
            "kind": grid.kind,
            "accuracy_m": grid.accuracy_m,
            "source": grid.source,
            "registered_at": grid.registered_at.isoformat(),
        }
        told = (
            f"{grid.name}  {grid.version}  {output.both(*KINDS[grid.kind])}  {grid.accuracy_m:g} m  {grid.source}  "
            f"{grid.registered_at.astimezone():%Y-%m-%d}"
        )
        output.record(record, plain(told))
