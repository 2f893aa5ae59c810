"""`python -m provisioner.emulator`: the emulator from the command line."""

import argparse
from pathlib import Path

from provisioner.emulator.models.transcript import TranscriptError
from provisioner.emulator.server import serve
from provisioner.emulator.settings import EmulatorSettings


def main(arguments: list[str] | None = None) -> None:
    """Serve as the arguments say."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        serve(_settings(given), given.host, given.port)
    except (TranscriptError, OSError) as error:
        parser.exit(1, f"{error}\n")


def _parser() -> argparse.ArgumentParser:
    default = EmulatorSettings()
    parser = argparse.ArgumentParser(prog="python -m provisioner.emulator", description=__doc__)
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=8787, help="0 takes a free one")
    add("--data", type=Path, help="folder that keeps everything; left out: memory")
    add("--api-key", help="the only key accepted; left out: any")
    add("--deployments", help="names that a model may have, comma-separated; left out: any")
    add("--latency", type=int, default=0, metavar="MS", help="wait before every answer")
    add("--transcript", type=Path, metavar="FILE", help="what the model answers")
    add("--model-url", metavar="URL", help="chat completions that answer what no transcript does")
    add("--step-seconds", type=float, default=default.step_seconds)
    add("--rate", type=int, metavar="N", help="requests per second, more are answered 429")
    add("--indexing-seconds", type=float, default=default.indexing_seconds)
    add("--attach-seconds", type=float, default=default.attach_seconds)
    add("--fail-indexing", metavar="PATTERN", help="names of files that stores fail to index")
    add("--file-downloads", action="store_true", help="give out the bytes of assistants' files")
    return parser


def _settings(given: argparse.Namespace) -> EmulatorSettings:
    names = given.deployments
    deployments = frozenset(names.split(",")) if names is not None else None
    return EmulatorSettings(
        data=given.data,
        api_key=given.api_key,
        deployments=deployments,
        latency_ms=given.latency,
        rate=given.rate,
        indexing_seconds=given.indexing_seconds,
        attach_seconds=given.attach_seconds,
        fail_indexing=given.fail_indexing,
        step_seconds=given.step_seconds,
        transcript=given.transcript,
        model_url=given.model_url,
        file_downloads=given.file_downloads,
    )


if __name__ == "__main__":
    main()
