"""What can go wrong with the vault, said once. Database messages may hold geometry: none is passed on."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from spatial.errors import Fault, Language, Refused


class VaultUnavailable(Exception):
    """The vault cannot do its work now: not the user's input, but the database behind it."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.text())

    @classmethod
    def because(cls, code: str, *, en: str, zh: str) -> "VaultUnavailable":
        return cls(Fault(code, en, zh))

    def text(self, language: Language = "en") -> str:
        return self.fault.text(language)


_GONE = Fault(
    "database_gone",
    "the database does not answer: see that it runs and that PREDIG_DATABASE_URL is right, then try again; "
    "nothing was stored half",
    "数据库没有响应：请确认数据库已启动、PREDIG_DATABASE_URL 正确，然后重试；没有写入半截数据",
)
_ODD = Fault(
    "database_failed",
    "the database failed at this step and nothing was stored: try again, and if it stays so read its log "
    "(state {state})",
    "数据库在这一步出错，未写入任何数据：请重试；若仍失败，请查看数据库日志（状态码 {state}）",
)

_UNAVAILABLE: dict[str, Fault] = {
    "53100": Fault(
        "disk_full",
        "the disk of the database is full: free some space, then try again; nothing was stored",
        "数据库所在磁盘已满：请清理空间后重试；未写入任何数据",
    ),
    "53200": Fault(
        "database_memory",
        "the database ran out of memory and nothing was stored: close other work on that machine, then try again",
        "数据库内存不足，未写入任何数据：请关闭该机器上的其他工作后重试",
    ),
    "53300": Fault(
        "database_crowded",
        "the database has no free connection: wait a moment or stop other predig processes, then try again",
        "数据库连接数已满：请稍候或停止其他 predig 进程后重试",
    ),
    "57014": Fault(
        "database_slow",
        "the database took longer than allowed and the step was broken off, nothing was stored: try again later",
        "数据库执行超时，该步骤已中止，未写入任何数据：请稍后重试",
    ),
    "55P03": Fault(
        "database_locked",
        "another session holds what this step needs, nothing was stored: wait for it, then try again",
        "另一个会话占用了所需资源，未写入任何数据：请等待其结束后重试",
    ),
    "25006": Fault(
        "database_read_only",
        "the database accepts no writing (a standby or a read-only mode): use the primary",
        "数据库处于只读状态（备库或只读模式）：请改用主库",
    ),
    "42501": Fault(
        "role_not_allowed",
        "the database role may not do this: connect as the role predig_app, and use the owner's URL only for "
        "`predig db migrate`",
        "当前数据库角色无权执行此操作：请使用 predig_app 角色连接，所有者连接仅用于 `predig db migrate`",
    ),
    "3D000": Fault(
        "database_missing",
        "there is no database of that name: create it, then run `predig db migrate`",
        "没有这个名称的数据库：请先创建，再运行 `predig db migrate`",
    ),
}
_UNAVAILABLE |= dict.fromkeys(
    ("3F000", "42P01", "42883", "42703"),
    Fault(
        "schema_not_current",
        "the database does not have this version's tables: run `predig db migrate` with the owner's URL, then "
        "try again",
        "数据库结构不是当前版本：请用所有者连接运行 `predig db migrate` 后重试",
    ),
)
_UNAVAILABLE |= dict.fromkeys(
    ("28000", "28P01"),
    Fault(
        "database_login",
        "the database refused the login: check the role and the password in PREDIG_DATABASE_URL",
        "数据库拒绝登录：请检查 PREDIG_DATABASE_URL 中的角色和密码",
    ),
)

