"""Projects whose state is in Azure Blob Storage, and that storage looked at from behind."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

from azure.storage.blob import ContainerClient
from azurite_process import KEY
from projects import PROJECT, V2, Project

STATE = """\
      state: {{type: azure-blob, account_url: "{account}", container: {container}{more}}}
"""


@cache
def _client(account: str, name: str) -> ContainerClient:
    return ContainerClient(account, name, credential=KEY)


@dataclass(frozen=True)
class Container:
    """A container, looked at with the SDK alone."""

    account: str
    name: str

    @classmethod
    def made(cls, account: str) -> Container:
        """Make one."""
        container = cls(account, f"c{uuid.uuid4().hex[:12]}")
        container.client.create_container()
        return container

    @property
    def client(self) -> ContainerClient:
        """The SDK's client."""
        return _client(self.account, self.name)

    def names(self) -> list[str]:
        """List all blobs."""
        return sorted(each.name for each in self.client.list_blobs())

    def read(self, name: str) -> bytes:
        """Read a blob."""
        return self.client.download_blob(name).readall()

    def write(self, name: str, content: bytes) -> None:
        """Replace a blob, as nobody of ours would."""
        self.client.upload_blob(name, content, overwrite=True)


@dataclass(frozen=True)
class BlobProject(Project):
    """A project with one environment, `test`, whose state is in a container."""

    container: Container

    def begin(self, uid: str, url: str, more: str = "") -> None:
        """Write provisioner.yaml."""
        place = STATE.format(
            account=self.container.account, container=self.container.name, more=more
        )
        text = PROJECT.format(name="demo", uid=uid, url=url, api_version=V2)
        self.write("provisioner.yaml", text + place)

    def keep_locally(self) -> None:
        """Let provisioner.yaml say nothing of where the state is."""
        path = self.folder / "provisioner.yaml"
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(each for each in lines if "azure-blob" not in each))

    @property
    def state(self) -> Any:
        """The state."""
        return json.loads(self.container.read("demo/test/state.json"))

    @property
    def local(self) -> list[str]:
        """What is in the local folder of the environment."""
        folder = self.folder / ".provisioner" / "test"
        return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


def copy_of(project: BlobProject, other: BlobProject) -> BlobProject:
    """Put the manifests of one into another folder, as another machine checks them out."""
    for each in project.folder.iterdir():
        if each.is_file():
            other.write(each.name, each.read_text(encoding="utf-8"))
    return other
