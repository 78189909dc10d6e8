"""A county of INTL-1 without a passphrase loads neither SM2 nor Argon2id, whatever it signs."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from tests.unit.sdk.hub_by_hand import identity
from zongheng_sdk.passphrases import opened_identity
from zongheng_tenants.act import sign_act
from zongheng_tenants.sealing import unwrap_key, wrap_key

unit = opened_identity(identity().to_json())
sign_act(method="/x/Y", request=b"", tenant="t", operator="o", audience="h", key=unit.signing())
assert unwrap_key(wrap_key(bytes(32), unit.sealing().public, b""), unit.sealing(), b"")
heavy = {"zongheng_tenants.suites.sm_1", "zongheng_tenants.suites.sm2_libcrypto", "gmssl_pyx",
         "zongheng_tenants.vault", "cryptography.hazmat.primitives.kdf.argon2", "pkcs11"}
print(sorted(heavy & set(sys.modules)))
"""


def test_what_is_not_used_is_not_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
