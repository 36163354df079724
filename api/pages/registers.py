"""A utility's register as its page shows it: strings ready to be set as text."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from api.pages.paint import address
from api.pages.texts import text
from api.quality.register import register_document
from api.settings import CHINA_TIME
from maps.days import day
from maps.plain import plain
from maps.quality.plots import length_text, plots_of, share_text
from spatial.errors import Language
from spatial.inventory.figures import FACILITY, Count, Figures
from sql.vault import Vault


def registers_page(vault: Vault, language: Language) -> dict[str, Any]:
    """The values of registers.html: every utility with what it holds."""
    datasets = vault.datasets()
    rows = []
    for utility in vault.utilities():
        own = [row for row in datasets if row["utility"] == utility.code]
        rows.append(
            {
                "code": plain(utility.code),
                "name": plain(utility.name),
                "address": _address(utility.code, language),
                "datasets": len(own),
                "length": length_text(sum(row["length_m"] for row in own), language),
                "oldest": day(min(row["data_date"] for row in own), language) if own else "—",
                "quarantined": sum(row["rejected"] for row in own),
            }
        )
    return {"rows": rows}


def register_page(vault: Vault, code: str, on: date, language: Language) -> dict[str, Any]:
    """The values of register.html. :raises Refused: `register_unknown`."""
    told = register_document(vault, code, on)
    figures = Figures(
        tuple(
            Count(dimension, row["value"], row["rows"], row["length_m"])
            for dimension, rows in told["counts"].items()
            for row in rows
        )
    )
    return {
        "utility_name": plain(told["name"]),
        "code": plain(told["utility"]),
        "phones": " · ".join(plain(phone) for phone in (told["phone"], told["duty_phone"]) if phone),
        "lead": text(
            "register_lead", language, on=day(told["on"], language), revision=told["register_revision"]
        ),
        "facts": _facts(told, figures, language),
        "plots": plots_of(figures, language),
        "datasets": [_dataset(row, language) for row in told["datasets"]],
        "coverage": [_coverage(row, language) for row in told["coverage"]],
        "blanks": text(
            "register_blank_count",
            language,
            count=told["blanks"]["count"],
            km2=_km2(told["blanks"]["km2"], language),
        )
        if told["blanks"]["count"]
        else "",
    }


def _facts(told: Mapping[str, Any], figures: Figures, language: Language) -> list[tuple[str, str]]:
    share, served = told["known_depth_share"], told["service_area_km2"]
    return [
        (text("register_length", language), length_text(told["length_m"], language)),
        (text("register_pipes", language), f"{told['pipes']:,}"),
        (
            text("register_facilities", language),
            f"{sum(count.rows for count in figures.of(FACILITY)):,}",
        ),
        (text("register_depth", language), "—" if share is None else share_text(share)),
        (
            text("register_served", language),
            text("register_not_served", language) if served is None else _km2(served, language),
        ),
        (
            text("register_quarantined", language),
            f"{sum(row['quarantined'] for row in told['datasets']):,}",
        ),
    ]


def _dataset(row: Mapping[str, Any], language: Language) -> dict[str, Any]:
    which = "en" if language == "en" else "zh"
    return {
        "name": plain(row["dataset"]),
        "date": day(row["data_date"], language),
        "age": _age(row["age_days"], language),
        "length": length_text(row["length_m"], language),
        "pipes": f"{row['pipes']:,}",
        "depth": "—" if row["known_depth_share"] is None else share_text(row["known_depth_share"]),
        "quarantined": f"{row['quarantined']:,}",
        "nowhere": text("register_nowhere", language, count=row["quarantined_nowhere"])
        if row["quarantined_nowhere"]
        else "",
        "report": address(f"/reports/{row['revision']}", language),
        "warnings": [f"{one['count']:,} {one[which]}" for one in row["warnings"]],
        "revisions": [_revision(one, language) for one in row["revisions"]],
    }


def _revision(row: Mapping[str, Any], language: Language) -> dict[str, str]:
    said = text(
        "register_revision",
        language,
        revision=row["revision"],
        on=day(datetime.fromisoformat(row["committed_at"]).astimezone(CHINA_TIME).date(), language),
        added=f"{row['added']:,}",
        closed=f"{row['closed']:,}",
        quarantined=f"{row['quarantined']:,}",
    )
    rolled_back = text("register_rollback", language) if row["kind"] == "rollback" else ""
    return {"said": said + rolled_back, "report": address(f"/reports/{row['revision']}", language)}


def _coverage(row: Mapping[str, Any], language: Language) -> dict[str, Any]:
    if row["assumed"]:
        until = text("register_assumed", language)
    elif row["holds_until"] is None:
        until = text("register_never", language)
    else:
        until = day(row["holds_until"], language)
        until += "" if row["in_force"] else f" · {text('register_expired', language)}"
    return {
        "kind": text(f"pipe_kind_{row['pipe_kind']}", language),
        "km2": _km2(row["km2"], language),
        "as_of": f"{day(row['as_of'], language)} · {_age(row['age_days'], language)}",
        "until": until,
        "in_force": row["in_force"],
    }


def _age(days: int, language: Language) -> str:
    return text("register_today", language) if days == 0 else text("register_days", language, days=days)


def _km2(value: float, language: Language) -> str:
    return text("km2", language, value=f"{value:,.1f}" if value >= 10 else f"{value:.3g}")


def _address(code: str, language: Language) -> str:
    return address(f"/register/{quote(code, safe='')}", language)
