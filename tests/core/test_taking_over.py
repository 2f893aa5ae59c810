"""Taking over live objects as they are: tagged, recorded, and nothing else."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from factories import (
    BOT,
    DATA,
    ENVIRONMENT,
    OTHER,
    SERVICE,
    UID,
    codes,
    holding,
    make_assistant,
    make_file,
    make_state,
)
from fake_provider import SILENT, FakeProvider, lost, refused
from local_state import LocalState

from provisioner.address import Address
from provisioner.api_version import ApiVersion
from provisioner.errors import PlanError
from provisioner.events import Event, Failed, Succeeded
from provisioner.manifest.catalog import Catalog
from provisioner.manifest.document import Document
from provisioner.manifest.environments import Environment
from provisioner.manifest.paths import ProjectFiles
from provisioner.manifest.project import Project
from provisioner.manifest.provider_config import ProviderConfig
from provisioner.manifest.yaml_nodes import parse
from provisioner.operations.connection import Connection
from provisioner.operations.observing import observe
from provisioner.operations.taking_over import take_over
from provisioner.operations.workspace import Workspace
from provisioner.resource import Owner, RemoteObject, Resource

NOTHING = Catalog({}, frozenset(), {})


def workspace(folder: Path, *resources: Resource) -> Workspace:
    """Make a workspace that declares these resources."""
    config = ProviderConfig(SERVICE.type, ApiVersion("2024-05-01-preview"), SERVICE.endpoint)
    environment = Environment(ENVIRONMENT, config, {})
    (parsed,), _ = parse("a: b")
    document = Document("provisioner.yaml", {}, parsed.node)
    environments = MappingProxyType({ENVIRONMENT: environment})
    project = Project(folder, "demo", UID, None, environments, document)
    return Workspace(
        project,
        environment,
        {each.address: each for each in resources},
        (),
        (),
        NOTHING,
        NOTHING,
        ProjectFiles(Path()),
    )


def live(resource: Resource, id_: str, **more: Any) -> RemoteObject:
    """Make the live object that a resource describes, without its references."""
    attributes = {key: each for key, each in resource.attributes.items() if key != "sha256"}
    return RemoteObject(resource.address.kind, id_, {**attributes, **more})


def run(site: Workspace, provider: FakeProvider, found: dict[Address, RemoteObject]) -> list[Event]:
    """Take over these objects."""
    state = LocalState(site.project.state_folder(ENVIRONMENT))
    recorded = state.read()
    observation = observe(provider, recorded, recorded.state or make_state(), {})
    connection = Connection(provider, SERVICE, SILENT)
    return list(take_over(site, connection, recorded, observation, found))


def test_an_assistant_is_tagged_and_recorded_with_its_files(tmp_path: Path) -> None:
    """One update sends what was live, and our tag; the file is only recorded."""
    data, bot = make_file(), make_assistant(**holding(DATA))
    held = {
        DATA: live(data, "assistant-1"),
        BOT: live(bot, "asst_1", **holding("assistant-1")),
    }
    provider = FakeProvider.holding(held.values())
    site = workspace(tmp_path, data, bot)
    events = run(site, provider, held)
    recorded = LocalState(site.project.state_folder(ENVIRONMENT)).read().state

    assert [each.id for each in events if isinstance(each, Succeeded)] == ["asst_1"]
    assert provider.writes == [("update", "asst_1")]
    assert provider.objects["asst_1"].attributes == held[BOT].attributes
    assert provider.tags["asst_1"].owner == Owner(UID, ENVIRONMENT, BOT)
    assert provider.tags["asst_1"].files
    assert recorded
    assert {key: each.id for key, each in recorded.resources.items()} == {
        DATA: "assistant-1",
        BOT: "asst_1",
    }
    assert recorded.resources[BOT].depends_on == (DATA,)
    assert recorded.resources[DATA].attributes == data.attributes


def test_one_that_is_refused_leaves_the_others_taken(tmp_path: Path) -> None:
    """It is told, and not recorded."""
    resources = [make_assistant(), make_assistant(OTHER)]
    held = {each.address: live(each, each.address.name) for each in resources}
    provider = FakeProvider.holding(held.values(), failures={("update", "bot"): refused()})
    site = workspace(tmp_path, *resources)
    events = run(site, provider, held)
    recorded = LocalState(site.project.state_folder(ENVIRONMENT)).read()

    assert [each.address for each in events if isinstance(each, Failed)] == [BOT]
    assert recorded.state
    assert list(recorded.state.resources) == [OTHER]
    assert recorded.pending == ()


def test_an_answer_that_is_lost_stays_pending(tmp_path: Path) -> None:
    """The next run looks whether it was carried out."""
    bot = make_assistant()
    held = {BOT: live(bot, "asst_1")}
    provider = FakeProvider.holding(held.values(), failures={("update", "asst_1"): lost()})
    site = workspace(tmp_path, bot)
    run(site, provider, held)
    pending = LocalState(site.project.state_folder(ENVIRONMENT)).read().pending
    provider.failures.clear()
    run(site, provider, {})
    recorded = LocalState(site.project.state_folder(ENVIRONMENT)).read()

    assert [each.address for each in pending] == [BOT]
    assert recorded.pending == ()
    assert recorded.state
    assert recorded.state.resources[BOT].id == "asst_1"


def test_another_owners_object_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    """Nor is any of the others touched."""
    resources = [make_assistant(), make_assistant(OTHER)]
    theirs = RemoteObject("assistant", "asst_2", {"model": "m"}, Owner("u2", ENVIRONMENT, OTHER))
    held = {BOT: live(resources[0], "asst_1"), OTHER: theirs}
    provider = FakeProvider.holding(held.values())
    with pytest.raises(PlanError) as caught:
        run(workspace(tmp_path, *resources), provider, held)

    assert codes(caught.value) == ["P033"]
    assert provider.writes == []
