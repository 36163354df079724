"""Foreign text on its way to a terminal: what would steer the terminal is shown, never sent."""

import re

_STEERING = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # controls of both sets: line breaks, escape, the 8-bit escape
    "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"  # reordering, invisible
    "\u2028\u2029"  # line breaks that are no controls
    "\ud800-\udfff"  # halves of pairs: no encoding can say them
    "]"
)

LONGEST = 4_000
"""A name of a megabyte says nothing more than its beginning."""


def plain(text: str) -> str:
    """One line of text without anything that moves, colours or reorders: each such character as <U+001B>.

    >>> plain("pipe\\x1b[31m 7")
    'pipe<U+001B>[31m 7'
    """
    if len(text) > LONGEST:
        text = text[:LONGEST] + "…"
    return _STEERING.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)
