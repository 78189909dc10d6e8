"""What an operator comes in with, as it stands in the tables: password, second factor, codes."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from zongheng_hub.store import Tx
from zongheng_hub.tenancy.operators import people, totp
from zongheng_hub.tenancy.operators.rules import Account
from zongheng_hub.tenancy.operators.sessions import end_others
from zongheng_hub.tenancy.operators.tables import OPERATOR, PASSKEY, RECOVERY_CODE
from zongheng_hub.tenancy.operators.vault import Vault
from zongheng_protos.errors import Exists

RECOVERY_CODES = 10
_CODE_BYTES = 10


@dataclass(frozen=True, slots=True)
class Login:
    """An account with what it comes in with.

    Attributes:
        password: a PHC string; empty: none.
        totp_secret: sealed; empty: no second factor.
    """

    account: Account
    login: str
    password: str
    totp_secret: bytes
    totp_step: int
    must_set_up: bool

    @property
    def is_set_up(self) -> bool:
        return bool(self.password and self.totp_secret)


def by_login(connection: Connection, login: str) -> Login | None:
    """The account with this login, or None."""
    wanted = login.strip().lower()
    row = connection.execute(select(OPERATOR).where(OPERATOR.c.login == wanted)).first()
    return None if row is None or not wanted else _as_login(row)


def by_id(connection: Connection, operator_id: str) -> Login | None:
    row = connection.execute(select(OPERATOR).where(OPERATOR.c.id == operator_id)).first()
    return None if row is None else _as_login(row)


def by_subject(connection: Connection, subject: str) -> list[Login]:
    """Active accounts of an OpenID subject, by tenant and name."""
    query = select(OPERATOR).where(
        OPERATOR.c.oidc_subject == subject, OPERATOR.c.disabled.is_(False)
    )
    rows = connection.execute(query.order_by(OPERATOR.c.tenant_id, OPERATOR.c.name))
    return [_as_login(row) for row in rows] if subject else []


def set_up(
    tx: Tx,
    operator_id: str,
    *,
    login: str,
    password: str,
    secret: bytes,
    step: int,
    vault: Vault,
    now_ms: int,
) -> tuple[str, ...]:
    """Password and second factor at once; every session ends. Returns new recovery codes.

    Args:
        password: its hash.
        secret, step: the second factor's, and the step whose code proved it.

    Raises:
        Exists: the login is someone else's.
    """
    taken = select(OPERATOR.c.id).where(OPERATOR.c.login == login, OPERATOR.c.id != operator_id)
    if tx.one(taken) is not None:
        raise Exists(f"the login {login} is taken: choose another")
    tx.execute(
        update(OPERATOR)
        .where(OPERATOR.c.id == operator_id)
        .values(
            login=login,
            password=password,
            totp_secret=vault.seal(secret, purpose_of(operator_id)),
            totp_step=step,
            must_set_up=False,
        )
    )
    end_others(tx, operator_id, "", now_ms)
    return new_recovery_codes(tx, operator_id, vault)


def set_password(tx: Tx, operator_id: str, password: str, *, keep: str, now_ms: int) -> None:
    """Another password (its hash); every session but one ends."""
    tx.execute(update(OPERATOR).where(OPERATOR.c.id == operator_id).values(password=password))
    end_others(tx, operator_id, keep, now_ms)


def reset(tx: Tx, operator_id: str, now_ms: int) -> None:
    """Take away everything an operator comes in with, and end their sessions."""
    tx.execute(
        update(OPERATOR)
        .where(OPERATOR.c.id == operator_id)
        .values(password="", totp_secret=b"", totp_step=0, must_set_up=True)
    )
    for table in (PASSKEY, RECOVERY_CODE):
        tx.execute(delete(table).where(table.c.operator_id == operator_id))
    end_others(tx, operator_id, "", now_ms)


def take_code(tx: Tx, found: Login, code: str, vault: Vault, now_ms: int) -> bool:
    """Whether code is the second factor's or a recovery code, neither taken before; takes it."""
    typed = "".join(code.split()).replace("-", "").upper()
    if len(typed) == totp.DIGITS and typed.isdecimal():
        return _take_totp(tx, found, typed, vault, now_ms)
    digest = vault.digest(typed, f"recovery {found.account.id}")
    taken = tx.execute(
        update(RECOVERY_CODE)
        .where(
            RECOVERY_CODE.c.digest == digest,
            RECOVERY_CODE.c.operator_id == found.account.id,
            RECOVERY_CODE.c.used_ms == 0,
        )
        .values(used_ms=now_ms)
    )
    return taken.rowcount == 1


def new_recovery_codes(tx: Tx, operator_id: str, vault: Vault) -> tuple[str, ...]:
    """Ten new codes of 80 bits; those from before no longer work."""
    tx.execute(delete(RECOVERY_CODE).where(RECOVERY_CODE.c.operator_id == operator_id))
    codes = [
        base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode() for _ in range(RECOVERY_CODES)
    ]
    tx.execute(
        insert(RECOVERY_CODE),
        [
            {
                "digest": vault.digest(code, f"recovery {operator_id}"),
                "operator_id": operator_id,
                "used_ms": 0,
            }
            for code in codes
        ],
    )
    return tuple("-".join(code[i : i + 4] for i in range(0, 16, 4)) for code in codes)


def codes_left(connection: Connection, operator_id: str) -> int:
    query = select(func.count()).select_from(RECOVERY_CODE)
    query = query.where(RECOVERY_CODE.c.operator_id == operator_id, RECOVERY_CODE.c.used_ms == 0)
    return connection.execute(query).scalar() or 0


def purpose_of(operator_id: str) -> str:
    """What an operator's second factor is sealed for."""
    return f"totp {operator_id}"


def _take_totp(tx: Tx, found: Login, code: str, vault: Vault, now_ms: int) -> bool:
    if not found.totp_secret:
        return False
    secret = vault.open(found.totp_secret, purpose_of(found.account.id))
    step = totp.matching_step(secret, code, now_ms=now_ms, after=found.totp_step)
    if step is None:
        return False
    taken = tx.execute(
        update(OPERATOR)
        .where(OPERATOR.c.id == found.account.id, OPERATOR.c.totp_step < step)
        .values(totp_step=step)
    )
    return taken.rowcount == 1


def _as_login(row: Row[tuple[object, ...]]) -> Login:
    return Login(
        account=people.as_account(row),
        login=row.login or "",
        password=row.password,
        totp_secret=row.totp_secret,
        totp_step=row.totp_step,
        must_set_up=row.must_set_up,
    )
