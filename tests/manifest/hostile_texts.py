"""Manifests that nobody would write, and the one code that is the answer to each."""

from __future__ import annotations

from collections.abc import Callable, Iterable

BOT = "apiVersion: provisioner/v1\nkind: Assistant\nmetadata: {name: bot}\nspec:\n  model: chat\n"
MEGABYTE = 1024 * 1024
DEEP = 1_000_000
NO_PROBLEM = ""


def spec(more: str) -> str:
    """Write an assistant with more in its spec."""
    return f"{BOT}  {more}\n"


def lines(texts: Iterable[str]) -> str:
    """Write an assistant with more lines in its spec."""
    return BOT + "".join(f"  {text}\n" for text in texts)


def metadata(pairs: Iterable[str]) -> str:
    """Write an assistant with pairs in its metadata."""
    return spec("metadata:\n" + "".join(f"    {pair}\n" for pair in pairs))


def laughs(first: str, level: Callable[[str], str]) -> str:
    """Write nine to the power of fifteen values in a kilobyte or two."""
    return lines([f"l0: &l0 {first}", *(f"l{n}: &l{n}{level(f'*l{n - 1}')}" for n in range(1, 16))])


def documents(count: int, more: str = "") -> str:
    """Write many documents into one file."""
    return "---\n".join(BOT.replace("bot", f"bot-{n}") + more for n in range(count))


def parameters(written: str) -> str:
    """Write a function tool with these parameters."""
    return spec(f"tools: [{{type: function, function: {{name: f, parameters: {written}}}}}]")


BOMBS: dict[str, tuple[str, Callable[[], str]]] = {
    "flow": ("M021", lambda: laughs("[x]", lambda last: f" [{', '.join([last] * 9)}]")),
    "block": ("M021", lambda: laughs("[x]", lambda last: f"\n  - {last}" * 9)),
    "maps": (
        "M021",
        lambda: laughs(
            "{a: x}", lambda last: f" {{{', '.join(f'k{n}: {last}' for n in range(9))}}}"
        ),
    ),
    "merges": (
        "M021",
        lambda: lines(
            [
                f"a: &a {{{', '.join(f'k{n}: 1' for n in range(3000))}}}",
                *(f"b{n}: {{<<: *a}}" for n in range(4000)),
            ]
        ),
    ),
    "long-text": (
        "M021",
        lambda: lines(
            [
                f"description: &t {'x' * 100_000}",
                f"metadata: {{{', '.join(f'k{n}: *t' for n in range(10_000))}}}",
            ]
        ),
    ),
    "one-in-each-document": (
        "M021",
        lambda: "---\n".join(
            lines(["a: &a [x]", *(f"a{n}: [{'*a, ' * 99}]" for n in range(9))]) for _ in range(99)
        ),
    ),
    "flow-list": ("M021", lambda: spec(f"tools: [{'x,' * DEEP}]")),
    "block-list": ("M021", lambda: spec("tools:\n" + "  - x\n" * DEEP)),
    "keys": ("M021", lambda: metadata(f"k{n}: v" for n in range(200_000))),
    "aliases": ("M021", lambda: lines(["name: &t x", f"tools: [{'*t,' * 100_000}]"])),
    "documents": ("M021", lambda: documents(10_000)),
    "empty-documents": (NO_PROBLEM, lambda: "---\n" * DEEP),
    "foreign-documents": (NO_PROBLEM, lambda: "---\na: b\n" * 800_000),
}

DEPTHS: dict[str, tuple[str, Callable[[], str]]] = {
    "brackets": ("M022", lambda: spec(f"tools: {'[' * DEEP}")),
    "braces": ("M022", lambda: spec(f"tools: {'{a: ' * DEEP}")),
    "hyphens": ("M022", lambda: spec(f"tools:\n    {'- ' * DEEP}x")),
    "questions": ("M022", lambda: spec(f"tools:\n    {'? ' * DEEP}x")),
    "blocks": ("M022", lambda: lines(f"{' ' * n}a:" for n in range(2000))),
    "aliases": (
        "M022",
        lambda: lines(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 150))]),
    ),
    "not-ours": (NO_PROBLEM, lambda: "[" * DEEP),
    "parameters": (NO_PROBLEM, lambda: parameters("{a: " * 90 + "x" + "}" * 90)),
    "cycle": ("M023", lambda: spec("tools: &t [*t]")),
    "cycle-through-a-map": ("M023", lambda: spec("metadata: &t {a: {b: *t}}")),
    "cycle-of-the-document": ("M023", lambda: f"&all\n{BOT}  tools: [*all]\n"),
}

