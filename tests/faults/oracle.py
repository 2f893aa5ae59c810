"""What has to hold in the end, found out past the proxy and without any of the product's code."""

from __future__ import annotations

import json
import stat
import urllib.request
from collections.abc import Iterator
from typing import Any

from azurite_process import KEY as ACCOUNT_KEY
from bench import LostError, Site
from blob_projects import Container
from evolution import TAG, Foreign
from invention import ENVIRONMENT, MODELS, PROJECT, V2_LATER, Declared
from projects import KEY, Service

STATE = f"{PROJECT}/{ENVIRONMENT}/state.json"
"""The blob of that name, where the state is not in local files."""

Live = dict[str, dict[str, Any]]


def live(service: Service, path: str) -> Live:
    """List all objects of a collection, by id."""
    query = "" if path == "files" else "?limit=100"
    found = {each["id"]: each for each in service.call("GET", f"/{path}{query}")["data"]}
    if path == "vector_stores":
        for id_, each in found.items():
            held = service.call("GET", f"/vector_stores/{id_}/files?limit=100")["data"]
            each["files"] = sorted(file["id"] for file in held)
    return found


def everything(url: str) -> dict[str, Live]:
    """List all that is at the service."""
    service = Service(url, V2_LATER)
    return {path: live(service, path) for path in ("assistants", "files", "vector_stores")}


def content(service: Service, id_: str) -> str:
    """Download a file."""
    request = urllib.request.Request(
        f"{service.url}/openai/files/{id_}/content?api-version={service.api_version}",
        headers={"api-key": KEY},
    )
    with urllib.request.urlopen(request) as answer:
        return bytes(answer.read()).decode()


def foreign_now(site: Site, foreign: Foreign) -> str:
    """Write down, byte for byte, what isn't ours."""
    found = everything(site.bench.emulator)
    standing = site.bench.standing
    return json.dumps(
        {
            path: {
                id_: each
                for id_, each in found[path].items()
                if id_ in getattr(foreign, path) or id_ in standing.get(path, ())
            }
            for path in found
        },
        sort_keys=True,
        indent=1,
    )


def whole(site: Site, declared: Declared, foreign: Foreign) -> None:
    """One object per address, as declared, and none besides; raises LostError."""
    found = everything(site.bench.emulator)
    standing = site.bench.standing
    ours = {
        path: {
            id_: each
            for id_, each in found[path].items()
            if id_ not in getattr(foreign, path) and id_ not in standing.get(path, ())
        }
        for path in found
    }
    recorded = read_state(site)["resources"]
    if set(recorded) != declared.addresses:
        raise LostError(f"recorded: {sorted(recorded)}, declared: {sorted(declared.addresses)}")
    if left := [address for address, each in recorded.items() if each["deposed"]]:
        raise LostError(f"replaced, and never deleted: {left}")
    ids = {address: each["id"] for address, each in recorded.items()}
    for path, kind in (
        ("assistants", "assistant"),
        ("files", "file"),
        ("vector_stores", "vectorstore"),
    ):
        wanted = {id_ for address, id_ in ids.items() if address.startswith(f"{kind}.")}
        if wanted != set(ours[path]):
            raise LostError(
                f"{path}: missing {sorted(wanted - set(ours[path]))},"
                f" left over {sorted(set(ours[path]) - wanted)}"
            )
    _as_declared(site, declared, ids, ours)


def _as_declared(
    site: Site, declared: Declared, ids: dict[str, str], ours: dict[str, Live]
) -> None:
    service = Service(site.bench.emulator, V2_LATER)
    for name, each in declared.files.items():
        got = ours["files"][ids[f"file.{name}"]]
        _same(name, "filename", got["filename"], each["path"].split("/")[-1])
        _same(name, "content", content(service, got["id"]), each["text"])
    for name, each in declared.stores.items():
        got = ours["vector_stores"][ids[f"vectorstore.{name}"]]
        _same(name, "files", got["files"], sorted(ids[f"file.{file}"] for file in each["files"]))
        _same(name, "tag", _tag(got), [declared.uid, ENVIRONMENT, f"vectorstore.{name}"])
    for name, each in declared.assistants.items():
        got = ours["assistants"][ids[f"assistant.{name}"]]
        _assistant(site, declared, ids, name, each, got)


