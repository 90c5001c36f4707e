"""What tests of edits share: the little world, played and mirrored once."""

from collections.abc import Iterator

import pytest

from tests.edits.homes import little_world
from tests.edits.played import Played, playing


@pytest.fixture(scope="session")
def little(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The little world."""
    with playing(little_world, tmp_path_factory.mktemp("little")) as played:
        yield played
