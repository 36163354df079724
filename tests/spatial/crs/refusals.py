"""How the tests of the door look at a refusal: one fault, both languages, and what they say."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from spatial.errors import Fault, Refused


@contextmanager
def refused(code: str, *said: str) -> Iterator[None]:
    """The block is refused with `code`; its sentences, English and Chinese together, say all of `said`."""
    with pytest.raises(Refused) as caught:
        yield
    (fault,) = caught.value.faults
    assert fault.code == code
    check_sentences(fault)
    for words in said:
        assert words in fault.en + fault.zh, f"{words!r} not in {fault.en} {fault.zh}"


def check_sentences(fault: Fault) -> None:
    """Whole sentences, one in each language (what the user wrote is quoted as it is)."""
    assert fault.en.endswith((".", "?")) and not re.search(r"[一-鿿]", re.sub("'.*?'", "", fault.en))
    assert fault.zh.endswith(("。", "？")) and re.search(r"[一-鿿]", fault.zh)


def code_of(call: Callable[[], object]) -> str | None:
    """The code a call is refused with; None if it is not."""
    try:
        call()
    except Refused as refusal:
        return refusal.faults[0].code
    return None
