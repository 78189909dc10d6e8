"""What units may use is read from a file, and what does not fit is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from zongheng_hub.kernel.quota import PROVINCE_BUDGET, Budget
from zongheng_hub.settings import Allowance


def read(tmp_path: Path, text: str) -> Allowance:
    path = tmp_path / "limits.toml"
    path.write_text(text, "utf-8")
    return Allowance.read(path)


def test_what_is_left_out_is_as_usual(tmp_path: Path) -> None:
    told = read(tmp_path, "[unit]\nacts = 200\n")
    assert told.unit == Budget(acts=200)
    assert (told.province, told.address) == (PROVINCE_BUDGET, Budget())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[unit]\nreeds = 3\n", "reeds"),
        ("[county]\nreads = 3\n", "county"),
        ("[unit]\nreads = 0\n", "reads is no number from 1"),
        ("[unit]\nreads = 'many'\n", "reads is no number from 1"),
        ("unit = 3\n", "is no table"),
        ("[unit\n", "cannot be read"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(tmp_path, text)
