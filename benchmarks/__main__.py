"""Every benchmark in turn: `python -m benchmarks [--quick]`; each one's JSON goes to results/."""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "results"
LIMIT_S = 1800  # the soak alone takes 20 minutes


def main() -> int:
    RESULTS.mkdir(exist_ok=True)
    failed = 0
    for module in sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_")):
        command = [sys.executable, "-m", f"benchmarks.{module}", "--json", *sys.argv[1:]]
        done = subprocess.run(
            command,
            cwd=HERE.parent,
            stdout=subprocess.PIPE,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        lines = done.stdout.splitlines()
        if done.returncode or not lines:
            failed += 1
            sys.stdout.write(f"{module}: failed with status {done.returncode}\n")
            continue
        result = json.loads(lines[-1])
        (RESULTS / f"{module}.json").write_text(json.dumps(result, indent=2) + "\n")
        sys.stdout.write(f"{module}: {lines[-1]}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
