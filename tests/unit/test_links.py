"""Links between our documents lead somewhere."""

import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote

CHECKOUT = Path(__file__).parents[2]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s\"[^\"]*\")?\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def test_every_link_to_a_file_of_ours_resolves() -> None:
    broken = [
        f"{document.relative_to(CHECKOUT)}: {target}"
        for document in documents()
        for target in LINK.findall(CODE.sub("", document.read_text()))
        if not re.match(r"[a-z]+:", target) and not resolves(document, target)
    ]

    assert broken == []


def resolves(document: Path, target: str) -> bool:
    path, _, anchor = unquote(target).partition("#")
    file = (document.parent / path) if path else document
    if not file.exists():
        return False
    return not anchor or file.suffix != ".md" or anchor in anchors(file.read_text())


def anchors(text: str) -> set[str]:
    """The anchors a forge makes of headings: lower case, spaces to hyphens, no punctuation."""
    headings = re.findall(r"^#+ +(.+?) *$", CODE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def documents() -> list[Path]:
    git = shutil.which("git")
    assert git, "git is part of the set-up"
    listing = subprocess.run(
        [git, "-C", str(CHECKOUT), "ls-files", "-z", "*.md"], capture_output=True, check=True
    )
    files = [CHECKOUT / name for name in listing.stdout.decode().split("\0") if name]
    return [file for file in files if file.is_file()]
