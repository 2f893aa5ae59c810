"""Keys and tokens in manifests: told by their forms, and never repeated."""

from __future__ import annotations

import base64
import hashlib
import random
import string
import uuid
from pathlib import Path

import pytest
from manifest_factories import KEY, assistant, azure, found, project, write

from provisioner.cli import run
from provisioner.manifest.pasted import pasted, without_pasted

CHANCE = random.Random(7)  # noqa: S311
BASE64 = base64.b64encode(CHANCE.randbytes(64)).decode()


def letters(count: int) -> str:
    """Make so many letters and digits, of each sort one at least."""
    made = "".join(CHANCE.choice(string.ascii_letters + string.digits) for _ in range(count - 3))
    return f"{made}aB7"


KEYS = {
    "azure": KEY,
    "azure-new": letters(84),
    "search": f"{letters(42)}AzSeA{letters(5)}",
    "openai": f"sk-{letters(48)}",
    "openai-project": f"sk-proj-{letters(24)}-{letters(30)}",
    "jwt": f"eyJ{letters(20)}.eyJ{letters(30)}.{letters(40)}",
    "bearer": f"Bearer {letters(40)}",
    "sas": f"https://x.blob.core.windows.net/c?sv=2022&sig={letters(43)}%3D",
    "storage": BASE64,
    "connection": f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={BASE64}",
    "bus": f"Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey={letters(43)}=",
    "sql": "Server=tcp:x.example.com;Initial Catalog=db;User ID=ann;Password=hunter2!;",
    "pem": "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
    "github": f"ghp_{letters(36)}",
    "github-fine": f"github_pat_{letters(22)}_{letters(59)}",
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "aws-secret": "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "entra": f"abc8Q~{letters(34)}",
    "address": "https://ann:hunter2@example.com/x",
    "named": f"api-key: {letters(24)}",
}
HARMLESS = [
    f"asst_{letters(24)}",
    f"assistant-{letters(24)}",
    f"file-{KEY}",
    f"vs_{letters(24)}",
    str(uuid.UUID(KEY)),
    hashlib.sha256(b"x").hexdigest(),
    hashlib.sha1(b"x", usedforsecurity=False).hexdigest(),
    f"md5: {KEY}",
    f"sha512-{BASE64}",
    f"data:image/png;base64,{base64.b64encode(CHANCE.randbytes(3000)).decode()}",
    base64.encodebytes(CHANCE.randbytes(3000)).decode(),
    "gpt-4o-2024-05-13-regional",
    "sk-learn based pipelines, and risk-management-2024-overview",
    "The bearer of this letter shows the password: ask the administrator.",
    "Server=x;User ID=ann;Password={your_password};",
    "https://user:${var.password}@host, or https://host:8080/path@x",
    "Set the header to Authorization: Bearer <token>",
    f"https://learn.microsoft.com/azure/{KEY}/page",
    "a" * 32,
    "1" * 32,
    "/subscriptions/0f8fad5b-d9cb-469f-a165-70867728950e/resourceGroups/x",
]


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("around", ["{}", "Use {}.", '{{"a": "{}"}}', "a: {}\nb: c"])
def test_a_key_is_found_wherever_it_stands(name: str, around: str) -> None:
    """And nothing of it is left when it is covered."""
    text = around.format(KEYS[name])
    assert list(pasted(text))
    assert len(without_pasted(text)) == len(text)
    assert not list(pasted(without_pasted(text)))


@pytest.mark.parametrize("text", HARMLESS, ids=range(len(HARMLESS)))
def test_what_only_looks_random_is_left_alone(text: str) -> None:
    """Ids, UUIDs, digests, base64, placeholders and prose."""
    assert not list(pasted(f"See {text} there"))
    assert without_pasted(text) == text


def about(folder: Path) -> list[tuple[str, int]]:
    """Tell where keys are found."""
    told = (each.position for each in found(folder) if each.code == "M213")
    return [(each.path, each.line) for each in told if each]


def test_keys_are_found_in_every_part_of_a_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Comments, functions, metadata, raw, patches and defaults; files of instructions too."""
    environment = {
        "provider": {"type": "emulator"},
        "patches": {"assistant.bot": {"spec": {"description": KEY}}},
    }
    function = {"name": "f", "description": f"key {KEY}", "parameters": {"type": "object"}}
    files = {
        "provisioner.yaml": project({"local": environment}, variables={"v": {"default": KEY}}),
        "bot.yaml": assistant(
            "bot",
            instructions={"file": "text.md"},
            metadata={"a": KEYS["openai"]},
            tools=[{"type": "function", "function": function}],
            raw={"foundry": {"x": KEYS["jwt"]}},
        )
        + f"# {KEYS['github']}\n",
        "text.md": f"Hello.\n{KEYS['connection']}\n",
    }
    write(tmp_path, files)

    told = about(tmp_path)
    assert sorted(set(told)) == [("bot.yaml", 1), ("bot.yaml", 2), ("provisioner.yaml", 1)]
    assert len(told) == 7
    for form in ("text", "json", "sarif", "github"):
        assert run(["-C", str(tmp_path), "validate", "--format", form]) == 0
        said = capsys.readouterr()
        assert "M213" in said.out + said.err
        for key in (KEY, KEYS["openai"], KEYS["jwt"], KEYS["github"], BASE64):
            assert key not in said.out + said.err


@pytest.mark.parametrize("sensitive", [True, False])
def test_a_given_value_is_looked_at_unless_it_is_sensitive(
    sensitive: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A value that is shown like any other should be no key."""
    write(tmp_path, {"provisioner.yaml": project(variables={"v": {"sensitive": sensitive}})})
    monkeypatch.setenv("PROVISIONER_VAR_V", KEY)

    assert run(["-C", str(tmp_path), "validate"]) == 0
    said = capsys.readouterr().err
    assert ("M213" in said) is not sensitive
    assert KEY not in said


def test_formatting_goes_on_where_a_key_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is a warning."""
    files = {"provisioner.yaml": project(), "bot.yaml": assistant(description=f"key {KEY}")}
    write(tmp_path, files)

    assert run(["-C", str(tmp_path), "fmt"]) == 0
    said = capsys.readouterr()
    assert "bot.yaml" in said.out
    assert "M213" in said.err
    assert KEY not in said.out + said.err


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://localhost.evil.com",
        "http://127.0.0.1.evil.com",
        "http://127.0.0.1@evil.com",
        "http://2130706433",
        "http://0x7f000001",
        "http://127.1",
        "http://localhost@evil.com",
        "http://evil.com#@localhost",
        "http://evil.com\\@localhost",
        "http://loc\u0430lhost",
        "https://cont\u043eso.openai.azure.com",
        "https://contoso.openai.azure.com@evil.com",
        "http://[::2]",
        "ftp://localhost",
    ],
)
def test_an_endpoint_that_only_looks_safe_is_refused(endpoint: str, tmp_path: Path) -> None:
    """The key would go there."""
    write(tmp_path, {"provisioner.yaml": project({"prod": azure(endpoint=endpoint)})})
    assert {each.code for each in found(tmp_path)} & {"M502", "M503", "M104"}


@pytest.mark.parametrize(
    "endpoint", ["http://[::1]:8787", "http://127.0.0.1:1", "http://LOCALHOST", "https://h.example"]
)
def test_an_endpoint_that_is_safe_is_taken(endpoint: str, tmp_path: Path) -> None:
    """Https, or this machine."""
    write(tmp_path, {"provisioner.yaml": project({"prod": azure(endpoint=endpoint)})})
    assert not found(tmp_path)
