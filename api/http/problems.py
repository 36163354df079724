"""Problems as RFC 9457 has them: one table from codes to statuses, two languages, every fault with its pointer."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus

from starlette.datastructures import Headers, QueryParams
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from api.pages.sorry import POLICY, sorry_page, wants_page
from spatial.errors import Fault, Refused
from sql.errors import VaultUnavailable

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2

STATUS_OF: Mapping[str, int] = {
    "host_not_local": 400,
    "json_not_utf8": 400,
    "json_unreadable": 400,
    "json_too_deep": 400,
    "json_not_finite": 400,
    "json_name_twice": 400,
    "json_not_text": 400,
    "body_missing": 400,
    "form_unreadable": 400,
    "body_too_slow": 408,
    "body_too_large": 413,
    "form_too_many_parts": 413,
    "json_too_much": 413,
    "content_type": 415,
    "form_too_large": 413,
    "origin_foreign": 403,
    "path_unknown": 404,
    "method_not_allowed": 405,
    "permit_unknown": 404,
    "screening_unknown": 404,
    "alert_unknown": 404,
    "file_unknown": 404,
    "revision_unknown": 404,
    "register_unknown": 404,
    "upload_unknown": 404,
    "register_busy": 409,
    "job_lost": 409,
    "permit_cancelled": 409,
    "permit_expired": 409,
    "permit_changed": 409,
    "internal_error": 500,
    "too_slow": 503,
    "heavy_server_away": 503,
    "too_many_files": 503,
    "imports_waiting": 503,
    "spool_full": 503,
    "spool_not_writable": 503,
}
"""Every other refusal is 422: the request was understood, and what it says cannot be taken."""

PROBLEMS_SAY: Mapping[int, str] = {
    400: "The body is no JSON or no form, or the server was called by a name that is not its own.",
    403: "A page of another site sent it.",
    404: "There is no such permit, file, screening, alert, utility or import.",
    405: "The address has no such method.",
    408: "The body did not arrive in time.",
    409: "The permit is cancelled or has ended, or another change is running.",
    413: "The body is too large.",
    415: "The body is neither JSON in UTF-8 nor a form (multipart/form-data), or not the bytes of a file.",
    422: "It was understood, and what it says cannot be taken: every fault with its place.",
    500: "An internal error; the server's log says where.",
    503: "The database is not there, or the answer took too long: try again.",
}

UNAVAILABLE = 503
UNPROCESSABLE = 422

INTERNAL = Fault(
    "internal_error",
    "an internal error: this request has no answer, and the log of the server says where it broke. Try again; if it "
    "stays so, report it. Until then treat the ground as if a gas pipe lay there",
    "内部错误：本次请求没有结论，服务器日志记有出错位置。请重试；若仍出错请报告。在此之前按有管道对待",
)
TOO_SLOW = Fault(
    "too_slow",
    "the answer took longer than allowed and was given up: try again later, with the same Idempotency-Key if you were "
    "filing; a smaller plan is answered faster",
    "处理超时，已放弃等待：请稍后重试（若在备案，请使用同一 Idempotency-Key）；较小的方案答复更快",
)


def status_of(faults: Iterable[Fault]) -> int:
    """One status for all: what they agree on, else 422."""
    statuses = {STATUS_OF.get(fault.code, UNPROCESSABLE) for fault in faults}
    return statuses.pop() if len(statuses) == 1 else UNPROCESSABLE


def problem(status: int, faults: Iterable[Fault], headers: Mapping[str, str] | None = None) -> Response:
    """The answer; `code` and `detail` are those of the first fault."""
    told = {} if headers is None else dict(headers)
    if status == UNAVAILABLE:
        told.setdefault("Retry-After", str(RETRY_AFTER_S))
    return Problem(status, list(faults), told)


class Problem(Response):
    """The document for programs; for a browser that opens the address, a page with the same status and sentences."""

    def __init__(self, status: int, faults: list[Fault], headers: Mapping[str, str]) -> None:
        super().__init__(problem_bytes(status, faults), status, headers, MEDIA_TYPE)
        self._faults = faults
        self._told = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The answer in the form that this request reads."""
        headers = Headers(scope=scope)
        if not wants_page(scope["method"], headers):
            await super().__call__(scope, receive, send)
            return
        html = sorry_page(self.status_code, self._faults, QueryParams(scope["query_string"]), headers)
        page = HTMLResponse(
            html.encode("utf-8", "backslashreplace"),
            self.status_code,
            {**self._told, "Content-Security-Policy": POLICY},
        )
        await page(scope, receive, send)


def problem_bytes(status: int, faults: Iterable[Fault]) -> bytes:
    """The document; half a surrogate pair that came in with the request is told escaped."""
    every = list(faults)
    document = {
        "type": f"urn:predig:problem:{every[0].code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": every[0].code,
        "detail": every[0].text("en"),
        "faults": [fault.record() for fault in every],
    }
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace")


def of_refused(refused: Refused) -> Response:
    return problem(status_of(refused.faults), refused.faults)


def of_unavailable(unavailable: VaultUnavailable) -> Response:
    return problem(UNAVAILABLE, [unavailable.fault])


def path_unknown(path: str) -> Fault:
    return Fault(
        "path_unknown",
        f"there is nothing at {path[:200]}: /openapi.json lists every address",
        f"{path[:200]} 处没有内容：全部地址见 /openapi.json",
    )


def method_not_allowed(method: str, path: str, allowed: str) -> Fault:
    return Fault(
        "method_not_allowed",
        f"{method[:20]} is not offered at {path[:200]}; offered: {allowed}",
        f"{path[:200]} 不支持 {method[:20]}；可用：{allowed}",
    )
