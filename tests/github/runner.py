"""What GitHub's runner makes of a step's output and files, after its source (``ActionCommand.cs``, ``FileCommandManager.cs``)."""

from __future__ import annotations

from dataclasses import dataclass, field

COMMANDS = {
    "error", "warning", "notice", "debug", "group", "endgroup", "stop-commands", "add-mask", "set-output", "save-state",
    "set-env", "add-path", "echo", "add-matcher", "remove-matcher",
}  # fmt: skip


@dataclass(frozen=True)
class Command:
    name: str
    data: str
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Read:
    """The commands that acted, and the lines that are shown as they are."""

    commands: list[Command]
    lines: list[str]

    def of(self, *names: str) -> list[Command]:
        return [each for each in self.commands if each.name in names]


def read_log(text: str) -> Read:
    """Line by line; between stop-commands and its word nothing acts."""
    acted, shown, stopped = [], [], ""
    for line in text.split("\n"):
        found = _modern(line, stopped) or _old(line, stopped)
        if found is None:
            shown.append(line)
        elif stopped:
            if found.name == stopped:
                stopped = ""
            else:
                shown.append(line)
        elif found.name == "stop-commands":
            assert found.data
            assert found.data not in COMMANDS
            stopped = found.data
        else:
            acted.append(found)
    assert not stopped, "commands were never taken up again"
    return Read(acted, shown)


def read_outputs(text: str) -> dict[str, str]:
    """``GITHUB_OUTPUT``."""
    lines, found = iter(text.splitlines()), {}
    for line in lines:
        name, _, delimiter = line.partition("<<")
        assert name
        assert delimiter
        value: list[str] = []
        for inner in lines:
            if inner == delimiter:
                break
            value.append(inner)
        else:
            raise AssertionError(f"no end of {name}")
        found[name] = "\n".join(value)
    return found


def _modern(line: str, stopped: str) -> Command | None:
    line = line.lstrip()
    if not line.startswith("::"):
        return None
    info, separator, data = line[2:].partition("::")
    name, _, properties = info.partition(" ")
    if not separator or name not in COMMANDS | {stopped} - {""}:
        return None
    pairs = [pair.split("=", 1) for pair in properties.strip().split(",") if "=" in pair]
    return Command(name, _unescape(data), {key: _unescape(value, properties=True) for key, value in pairs})


def _old(line: str, stopped: str) -> Command | None:
    _, prefix, rest = line.partition("##[")
    info, bracket, data = rest.partition("]")
    name = info.partition(" ")[0]
    return Command(name, data) if prefix and bracket and name in COMMANDS | {stopped} - {""} else None


def _unescape(text: str, *, properties: bool = False) -> str:
    for escaped, plain in (("%0D", "\r"), ("%0A", "\n"), *((("%3A", ":"), ("%2C", ",")) if properties else ())):
        text = text.replace(escaped, plain)
    return text.replace("%25", "%")
