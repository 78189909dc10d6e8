"""What a hub is told when it starts; nothing is read from the environment elsewhere."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from zongheng_hub.kernel.quota import PROVINCE_BUDGET, USUAL_BUDGET, Budget

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

GRPC_PORT = 7443
WEB_PORT = 7480
T = TypeVar("T", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class Argon2:
    """What a password's hash costs (RFC 9106), and how many are made at once.

    Attributes:
        memory_kib, passes, lanes: of one hash.
        at_once: how many run; memory for sign-ins never exceeds at_once times memory_kib.
        waiting: how many may run and wait; more are sent away.
    """

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 2
    at_once: int = 2
    waiting: int = 40


@dataclass(frozen=True, slots=True)
class Oidc:
    """An OpenID provider by which operators may sign in.

    Attributes:
        issuer: its address, as its tokens name it; https, or http on this machine.
        client_id: as the provider knows this hub.
        secret_file: holds the client's secret; empty: a public client.
        label: what the button on the sign-in page says.
        ca_file: certificates to trust, PEM; empty: the system's.
    """

    issuer: str
    client_id: str
    secret_file: str = ""
    label: str = "统一身份认证"
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """How people come into the console.

    Attributes:
        origin: the console's address as browsers see it, "https://hub.example"; empty: what the
            request says. Behind a proxy it should be named: passkeys and the OpenID provider's
            answer belong to it.
        trusted_proxies: addresses, separated by commas, whose X-Forwarded-For and
            X-Forwarded-Proto are believed.
        idle_minutes, absolute_hours: how long a session lasts unused, and at most.
    """

    origin: str = ""
    trusted_proxies: str = "127.0.0.1,::1"
    idle_minutes: int = 120
    absolute_hours: int = 12
    argon2: Argon2 = Argon2()
    oidc: Oidc | None = None

    @staticmethod
    def read(path: Path) -> SignIn:
        """From a TOML file: the fields above, tables [argon2] and [oidc].

        Raises:
            ValueError: it cannot be read, or names what is not known here; says what.
        """
        try:
            told = tomllib.loads(path.read_text("utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise ValueError(f"{path} cannot be read: {error}") from error
        argon2 = _filled(Argon2, told.pop("argon2", {}), f"{path} [argon2]")
        named = told.pop("oidc", None)
        oidc = None if named is None else _filled(Oidc, named, f"{path} [oidc]")
        return _filled(SignIn, told | {"argon2": argon2, "oidc": oidc}, str(path))


@dataclass(frozen=True, slots=True)
class Allowance:
    """What units may use of this process when nobody above them has said anything.

    Attributes:
        unit, province, address: budgets of a unit, of the province itself, and of an address on
            the web port.
    """

    unit: Budget = USUAL_BUDGET
    province: Budget = PROVINCE_BUDGET
    address: Budget = USUAL_BUDGET

    @staticmethod
    def read(path: Path) -> Allowance:
        """From a TOML file: tables [unit], [province] and [address] with whole numbers for the
        fields of kernel.quota.Budget; what is left out is as usual.

        Raises:
            ValueError: it cannot be read, or names what is not known here; says what.
        """
        try:
            told = tomllib.loads(path.read_text("utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise ValueError(f"{path} cannot be read: {error}") from error
        usual = Allowance()
        budgets = {
            name: _budget(getattr(usual, name), told.pop(name, {}), f"{path} [{name}]")
            for name in ("unit", "province", "address")
        }
        return _filled(Allowance, told | budgets, str(path))


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one hub process.

    Attributes:
        data: the data folder.
        host: the address to listen on.
        port, web_port: gRPC, and console with Connect endpoint; 0 chooses a free one.
        public_host: the name under which counties reach it; goes into its certificate.
        database: "postgresql://…"; None: a SQLite file in the data folder.
        sign_in: how people come into the console.
        suites: numbers of tenancy.v1.Suite that must work here, besides those in use.
        allowance: what units may use when nobody has said anything.
        metrics: "HOST:PORT" where Prometheus finds figures; empty: nowhere.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = GRPC_PORT
    web_port: int = WEB_PORT
    public_host: str = "127.0.0.1"
    database: str | None = None
    sign_in: SignIn = SignIn()
    suites: tuple[int, ...] = ()
    allowance: Allowance = Allowance()
    metrics: str = ""


def _budget(usual: Budget, told: Any, where: str) -> Budget:
    budget = _filled(Budget, {**asdict(usual), **told} if isinstance(told, dict) else told, where)
    for name, number in asdict(budget).items():
        if type(number) not in (int, float) or not 1 <= number <= 1e12:
            raise ValueError(f"{where}: {name} is no number from 1")
    return budget


def _filled(made: type[T], told: Any, where: str) -> T:
    if not isinstance(told, dict):
        raise ValueError(f"{where} is no table")
    known = {field.name: field.type for field in fields(made)}
    unknown = sorted(set(told) - set(known))
    if unknown:
        raise ValueError(f"{where} names {', '.join(unknown)}, which is not known here")
    for name, value in told.items():
        wanted = {"int": int, "str": str}.get(str(known[name]))
        if wanted is not None and type(value) is not wanted:
            raise ValueError(f"{where}: {name} is no {wanted.__name__}")
    try:
        return made(**told)
    except TypeError as error:
        raise ValueError(f"{where}: {error}") from error
