"""A sentence holds what no file can spoil."""

from spatial.errors import Fault


def test_whatever_a_file_brings_its_fault_can_be_kept_and_sent() -> None:
    fault = Fault("code", "column 'a\x00b\ud800'\nand more", "列 a\x1b[31m", "/values/\udfff")
    assert (fault.en, fault.zh, fault.pointer) == (
        "column 'a\ufffdb\ufffd'\nand more",
        "列 a\ufffd[31m",
        "/values/\ufffd",
    )
    assert fault.text("zh").encode("utf-8")
    assert Fault("code", "a sentence", "一句话").zh == "一句话"
