"""A mistake made on this machine gets the advice that helps there, not the hub's."""

from __future__ import annotations

from pathlib import Path

import pytest

from zongheng_protos.errors import (
    EvidenceUnreadable,
    Exists,
    FileInTheWay,
    FileUnusable,
    IdentityUnusable,
    Invalid,
    Malformed,
    NotEnrolled,
    OperatorUnnamed,
    PassphraseShort,
    ReplyUnusable,
    ZonghengError,
)
from zongheng_sdk.cli.app import Options
from zongheng_sdk.exchange import ExchangeEvidence
from zongheng_sdk.identity_file import read_identity
from zongheng_sdk.passphrases import new_vault


def test_an_unnamed_operator_is_told_where_to_name_one() -> None:
    with pytest.raises(OperatorUnnamed) as refused:
        Options(Path("identity.json"), "", 1.0).named_operator()
    assert "--operator" in refused.value.advice
    assert "--operator" in refused.value.advice_zh


def test_a_missing_identity_is_told_of_the_option_that_names_one(tmp_path: Path) -> None:
    with pytest.raises(IdentityUnusable) as refused:
        read_identity(tmp_path)
    assert "--identity" in refused.value.advice


def test_a_short_passphrase_is_told_how_long_one_is() -> None:
    with pytest.raises(PassphraseShort) as refused:
        new_vault("kurz")
    assert "12" in refused.value.advice


def test_evidence_that_is_none_is_told_where_it_comes_from() -> None:
    with pytest.raises(EvidenceUnreadable) as refused:
        ExchangeEvidence.from_json("{}")
    assert "data evidence" in refused.value.advice


@pytest.mark.parametrize(
    ("local", "general"),
    [
        (FileUnusable, Invalid),
        (FileInTheWay, Exists),
        (IdentityUnusable, NotEnrolled),
        (ReplyUnusable, Malformed),
    ],
)
def test_programs_may_go_on_catching_the_general_error(
    local: type[ZonghengError], general: type[ZonghengError]
) -> None:
    assert issubclass(local, general)
    assert local("x").advice != general("x").advice


def test_an_error_that_derives_from_another_is_itself_again_after_the_wire() -> None:
    sent = OperatorUnnamed("nobody is named")
    again = ZonghengError.from_status(sent.to_status(), sent.code, sent.message)
    assert type(again) is OperatorUnnamed
