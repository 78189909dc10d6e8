"""A result out of its bound fails the run, whichever side the bound is on."""

from __future__ import annotations

import pytest

from tests.bench import __main__ as command
from tests.bench import harness
from tests.bench.harness import Result


def test_a_ratio_at_its_floor_holds_and_below_it_does_not() -> None:
    assert Result("unary", 0.60, 0.60, 1, "calls/s").holds
    assert not Result("unary", 0.59, 0.60, 1, "calls/s").holds


def test_a_ratio_above_its_ceiling_does_not_hold() -> None:
    assert Result("import", 1.6, None, 1, "ms", ceiling=1.6).holds
    assert not Result("import", 1.7, None, 1, "ms", ceiling=1.6).holds


def test_a_result_without_a_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="either a floor or a ceiling"):
        Result("unary", 0.6, None, 1, "calls/s")


def test_the_line_names_ratio_bound_value_and_unit() -> None:
    line = Result("unary", 0.784, 0.6, 6123.4, "calls/s").line

    assert line == "unary ratio=0.78 floor=0.60 value=6123 unit=calls/s"


def test_an_unknown_bench_is_named_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["nonesuch"]) == 2
    assert "sdk_import" in capsys.readouterr().err


def test_a_result_out_of_bounds_makes_the_command_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = Result("slow", 0.1, 0.6, 1, "calls/s")
    monkeypatch.setattr(harness, "run", lambda name: [slow])

    assert command.main(["slow"]) == 1
    assert "slow ratio=0.10 floor=0.60" in capsys.readouterr().out


def test_both_sides_are_measured_equally_often_and_in_turns() -> None:
    order: list[str] = []

    def measure(side: str) -> float:
        order.append(side)
        return 2.0 if side == "ours" else 4.0

    assert harness.paired(lambda: measure("ours"), lambda: measure("rival"), rounds=4) == (2.0, 4.0)
    assert order.count("ours") == order.count("rival") == 4
    assert order[0] != order[2]
