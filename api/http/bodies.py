"""Bodies become values, or every fault in them is told at once, each at its JSON pointer, in two languages."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import date
from functools import cache
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

from api.http import schemas
from api.parties import check_dates
from ingest import DigOptions, Places, take_dig_plans
from spatial.crs import Grid
from spatial.errors import Fault, Faults, Refused
from spatial.rules.profile import RuleProfile
from spatial.values import Contact, DigSite, Extent, PermitParties

PLACES = Places(plan="/plan", crs="/crs", options="")
MOST_FAULTS = 200
CONTACTS = ("contractor", "builder", "supervisor", "driver")


CrsNamed = Callable[[str | None], str | Grid | None]
"""What a declared coordinate system means: a registered grid, or the text itself."""


def read_enquiry(
    document: Any, profile: RuleProfile, extent: Extent, on: date, named: CrsNamed
) -> tuple[DigSite, ...]:
    """The dig sites of an enquiry. :raises Refused: every fault at once."""
    body, faults = _checked(document, "enquiry")
    sites = _sites(body, profile, extent, on, named, faults)
    _raise_if_any(faults)
    return sites


def read_permit(
    document: Any, profile: RuleProfile, extent: Extent, on: date, named: CrsNamed
) -> tuple[PermitParties, tuple[DigSite, ...]]:
    """Parties and dig sites of a filing. :raises Refused: every fault at once."""
    body, faults = _checked(document, "permit")
    sites = _sites(body, profile, extent, on, named, faults)
    starts_on, ends_on = _day(body.get("starts_on")), _day(body.get("ends_on"))
    faults.found += check_dates(starts_on, ends_on, on)
    _raise_if_any(faults)
    assert starts_on is not None and ends_on is not None, "the schema requires both"
    return _merged(PermitParties("", starts_on, ends_on, Contact("")), body), sites


def read_amendment(
    document: Any, now: PermitParties, profile: RuleProfile, extent: Extent, on: date, named: CrsNamed
) -> tuple[PermitParties, tuple[DigSite, ...] | None] | None:
    """Parties as amended, and the new sites (None: those on file stay). None: the permit is to be cancelled.

    :raises Refused: every fault at once.
    """
    body, faults = _checked(document, "amendment")
    if "cancelled" in body and len(body) > 1:
        faults.add(
            "cancelled_alone",
            en="`cancelled` stands alone: cancel the permit, or amend it, not both in one request",
            zh="cancelled 只能单独出现：请取消许可或修改许可，不要在同一请求中进行",
            pointer="/cancelled",
        )
    sites = _sites(body, profile, extent, on, named, faults) if "plan" in body else None
    starts_on = _day(body.get("starts_on")) or now.starts_on
    ends_on = _day(body.get("ends_on")) or now.ends_on
    faults.found += check_dates(starts_on, ends_on, on, begun=starts_on == now.starts_on)
    if body.get("cancelled") is True:
        faults.found = [fault for fault in faults.found if not fault.code.startswith("dates_")]
    _raise_if_any(faults)
    return None if "cancelled" in body else (_merged(now, body), sites)


def read_response(document: Any) -> dict[str, Any]:
    """A utility's answer to an alert. :raises Refused: every fault at once."""
    body, faults = _checked(document, "response")
    _raise_if_any(faults)
    return body


def _checked(document: Any, name: str) -> tuple[dict[str, Any], Faults]:
    """The body as an object that can be looked into, with what its schema finds wrong with it."""
    faults = Faults()
    faults.found += sorted(schema_faults(document, name), key=lambda fault: (fault.pointer, fault.code))
    return (document if isinstance(document, dict) else {}), faults


def _raise_if_any(faults: Faults) -> None:
    """At most 200 at once: a plan of thousands of bad points is no page to read."""
    if len(faults.found) > MOST_FAULTS:
        more = len(faults.found) - MOST_FAULTS
        told = Fault(
            "more_faults",
            f"{more} or more besides: mend these first, then send it again",
            f"另有 {more} 处以上：请先修正以上各处再提交",
        )
        raise Refused([*faults.found[:MOST_FAULTS], told])
    faults.raise_if_any()


