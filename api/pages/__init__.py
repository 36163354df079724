"""The pages people use: draw and file, a permit, a utility's alerts, the risk map. Server-rendered, no build step."""

from api.pages.router import router

__all__ = ["router"]
