"""What must be true of every upload of a hostile network, however it was sent."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from api.http.form import ReceivedFile
from api.http.network_imports import wish_of
from api.register import read_source
from ingest import Limits
from ingest.files.zipped import plain_name
from spatial.errors import Refused
from spatial.rules.profile import RuleProfile
from spatial.values import CHINA, NetworkIntake
from tests.attack.corpus import UNDERSTOOD
from tests.attack.corpus.networks import Upload
from tests.attack.siege import WORDS
from tests.ingest.dock import ON

ALIKE_LETTERS = 3


def first_of_each(uploads: Sequence[Upload], alike: int) -> list[Upload]:
    """So many of each case and kind of files whose description begins alike, of plans whatever it is; and all maps, which
    cost nothing."""
    chosen: list[Upload] = []
    seen: Counter[object] = Counter()
    for upload in uploads:
        begins = "" if upload.is_plan else upload.what[:ALIKE_LETTERS]
        kind = (upload.case, begins, *sorted({Path(name).suffix for name in upload.make()}))
        seen[kind] += 1
        if seen[kind] <= alike or "mapping" in upload.asked:
            chosen.append(upload)
    return chosen


def taken(upload: Upload, folder: Path, profile: RuleProfile, limits: Limits) -> NetworkIntake:
    """As the door and the importer do it, without a server and a register. :raises Refused: as they would."""
    received = []
    for name, data in upload.make().items():
        plain = plain_name(name.replace("\\", "/").rpartition("/")[2])
        (folder / plain).write_bytes(data)
        received.append(ReceivedFile(plain, len(data), ""))
    wish = wish_of(list(upload.words.items()), received)
    source = wish.source(folder, [file.name for file in received], wish.crs, limits)
    return read_source(source, extent=CHINA, profile=profile, on=ON)


def wrong_with(upload: Upload, codes: Sequence[str] | None, told: str) -> Iterator[str]:
    """codes: of the faults; None: understood. told: all that was said."""
    if WORDS in told:
        yield f"{upload.name}: holds the canary"
    if codes is None:
        if not upload.may_be_understood:
            yield f"{upload.name}: understood"
    elif not codes:
        yield f"{upload.name}: no reason"
    elif upload.codes - {UNDERSTOOD} and codes[0] not in upload.codes:
        yield f"{upload.name}: {codes[0]} {told[:200]}"


def said_of(refused: Refused) -> str:
    """As it would be kept and shown."""
    faults: list[Mapping[str, Any]] = [
        {"code": fault.code, "en": fault.en, "zh": fault.zh, "pointer": fault.pointer}
        for fault in refused.faults
    ]
    assert all(fault["en"] and fault["zh"] for fault in faults)
    return json.dumps(faults, ensure_ascii=False).encode().decode()
