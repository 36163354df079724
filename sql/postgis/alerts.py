"""Alerts and what utilities answer."""

from typing import Any

from sqlalchemy import Connection

from sql.judgements import alert_unknown, check_response
from sql.queries import ALERTS
from sql.rows import uuid_or_nil


def alerts(
    connection: Connection,
    permit_id: str | None,
    *,
    alert_id: int | None = None,
    utility: str | None = None,
    state: str | None = None,
    grade: str | None = None,
    after: int = 0,
    limit: int | None = None,
) -> tuple[dict[str, Any], ...]:
    asked = {
        "permit_id": None if permit_id is None else uuid_or_nil(permit_id),
        "alert_id": alert_id,
        "utility": utility,
        "state": state,
        "grade": grade,
        "after": after,
        "limit": limit,
    }
    return tuple(dict(row) for row in connection.exec_driver_sql(ALERTS["alerts"], asked).mappings())


def respond(connection: Connection, alert_id: int, action: str, by: str, note: str | None) -> dict[str, Any]:
    check_response(action, by)
    said = {"alert_id": alert_id, "action": action, "by": by, "note": note}
    if connection.exec_driver_sql(ALERTS["respond"], said).first() is None:
        raise alert_unknown(alert_id)
    (alert,) = alerts(connection, None, alert_id=alert_id)
    return alert
