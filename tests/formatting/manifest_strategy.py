"""Manifests as people, editors and programs write them: any order, any indentation, comments."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

KNOWN = ("name", "description", "model", "instructions", "tools", "temperature", "metadata", "raw")
SCALARS = (
    *("yes", "on", "1:30", "1.0", "1e3", "0o17", "0x1F", "+1", "~", "null", "TRUE", "2001-01-01"),
    *("12345678901234567890123", "a#b", "text with blanks", "größe ✓", "https://a.example/?b=c"),
    *("''", '""', "'it''s'", '"tab\\t # no comment"', '"a: b"', "'- a'", "!!str 12", "-1.50"),
)
WORDS = st.sampled_from(
    ["word", "two words", "größe", "a: b" + "", "- dash", "# no comment", "  in"]
)


@dataclass
class Writing:
    """Writes one document line by line; remembers what must be found again."""

    draw: st.DrawFn
    count: int = 0
    anchors: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    above: list[tuple[str, str]] = field(default_factory=list)
    """Comments with the keys that they stand above."""
    beside: list[tuple[str, str]] = field(default_factory=list)
    """Comments with the keys in whose line they stand."""

    def number(self) -> int:
        """Count on."""
        self.count += 1
        return self.count

    def chance(self, one_in: int) -> bool:
        """Say yes now and then."""
        return self.draw(st.integers(1, one_in)) == 1

    def comment(self) -> str:
        """Make a comment that there is only once."""
        made = f"# comment {self.number()}" + self.draw(st.sampled_from(["", " ✓", ": x", " 'q"]))
        self.comments.append(made)
        return made

    def lines_before(self, column: int) -> list[str]:
        """Write blank lines."""
        return [self.draw(st.sampled_from(["", "", " " * column]))] if self.chance(5) else []

    def map(self, column: int, keys: list[str], depth: int) -> list[str]:
        """Write a map by indentation."""
        lines: list[str] = []
        for key in keys:
            lines += self.lines_before(column)
            if self.chance(4):
                lines.append(" " * column + self.comment())
                self.above.append((self.comments[-1], key))
            lines += self.entry(" " * column + key + ":", key, column, depth)
        return lines

    def list(self, column: int, depth: int) -> list[str]:
        """Write a list by indentation."""
        lines: list[str] = []
        for _ in range(self.draw(st.integers(1, 3))):
            lines += self.lines_before(column)
            if self.chance(5):
                lines.append(" " * column + self.comment())
            lines += self.item(column, depth)
        return lines

    def item(self, column: int, depth: int) -> list[str]:
        """Write an entry of a list; maps and lists stand beside the dash or below it."""
        if depth and self.chance(2):
            gap = self.draw(st.integers(1, 3))
            inner = column + 1 + gap
            nested = (
                self.map(inner, self.keys(), depth - 1)
                if self.chance(2)
                else self.list(inner, depth - 1)
            )
            if nested[0].strip() and "#" not in nested[0][: inner + 1]:
                nested[0] = " " * column + "-" + " " * gap + nested[0][inner:]
                return nested
            return [" " * column + "-", *nested]
        return self.entry(" " * column + "-", None, column, 0)

    def keys(self) -> list[str]:
        """Make up keys."""
        return [f"k{self.number()}" for _ in range(self.draw(st.integers(1, 3)))]

    def anchor(self) -> str:
        """Make an anchor now and then."""
        return f" &a{self.number()}" if self.chance(6) else ""

    def entry(self, head: str, key: str | None, column: int, depth: int) -> list[str]:
        """Write a value behind or below a key or a dash."""
        anchor = self.anchor()
        lines = self.value(head, anchor, key, column, depth)
        self.anchors += [anchor.strip(" &")] if anchor else []
        return lines

    def value(self, head: str, anchor: str, key: str | None, column: int, depth: int) -> list[str]:
        """Choose a way to write a value."""
        below = column + self.draw(st.integers(1, 4))
        ways = {
            "a": lambda: [self.ended(f"{head}{self.alias()}", key)],
            "b": lambda: self.block_text(head + anchor, below),
            "e": lambda: [self.ended(head + anchor, key)],
            "f": lambda: self.flow(head + anchor, below, key),
            "l": lambda: self.nested_list(head + anchor, column, below, key, depth - 1),
            "m": lambda: [
                self.ended(head + anchor, key),
                *self.map(below, self.keys(), depth - 1),
            ],
            "q": lambda: self.several_lines(head + anchor, below),
            "s": lambda: [self.ended(f"{head}{anchor} {self.draw(st.sampled_from(SCALARS))}", key)],
        }
        return ways[self.draw(st.sampled_from("sssqqbbaeff" + "mmmmll" * bool(depth)))]()

    def alias(self) -> str:
        """Refer to an anchor, if there is one by now."""
        return f" *{self.draw(st.sampled_from(self.anchors))}" if self.anchors else ""

    def nested_list(
        self, head: str, column: int, below: int, key: str | None, depth: int
    ) -> list[str]:
        """Write a list below its key, indented or not."""
        indentation = column if key and self.chance(2) else below
        return [self.ended(head, key), *self.list(indentation, depth)]

    def ended(self, line: str, key: str | None) -> str:
        """End a line with a comment now and then, or with blanks."""
        if not self.chance(5):
            return line + self.draw(st.sampled_from(["", "", " ", "\t"]))
        line += self.draw(st.sampled_from([" ", "   ", "\t"])) + self.comment()
        if key:
            self.beside.append((self.comments[-1], key))
        return line

    def block_text(self, head: str, column: int) -> list[str]:
        """Write a block scalar."""
        style = self.draw(st.sampled_from(["|", "|-", "|+", ">", ">-", ">+"]))
        texts = self.draw(st.lists(WORDS | st.just("") | st.just("end  "), max_size=4))
        pad = " " * column
        head = f"{head} {style}" + (f" {self.comment()}" if self.chance(6) else "")
        first = [pad + "first"] if texts else []
        return [head, *first, *(pad + each if each else "" for each in texts)]

    def several_lines(self, head: str, column: int) -> list[str]:
        """Write a text over several lines."""
        quote = self.draw(st.sampled_from(["", "'", '"']))
        middle = self.draw(st.lists(st.sampled_from(["more", "größe", "", "x - y"]), max_size=3))
        pad = " " * column
        escaped = "\\" if quote == '"' and self.chance(3) else ""
        lines = [f"{head} {quote}begins{escaped}", *(pad + each if each else "" for each in middle)]
        return [*lines, f"{pad}ends{quote}"]

    def flow(self, head: str, column: int, key: str | None) -> list[str]:
        """Write a map or a list with brackets, in one line or in several."""
        parts = [self.draw(st.sampled_from(SCALARS)) for _ in range(self.draw(st.integers(0, 3)))]
        if self.chance(2):
            parts = [f"k{self.number()}: {each}" for each in parts]
            opening, closing = "{}"
        else:
            opening, closing = "[]"
        if not self.chance(3):
            glue = self.draw(st.sampled_from([", ", " ,  "]))
            return [self.ended(f"{head} {opening}{glue.join(parts)}{closing}", key)]
        pad = " " * column
        comments = [f" {self.comment()}" if self.chance(3) else "" for _ in parts]
        lines = [f"{pad}{part},{comment}" for part, comment in zip(parts, comments, strict=True)]
        opening += f" {self.comment()}" if self.chance(4) else ""
        lines += [pad + self.comment()] if self.chance(6) else []
        return [f"{head} {opening}", *lines, pad + closing]


@dataclass(frozen=True)
class Written:
    """A manifest, and what must be found again in its canonical form."""

    text: str
    comments: list[str]
    above: list[tuple[str, str]]
    beside: list[tuple[str, str]]


def _document(writing: Writing) -> list[str]:
    draw = writing.draw
    fixed = ["apiVersion: provisioner/v1", "kind: Assistant", "metadata", "spec"]
    keys = draw(st.permutations(fixed))
    lines: list[str] = []
    if writing.chance(3):
        lines += [writing.comment(), *([""] if writing.chance(2) else [])]
    for key in keys:
        lines += [""] if writing.chance(4) else []
        if ":" in key:
            lines.append(writing.ended(key, key))
            continue
        lines.append(writing.ended(f"{key}:", key))
        step = draw(st.integers(1, 4))
        if key == "metadata":
            lines.append(" " * step + f"name: bot{writing.number()}")
            continue
        known = draw(st.lists(st.sampled_from(KNOWN), min_size=1, max_size=5, unique=True))
        lines += writing.map(step, [*known, *writing.keys()], 3)
    return lines


@st.composite
def manifests(draw: st.DrawFn) -> Written:
    """Draw a manifest of one or two documents."""
    writing = Writing(draw)
    texts = []
    for _ in range(draw(st.integers(1, 2))):
        writing.anchors.clear()
        texts.append("\n".join(_document(writing)))
    end = draw(st.sampled_from(["", "\n", "\n\n"]))
    text = "\n---\n".join(texts) + end
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return Written(text, writing.comments, writing.above, writing.beside)