FLOODS: dict[str, tuple[str, Callable[[], str]]] = {
    "duplicates": ("M003 M153", lambda: metadata(["k: v"] * 14_000)),
    "duplicates-at-the-top": ("M003", lambda: "apiVersion: provisioner/v1\n" * 14_000),
    "number-keys": ("M024 M153", lambda: metadata(f"{n}: v" for n in range(14_000))),
    "tags": ("M004 M105 M153", lambda: metadata(f"k{n}: !x v" for n in range(14_000))),
    "number-values": ("M103 M105 M153", lambda: metadata(f"k{n}: 1" for n in range(14_000))),
    "unknown-fields": ("M101 M153", lambda: lines(f"k{n}: v" for n in range(14_000))),
    "texts-as-tools": ("M103 M105 M153", lambda: spec("tools:\n" + "  - x\n" * 28_000)),
    "parts": ("M105", lambda: spec("instructions:\n" + "  - {file: a.md}\n" * 9_000)),
    "environments": (
        "M105",
        lambda: BOT.replace("{name: bot}", f"{{name: bot, environments: [{'x, ' * 28_000}]}}"),
    ),
    "sound-keys": ("M105", lambda: metadata(f"k{n}: v" for n in range(14_000))),
    "documents": ("M101", lambda: documents(1000, "  modell: x\n")),
    "variables": (
        "M205 M402",
        lambda: spec("instructions: " + "".join(f"${{var.v{n}}}" for n in range(20_000))),
    ),
    "variable-beginnings": ("M402", lambda: spec(f"instructions: {'${var.' * 10_000}")),
    "near-misses": (
        "M151",
        lambda: spec("instructions: " + "".join(f"${{var.V{n}}}" for n in range(2_000))),
    ),
}

LENGTHS: dict[str, tuple[str, Callable[[], str]]] = {
    "key": ("M101", lambda: spec(f"? {'k' * 7 * MEGABYTE}\n  : x")),
    "text": ("M105", lambda: spec(f"description: {'k' * 7 * MEGABYTE}")),
    "name": ("M104", lambda: BOT.replace("bot", "b" * 7 * MEGABYTE)),
    "kind": ("M006", lambda: BOT.replace("Assistant", "A" * 7 * MEGABYTE)),
    "api-version": ("M005", lambda: BOT.replace("/v1", f"/{'1' * 7 * MEGABYTE}")),
    "model": (NO_PROBLEM, lambda: BOT.replace("chat", "c" * 7 * MEGABYTE)),
    "tool-type": ("M104", lambda: spec(f"tools: [{{type: {'c' * 7 * MEGABYTE}}}]")),
    "reference": ("M104", lambda: spec(f"tools: [{{ref: {'c' * 7 * MEGABYTE}}}]")),
    "path": ("M105", lambda: spec(f"instructions: {{file: {'c/' * 3 * MEGABYTE}}}")),
    "tag": ("M004", lambda: spec(f"description: !{'c' * MEGABYTE} x")),
    "comment": (NO_PROBLEM, lambda: f"{BOT}# {'c' * 7 * MEGABYTE}\n"),
    "blanks": (NO_PROBLEM, lambda: f"{BOT}{' ' * 7 * MEGABYTE}\n"),
    "empty-lines": (NO_PROBLEM, lambda: BOT + "\n" * 7 * MEGABYTE),
    "digits": ("M026", lambda: spec(f"temperature: {'9' * 100_000}")),
    "hex-digits": ("M005 M026", lambda: BOT.replace("provisioner/v1", f"0x{'f' * 100_000}")),
    "hex-digits-in-parameters": ("M026", lambda: parameters(f"{{maximum: 0x{'f' * 100_000}}}")),
    "octal-digits": ("M026", lambda: spec(f"temperature: 0o{'7' * MEGABYTE}")),
    "decimals": (NO_PROBLEM, lambda: spec(f"temperature: 0.{'1' * MEGABYTE}")),
    "exponent": ("M027", lambda: spec("temperature: 1e999999")),
    "date": (NO_PROBLEM, lambda: spec("description: 2024-01-01T00:00:00Z")),
    "hyphens-in-a-name": ("M104", lambda: BOT.replace("bot", f"a{'-' * MEGABYTE}!")),
    "brackets-before-nothing": (NO_PROBLEM, lambda: "x: [\n" + "{'\"- " * DEEP),
    "escapes": ("M105", lambda: spec('description: "' + "\\U0001F600" * 500_000 + '"')),
}

ENCODINGS: dict[str, tuple[str, Callable[[], bytes]]] = {
    **{
        name: ("M001", lambda name=name: BOT.encode(name))  # type: ignore[misc]
        for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
    },
    "latin-1": ("M001", lambda: spec("description: Größe").encode("latin-1")),
    "surrogate": ("M001", lambda: BOT.encode() + b"  description: \xed\xa0\x80\n"),
    "escaped-surrogate": ("M002", lambda: spec('description: "\\ud800"').encode()),
    "nul": ("M002", lambda: spec("description: a\0b").encode()),
    "control-characters": ("M002", lambda: spec("description: a\x01\x1b[31mb").encode()),
    "escaped-control-characters": ("M101", lambda: spec('"\\e[31m\\0": x').encode()),
    "byte-order-mark": (NO_PROBLEM, lambda: b"\xef\xbb\xbf" + BOT.encode()),
    "crlf": (NO_PROBLEM, lambda: BOT.replace("\n", "\r\n").encode()),
    "cr": (NO_PROBLEM, lambda: BOT.replace("\n", "\r").encode()),
    "nel": (NO_PROBLEM, lambda: BOT.replace("\n", "\x85").encode()),
    "line-separator": (NO_PROBLEM, lambda: BOT.replace("\n", "\u2028").encode()),
}
