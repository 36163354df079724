"""What the containers are built from: Docker cannot run here, so every part of it that can be checked is."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import yaml
from sqlalchemy import create_engine

from sql.cluster import embedded_cluster
from sql.cluster_home import as_account
from sql.migrate import migrate
from sql.postgis import PostgisVault

REPOSITORY = Path(__file__).resolve().parents[1]
COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((REPOSITORY / name).read_text(encoding="utf-8")))


def test_what_runs_is_what_is_tested() -> None:
    running, tested = pins("requirements.lock"), pins("requirements-dev.lock")
    assert running.items() <= tested.items()
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[<>=\[]", name)[0].lower() for name in project["dependencies"]}
    assert wanted <= {name.lower() for name in running}


def test_every_file_the_image_copies_is_there() -> None:
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert copied
    assert [source for source in copied if not (REPOSITORY / source).exists()] == []


def test_every_room_is_in_the_image() -> None:
    packages = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "setuptools"
    ]
    rooms = {name.split(".")[0] for name in packages["packages"]}
    assert rooms == {room for room in rooms if f"\nCOPY {room} ./{room}\n" in DOCKERFILE}


def test_nothing_is_published_beyond_loopback() -> None:
    services = COMPOSE["services"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports and all(str(port).startswith("127.0.0.1:") for port in ports)
    assert services["api"]["environment"]["PREDIG_PUBLISHED_ON"] == "127.0.0.1"
    assert not any("network_mode" in service for service in services.values())


def test_the_server_starts_after_a_healthy_database_and_its_migration() -> None:
    services = COMPOSE["services"]
    assert services["db"]["healthcheck"]["test"]
    assert services["migrate"]["depends_on"]["db"]["condition"] == "service_healthy"
    assert services["api"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    # The server never holds the owner's address.
    assert "PREDIG_OWNER_URL" not in services["api"]["environment"]


def test_no_secret_has_a_default() -> None:
    text = (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
    example = (REPOSITORY / ".env.example").read_text(encoding="utf-8")
    for name in ("PREDIG_ADMIN_PASSWORD", "PREDIG_APP_PASSWORD"):
        assert f"${{{name}:?" in text and f"${{{name}:-" not in text
        assert f"\n{name}=\n" in example


def test_the_role_the_database_image_makes_is_the_one_the_migrations_want(home: Path) -> None:
    with embedded_cluster(home) as cluster:
        environment = {
            "PATH": os.environ["PATH"],
            "PGHOST": str(cluster.socket_dir),
            "POSTGRES_USER": "predig_admin",
            "POSTGRES_DB": "predig",
            "PREDIG_APP_PASSWORD": 'it\'s "quoted" $HOME',
        }
        # As the database's account, which alone may enter the socket's folder.
        done = subprocess.run(
            ["bash", "-s"],
            input=(REPOSITORY / "sql/docker-init.sh").read_text(encoding="utf-8"),
            text=True,
            capture_output=True,
            check=False,
            **(as_account(cluster.account) | {"env": environment}),
        )
        assert done.returncode == 0, done.stderr
        migrate(cluster.url("predig_admin"))
        engine = create_engine(cluster.url("predig_admin"))
        with engine.connect() as connection:
            stored = connection.exec_driver_sql(
                "SELECT rolpassword LIKE 'SCRAM-SHA-256$%%', rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls "
                "FROM pg_authid WHERE rolname = 'predig_app'"
            ).one()
        engine.dispose()
        assert tuple(stored) == (True, False)
        vault = PostgisVault(cluster.url("predig_app"))
        assert vault.utilities() == ()
        vault.close()