def _sites(
    body: Mapping[str, Any], profile: RuleProfile, extent: Extent, on: date, named: CrsNamed, faults: Faults
) -> tuple[DigSite, ...]:
    """The plan's sites, if it can be looked at at all; what the schema refused already is not told twice."""
    crs = body.get("crs")
    if not isinstance(body.get("plan"), dict) or not isinstance(crs, str | None):
        return ()
    faulty = {fault.pointer.split("/")[1] for fault in faults.found if fault.pointer}
    sound = {
        name: body[name] for name in schemas.DIG_OPTIONS if body.get(name) is not None and name not in faulty
    }
    options = DigOptions(**{**sound, "acts": tuple(sound.get("acts", ()))})
    try:
        meant = named(crs or None)
    except Refused as refused:
        faults.extend(refused, PLACES.crs)
        return ()
    try:
        return take_dig_plans(
            body["plan"],
            crs=meant,
            options=options,
            extent=extent,
            profile=profile,
            on=on,
            places=PLACES,
        )
    except Refused as refused:
        if any(fault.code == "crs_missing" for fault in refused.faults):
            # It says what the numbers look like, which the schema cannot.
            faults.found = [fault for fault in faults.found if fault.pointer != PLACES.crs]
        faults.found += [
            fault for fault in refused.faults if not (fault.code == "act_missing" and "acts" in faulty)
        ]
        return ()


def _merged(now: PermitParties, body: Mapping[str, Any]) -> PermitParties:
    """`now` with what the body names; null takes an optional value away."""
    changes: dict[str, Any] = {}
    for field in fields(PermitParties):
        if field.name not in body:
            continue
        value = body[field.name]
        if field.name in CONTACTS:
            value = None if value is None else Contact(value["name"], value.get("person"), value.get("phone"))
        elif field.name == "permit_numbers":
            value = tuple(value or ())
        elif field.name in ("starts_on", "ends_on"):
            value = date.fromisoformat(value)
        changes[field.name] = value
    return replace(now, **changes)


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


# -- the schemas at work


_SCHEMAS = {
    "enquiry": schemas.ENQUIRY,
    "permit": schemas.PERMIT,
    "amendment": schemas.AMENDMENT,
    "response": schemas.RESPONSE,
}
FORMATS = FormatChecker(["date"])


