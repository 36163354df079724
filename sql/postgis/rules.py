"""Rule profiles: kept for replay, and adopted as the rules in force."""

from datetime import date

from sqlalchemy import Connection

from sql.judgements import profile_unknown
from sql.queries import RULES


def keep_profile(connection: Connection, document: str, sha256: str, profile_id: str, version: str) -> None:
    connection.exec_driver_sql(
        RULES["keep_profile"],
        {"sha256": sha256, "profile_id": profile_id, "version": version, "document": document},
    )


def profile(connection: Connection, sha256: str) -> str:
    document: str | None = connection.exec_driver_sql(
        RULES["profile"], {"sha256": sha256}
    ).scalar_one_or_none()
    if document is None:
        raise profile_unknown(sha256)
    return document


def adopt_profile(
    connection: Connection, document: str, sha256: str, profile_id: str, version: str, today: date
) -> int:
    connection.exec_driver_sql(RULES["lock_rules"])
    keep_profile(connection, document, sha256, profile_id, version)
    these = {"profile_id": profile_id, "sha256": sha256}
    in_force = connection.exec_driver_sql(RULES["in_force"], these).scalar_one_or_none()
    if in_force == sha256:
        return 0
    made_pending = connection.exec_driver_sql(RULES["leave_jobs"], these | {"on": today}).rowcount
    connection.exec_driver_sql(RULES["adopt"], these)
    return made_pending


def profile_in_force(connection: Connection, profile_id: str) -> str | None:
    document: str | None = connection.exec_driver_sql(
        RULES["profile_in_force"], {"profile_id": profile_id}
    ).scalar_one_or_none()
    return document
