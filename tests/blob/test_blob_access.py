"""Who may reach the state in Azure Blob Storage, and what is said where somebody may not."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest
from azure.storage.blob import ContainerSasPermissions, generate_container_sas
from azurite_process import ACCOUNT, KEY
from blob_projects import BlobProject
from processes import environment

from provisioner.state import blob_client

WRONG = "AAAA" + KEY[4:]


def sas(project: BlobProject) -> str:
    """Sign for the container."""
    return generate_container_sas(
        ACCOUNT,
        project.container.name,
        account_key=KEY,
        permission=ContainerSasPermissions.from_string("racwdl"),
        expiry=datetime.now(timezone.utc) + timedelta(hours=1),
    )


def run(project: BlobProject, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a process of its own: a client is made once in each."""
    command = [sys.executable, "-m", "provisioner", "-C", str(project.folder), *arguments]
    return subprocess.run(
        command, env=environment(**given), capture_output=True, text=True, check=False
    )


def auth(project: BlobProject, written: str) -> None:
    """Say in the Project where the credential is."""
    project.edit("provisioner.yaml", "container:", f"auth: {written}, container:")


@pytest.mark.parametrize("written", ["", "{type: sas, env: MY_SAS}"])
def test_a_shared_access_signature_is_enough(
    project: BlobProject, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    """From the Azure CLI's variable, or from the one that `auth` names; it is shown nowhere."""
    monkeypatch.delenv("AZURE_STORAGE_KEY")
    if written:
        auth(project, written)
    token = sas(project)
    name = "MY_SAS" if written else "AZURE_STORAGE_SAS_TOKEN"
    done = run(project, "apply", "--auto-approve", **{name: f"?{token}"})
    assert done.returncode == 0, done.stderr
    project.container.write("demo/test/state.json", b"{")
    refused = run(project, "plan", **{name: token})
    assert refused.returncode == 1
    signature = token.partition("sig=")[2].partition("&")[0]
    assert signature not in done.stdout + done.stderr + refused.stdout + refused.stderr


def test_an_account_key_may_have_a_name_of_its_own(
    project: BlobProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`auth` names the variable."""
    monkeypatch.delenv("AZURE_STORAGE_KEY")
    auth(project, "{type: account_key, env: STATE_KEY}")
    assert run(project, "apply", "--auto-approve", STATE_KEY=KEY).returncode == 0


@pytest.mark.parametrize(("value", "said"), [(None, "is not set"), ("no key", "holds no")])
def test_a_credential_that_is_missing_is_named(
    project: BlobProject, value: str | None, said: str
) -> None:
    """By its variable; what it holds is not shown."""
    auth(project, "{type: account_key, env: STATE_KEY}")
    refused = run(project, "plan", **({"STATE_KEY": value} if value else {}))
    assert refused.returncode == 1
    assert "[S026]" in refused.stderr
    assert f"STATE_KEY {said}" in " ".join(refused.stderr.split())
    assert "no key" not in refused.stderr


def test_without_any_credential_the_variables_are_named(project: BlobProject) -> None:
    """On this machine, by http, Entra ID can't stand in."""
    refused = run(project, "plan", AZURE_STORAGE_KEY="", AZURE_STORAGE_SAS_TOKEN="")
    assert refused.returncode == 1
    assert "[S026]" in refused.stderr
    assert "Set AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN" in " ".join(refused.stderr.split())


def test_an_account_that_is_not_there_is_no_empty_state(project: BlobProject) -> None:
    """The address is what has to be looked at."""
    project.edit("provisioner.yaml", f"/{ACCOUNT}", "/devstoreaccount2")
    refused = run(project, "plan", AZURE_STORAGE_KEY=KEY)
    assert refused.returncode == 1
    assert "[S031]" in refused.stderr
    assert "check `account_url`" in " ".join(refused.stderr.split())


def test_what_is_downloaded_is_gone_when_a_command_ends(project: BlobProject) -> None:
    """Revisions are read as files, and what is in them may be sensitive one day."""
    project.apply()
    project.edit("bot.yaml", "Count.", "Count on.")
    project.apply()
    shown = run(project, "diff", "1", "2", AZURE_STORAGE_KEY=KEY)
    assert "Count on." in shown.stdout
    again = run(project, "rollback", "1", "--auto-approve", AZURE_STORAGE_KEY=KEY)
    assert again.returncode == 0, again.stderr
    left = [each.name for each in (project.folder / ".provisioner" / "test").iterdir()]
    assert not [each for each in left if "download" in each]


def test_a_wrong_key_names_the_rights_that_are_missing(project: BlobProject) -> None:
    """With the status and the id that support asks for; nothing was sent to the service."""
    refused = run(project, "apply", "--auto-approve", AZURE_STORAGE_KEY=WRONG)
    assert refused.returncode == 1
    said = " ".join(refused.stderr.split())
    assert "HTTP 403 AuthorizationFailure (request id " in said
    assert "Storage Blob Data Contributor" in said
    assert WRONG not in said
    assert project.service.assistants() == []


def test_an_account_that_cannot_be_reached_is_named(
    project: BlobProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its address, and without the signature that the SDK would quote."""
    monkeypatch.delenv("AZURE_STORAGE_KEY")
    monkeypatch.setenv("AZURE_STORAGE_SAS_TOKEN", sas(project))
    monkeypatch.setattr(blob_client, "RETRIES", 0)
    port = project.container.account.rpartition(":")[2].partition("/")[0]
    project.edit("provisioner.yaml", f":{port}/", ":9/")
    refused = project.run("plan")
    assert refused.code == 1
    assert "[S031]" in refused.err
    assert "no answer (" in " ".join(refused.err.split())
    assert "sig=" not in refused.err + refused.out


def test_without_the_sdk_its_installation_is_named(project: BlobProject) -> None:
    """It is an extra."""
    (project.folder / "azure.py").write_text("raise ImportError")
    refused = run(project, "plan", PYTHONPATH=f"{project.folder}:{environment()['PYTHONPATH']}")
    assert refused.returncode == 1
    assert "State needs a package that is not installed [S025]" in refused.stderr
    assert "pip install azure-storage-blob" in refused.stderr


def test_only_what_keeps_its_state_there_loads_the_sdk(project: BlobProject) -> None:
    """A command starts as fast as before."""
    project.keep_locally()
    (project.folder / "azure.py").write_text("raise ImportError")
    done = run(project, "plan", PYTHONPATH=f"{project.folder}:{environment()['PYTHONPATH']}")
    assert done.returncode == 0, done.stderr
