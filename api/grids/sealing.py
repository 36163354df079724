"""The parameters of a grid, sealed for the vault and opened for use. What is sealed can be read with the key alone."""

import base64
import binascii
import json
from dataclasses import asdict
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from api.settings import Settings
from spatial.crs import Grid
from spatial.crs.grids.values import Helmert, Similarity
from spatial.errors import Refused
from sql.cluster_home import keep_once, server_account
from sql.records import GridRecord

KEY_FILE = "grids.key"


def sealing_key(settings: Settings, *, make: bool = False) -> Fernet:
    """PREDIG_SECRET_KEY, else the key file in the home of the embedded database.

    make: make that file if it is not there.
    :raises Refused: secret_key_unreadable, secret_key_missing, secret_key_open.
    """
    if settings.secret_key is not None:
        return _fernet(settings.secret_key, "PREDIG_SECRET_KEY")
    if settings.database_url is not None:
        raise _missing()
    account = server_account()
    try:
        text = keep_once(account, settings.home / KEY_FILE, Fernet.generate_key().decode() if make else None)
    except FileNotFoundError:
        raise _missing() from None
    except PermissionError:
        raise Refused.because(
            "secret_key_open",
            en=f"{KEY_FILE} in PREDIG_HOME is not a file of `{account.name}` alone: give it to that user with mode "
            "0600, and register the grids anew if others may have read it",
            zh=f"PREDIG_HOME 下的 {KEY_FILE} 并非仅 `{account.name}` 可读：请改属该用户并设权限 0600；若可能已被他人读取，"
            "请更换密钥并重新登记坐标系",
        ) from None
    return _fernet(text, KEY_FILE)


def _fernet(text: str, where: str) -> Fernet:
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise Refused.because(
            "secret_key_unreadable",
            en=f"{where} must be 32 bytes in base64: make it with `openssl rand -base64 32`",
            zh=f"{where} 应为 32 字节的 base64 文本：可用 `openssl rand -base64 32` 生成",
        )
    return Fernet(base64.urlsafe_b64encode(key))


def _missing() -> Refused:
    return Refused.because(
        "secret_key_missing",
        en="the key that registered grids are sealed with is not here: set PREDIG_SECRET_KEY to the one they were "
        "registered with (a first one: `openssl rand -base64 32`)",
        zh="缺少加密登记坐标系参数的密钥：请将 PREDIG_SECRET_KEY 设为登记时所用的密钥（首次可用 `openssl rand -base64 32` 生成）",
    )


def seal(grid: Grid, key: Fernet) -> str:
    """What the vault may keep of a grid. Its name is inside, so that no other record can borrow it."""
    said = {
        "name": grid.name,
        "base": grid.base,
        "way": type(grid.way).__name__,
        "parameters": asdict(grid.way),
        "area": grid.area,
    }
    return key.encrypt(json.dumps(said).encode()).decode()


def unseal(record: GridRecord, key: Fernet) -> Grid:
    """:raises Refused: grid_sealed: another key, or a record that was tampered with."""
    try:
        said: dict[str, Any] = json.loads(key.decrypt(record.sealed.encode()))
        if said["name"] != record.name:
            raise InvalidToken
    except InvalidToken:
        raise Refused.because(
            "grid_sealed",
            en=f"the grid {record.name} was sealed with another key: set PREDIG_SECRET_KEY to the one it was registered "
            "with, or register it anew",
            zh=f"坐标系 {record.name} 是用另一密钥加密的：请将 PREDIG_SECRET_KEY 设为登记时所用的密钥，或重新登记",
        ) from None
    way = {"Similarity": Similarity, "Helmert": Helmert}[said["way"]](**said["parameters"])
    area = None if said["area"] is None else tuple(said["area"])
    return Grid(record.name, record.version, record.accuracy_m, said["base"], way, area)