def _assistant(
    site: Site,
    declared: Declared,
    ids: dict[str, str],
    name: str,
    wanted: dict[str, Any],
    got: dict[str, Any],
) -> None:
    secret = f" Use {site.secrets['token']}." if wanted["secret"] else ""
    text = wanted["text"].strip() + secret
    text += f"\n\n{declared.shared}" if wanted["shared"] else ""
    _same(name, "instructions", got["instructions"], text)
    _same(name, "model", got["model"], MODELS[wanted["model"]])
    _same(name, "name", got["name"], wanted["name"] or name)
    _same(name, "description", got["description"] or None, wanted["description"])
    _same(name, "owner", got["metadata"].get("owner"), wanted["owner"])
    _same(name, "tag", _tag(got), [declared.uid, ENVIRONMENT, f"assistant.{name}"])
    held = got["tool_resources"].get("code_interpreter", {}).get("file_ids", [])
    _same(
        name, "files", sorted(held), sorted(ids[f"file.{each}"] for each in wanted["files"] or ())
    )
    stores = got["tool_resources"].get("file_search", {}).get("vector_store_ids", [])
    _same(name, "store", stores, [ids[f"vectorstore.{wanted['store']}"]] if wanted["store"] else [])


def _tag(got: dict[str, Any]) -> list[str]:
    return str(got["metadata"].get(TAG, "")).split("/")[:3]


def _same(name: str, what: str, got: Any, wanted: Any) -> None:
    if got != wanted:
        raise LostError(f"{what} of {name}: {got!r}, and declared is {wanted!r}")


def nothing_left(site: Site, foreign: Foreign) -> None:
    """Nothing of ours is left at the service, or recorded."""
    found = everything(site.bench.emulator)
    for path, objects in found.items():
        known = getattr(foreign, path) | set(site.bench.standing.get(path, ()))
        if left := sorted(set(objects) - known):
            raise LostError(f"{path} left over: {left}")
    if recorded := read_state(site)["resources"]:
        raise LostError(f"still recorded: {sorted(recorded)}")


def read_state(site: Site) -> Any:
    """Read the state; where none is, nothing is recorded."""
    if site.container:
        found = STATE in site.container.names()
        return json.loads(site.container.read(STATE)) if found else {"resources": {}}
    path = site.project / ".provisioner" / ENVIRONMENT / "state.json"
    return json.loads(path.read_text()) if path.exists() else {"resources": {}}


def tidy(site: Site) -> None:
    """No journal, no half-written file, nothing that others may read."""
    for project in site.checkouts:
        for path in (project / ".provisioner").rglob("*"):
            name = path.relative_to(site.folder)
            if path.name == "journal.jsonl":
                raise LostError("the journal is still there")
            if path.name.startswith(".") and path.name != ".gitignore":
                raise LostError(f"left over: {name}")
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise LostError(f"others may read {name}")
    if site.container and (left := _journals(site, site.container)):
        raise LostError(f"left over: {left}")


def _journals(site: Site, container: Container) -> list[str]:
    """List what is left of journals: blobs that nothing names count only if nothing broke off."""
    found = [each for each in container.names() if each.rpartition("/")[2].startswith("journal")]
    return [each for each in found if each.endswith("/journal.jsonl") or not site.broken_off]


def no_secret(site: Site) -> None:
    """Neither a key nor a sensitive value is in any file, blob or output."""
    secrets = [KEY, ACCOUNT_KEY, *(each.split('"')[0] for each in site.secrets.values())]
    for name, held in _kept(site):
        if any(each.encode() in held for each in secrets):
            raise LostError(f"a secret in {name}")
    if any(each in said for said in site.said for each in secrets):
        raise LostError("a secret in what a command said")


def _kept(site: Site) -> Iterator[tuple[str, bytes]]:
    """Go through all that is written: files of the project, and blobs with their metadata."""
    for project in site.checkouts:
        for path in project.rglob("*"):
            if path.is_file():
                yield str(path.relative_to(site.folder)), path.read_bytes()
    if site.container:
        for blob in site.container.client.list_blobs(include=["metadata"]):
            yield blob.name, site.container.read(blob.name) + repr(blob.metadata).encode()


def hold(site: Site, foreign: Foreign, before: str) -> None:
    """Hold a case to what must be so however it went."""
    tidy(site)
    no_secret(site)
    after = foreign_now(site, foreign)
    if after != before:
        raise LostError(f"what isn't ours has changed:\n{before}\n{after}")
