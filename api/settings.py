"""Settings: read from the environment once, when a door opens; never at import."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from spatial.errors import Language, Refused
from spatial.values import CHINA, Extent

CHINA_TIME = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has one time zone and no summer time."""


@dataclass(frozen=True, slots=True)
class Settings:
    """database_url: the application role's; None = the embedded cluster under `home`. debug: show stack traces.

    published_on: the loopback address under which a container's port is published on the host, if it is.
    secret_key: what registered grids are sealed with, None = the key in the embedded database's home.
    plan_wall_s, plan_cpu_s, plan_memory_mb: what opening a file of a dig plan may cost; network_wall_s, network_memory_mb: of a network; plans_at_once: files opened at a
    time.
    tiles: URL template of a basemap in CGCS2000 or WGS 84 (such as 天地图; never one in GCJ-02), None without one.
    """

    home: Path
    database_url: str | None
    owner_url: str | None
    extent: Extent
    language: Language
    debug: bool
    max_body_mb: float = 2.0
    max_network_mb: float = 500.0
    max_upload_mb: float = 10.0
    plans_at_once: int = 2
    plan_wall_s: float = 9.0
    plan_cpu_s: int = 9
    plan_memory_mb: float = 1500.0
    network_wall_s: float = 600.0
    network_memory_mb: float = 2000.0
    request_timeout_s: float = 20.0
    published_on: str | None = None
    tiles: str | None = None
    secret_key: str | None = field(default=None, repr=False)

    @property
    def spool(self) -> Path:
        """Where uploaded network files lie until they are imported."""
        return self.home / "uploads"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """PREDIG_HOME, PREDIG_DATABASE_URL, PREDIG_OWNER_URL, PREDIG_EXTENT, PREDIG_LANG, PREDIG_DEBUG, PREDIG_MAX_BODY_MB,
    PREDIG_MAX_NETWORK_MB, PREDIG_MAX_UPLOAD_MB, PREDIG_PLANS_AT_ONCE, PREDIG_PLAN_WALL_S, PREDIG_PLAN_CPU_S,
    PREDIG_PLAN_MEMORY_MB, PREDIG_NETWORK_WALL_S, PREDIG_NETWORK_MEMORY_MB, PREDIG_REQUEST_TIMEOUT_S, PREDIG_PUBLISHED_ON, PREDIG_TILES, PREDIG_SECRET_KEY.

    :raises Refused: a value that cannot be read.
    """
    env = os.environ if environment is None else environment
    return Settings(
        home=Path(env.get("PREDIG_HOME") or _default_home()).expanduser().absolute(),
        database_url=env.get("PREDIG_DATABASE_URL") or None,
        owner_url=env.get("PREDIG_OWNER_URL") or None,
        extent=_extent(env.get("PREDIG_EXTENT")),
        language=_language(env),
        debug=bool(env.get("PREDIG_DEBUG")),
        max_body_mb=_number("PREDIG_MAX_BODY_MB", env.get("PREDIG_MAX_BODY_MB"), 2.0, 0.001, 20.0),
        max_network_mb=_number(
            "PREDIG_MAX_NETWORK_MB", env.get("PREDIG_MAX_NETWORK_MB"), 500.0, 0.001, 2000.0
        ),
        max_upload_mb=_number("PREDIG_MAX_UPLOAD_MB", env.get("PREDIG_MAX_UPLOAD_MB"), 10.0, 0.001, 20.0),
        plans_at_once=int(_number("PREDIG_PLANS_AT_ONCE", env.get("PREDIG_PLANS_AT_ONCE"), 2, 1, 16)),
        plan_wall_s=_number("PREDIG_PLAN_WALL_S", env.get("PREDIG_PLAN_WALL_S"), 9.0, 0.1, 600.0),
        plan_cpu_s=round(_number("PREDIG_PLAN_CPU_S", env.get("PREDIG_PLAN_CPU_S"), 9, 1, 600)),
        plan_memory_mb=_number(
            "PREDIG_PLAN_MEMORY_MB", env.get("PREDIG_PLAN_MEMORY_MB"), 1500.0, 200.0, 64_000.0
        ),
        network_wall_s=_number("PREDIG_NETWORK_WALL_S", env.get("PREDIG_NETWORK_WALL_S"), 600.0, 1.0, 7200.0),
        network_memory_mb=_number(
            "PREDIG_NETWORK_MEMORY_MB", env.get("PREDIG_NETWORK_MEMORY_MB"), 2000.0, 200.0, 64_000.0
        ),
        request_timeout_s=_number(
            "PREDIG_REQUEST_TIMEOUT_S", env.get("PREDIG_REQUEST_TIMEOUT_S"), 20.0, 0.5, 600.0
        ),
        published_on=env.get("PREDIG_PUBLISHED_ON") or None,
        tiles=_tiles(env.get("PREDIG_TILES")),
        secret_key=env.get("PREDIG_SECRET_KEY") or None,
    )