def _items(validator: Any, items: Any, instance: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    """Of a list that is too long it is enough to say so: thousands of entries would each be told of, a tenth of a
    millisecond each, and nobody else has a turn meanwhile."""
    if not (isinstance(instance, list) and len(instance) > schema.get("maxItems", len(instance))):
        yield from Draft202012Validator.VALIDATORS["items"](validator, items, instance, schema)


_Validator = validators.extend(Draft202012Validator, {"items": _items})


@cache
def _validator(name: str) -> Any:
    return _Validator(_SCHEMAS[name], format_checker=FORMATS)


@cache
def at_a_glance(name: str) -> jsonschema_rs.Draft202012Validator:
    """Says in 2 us that nothing is wrong, for which jsonschema takes 80; that one tells what is, field by field."""
    return jsonschema_rs.Draft202012Validator(_SCHEMAS[name], validate_formats=True)


def schema_faults(document: Any, name: str) -> Iterator[Fault]:
    """Departures from the schema `name`, one fault for each field that departs; of thousands some more than are told."""
    if at_a_glance(name).is_valid(document):
        return
    seen: set[str] = set()
    for error in _validator(name).iter_errors(document):
        for fault in _faults_of(error):
            if fault.pointer not in seen:
                seen.add(fault.pointer)
                yield fault
            if len(seen) > MOST_FAULTS:
                return


def value_faults(value: Any, schema: schemas.Schema, pointer: str) -> list[Fault]:
    """What departs from a schema in one value, such as a parameter of the query."""
    errors = Draft202012Validator(schema, format_checker=FORMATS).iter_errors(value)
    return [replace(fault, pointer=pointer) for error in errors for fault in _faults_of(error)][:1]


def _faults_of(error: ValidationError) -> Iterator[Fault]:
    at = "".join(f"/{_escaped(str(part))}" for part in error.absolute_path)
    keyword = str(error.validator)
    if keyword == "required":
        for name in error.validator_value:
            if name not in error.instance:
                yield Fault(
                    "field_missing",
                    f"{name} is missing: give it",
                    f"缺少 {name}：请填写",
                    f"{at}/{_escaped(name)}",
                )
    elif keyword == "dependentRequired":
        for given, needed in error.validator_value.items():
            for name in needed:
                if given in error.instance and name not in error.instance:
                    yield Fault(
                        "field_missing",
                        f"{given} can only be changed together with {name}: send {name} again with it",
                        f"{given} 须与 {name} 一起修改：请一并重新提交 {name}",
                        f"{at}/{name}",
                    )
    elif keyword == "additionalProperties":
        known = list(error.schema["properties"])
        for name in error.instance:
            if name not in known:
                yield Fault(
                    "field_unknown",
                    f"{name[:80]!r} is no field here: leave it out, or use one of {', '.join(known)}",
                    f"此处没有字段 {name[:80]!r}：请删除，或改用 {'、'.join(known)}",
                    f"{at}/{_escaped(name[:200])}",
                )
    else:
        code, en, zh = _SENTENCES.get(keyword, _OTHER)(error)
        yield Fault(code, en, zh, at)


Sentence = tuple[str, str, str]

_TYPES = {
    "object": ("an object", "对象"),
    "array": ("a list", "列表"),
    "string": ("a text", "文字"),
    "number": ("a number", "数字"),
    "integer": ("a whole number", "整数"),
    "boolean": ("true or false", "true 或 false"),
    "null": ("null", "null"),
}


def _of_type(error: ValidationError) -> Sentence:
    wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    named = [_TYPES[name] for name in wanted if name != "null"]
    en, zh = " or ".join(en for en, _ in named), "或".join(zh for _, zh in named)
    return "field_type", f"this must be {en}", f"此处应为{zh}"


def _of_words(error: ValidationError) -> Sentence:
    words = ", ".join(str(word) for word in error.validator_value if word is not None)
    said = _short(error.instance)
    return "word_unknown", f"{said} is not known; use one of: {words}", f"不认识 {said}；可用：{words}"


def _of_blank(error: ValidationError) -> Sentence:
    if error.validator == "pattern" and error.schema.get("format") == "date":
        return _of_day(error)
    return "field_blank", "this is blank: write what it is, or leave it out", "此处为空：请填写，或不填该项"


def _of_day(error: ValidationError) -> Sentence:
    said = _short(error.instance)
    return (
        "day_unreadable",
        f"{said} is no day: write it as 2026-12-01",
        f"{said} 不是日期：请写成 2026-12-01 的形式",
    )


def _of_length(error: ValidationError) -> Sentence:
    most = error.validator_value
    what_en, what_zh = ("entries", "项") if error.validator == "maxItems" else ("characters", "个字符")
    return (
        "field_too_long",
        f"at most {most} {what_en} are taken here: shorten it",
        f"此处最多 {most} {what_zh}：请缩短",
    )


def _of_range(error: ValidationError) -> Sentence:
    least, most = error.schema.get("minimum"), error.schema.get("maximum")
    return "number_out_of_range", f"this must be from {least} to {most}", f"此处应在 {least} 到 {most} 之间"


def _of_true(error: ValidationError) -> Sentence:
    return (
        "cancelled_is_final",
        "this can only be true: a cancelled permit is not opened again, file the dig anew",
        "此处只能为 true：已取消的许可不能恢复，请重新备案",
    )


def _of_nothing(error: ValidationError) -> Sentence:
    return (
        "amendment_empty",
        "nothing is to be changed: name at least one field",
        "没有要修改的内容：请至少填写一个字段",
    )


def _OTHER(error: ValidationError) -> Sentence:
    return (
        "field_refused",
        f"this is not what the field takes ({error.validator})",
        f"此处的内容不符合要求（{error.validator}）",
    )


_SENTENCES: Mapping[str, Callable[[ValidationError], Sentence]] = {
    "type": _of_type,
    "enum": _of_words,
    "minLength": _of_blank,
    "pattern": _of_blank,
    "format": _of_day,
    "maxLength": _of_length,
    "maxItems": _of_length,
    "minimum": _of_range,
    "maximum": _of_range,
    "const": _of_true,
    "minProperties": _of_nothing,
}


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _short(value: Any) -> str:
    return repr(value)[:60]
