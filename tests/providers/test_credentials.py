"""Credentials: from the environment or from Entra ID, and what is said where there are none."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from provisioner.errors import ProvisionerError
from provisioner.providers.credentials import SCOPE, from_entra, from_environment


def codes(trouble: ProvisionerError) -> list[str]:
    """Give the codes of an error's diagnostics."""
    return [each.code for each in trouble.diagnostics]


def test_a_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The manifest names the variable, and never the key."""
    monkeypatch.setenv("MY_KEY", "k1")
    found = from_environment("MY_KEY", bearer=False)
    assert (found.api_key, found.token) == ("k1", None)


def test_a_token_made_elsewhere_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipeline may have fetched it."""
    monkeypatch.setenv("MY_TOKEN", "t1")
    found = from_environment("MY_TOKEN", bearer=True)
    assert found.api_key is None
    assert found.token is not None
    assert found.token() == "t1"


@pytest.mark.parametrize(("bearer", "what"), [(False, "API key"), (True, "token")])
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, value: str | None, what: str, *, bearer: bool
) -> None:
    """Unset and empty are one, and the message says what belongs there."""
    monkeypatch.delenv("MY_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("MY_KEY", value)
    with pytest.raises(ProvisionerError) as caught:
        from_environment("MY_KEY", bearer=bearer)

    assert codes(caught.value) == ["R006"]
    assert "MY_KEY" in caught.value.diagnostics[0].detail
    assert what in caught.value.diagnostics[0].detail


@pytest.mark.parametrize("bearer", [False, True], ids=["key", "token"])
@pytest.mark.parametrize("value", ["k1\n", "k1\r\n", " k1\t"])
def test_white_space_around_a_secret_is_dropped(
    monkeypatch: pytest.MonkeyPatch, value: str, *, bearer: bool
) -> None:
    """Mounted secrets often end in a newline, which no header can carry."""
    monkeypatch.setenv("MY_KEY", value)
    found = from_environment("MY_KEY", bearer=bearer)
    assert (found.token() if found.token else found.api_key) == "k1"


@pytest.mark.parametrize("bearer", [False, True], ids=["key", "token"])
@pytest.mark.parametrize(
    "value", ["s3cret\u2013key", "s3cret\nkey", "s3cret key", "s3cret\x7fkey", "s3crét"]
)
def test_a_secret_that_no_header_can_carry_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str, *, bearer: bool
) -> None:
    """The variable is named, and nothing of its value is told."""
    monkeypatch.setenv("MY_KEY", value)
    with pytest.raises(ProvisionerError) as caught:
        from_environment("MY_KEY", bearer=bearer)

    assert codes(caught.value) == ["R006"]
    assert "MY_KEY" in caught.value.diagnostics[0].detail
    told = [repr(caught.value.diagnostics), *traceback.format_exception(caught.value)]
    assert "s3cr" not in "".join(told)


class SignInError(Exception):
    """Stands for azure-core's AzureError."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Put a module in the place of azure-identity; give what it was asked for."""
    seen: dict[str, Any] = {}

    def credential(**options: str) -> str:
        seen["options"] = options
        return "credential"

    def token_provider(given: str, scope: str) -> Callable[[], str]:
        seen["scope"] = (given, scope)

        def token() -> str:
            if "trouble" in seen:
                raise SignInError(seen["trouble"])
            return "t1"

        return token

    names = ("azure", "azure.identity", "azure.core", "azure.core.exceptions")
    modules = {name: ModuleType(name) for name in names}
    vars(modules["azure.identity"]).update(
        DefaultAzureCredential=credential, get_bearer_token_provider=token_provider
    )
    vars(modules["azure.core.exceptions"]).update(AzureError=SignInError)
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    return seen


def test_entra_gives_tokens_for_azure_openai(asked: dict[str, Any]) -> None:
    """Without options the default credential is taken as it is."""
    found = from_entra(None, None, None)
    assert found.token is not None
    assert found.token() == "t1"
    assert asked == {"options": {}, "scope": ("credential", SCOPE)}


def test_entra_takes_identity_tenant_and_scope(asked: dict[str, Any]) -> None:
    """A client id names a managed identity or a workload identity, whichever there is."""
    from_entra("c1", "t1", "https://ai.azure.com/.default")
    assert asked["options"] == {
        "managed_identity_client_id": "c1",
        "workload_identity_client_id": "c1",
        "workload_identity_tenant_id": "t1",
    }
    assert asked["scope"][1] == "https://ai.azure.com/.default"


def test_a_sign_in_that_fails_is_told_in_one_line(asked: dict[str, Any]) -> None:
    """azure-identity explains itself at length; the first line and the way on are enough."""
    asked["trouble"] = "No credential worked.\nEnvironmentCredential: unavailable\n"
    found = from_entra(None, None, None)
    assert found.token is not None
    with pytest.raises(ProvisionerError) as caught:
        found.token()

    assert codes(caught.value) == ["R008"]
    detail = caught.value.diagnostics[0].detail
    assert detail.startswith("No credential worked. Sign in with `az login`")
    assert "EnvironmentCredential" not in detail


def test_a_missing_azure_identity_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra: who uses keys doesn't need it."""
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    with pytest.raises(ProvisionerError) as caught:
        from_entra(None, None, None)

    assert codes(caught.value) == ["R007"]
    assert "pip install azure-identity" in caught.value.diagnostics[0].detail
