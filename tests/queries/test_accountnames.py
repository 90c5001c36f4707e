"""What an account calls its users, pipelines, statuses and catalogs."""

from pathlib import Path

from queries.accountnames import AccountNames, account_names
from queries.cardtables import CardTables
from tests.queries.conftest import World


def _fill(world: World) -> None:
    world.row("users", user_id=1, name="Ирина")
    world.row("users", user_id=2, name=None)
    world.row("pipelines", pipeline_id=1, name="Sales")
    for pipeline, name in ((1, "Won"), (2, "Delivered")):
        world.row(
            "statuses",
            pipeline_id=pipeline,
            status_id=142,
            name=name,
            is_unsorted=False,
            is_closed=True,
        )
    world.row("catalogs", catalog_id=1, name="Товары")


def test_names_are_told_by_id(tmp_path: Path) -> None:
    """Statuses are told apart by pipeline; what has no name is left out."""
    path = tmp_path / "world.duckdb"
    world = World(path)
    _fill(world)
    world.save()

    found = account_names(CardTables(path).rows)

    assert found == AccountNames(
        users={1: "Ирина"},
        pipelines={1: "Sales"},
        statuses={(1, 142): "Won", (2, 142): "Delivered"},
        catalogs={1: "Товары"},
    )
