"""The emulator as a server."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import click

from provisioner.cli.options import common


def _checked_url(_context: click.Context, _option: click.Parameter, url: str | None) -> str | None:
    if url is not None and not _is_address(url):
        raise click.BadParameter(
            f"'{url}' is no address of an endpoint; write http://HOST/PATH or https://HOST/PATH."
        )
    return url


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    # A path is added at the end: what stands after a path would be in its way.
    return named and parts.scheme in ("http", "https") and not (parts.query or parts.fragment)


@click.group()
def emulator() -> None:
    """Azure OpenAI on this machine, without Azure."""


@emulator.command()
@common
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8787, show_default=True, help="0: a free one."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Keep everything here; left out, in memory.",
)
@click.option("--api-key", metavar="KEY", help="The only key that is taken; left out, any.")
@click.option("--deployments", metavar="A,B", help="The deployments there are; left out, any.")
@click.option(
    "--transcript",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="What the model answers, as YAML; left out, an echo.",
)
@click.option(
    "--model-url",
    metavar="URL",
    callback=_checked_url,
    help="An endpoint of OpenAI's chat completions, such as http://localhost:11434/v1, that answers"
    " what no transcript does. Its key: PROVISIONER_EMULATOR_MODEL_KEY.",
)
@click.option("--latency", type=click.IntRange(0), default=0, metavar="MS", help="Delay answers.")
@click.option("--rate", type=click.IntRange(1), metavar="N", help="Requests a second before 429.")
@click.option(
    "--indexing-seconds",
    type=click.FloatRange(0),
    default=0.5,
    show_default=True,
    metavar="S",
    help="How long vector stores take to index new files.",
)
@click.option(
    "--fail-indexing",
    metavar="PATTERN",
    help="Names of files that vector stores fail to index, like 'draft-*'.",
)
@click.option(
    "--step-seconds",
    type=click.FloatRange(0),
    default=0.3,
    show_default=True,
    metavar="S",
    help="How long a run is queued, thinks, and takes for each step, unless looked at sooner.",
)
def serve(
    host: str,
    port: int,
    data: Path | None,
    api_key: str | None,
    deployments: str | None,
    transcript: Path | None,
    model_url: str | None,
    latency: int,
    rate: int | None,
    indexing_seconds: float,
    fail_indexing: str | None,
    step_seconds: float,
) -> None:
    """Serve until interrupted; prints `listening on http://HOST:PORT` when ready."""
    from provisioner.emulator.models.transcript import TranscriptError
    from provisioner.emulator.server import serve as run
    from provisioner.emulator.settings import EmulatorSettings

    names = frozenset(each.strip() for each in deployments.split(",")) if deployments else None
    settings = EmulatorSettings(
        data=data,
        api_key=api_key,
        deployments=names,
        latency_ms=latency,
        rate=rate,
        indexing_seconds=indexing_seconds,
        fail_indexing=fail_indexing,
        step_seconds=step_seconds,
        transcript=transcript,
        model_url=model_url,
    )
    try:
        run(settings, host, port)
    except TranscriptError as trouble:
        raise click.ClickException(str(trouble)) from None
    except OSError as trouble:
        where = trouble.filename or f"{host}:{port}"
        raise click.ClickException(f"{where}: {trouble.strerror or trouble}.") from None
