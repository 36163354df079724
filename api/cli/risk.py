"""`predig risk`: the task force's risk map as two files."""

from argparse import Namespace
from pathlib import Path

from api.cli.output import Output
from api.settings import Settings, today
from api.views.risk import risk_view
from api.wiring import open_vault
from maps.risk.map import risk_html, risk_png
from spatial.errors import Refused


def risk(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig risk: writes risk.html and risk.png into a folder; their paths are the answer."""
    folder: Path = arguments.out
    with open_vault(settings) as vault:
        view = risk_view(vault, today())
    page, picture = folder / "risk.html", folder / "risk.png"
    html, png = risk_html(view, output.language, settings.tiles), risk_png(view, output.language)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        page.write_text(html, encoding="utf-8")
        picture.write_bytes(png)
    except OSError as error:
        raise Refused.because(
            "file_not_written",
            en=f"{str(folder)!r} cannot be written to ({error.strerror}): name another folder with --out",
            zh=f"无法写入 {str(folder)!r}（{error.strerror}）：请用 --out 指定其他文件夹",
        ) from error
    record = {
        "html": str(page),
        "png": str(picture),
        "on": view.on.isoformat(),
        "permits": view.total.permits,
        "permits_outside": view.outside.permits,
        "counties": len(view.counties),
        "counties_without_register": sum(not one.has_register for one in view.counties),
    }
    output.record(record, f"{page}\n{picture}")
