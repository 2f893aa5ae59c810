"""Secrets planted wherever one can stand, and looked for in everything that is written or said."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from gate import gate_before
from processes import started
from projects import KEY, ROOT, V2, Project, Result, command

sys.path.insert(0, str(Path(__file__).parents[1] / "providers"))

from loopback import DROP, Answer, Server, serving

MakeProject = Callable[..., Project]
API_KEY = "Zk3+planted/api-key=of\"this'test"
TOKEN = "planted-bearer-token-0123456789"
VALUE = 'planted sensitive value: 100% "quoted" & more'
SECRETS = (API_KEY, TOKEN, VALUE, "planted-proxy-password")

MANIFEST = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: bot}
spec:
  model: chat
  instructions: Call the API with ${var.token}, please.
  tools: [{type: code_interpreter, files: [{path: data.csv}]}]
"""


def forms(secret: str) -> Iterator[bytes]:
    """Give the forms in which a secret may have been written."""
    yield secret.encode()
    yield json.dumps(secret)[1:-1].encode()
    yield quote(secret, safe="").encode()
    yield b64encode(secret.encode()).rstrip(b"=")


def assert_nowhere(folder: Path, *results: Result) -> None:
    """No output, and no file below the folder, holds a planted secret in any form."""
    said = [(each.out + each.err).encode(errors="surrogatepass") for each in results]
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    texts = [*said, *(path.read_bytes() for path in files)]
    for secret in SECRETS:
        for form in forms(secret):
            assert not [each[:3000] for each in texts if form in each]


