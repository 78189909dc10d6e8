"""Every threat has its control and names a test that is there."""

from __future__ import annotations

from collections import Counter

from tests.docs.threat_table import PAGE, defined_in, rows

ATTACKS = (
    "forged signature",
    "`none` or another algorithm",
    "wrong type",
    "suite downgrade",
    "duplicate JSON key",
    "embedded key",
    "expired",
    "not yet valid",
    "skewed clock",
    "replay",
    "replay after a restart",
    "replay at two hubs",
    "retry is no replay",
    "wrong audience",
    "wrong method",
    "body swap",
    "response for another request",
    "sibling",
    "cross-tenant",
    "child widening rights",
    "child widening life",
    "child widening depth",
    "code-prefix confusion",
    "leaf as issuer",
    "channel identity is not the issuer",
    "relay as confused deputy",
    "hub substituting sealing keys",
    "surreptitious forwarding",
    "mismatched data keys for a recipient",
    "field outside the grant",
    "purpose changed",
    "uses raced",
    "stream truncated",
    "stream reordered",
    "stream spliced",
    "revoked mid-stream",
    "expired mid-stream",
    "revocation rollback",
    "revocation freeze",
    "rotation race: old key, both, neither",
    "CA reload failure",
    "invitation reused concurrently",
    "CSR key mismatch",
    "oversized chain",
    "parser bombs",
    "off-curve SM2 key",
    "r or s of zero",
    "wrong signer id",
    "log leakage",
)
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


def test_every_attack_that_was_thought_of_beforehand_has_its_test() -> None:
    listed = {row.cells[1] for row in ROWS if row.cells[0].startswith("X")}

    assert set(ATTACKS) <= listed
