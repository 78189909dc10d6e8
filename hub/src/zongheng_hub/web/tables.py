"""Sign-in links that were handed out; only the token's hash is kept."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field, SQLModel


class SignInRow(SQLModel, table=True):
    """One link. used_ms is 0 until it has been used."""

    __tablename__ = "web_sign_in"

    token_sha256: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    tenant: str
    operator: str
    expires_ms: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))
    used_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
