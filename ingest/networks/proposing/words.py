"""Words of other languages and registers that mean exactly one of ours. A word that may mean two is not here."""

from collections.abc import Mapping

_OF: Mapping[str, Mapping[str, str]] = {
    "kind": {
        "main": "distribution main; gas main; hoofdleiding; hauptleitung; versorgungsleitung; 市政管; 市政管网; 干线; 主干管; 街道管",
        "courtyard": "庭院管网; 小区管; 小区庭院管",
        "service": "house connection; house_connection; service line; service pipe; aansluitleiding; huisaansluiting; "
        "hausanschluss; hausanschlussleitung; 引入管; 入户管; 进户管",
        "customer_owned": "customer owned; customer line; 用户自有",
    },
    "material": {
        "PE": "polyetheen; polyethylene; polyethylen; hdpe; pehd; pe80; pe100; pe 80; pe 100",
        "steel": "staal; stahl; acier",
        "grey iron": "grijsgietijzer; grijs gietijzer; grauguss; grey cast iron; gray cast iron",
        "ductile iron": "nodulairgietijzer; nodulair gietijzer; duktilguss; duktiles gusseisen",
        "copper": "koper; kupfer",
    },
    "asset": {
        "valve": "afsluiter; schieber; absperrschieber; 闸阀; 球阀; 阀门井; 阀室",
        "regulator": "regelstation; drukregelaar; gasdruckregelanlage; 调压器; 区域调压柜; 楼栋调压箱",
        "station": "gasontvangststation; ubergabestation; 储配站; 气源站; 加气站",
        "pipe": "leiding; leitung; 管段",
    },
}  # fmt: skip
_MEANT: Mapping[str, Mapping[str, str]] = {
    ours: {word: meant for meant, words in said.items() for word in words.split("; ")}
    for ours, said in _OF.items()
}


def translated(ours: str, word: str) -> str | None:
    """Our word for theirs in a column of ours; None where it is not certain."""
    return _MEANT.get(ours, {}).get(word.strip().lower())
