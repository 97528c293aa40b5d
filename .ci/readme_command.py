"""Print one of the README's two commands for a fresh machine."""

import re
import sys
from pathlib import Path

BLOCK = re.compile(r"<!-- command: (\w+) -->\n```(?:sh|bash)\n(.*?)\n```", re.S)


def commands() -> dict[str, str]:
    readme = Path(__file__).resolve().parent.parent / "README.md"
    return dict(BLOCK.findall(readme.read_text(encoding="utf-8")))


if __name__ == "__main__":
    print(commands()[sys.argv[1]])
