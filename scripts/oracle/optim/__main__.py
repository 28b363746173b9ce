"""Writes what PyTorch's optimisers and schedules do: python3 scripts/oracle/optim [folder].

Without a folder the fixtures of the tests are written, test/optim/fixtures: of 50 updates some are kept there, and float32 only
where a kernel of its own does the update. With one, every update of every optimiser in both float types.
"""

import json
import sys
import warnings
from pathlib import Path

from lbfgs import lbfgs
from optimizers import optimizers
from resumption import resumption
from schedulers import schedulers

FIXTURES = Path(__file__).resolve().parents[3] / "test" / "optim" / "fixtures"

warnings.simplefilter("ignore")
live = len(sys.argv) > 1
folder = Path(sys.argv[1]) if live else FIXTURES
folder.mkdir(parents=True, exist_ok=True)
for name, results in [
    ("optimizers", optimizers(every=live)),
    ("lbfgs", lbfgs()),
    ("schedulers", schedulers()),
    ("resumption", resumption(folder / "resumption.pt")),
]:
    text = json.dumps(results, separators=(",", ":"))
    (folder / f"{name}.json").write_text(text.replace("},{", "},\n{") + "\n")
    print(name, len(results["cases"] if isinstance(results, dict) else results))
