"""Beginning a project."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from provisioner.diagnostics import error
from provisioner.errors import ManifestError
from provisioner.manifest.discovery import PROJECT_FILE
from provisioner.manifest.modeline import SCHEMA_FILE, modeline, schema_text

_PROJECT = """\
apiVersion: provisioner/v1
kind: Project
metadata:
  name: {name}
  uid: "{uid}"  # part of every ownership tag: never change it
spec:
  default_environment: local
  environments:
    # The built-in emulator: no account, no cost.
    local:
      provider: {{type: emulator}}
      models: {{chat: gpt-4o}}

    # Azure: fill in your resource and your deployment's name.
    # prod:
    #   provider:
    #     type: azure-openai
    #     endpoint: https://YOUR-RESOURCE.openai.azure.com
    #     api_version: 2024-05-01-preview
    #     auth: {{type: api_key, env: AZURE_OPENAI_API_KEY}}
    #   models: {{chat: YOUR-DEPLOYMENT}}
"""

_ASSISTANT = """\
apiVersion: provisioner/v1
kind: Assistant
metadata:
  name: hello
spec:
  name: Hello
  model: chat
  instructions: {file: instructions/hello.md}
"""

_INSTRUCTIONS = """\
You are a friendly assistant. Answer briefly, in the language of the question.
"""


def begin_project(folder: Path) -> list[Path]:
    """Write a project that plans and applies at once; refuses to overwrite anything."""
    name = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower())[:63].strip("-") or "project"
    project, assistant = folder / PROJECT_FILE, folder / "hello.yaml"
    written = _PROJECT.format(name=name, uid=secrets.token_hex(3))
    contents = {
        project: modeline(folder, project) + written,
        assistant: modeline(folder, assistant) + _ASSISTANT,
        folder / "instructions" / "hello.md": _INSTRUCTIONS,
        folder / SCHEMA_FILE: schema_text(),
    }
    taken = [path for path in contents if path.exists()]
    if taken:
        raise ManifestError(
            error(
                "M011",
                "Folder is in use",
                f"{', '.join(map(str, taken))} exists already, and is not overwritten. Choose"
                " another folder.",
            )
        )
    try:
        for path, text in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as trouble:
        raise ManifestError(
            error("M011", "Project can't be written", f"{folder}: {trouble.strerror or trouble}.")
        ) from trouble
    return list(contents)
