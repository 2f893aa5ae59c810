"""Files that the code interpreter makes."""

import uuid
from base64 import b64decode
from collections.abc import Iterable

from provisioner.emulator import ids
from provisioner.emulator.conversations.run import Run
from provisioner.emulator.models.acts import Produced
from provisioner.emulator.store import Store
from provisioner.emulator.versions import find_version

PURPOSE = "assistants_output"
"""The purpose of what the code interpreter makes (recorded)."""


def keep_images(store: Store, run: Run, at: float, images: Iterable[Produced]) -> list[str]:
    """Keep images; give their ids. Recorded: a GUID is their name, without any extension."""
    return [_keep(store, run, at, str(uuid.uuid4()), image) for image in images]


def keep_files(store: Store, run: Run, at: float, files: Iterable[Produced]) -> dict[str, str]:
    """Keep files under their own names, of which Azure's aren't known; give the ids by name."""
    return {file.name: _keep(store, run, at, file.name, file) for file in files}


def _keep(store: Store, run: Run, at: float, name: str, file: Produced) -> str:
    version = find_version(f"{run.request['api_version']}-preview")
    file_id = ids.output_file_id(version)
    content = b64decode(file.base64)
    store.run(
        "INSERT INTO files (id, created_at, purpose, filename, bytes) VALUES (?, ?, ?, ?, ?)",
        *(file_id, int(at), PURPOSE, name, len(content)),
    )
    store.run("INSERT INTO file_contents VALUES (?, ?)", file_id, content)
    return file_id
