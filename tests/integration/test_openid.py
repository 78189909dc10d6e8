"""Signing in by a real OpenID provider (Authlib's) that runs beside the hub, over HTTP."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.error import URLError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

import pytest

from tests.integration.running_hub import running_hub
from tests.integration.web_client import Answer, WebClient
from zongheng_hub.settings import Argon2, Oidc, SignIn
from zongheng_hub.store import Tx, open_store
from zongheng_hub.tenancy import service as tenancy
from zongheng_hub.tenancy.operators import registering, rules
from zongheng_hub.tenancy.operators.rules import Account
from zongheng_hub.testing import RunningHub
from zongheng_protos.tenancy.v1 import operators_pb2 as pb
from zongheng_tenants.ids import new_id


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--require-nonce", "true"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                with urlopen(f"{address}/.well-known/openid-configuration"):
                    break
            except URLError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, issuer: str) -> Iterator[RunningHub]:
    folder = tmp_path_factory.mktemp("openid")
    secret = folder / "secret"
    secret.write_text("a secret of the client\n")
    sign_in = SignIn(
        argon2=Argon2(memory_kib=64, passes=1, lanes=1),
        oidc=Oidc(issuer=issuer, client_id="zongheng", secret_file=str(secret)),
    )
    with running_hub(folder / "hub", sign_in=sign_in) as running:
        tie(running, "140000", "赵某某", "sub-zhao")
        tie(running, "140000", "两某某", "sub-two")
        tie(running, "140105", "两某某", "sub-two")
        yield running


def tie(hub: RunningHub, code: str, name: str, subject: str) -> None:
    """An account for an OpenID subject, as an administrator registers one."""
    store = open_store(hub.settings.data / "hub.sqlite3")

    def work(tx: Tx) -> None:
        unit = tenancy.tenant_by_code(tx.connection, code)
        assert unit is not None
        account = Account(new_id("o"), unit.id, name, rules.BUSINESS_ROLES, oidc_subject=subject)
        registering.register(tx, account, login="", must_set_up=False, now_ms=1, log_index=None)

    store.write_now(work)
    store.close()


def at_provider(hub: RunningHub, client: WebClient, subject: str) -> str:
    """Begin at the hub, sign in at the provider; returns where the provider sends the browser."""
    begun = client.get("/sign-in/oidc", follow=False)
    assert begun.status == 303
    parts = urlsplit(begun.headers["location"])
    asked = parse_qs(parts.query)
    assert asked["code_challenge_method"] == ["S256"]
    provider = WebClient(f"{parts.scheme}://{parts.netloc}")
    answer = provider.form(f"{parts.path}?{parts.query}", {"sub": subject}, follow=False)
    assert answer.status in (302, 303), answer.text[:2000]
    back = answer.headers["location"]
    assert back.startswith(f"{hub.web_address}/sign-in/oidc/callback?")
    return back.removeprefix(hub.web_address)


def signed_in(hub: RunningHub, subject: str) -> tuple[WebClient, Answer]:
    client = WebClient(hub.web_address)
    return client, client.get(at_provider(hub, client, subject))


def test_whoever_has_an_account_is_let_in(hub: RunningHub) -> None:
    client, answer = signed_in(hub, "sub-zhao")
    assert answer.status == 200
    assert "赵某某" in client.get("/account").text
    assert "统一身份认证" in client.get("/account").text


def test_whoever_has_none_is_not_and_none_is_made(hub: RunningHub) -> None:
    client, answer = signed_in(hub, "sub-stranger")
    assert answer.status == 422
    assert "请本单位管理员登记该经办人" in answer.text
    assert client.get("/account").status == 401


def test_whoever_has_two_accounts_chooses_one(hub: RunningHub) -> None:
    client, answer = signed_in(hub, "sub-two")
    offered = re.findall(r'name="account" value="([^"]+)"', answer.text)
    step = re.search(r'name="step" value="([^"]+)"', answer.text)
    assert len(offered) == 2 and step
    refused = WebClient(hub.web_address).form(
        "/sign-in/oidc/choose", {"step": step.group(1), "account": "o_another"}
    )
    assert refused.status == 422

    client, answer = signed_in(hub, "sub-two")
    step = re.search(r'name="step" value="([^"]+)"', answer.text)
    assert step
    client.form("/sign-in/oidc/choose", {"step": step.group(1), "account": offered[1]})
    assert client.get("/account").status == 200


def test_the_answer_counts_in_the_browser_that_asked_only(hub: RunningHub) -> None:
    asked, other = WebClient(hub.web_address), WebClient(hub.web_address)
    back = at_provider(hub, asked, "sub-zhao")
    at_provider(hub, other, "sub-zhao")

    assert WebClient(hub.web_address).get(back).status == 422
    assert other.get(back).status == 422
    assert other.get("/account").status == 401


def test_an_answer_works_once(hub: RunningHub) -> None:
    client = WebClient(hub.web_address)
    back = at_provider(hub, client, "sub-zhao")
    kept = dict(client.cookies)
    assert client.get(back).status == 200
    client.cookies = kept
    assert client.get(back).status == 422


@pytest.mark.parametrize("change", [{"state": "another"}, {"code": "another"}, {"code": ""}])
def test_an_answer_that_was_changed_does_not_count(hub: RunningHub, change: dict[str, str]) -> None:
    client = WebClient(hub.web_address)
    back = at_provider(hub, client, "sub-zhao")
    told = {key: values[0] for key, values in parse_qs(urlsplit(back).query).items()} | change
    answer = client.get(f"/sign-in/oidc/callback?{urlencode(told)}")
    assert answer.status == 422
    assert client.get("/account").status == 401


def test_roles_come_from_the_account_never_from_the_provider(hub: RunningHub) -> None:
    client, _ = signed_in(hub, "sub-zhao")
    assert pb.ROLE_ADMINISTRATOR not in rules.BUSINESS_ROLES
    assert client.get("/staff/new").status == 403
