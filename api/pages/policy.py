"""What a page may load and who may frame it, told to the browser."""

from collections.abc import Mapping

from maps.policy import tile_origin


def page_headers(tiles: str | None) -> Mapping[str, str]:
    """Headers of every page. tiles: the basemap's URL template, None without one."""
    images = " ".join(["'self'", "data:", *([tile_origin(tiles)] if tiles else [])])
    return {
        "Content-Security-Policy": "; ".join(
            [
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                f"img-src {images}",
                "connect-src 'self'",
                "frame-src 'self'",
                "form-action 'self'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
            ]
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
