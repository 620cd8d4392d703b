"""The grammar's language: reads the files in `grammar/` and expands their templates.

A grammar file is a list of intents. `== name : order` opens an intent and names the numbers it is about (`order`,
`invoice`, or nothing). Each following line is a kind, a space and a template:

    u     a customer's phrasing                     k     a terse, keyword-like phrasing
    a     the reply                                 n     the reply when the needed number is missing
    time  the reply to "how long does that take?"   utime an extra way to ask that, for this intent only
    cost  the reply to "what does that cost?"       ucost an extra way to ask that
    fail  the reply to "and if that doesn't work?"  ufail an extra way to ask that

In a template `(a|b|)` is a choice, `<order>` a value, `{order:with <order>|without}` depends on whether the customer
gave that value so far.
"""
import pathlib
import random
import re
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).parent
KINDS = ("u", "k", "a", "n", "time", "utime", "cost", "ucost", "fail", "ufail")

# Marks around a filled-in value, so that the typing errors of noise.py leave names and numbers alone.
VALUE_OPEN, VALUE_CLOSE = "\x01", "\x02"


@dataclass
class Intent:
    name: str
    needs: str | None
    lines: dict[str, list] = field(default_factory=lambda: {kind: [] for kind in KINDS})


def parse(template: str):
    """Turns a template into a tree: a list of strings, ("choice", trees), ("value", name), ("if", name, tree, tree)."""
    position = 0

    def sequence(stops: str):
        nonlocal position
        parts, text = [], ""
        while position < len(template) and template[position] not in stops:
            character = template[position]
            position += 1
            if character in "(<{":
                if text:
                    parts.append(text)
                    text = ""
                if character == "(":
                    options = [sequence("|)")]
                    while expect("|)") == "|":
                        options.append(sequence("|)"))
                    parts.append(("choice", options))
                elif character == "<":
                    parts.append(("value", word(">")))
                else:
                    name = word(":")
                    present = sequence("|")
                    expect("|")
                    absent = sequence("}")
                    expect("}")
                    parts.append(("if", name, present, absent))
            else:
                text += character
        if text:
            parts.append(text)
        return parts

    def word(stop: str):
        nonlocal position
        end = template.index(stop, position)
        name, position = template[position:end], end + 1
        return name

    def expect(characters: str):
        nonlocal position
        if position >= len(template) or template[position] not in characters:
            raise ValueError(f"expected one of {characters!r} at {position} in {template!r}")
        position += 1
        return template[position - 1]

    tree = sequence("")
    return tree


def load() -> dict[str, Intent]:
    """The intents with their replies from `grammar/intents`, and further phrasings from `grammar/phrasings`."""
    intents: dict[str, Intent] = {}
    for folder in ("intents", "phrasings"):
        for path in sorted((HERE / "grammar" / folder).glob("*.txt")):
            read(path, intents)
    return intents


def follow_ups() -> dict[str, dict[str, list]]:
    """Customers' questions after a reply, by the kind of line that answers them."""
    sections: dict[str, Intent] = {}
    read(HERE / "grammar" / "follow_ups.txt", sections)
    return {name: section.lines for name, section in sections.items()}


def read(path: pathlib.Path, intents: dict[str, Intent]) -> None:
    current = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("=="):
            name, _, needs = line[2:].partition(":")
            current = intents.setdefault(name.strip(), Intent(name.strip(), needs.strip() or None))
            continue
        kind, _, template = line.partition(" ")
        if kind not in KINDS:
            raise ValueError(f"{path.name}:{number}: no such kind of line: {kind!r}")
        try:
            current.lines[kind].append(parse(template.strip()))
        except ValueError as problem:
            raise ValueError(f"{path.name}:{number}: {problem}") from None


def expand(tree, rng: random.Random, value, known) -> str:
    """One random expansion. `value(name)` gives a value's text; `known` holds the names the customer has given."""
    text = re.sub(r" {2,}", " ", expand_parts(tree, rng, value, known)).strip()
    return re.sub(r" ([,.;?!])", r"\1", text)


def expand_parts(tree, rng: random.Random, value, known) -> str:
    out = []
    for part in tree:
        match part:
            case str():
                out.append(part)
            case ("choice", options):
                out.append(expand_parts(rng.choice(options), rng, value, known))
            case ("value", name):
                out.append(value(name))
            case ("if", name, present, absent):
                out.append(expand_parts(present if name in known else absent, rng, value, known))
    return "".join(out)


def values_in(tree) -> set[str]:
    names = set()
    for part in tree:
        match part:
            case ("choice", options):
                for option in options:
                    names |= values_in(option)
            case ("value", name):
                names.add(name)
            case ("if", _, present, absent):
                names |= values_in(present) | values_in(absent)
    return names


def pattern(tree) -> str:
    """A regular expression for everything the template can say, with any text for a value."""
    out = []
    for part in tree:
        match part:
            case str():
                out.append(re.sub(r"(\\ )+", r"\\s*", re.escape(part)))
            case ("choice", options):
                out.append("(?:" + "|".join(pattern(option) for option in options) + ")")
            case ("value", _):
                out.append(r"[^\n]{1,60}?")
            case ("if", _, present, absent):
                out.append("(?:" + pattern(present) + "|" + pattern(absent) + ")")
    return "".join(out)
