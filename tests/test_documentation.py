"""The documents tell the truth of today: settings, commands, links, the lock."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from bot.cli import cli
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("samples/*.md")])


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_every_setting_is_documented_and_no_other():
    documented = set(re.findall(rf"^\| `({PREFIX}\w+)`", read("docs/configuration.md"), re.MULTILINE))

    assert documented == {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


def test_every_command_is_mentioned():
    told = "".join(page.read_text("utf-8") for page in PAGES)

    for command in cli.commands:
        assert re.search(rf"laoxiang {command}\b|`{command}`", told), f"{command} stands in no document"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path):
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_both_readmes_say_the_same():
    english, chinese = read("README.md"), read("README.zh-CN.md")

    assert english.count("\n## ") == chinese.count("\n## ")
    assert re.findall(r"^\$ (\S+ ?\S*)", english, re.MULTILINE) == re.findall(r"^\$ (\S+ ?\S*)", chinese, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_import_what_there_is(page: Path):
    for example in re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        imports = [step for step in ast.parse(example).body if isinstance(step, ast.Import | ast.ImportFrom)]
        exec(compile(ast.Module(imports, []), page.name, "exec"), {})


def test_the_changelog_knows_this_version():
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]

    assert f"\n## {version}" in read("CHANGELOG.md")


def test_the_lock_names_no_host_and_hashes_everything():
    lock = read("requirements.lock")

    assert not re.search(r"(https?|file)://|--find-links|--index", lock)
    pinned = re.findall(r"^(\S+)==.*?(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
    assert len(pinned) > 100
    for block in re.split(r"^(?=\S)", lock, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in block, block.splitlines()[0]
