"""What opening a file of a dig plan may cost, as the settings have it."""

from dataclasses import replace

from api.settings import Settings
from ingest import PLAN_LIMITS, Limits


def plan_limits(settings: Settings) -> Limits:
    return replace(
        PLAN_LIMITS,
        wall_s=settings.plan_wall_s,
        cpu_s=settings.plan_cpu_s,
        memory_bytes=round(settings.plan_memory_mb * 1e6),
    )
