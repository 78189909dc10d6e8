"""What a hub is told when it starts; nothing is read from the environment elsewhere."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

GRPC_PORT = 7443
WEB_PORT = 7480
T = TypeVar("T")


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
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = GRPC_PORT
    web_port: int = WEB_PORT
    public_host: str = "127.0.0.1"
    database: str | None = None
    sign_in: SignIn = SignIn()
    suites: tuple[int, ...] = ()


def _filled(made: type[T], told: Any, where: str) -> T:
    if not isinstance(told, dict):
        raise ValueError(f"{where} is no table")
    known = {field.name: field.type for field in fields(made)}  # type: ignore[arg-type]  # dataclasses
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
