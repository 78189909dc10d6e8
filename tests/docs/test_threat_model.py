"""Every threat has its control and names a test that is there."""

from __future__ import annotations

from collections import Counter

from tests.docs.threat_table import PAGE, defined_in, rows

ROWS = rows(PAGE.read_text(encoding="utf-8"))


def test_at_least_thirty_threats_are_listed() -> None:
    assert len(ROWS) >= 30


def test_every_row_names_a_test_that_is_there() -> None:
    lacking = [row.cells for row in ROWS if not row.tests]
    unknown = [
        f"{row.cells[0]}: {path}::{name}"
        for row in ROWS
        for path, name in row.tests
        if name not in defined_in(path)
    ]

    assert lacking == []
    assert unknown == []


def test_every_row_says_threat_and_control() -> None:
    assert [row.cells for row in ROWS if not all(row.cells)] == []


def test_no_number_is_given_twice() -> None:
    numbers = Counter(row.cells[0] for row in ROWS)

    assert [number for number, times in numbers.items() if times > 1] == []
