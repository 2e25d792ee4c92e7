"""Where material for tests stands that is not part of the repository: real exports, worked examples.

A test that reads it is skipped where it is not there.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MATERIAL = Path(os.environ.get("LOOPTOP_MATERIAL", ROOT.parent / "shared"))
DATA = MATERIAL / "data"
VECTORS = MATERIAL / "vectors"
