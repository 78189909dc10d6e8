"""An identity is one JSON document: written, read again, refused when it is another thing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zongheng_protos.errors import NotEnrolled
from zongheng_tenants.identity import Identity
from zongheng_tenants.keys import SealingKey, SigningKey

SIGNING, SEALING = SigningKey.generate(), SealingKey.generate()
IDENTITY = Identity(
    hub_id="h_1",
    tenant="t_1",
    name="小店区",
    grpc_address="127.0.0.1:1",
    web_address="http://127.0.0.1:2",
    root_fingerprint="ab" * 32,
    log_vkey="vkey",
    chain=(b"\0root", b"\xffcounty"),
    signing_key=SIGNING.private_bytes(),
    sealing_key=SEALING.private_bytes(),
    channel_key_pem=b"key",
    channel_pem=b"certificate",
    ca_pem=b"ca",
)


def test_what_was_written_is_read() -> None:
    read = Identity.from_json(IDENTITY.to_json())

    assert read == IDENTITY
    assert read.signing().public == SIGNING.public
    assert read.sealing().public == SEALING.public


def test_names_stay_readable_in_the_file() -> None:
    assert "小店区" in IDENTITY.to_json()


@pytest.mark.parametrize("field", ["signing_key", "chain", "tenant", "format"])
def test_a_missing_field_is_refused(field: str) -> None:
    fields = json.loads(IDENTITY.to_json())
    del fields[field]

    with pytest.raises(NotEnrolled):
        Identity.from_json(json.dumps(fields))


def test_a_newer_format_says_to_update() -> None:
    fields = json.loads(IDENTITY.to_json()) | {"format": 2}

    with pytest.raises(NotEnrolled, match="newer version"):
        Identity.from_json(json.dumps(fields))


@given(st.text(max_size=60))
def test_random_text_is_no_identity(text: str) -> None:
    with pytest.raises(NotEnrolled):
        Identity.from_json(text)


@pytest.mark.parametrize("text", ["[]", "null", "1", '{"format": 1}', '"x"'])
def test_other_json_is_no_identity(text: str) -> None:
    with pytest.raises(NotEnrolled):
        Identity.from_json(text)
