"""What opening a stranger's file may cost, as the settings have it."""

from dataclasses import replace

from api.settings import Settings
from ingest import NETWORK_LIMITS, PLAN_LIMITS, Limits


def plan_limits(settings: Settings) -> Limits:
    return replace(
        PLAN_LIMITS,
        wall_s=settings.plan_wall_s,
        cpu_s=settings.plan_cpu_s,
        memory_bytes=round(settings.plan_memory_mb * 1e6),
    )


def network_limits(settings: Settings) -> Limits:
    """Of a reader that has a processor to itself, time on the wall and of the processor are the same."""
    return replace(
        NETWORK_LIMITS,
        wall_s=settings.network_wall_s,
        cpu_s=round(settings.network_wall_s),
        memory_bytes=round(settings.network_memory_mb * 1e6),
    )
