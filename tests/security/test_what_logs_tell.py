"""What a hub writes to its own log while it works and refuses: no secret, no content."""

from __future__ import annotations

import logging

import pytest

from zongheng_protos.errors import ZonghengError
from zongheng_sdk.testing import LocalHub
from zongheng_tenants.invitation import Invitation

SECRET_TEXT = "孤儿王小明住在东山村三组"


def test_neither_secrets_nor_contents_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with LocalHub() as local:
        invited = local.invite("140105")
        county = local.enrol("140106")
        need = county.needs.file(kind="data", title=SECRET_TEXT, detail=SECRET_TEXT)
        with pytest.raises(ZonghengError):
            county.needs.accept(need.id, note=SECRET_TEXT)
        with pytest.raises(ZonghengError):
            county.needs.file(kind="data", title="短", detail=SECRET_TEXT)
        with pytest.raises(ZonghengError):
            county.needs.get("n_" + SECRET_TEXT)
        link = local._running.sign_in_link("140106", "李核对")  # type: ignore[attr-defined]  # the hub's
        invitation, identity = Invitation.decode(invited), county.identity
    secrets = {
        "the content of a need": SECRET_TEXT,
        "an invitation": invited,
        "an invitation's secret": invitation.secret.hex(),
        "an invitation's token": invitation.token.hex(),
        "a sign-in token": link.partition("t=")[2],
        "a signing key": identity.signing_key.hex(),
        "a channel key": identity.channel_key_pem.decode().splitlines()[1],
    }
    written = "\n".join(f"{record.getMessage()} {record.exc_text}" for record in caplog.records)
    assert "refused" in written
    assert [what for what, secret in secrets.items() if secret in written] == []