_REFUSED: dict[str, Fault] = {
    # Raised by our own SQL functions (sql/migrations): class PD belongs to Predig.
    "PD001": Fault(
        "register_busy",
        "another change of the register is running: wait for it, then run this again",
        "登记库正在执行另一项变更：请等它结束后再运行一次",
    ),
    "PD002": Fault(
        "revision_unknown",
        "the register has no such revision: list them with `predig network list`",
        "登记库没有这个版本号：请用 `predig network list` 查看",
    ),
    "PD003": Fault(
        "revision_not_network",
        "only the import of a network can be rolled back, and this revision is none: pick one from "
        "`predig network list`",
        "只有管网导入可以回滚，而该版本不是管网导入：请从 `predig network list` 中选择",
    ),
    "PD004": Fault(
        "revision_rolled_back",
        "this import is already rolled back: nothing to do",
        "该次导入已经回滚：无需操作",
    ),
    "PD005": Fault(
        "revision_not_last",
        "a later import of the same dataset still stands: roll that one back first, the newest first",
        "同一数据集之后还有未回滚的导入：请先从最新的一次开始回滚",
    ),
    "PD006": Fault(
        "utility_unknown",
        "no utility has this code: create it with `predig utility set CODE --name N`, or import its network",
        "没有这个代码的燃气企业：请用 `predig utility set CODE --name N` 新建，或先导入其管网",
    ),
    "PD007": Fault(
        "query_too_wide",
        "the place asked about is too wide for one question: cut the dig plan into smaller features",
        "查询范围过大：请把开挖方案拆分成较小的要素",
    ),
    "PD008": Fault(
        "job_lost",
        "this piece of work was taken over by another process: nothing was written, nothing to do",
        "该任务已被另一进程接管：未写入任何数据，无需操作",
    ),
    "PD009": Fault(
        "dataset_changed",
        "another import changed this dataset while yours was being compared with it: nothing was stored, run this "
        "again",
        "在比对期间，另一次导入改动了同一数据集：未写入任何数据，请重新运行",
    ),
    "PD011": Fault(
        "pieces_missing",
        "another program took away or added pieces while this import was being published: nothing was stored, run this "
        "again",
        "在本次导入发布期间，另一程序改动了其管段：未写入任何数据，请重新运行",
    ),
    "PD012": Fault(
        "changes_without_ids",
        "a change set tells rows by their ids, so its dataset must stand and have been imported whole with --id-field: "
        "import all of it first, with --id-field and without --changes",
        "变更文件按编号识别各行，因此该数据集须已存在，且曾以 --id-field 整体导入：请先不加 --changes、带 --id-field 导入全部数据",
    ),
    "23514": Fault(
        "value_refused",
        "a value is not one the vault can hold (a coordinate that is not finite, an empty or invalid shape, a "
        "number out of range): nothing was stored, mend the input and try again",
        "有一个值无法入库（坐标不是有限数、图形为空或无效、数值越界）：未写入任何数据，请修正后重试",
    ),
    "22P02": Fault(
        "value_unreadable",
        "a value cannot be written down in the vault: nothing was stored, mend the input and try again",
        "有一个值无法写入数据库：未写入任何数据，请修正后重试",
    ),
}
_REFUSED |= dict.fromkeys(("23502", "22003", "22021", "22007", "22008", "22P05"), _REFUSED["22P02"])


def fault_of(code: str) -> Fault:
    """The sentence for one of our own codes, so that the twin refuses in the same words."""
    return next(fault for fault in _REFUSED.values() if fault.code == code)


def refused(code: str) -> Refused:
    return Refused([fault_of(code)])


@contextmanager
def translated() -> Iterator[None]:
    """Every statement to the database runs in here: a driver's error leaves as Refused or VaultUnavailable."""
    try:
        yield
    except DBAPIError as error:
        raise _meaning(error.orig, gone=error.connection_invalidated) from None
    except psycopg2.Error as error:  # COPY goes to the driver directly
        raise _meaning(error) from None
    except PoolTimeout:
        raise VaultUnavailable(_UNAVAILABLE["53300"]) from None
    except SQLAlchemyError:
        raise VaultUnavailable(_filled(_ODD, "client")) from None
    except UnicodeEncodeError:  # half a surrogate pair
        raise Refused([_REFUSED["22P02"]]) from None
    except ValueError as error:
        if type(error) is ValueError and "NUL" in str(error):
            raise Refused([_REFUSED["22P02"]]) from None
        raise


def _meaning(error: BaseException | None, *, gone: bool = False) -> Exception:
    state = getattr(error, "pgcode", None)
    if gone or state is None:
        return VaultUnavailable(_GONE)
    if state in _REFUSED:
        return Refused([_REFUSED[state]])
    if state in _UNAVAILABLE:
        return VaultUnavailable(_UNAVAILABLE[state])
    if state[:2] in ("08", "57"):
        return VaultUnavailable(_GONE)
    return VaultUnavailable(_filled(_ODD, state))


def _filled(fault: Fault, state: str) -> Fault:
    return Fault(fault.code, fault.en.format(state=state), fault.zh.format(state=state))
