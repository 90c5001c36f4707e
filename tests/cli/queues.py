"""Homes whose queue a test may fill: copies of the small one, without its cost."""

import shutil
from pathlib import Path


def own_home(small_home: Path, folder: Path) -> Path:
    """A copy of the small home for one test."""
    home = folder / "home"
    shutil.copytree(small_home, home, symlinks=True)
    return home
