"""Keys and tokens in texts: told by their forms, and never repeated.

Left alone is what only looks random: ids of objects, UUIDs, digests in hexadecimal other than of 32
digits, and long runs of base64, such as images.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from provisioner.diagnostics import Diagnostic, Position, warning

PASTED = "M213"
"""The code of what looks like a key or a token."""

_VALUE = r"(?![{<$*%(\[])"
"""What stands for a value, as examples in prose have it, is none."""
_ALNUM = r"(?=[A-Za-z0-9]*[0-9])(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]"


@dataclass(frozen=True, slots=True)
class _Form:
    """One form of a key."""

    what: str
    signs: tuple[str, ...]
    """Any text that holds one has one of these: most texts are passed over at once."""
    pattern: re.Pattern[str]


def _form(what: str, signs: str, *pattern: str) -> _Form:
    return _Form(what, tuple(signs.split("|")), re.compile("".join(pattern), re.DOTALL))


_FORMS = (
    _form(
        "a private key",
        "PRIVATE KEY",
        r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----",
        r".{0,20000}?(?:-----END[^\n]{0,60}|\Z|(?=-----BEGIN))",
    ),
    _form("a signed token (JWT)", "eyJ", r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"),
    _form("a bearer token", "earer", r"\b[Bb]earer\s{1,9}(?=[\w.~+/-]*[0-9])[\w.~+/-]{20,}=*"),
    _form(
        "a key of OpenAI",
        "sk-",
        r"(?<![\w-])sk-(?=[\w-]*[0-9])(?:[a-z]{2,9}-[\w-]{20,}|\w{20,})",
    ),
    _form(
        "a token of GitHub",
        "ghp_|gho_|ghu_|ghs_|ghr_|github_pat_",
        r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,})",
    ),
    _form("a token of GitLab", "glpat-", r"\bglpat-[\w-]{20,}"),
    _form("a token of Slack", "xox", r"\bxox[abeprs]-[\w-]{10,}"),
    _form("a token of Hugging Face", "hf_", r"\bhf_(?=[a-z]*[A-Z])[A-Za-z]{30,}"),
    _form("a key of Google", "AIza", r"\bAIza[\w-]{35}"),
    _form("a key of Stripe", "k_live_|k_test_", r"\b[rs]k_(?:live|test)_\w{20,}"),
    _form(
        "an access key of AWS",
        "AKIA|ASIA",
        r"(?<![A-Za-z0-9+/])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9+/=])",
    ),
    _form(
        "a secret key of AWS",
        "ecret",
        r"(?i:aws_?secret_?access_?key)[\"']?\s{0,9}[:=]\s{0,9}[\"']?[A-Za-z0-9/+]{40}",
    ),
    _form("a client secret of Entra ID", "Q~", r"(?<![\w.~-])[\w.~-]{3}[0-9]Q~[\w.~-]{31,37}"),
    _form(
        "a shared access signature",
        "sig=",
        r"\bsig=(?=[A-Za-z%+/]*[0-9])[A-Za-z0-9%+/]{40,}=*",
    ),
    _form(
        "a connection string with its key",
        "AccountKey|AccessKey|SecretValue",
        r"\b(?:AccountKey|SharedAccessKey|SharedSecretValue|AccessKey)\s{0,9}=\s{0,9}",
        _VALUE,
        r"[A-Za-z0-9+/]{16,}=*",
    ),
    _form(
        "a connection string with its password",
        "Pwd|pwd|PWD|Password|password|PASSWORD",
        r"\b(?i:Server|Data Source|Host|User ?Id|Uid|Username)\s{0,9}=[^;\n]{1,200};",
        r"(?:[^;\n]{1,200};){0,9}?\s{0,9}(?i:Password|Pwd)\s{0,9}=\s{0,9}",
        _VALUE,
        r"[^;\s\"']{4,200}",
    ),
    _form(
        "an address with its password",
        "://",
        r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/:@\"'<>]{0,200}:",
        _VALUE,
        r"[^\s/@\"'<>$]{3,200}@[\w\[]",
    ),
    _form("a storage account's key", "==", r"(?<![A-Za-z0-9+/-])[A-Za-z0-9+/]{86}==(?!=)"),
    _form(
        "a key",
        "key|Key|KEY|token|Token|TOKEN|secret|Secret|SECRET",
        r"\b(?i:api|access|secret|account|subscription|client)[-_ ]?(?i:key|token|secret)",
        r"[\"']?\s{0,9}[:=]\s{0,9}[\"']?",
        _ALNUM,
        r"{20,}",
    ),
)
_RUN = re.compile(r"[A-Za-z0-9]{32,}")
_HEX = re.compile(r"[0-9a-f]{32}|[0-9A-F]{32}")
_HEX_DIGITS, _SEARCH_KEY, _LONG_KEY = 32, 52, 84
"""So long are keys of Azure OpenAI (the former, and those of today), and of Azure AI Search."""
_JOINED = frozenset("+/_.-")
"""What joins a run of letters and digits to a path, an id or base64."""
_STARS = dict.fromkeys(range(ord("!"), ord("~") + 1), "*")
_DIGEST = re.compile(r"(?i)md5[\"' ]{0,2}[:=]?[\"' ]{0,2}\Z")


@dataclass(frozen=True, slots=True)
class Pasted:
    """Something that looks like a key or a token."""

    what: str
    start: int
    end: int


def pasted(text: str) -> Iterator[Pasted]:
    """Find what looks like a key or a token in a text, in order; characters count from 0."""
    end = 0
    for each in sorted((*_formed(text), *_bare(text)), key=lambda each: (each.start, -each.end)):
        if each.start >= end:
            end = each.end
            yield each


def _formed(text: str) -> Iterator[Pasted]:
    for form in _FORMS:
        if any(sign in text for sign in form.signs):
            yield from (Pasted(form.what, *each.span()) for each in form.pattern.finditer(text))


def _bare(text: str) -> Iterator[Pasted]:
    """Find keys that are nothing but letters and digits, and stand alone."""
    for found in _RUN.finditer(text):
        run, (start, end) = found[0], found.span()
        before, after = text[max(start - 1, 0) : start], text[end : end + 2]
        if before in _JOINED or (after[:1] in _JOINED and after[1:].isalnum()) or after == "==":
            continue
        if _is_key(run) and not _DIGEST.search(text, max(start - 9, 0), start):
            yield Pasted("a key of an Azure service", start, end)


def _is_key(run: str) -> bool:
    if run.isdigit() or run.isalpha():
        return False
    if len(run) == _HEX_DIGITS:
        return _HEX.fullmatch(run) is not None
    is_mixed = run.upper() != run and run.lower() != run
    return is_mixed and (len(run) == _LONG_KEY or (len(run) == _SEARCH_KEY and "AzSe" in run))


def in_manifest(name: str, text: str) -> Iterator[Diagnostic]:
    """Warn of what a manifest holds, wherever in it: also in a comment."""
    line, at = 1, 0
    for each in pasted(text):
        line, at = line + text.count("\n", at, each.start), each.start
        begin = text.rfind("\n", 0, at) + 1
        yield looks_so(
            f"Here stands {each.what}, or what looks so.",
            Position(name, line, each.start - begin + 1),
        )


def in_file(written: str, text: str, position: Position) -> Iterator[Diagnostic]:
    """Warn of the first that stands in a file of instructions, at the place that names the file."""
    for each in pasted(text):
        line = text.count("\n", 0, each.start) + 1
        yield looks_so(f"{written}, line {line}, holds {each.what}, or what looks so.", position)
        return


def looks_so(what: str, position: Position | None) -> Diagnostic:
    """Warn of what looks like a key or a token, and say what to do."""
    return warning(
        "M213",
        "Text looks like a key or a token",
        f"{what} Whoever reads the file sees it, and what is sent is seen by whoever may read the"
        " assistant. If it is one, take it out and have a new one issued; name the variable that"
        " holds the key of the service in `auth`, and let a `sensitive` variable hold what else"
        " has to be sent.",
        position,
    )


def stars(text: str) -> str:
    """Put `*` for each visible ASCII character; lengths in bytes stay, and no key has others."""
    return text.translate(_STARS)


def without_pasted(text: str) -> str:
    """Put `*` for each visible ASCII character of what looks so; every place stays what it is."""
    parts, at = [], 0
    for each in pasted(text):
        parts += [text[at : each.start], stars(text[each.start : each.end])]
        at = each.end
    return "".join([*parts, text[at:]])