def today() -> date:
    """The calendar day in China."""
    return datetime.now(UTC).astimezone(CHINA_TIME).date()


def _default_home() -> str:
    return "/var/lib/predig" if os.geteuid() == 0 else "~/.predig"


def _tiles(text: str | None) -> str | None:
    """Its host goes into the pages' content security policy, so it must be one that a policy can name."""
    if not text:
        return None
    # {s} may vary the first label of the host, never all of it.
    if not re.fullmatch(r"https?://([\w-]*\{s\}[\w-]*\.)?[\w.-]+(:\d+)?/\S*|/[^/\s]\S*", text) or not all(
        part in text for part in ("{z}", "{x}", "{y}")
    ):
        raise Refused.because(
            "tiles_unreadable",
            en=f"PREDIG_TILES {text!r} must be an address with {{z}}, {{x}} and {{y}}, for example "
            "https://tiles.example/{z}/{x}/{y}.png",
            zh=f"PREDIG_TILES {text!r} 应为含有 {{z}}、{{x}}、{{y}} 的地址，例如 https://tiles.example/{{z}}/{{x}}/{{y}}.png",
        )
    return text


def _number(name: str, text: str | None, default: float, least: float, most: float) -> float:
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise Refused.because(
            "setting_unreadable",
            en=f"{name} {text!r} must be a number from {least:g} to {most:g}",
            zh=f"{name} {text!r} 应为 {least:g} 到 {most:g} 之间的数字",
        )
    return number


def _extent(text: str | None) -> Extent:
    if not text:
        return CHINA
    try:
        west, south, east, north = (float(part) for part in text.replace(",", " ").split())
    except ValueError:
        west = south = east = north = float("nan")
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise Refused.because(
            "extent_unreadable",
            en=f"PREDIG_EXTENT {text!r} must be west,south,east,north in degrees, for example 73,3,136,54",
            zh=f"PREDIG_EXTENT {text!r} 应为 西,南,东,北（度），例如 73,3,136,54",
        )
    return Extent(west, south, east, north)


def default_language(env: Mapping[str, str]) -> Language:
    """PREDIG_LANG if it is one, else English where the locale is, else Chinese. Needs no other setting to be right."""
    asked = env.get("PREDIG_LANG")
    if asked in ("zh", "en"):
        return "en" if asked == "en" else "zh"
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return "en" if locale.startswith("en") else "zh"


def _language(env: Mapping[str, str]) -> Language:
    """PREDIG_LANG, else the locale's."""
    asked = env.get("PREDIG_LANG")
    if asked in (None, "", "zh", "en"):
        return default_language(env)
    raise Refused.because(
        "language_unknown",
        en=f"PREDIG_LANG {asked!r} is not known: use zh or en",
        zh=f"PREDIG_LANG {asked!r} 无法识别：请用 zh 或 en",
    )