@pytest.fixture
def project(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Make a project with a sensitive value, everything of which logs as much as it can."""
    project = make_project(V2)
    project.edit("provisioner.yaml", "spec:\n", "spec:\n  variables: {token: {sensitive: true}}\n")
    project.write("a.yaml", MANIFEST)
    project.write("data.csv", "a,b\n")
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", VALUE)
    monkeypatch.setenv("OPENAI_LOG", "debug")
    monkeypatch.setenv("HTTPX_LOG_LEVEL", "trace")
    return project


def at_service(project: Project, server: Server) -> None:
    """Let the project's service be another one, with a key of its own."""
    project.edit("provisioner.yaml", project.service.url, server.url)


FORMS = ("text", "json", "ndjson", "markdown", "html")


def test_no_command_says_or_writes_a_secret(project: Project) -> None:
    """In no format, when everything goes well; the service alone has the value."""
    plan = str(project.folder / "saved.plan")
    results = [
        *(
            project.run("validate", "--format", each)
            for each in ("text", "json", "sarif", "github")
        ),
        *(project.run("plan", "--debug", "--format", each) for each in FORMS),
        project.run("plan", "--out", plan),
        *(project.run("show", plan, "--format", each) for each in FORMS),
        project.run("apply", plan, "--debug"),
        project.run("drift", "--debug"),
        project.run("drift", "--format", "json"),
        *(project.run("show", "--format", each) for each in ("text", "json")),
        *(project.run("output", "--format", each) for each in ("json", "env")),
        project.run("explain", "assistant.bot"),
        project.run("graph"),
        project.run("history"),
        project.run("fmt"),
    ]
    path = f"/assistants/{project.id('assistant.bot')}"
    project.service.call("POST", path, {"instructions": f"Now {VALUE}!", "description": "x"})
    results += [
        project.run("plan"),
        project.run("accept", "assistant.bot"),
        project.run("export", "--out", str(project.folder / "exported")),
        project.run("apply", "--auto-approve", "--format", "ndjson"),
        *(project.run(*each) for each in (("diff", "1", "2"), ("rollback", "1"))),
        *(
            project.run("state", *each)
            for each in (("list",), ("pull",), ("show", "assistant.bot"))
        ),
        project.run("state", "rm", "assistant.bot"),
        project.run("import", "assistant.bot", path.rpartition("/")[2]),
        project.run("state", "rebuild", "--force"),
        project.run("destroy", "--auto-approve"),
    ]

    assert not [each.err for each in results if "This is a bug" in each.err]
    assert any("debug: POST /assistants: HTTP 200 (request id" in each.err for each in results)
    assert_nowhere(project.folder, *results)


def test_files_of_ours_are_for_their_owner_alone(project: Project) -> None:
    """Whatever the umask; plans too."""
    before = os.umask(0)
    try:
        project.run("plan", "--out", str(project.folder / "saved.plan"))
        project.apply()
    finally:
        os.umask(before)

    for path in (*(project.folder / ".provisioner").rglob("*"), project.folder / "saved.plan"):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def echo(secret: str) -> list[Answer | str]:
    """Answer with what was sent: as it is, and in the forms in which it may come back."""
    told = f"Bad key {secret} ({quote(secret, safe='')}, {b64encode(secret.encode()).decode()})"
    headers = {"x-request-id": f"id-{quote(secret, safe='')}"}
    page = f"<html>{told}</html>".encode()
    return [
        Answer(401, {"error": {"code": f"no-{secret}", "message": told}}, headers),
        Answer(400, {"error": {"message": told}}),
        Answer(500, page, {"Content-Type": "text/html"}),
        Answer(200, page, {"Content-Type": f"text/html; k={quote(secret, safe='')}"}),
        Answer(307, None, {"Location": f"https://u:{quote(secret, safe='')}@elsewhere.example/x"}),
        DROP,
    ]


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("bearer", [False, True], ids=["key", "bearer"])
def test_what_a_service_repeats_is_covered(
    project: Project, monkeypatch: pytest.MonkeyPatch, number: int, bearer: bool
) -> None:
    """In whatever form it comes back, in refusals, pages, redirects and ids of requests."""
    secret = TOKEN if bearer else API_KEY
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", secret)
    monkeypatch.setattr("provisioner.providers.transport.RETRIES", 0)
    if bearer:
        project.edit("provisioner.yaml", "type: api_key", "type: bearer")
    with serving(echo(secret)[number]) as server:
        at_service(project, server)
        results = [
            project.run("plan", "--debug"),
            project.run("apply", "--auto-approve", "--debug", "--format", "ndjson"),
            project.run("import", "assistant.bot", "asst_1"),
            project.run("export"),
        ]
        header = "authorization" if bearer else "api-key"
        assert secret in server.seen[0].headers[header]

    assert [each.code for each in results] == [1, 1, 1, 1]
    assert not [each.err for each in results if "This is a bug" in each.err]
    assert "(credential)" in results[0].err or number >= 2
    assert_nowhere(project.folder, *results)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nothing_follows_a_redirect(
    project: Project, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """The other host gets no request, and the error names it."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", API_KEY)
    with serving() as other, serving() as server:
        server.answers = [Answer(status, None, {"Location": f"{other.url}/openai/assistants"})]
        at_service(project, server)
        refused = project.run("plan")
        seen = list(other.seen)

    assert refused.code == 1
    assert not seen
    assert f"leads elsewhere, to {other.url}. Nothing was sent" in " ".join(refused.err.split())


@pytest.mark.parametrize("address", ["foo://u:{}@127.0.0.1:1", "socks5://u:{}@127.0.0.1:1"])
def test_the_address_of_a_proxy_is_not_repeated(
    project: Project, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """It may hold a password; that it can't be used is told."""
    project.edit("provisioner.yaml", project.service.url, "https://contoso.openai.azure.com")
    monkeypatch.setenv("HTTPS_PROXY", address.format(SECRETS[3]))

    refused = project.run("plan")

    assert refused.code == 1
    assert "R021" in refused.err
    assert_nowhere(project.folder, refused)


def test_a_proxy_gets_no_key(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked to connect to the host, and the rest is for that host alone."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", API_KEY)
    monkeypatch.setattr("provisioner.providers.transport.RETRIES", 0)
    project.edit("provisioner.yaml", project.service.url, "https://contoso.openai.azure.com")
    with serving(Answer(502)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        refused = project.run("plan")

    assert refused.code == 1
    assert_nowhere(project.folder, refused)
    for each in proxy.seen:
        assert each.method == "CONNECT"
        assert API_KEY not in str(each.headers)


CRASH = """\
import sys
import provisioner.operations.planning as planning

def make_plan(workspace, *_rest, **_more):
    secret = {secret!r}
    try:
        raise ValueError(secret)
    except ValueError as trouble:
        raise KeyError(f"{{secret}} and more") from trouble

planning.make_plan = make_plan
from provisioner.__main__ import main
sys.argv = ["provisioner", *{arguments!r}]
main()
"""


@pytest.mark.parametrize("form", ["text", "ndjson"])
def test_a_bug_shows_places_and_no_values(project: Project, form: str) -> None:
    """Neither the messages of exceptions nor variables: they may hold secrets."""
    arguments = ["-C", str(project.folder), "plan", "--format", form]
    ended = subprocess.run(
        [sys.executable, "-c", CRASH.format(secret=VALUE, arguments=arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )

    assert ended.returncode == 1
    assert "This is a bug in provisioner (KeyError)." in ended.stderr
    assert "provisioner.cli.planning:" in ended.stderr
    assert "ValueError at" in ended.stderr
    assert "Traceback" not in ended.stderr
    if form == "ndjson":
        assert "This is a bug" in json.loads(ended.stdout.splitlines()[-1])["@message"]
    assert_nowhere(project.folder, Result(1, ended.stdout, ended.stderr))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_what_a_killed_run_leaves_holds_no_secret(
    project: Project, emulator: str, number: signal.Signals
) -> None:
    """Its journal neither; nor what the next run says of it."""
    with gate_before(emulator) as gate:
        project.edit("provisioner.yaml", emulator, gate.url)
        with started(project, "apply", "--auto-approve", "--debug") as run:
            gate.wait_for(lambda now: now.held == 1)
            run.process.send_signal(number)
            if number is signal.SIGINT:
                run.wait_for("Interrupt received")
                gate.open()
            code, out, err = run.end()
        gate.open()
    results = [Result(code, out, err)]
    assert_nowhere(project.folder, *results)

    project.edit("provisioner.yaml", gate.url, emulator)
    results += [project.run("state", "unlock"), project.run("plan"), project.run("show")]
    assert code != 0
    assert_nowhere(project.folder, *results)


def test_a_value_from_a_file_of_variables_is_refused_and_not_shown(project: Project) -> None:
    """No file may hold it."""
    outside = project.folder.parent / "vars.yaml"
    outside.write_text(f"token: {json.dumps(VALUE)}\n", encoding="utf-8")

    refused = [project.run(each, "--var-file", str(outside)) for each in ("validate", "plan")]

    assert [each.code for each in refused] == [1, 1]
    assert all("M210" in each.err for each in refused)
    assert_nowhere(project.folder, *refused)


def test_an_endpoint_with_a_password_is_refused_and_not_shown(project: Project) -> None:
    """By every command that reads the Project."""
    project.edit("provisioner.yaml", "http://", f"https://u:{SECRETS[3]}@")
    for each in ("validate", "plan", "drift", "show", "output"):
        refused = project.run(each)
        assert refused.code == 1
        assert SECRETS[3] not in refused.out + refused.err


def test_the_key_of_the_emulator_is_no_secret(tmp_path: Path) -> None:
    """What is told of the embedded one is told as it stands."""
    assert command("-C", str(tmp_path), "init").code == 0
    assert "emulator" in command("-C", str(tmp_path), "plan").out
    assert KEY not in command("-C", str(tmp_path), "plan", "--debug").err
