"""Run every example of the README in an empty folder, in order.

A fenced block that follows ``<!-- example -->`` is run: ``sh`` blocks by bash,
``python`` blocks by this interpreter. An example that fails ends the run.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

BLOCK = re.compile(r"<!-- example -->\n```(\w+)\n(.*?)\n```", re.S)


def main() -> None:
    readme = Path(__file__).resolve().parent.parent / "README.md"
    examples = BLOCK.findall(readme.read_text(encoding="utf-8"))
    if not examples:
        sys.exit("the README has no examples")
    with tempfile.TemporaryDirectory() as folder:
        for language, text in examples:
            print(f"--- {language}\n{text}", flush=True)
            program = {
                "sh": ["bash", "-euo", "pipefail", "-c", text],
                "python": [sys.executable, "-W", "error", "-c", text],
            }[language]
            subprocess.run(program, cwd=folder, check=True, timeout=300)
    print(f"{len(examples)} README examples passed")


if __name__ == "__main__":
    main()
