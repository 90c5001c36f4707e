"""What was read is proved whole, and what was not takes nothing away."""

from collections.abc import Callable
from pathlib import Path

import pytest

from linkgraph.errors import GatewayTimeout, NotAmoCRM, RightsMissing, Unauthorized
from linkgraph.mirror.ledger import Ledger
from linkgraph.simulator import Metadata, generate, load_world
from tests.mirror.accounts import (
    Account,
    assert_mirrors,
    expected_edges,
    mirrored_cards,
    mirrored_edges,
    rows,
)
from tests.mirror.worlds import Json, column


def _once(matches: Callable[[str], bool], do: Callable[[], object]) -> Callable[[str], None]:
    """A hook that does something when the first request that matches arrives."""
    done: list[object] = []

    def hook(line: str) -> None:
        if not done and matches(line):
            done.append(None)
            do()

    return hook


@pytest.mark.parametrize("cap", [50, 120, 250])
def test_silently_capped_lists_are_read_in_parts(tmp_path: Path, cap: int) -> None:
    """A mass list that stops at some number and says nothing of it is found out."""
    account = Account(generate(2_000, seed=3), tmp_path)
    account.cap = cap
    report = account.sync()
    assert mirrored_edges(report.snapshot) == expected_edges(account.world)


@pytest.mark.parametrize("links", [50, 100, 250])
def test_exactly_full_answers_are_read_again(tmp_path: Path, links: int) -> None:
    """As many links as a list's limit, without a next page, are not taken for all."""
    account = Account(column(links, contacts=1), tmp_path)
    report = account.sync()
    assert_mirrors(report.snapshot, account.world)
    assert report.not_whole == 0
    assert max(account.link_reads().values()) > 1


def test_batches_above_what_the_server_bears_shrink_once(tmp_path: Path) -> None:
    """After a 504 fewer ids are asked at once, and the account is remembered for it."""
    account = Account(column(600, contacts=3), tmp_path, max_ids_before_504=60)
    assert_mirrors(account.sync().snapshot, account.world)
    with Ledger(tmp_path / "account.sqlite") as ledger:
        learned = ledger.mass_list().max_ids
    assert 30 <= learned <= 60
    account.sync()
    assert not [entry for entry in account.running.log.entries() if entry["status"] == 504]


def test_a_list_that_never_answers_loses_no_links(tmp_path: Path) -> None:
    """Cards whose links end in 504 whatever is asked keep those that they had."""
    account = Account(column(20, contacts=2), tmp_path)
    edges = mirrored_edges(account.sync().snapshot)
    account.behave(max_ids_before_504=0)
    report = account.sync()
    assert mirrored_edges(report.snapshot) == edges
    assert report.not_whole == 22
    whole = rows(report.snapshot, "select bool_or(links_whole) from leads")
    assert whole == [(False,)]


def test_long_requests_are_cut_before_the_gateway_does(tmp_path: Path) -> None:
    """Ids of any length fit the request line: no 414 is provoked."""
    account = Account(column(600, contacts=5, first_id=10**17), tmp_path)
    assert_mirrors(account.sync().snapshot, account.world)
    assert {entry["status"] for entry in account.running.log.entries()} <= {200, 204}


def test_refused_lengths_shrink_the_batch(tmp_path: Path) -> None:
    """A gateway with a shorter line than usual is learned from."""
    account = Account(column(500, contacts=5), tmp_path)
    account.fault("status", r"leads/links\?(.{5000,})", status=414, body="html", times=None)
    assert_mirrors(account.sync().snapshot, account.world)


def test_false_end_of_a_list_is_asked_again(tmp_path: Path) -> None:
    """A 204 where the page before promised more is not believed the first time."""
    account = Account(column(1100, contacts=4), tmp_path)
    account.fault("status", r"leads\?page=3", status=204, body="empty")
    report = account.sync()
    assert_mirrors(report.snapshot, account.world)
    assert report.unproved == ()


def test_cards_behind_a_false_end_are_not_believed_gone(tmp_path: Path) -> None:
    """A list that goes on ending too early takes no card out of the mirror, and is reported."""
    account = Account(column(1100), tmp_path)
    cards = mirrored_cards(account.sync().snapshot)
    account.behave(false_204_after_page=2)
    report = account.sync()
    assert mirrored_cards(report.snapshot) == cards
    assert [str(kind) for kind in report.unproved] == ["lead"]


def test_cards_deleted_in_mid_walk_hide_no_other(tmp_path: Path) -> None:
    """A deletion that moves a card from a page not yet read to one already read loses neither."""
    account = Account(column(1300, contacts=4), tmp_path)
    victim = account.world.to_dict()["leads"][10]["id"]
    account.before.append(
        _once(
            lambda line: "leads?page=3" in line,
            lambda: account.world.remove_card("leads", victim),
        )
    )
    report = account.sync()
    assert_mirrors(report.snapshot, account.world)
    assert mirrored_cards(report.snapshot, deleted=True) <= {("lead", 0, victim)}


def test_links_removed_in_mid_sync_settle(tmp_path: Path) -> None:
    """A link that goes between the list and the mass list is heard of twice, and then gone."""
    account = Account(column(30, contacts=2), tmp_path)
    account.begin()
    gone = account.world.to_dict()["links"][0]
    place = gone["entity_type"], gone["entity_id"], gone["to_entity_type"], gone["to_entity_id"]
    account.before.append(
        _once(lambda line: "leads/links" in line, lambda: account.world.unlink(*place))
    )
    report = account.sync()
    assert_mirrors(report.snapshot, account.world)
    assert report.not_whole == 0


def test_cards_that_no_list_shows_are_fetched(tmp_path: Path) -> None:
    """A card that only a link names is read by itself, and its links with it."""
    account = Account(column(30, contacts=3), tmp_path)
    hidden = account.world.to_dict()["contacts"][1]["id"]

    def hide(line: str) -> None:
        if "/contacts?page=1" in line:
            account.world.remove_card("contacts", hidden, event=False)
        elif not account.world.has("contacts", hidden):
            account.world.put_card("contacts", {"id": hidden}, event=False)
            for link in links:
                account.world.link("leads", link["entity_id"], "contacts", hidden)

    links = [one for one in account.world.to_dict()["links"] if one["to_entity_id"] == hidden]
    account.before.append(hide)
    report = account.sync()
    assert ("contact", 0, hidden) in mirrored_cards(report.snapshot)
    assert {edge[:4] for edge in mirrored_edges(report.snapshot)} == {
        edge[:4] for edge in expected_edges(account.world)
    }


def test_cards_that_cannot_be_read_are_named_so(tmp_path: Path) -> None:
    """Links to cards that are out of reach stay, and their other ends stand as unreadable."""
    world: Json = {"leads": [{"id": 1}], "contacts": [{"id": 5}], "links": []}
    for contact in (5, 6, 7):
        world["links"].append(
            {
                "entity_type": "leads",
                "entity_id": 1,
                "to_entity_type": "contacts",
                "to_entity_id": contact,
                "metadata": {"main_contact": contact == 5},
            }
        )
    account = Account(world, tmp_path)
    account.fault("status", "contacts/7", status=403, times=None)
    report = account.sync()
    assert len(mirrored_edges(report.snapshot)) == 3
    unreadable = rows(report.snapshot, "select entity_id, reason from unreadable order by 1")
    assert unreadable == [(6, "not found"), (7, "no rights")]


def test_refused_ids_are_found_and_the_others_read(tmp_path: Path) -> None:
    """Where unknown ids spoil a whole request, all the known ones are read all the same."""
    account = Account(column(120, contacts=2), tmp_path, unknown_ids="400")
    victim = account.world.to_dict()["leads"][50]["id"]
    account.before.append(
        _once(
            lambda line: "leads/links" in line,
            lambda: account.world.remove_card("leads", victim),
        )
    )
    assert_mirrors(account.sync().snapshot, account.world)


def test_forbidden_links_are_not_asked_for_card_by_card(tmp_path: Path) -> None:
    """A type whose links may not be read at all costs a few refusals, not one a card."""
    account = Account(column(500, contacts=3), tmp_path)
    account.fault("status", "leads/links", status=403, times=None)
    report = account.sync()
    assert len(account.asked(path="leads/links")) < 60
    assert len(mirrored_edges(report.snapshot)) == 500
    assert report.not_whole == 500


def test_one_sided_pairs_are_read_on_both_sides(tmp_path: Path) -> None:
    """A link that one side told and the other did not is asked for again on both."""
    account = Account(column(40, contacts=2), tmp_path)
    link = account.world.to_dict()["links"][0]
    lead, contact = link["entity_id"], link["to_entity_id"]
    seen: list[str] = []

    def flicker(line: str) -> None:
        if "/links" not in line:
            return
        seen.append(line)
        if len(seen) == 2:  # the second side is asked while the link is not there
            account.world.unlink("leads", lead, "contacts", contact)
        else:
            account.world.link("leads", lead, "contacts", contact, 0, Metadata(is_main=1))

    account.before.append(flicker)
    report = account.sync()
    assert mirrored_edges(report.snapshot) == expected_edges(account.world)
    assert account.link_reads()["leads", lead] > 1
    assert account.link_reads()["contacts", contact] > 1


def test_a_wrong_token_in_the_middle_is_one_plain_error(tmp_path: Path) -> None:
    """A 401 ends the sync as itself, not as a group of whatever followed from it."""
    account = Account(column(1000, contacts=3), tmp_path)
    account.fault("status", "leads/links", status=401, skip=1, times=None)
    with pytest.raises(Unauthorized):
        account.sync()
    account.running.faults.replace([])
    assert_mirrors(account.sync().snapshot, account.world)


@pytest.mark.parametrize(("status", "error"), [(403, RightsMissing), (504, GatewayTimeout)])
def test_lists_that_must_be_there_stop_the_sync(
    tmp_path: Path, status: int, error: type[Exception]
) -> None:
    """Leads that cannot be listed are an error, never an account without leads."""
    account = Account(column(10), tmp_path)
    account.fault("status", r"leads\?page", status=status, times=None)
    with pytest.raises(error):
        account.sync()


def test_a_foreign_page_is_not_asked_for_in_halves(tmp_path: Path) -> None:
    """Where something else answers than the CRM, the sync stops at once."""
    account = Account(column(500), tmp_path)
    account.fault("status", "leads/links", status=200, body="html", times=None)
    with pytest.raises(NotAmoCRM):
        account.sync()
    assert len(account.asked(path="/links")) <= 8


def test_expected_counts_are_booked(tmp_path: Path) -> None:
    """What the lists announced and what came stands in the snapshot, also of split sets."""
    for paged in (False, True):
        account = Account(column(620, contacts=1), tmp_path / str(paged), mass_list_paged=paged)
        account.behave(total_items="page")
        report = account.sync()
        counts = rows(
            report.snapshot,
            "select entity_type::varchar, cards, links_expected, links_received from sync_counts "
            "order by 1",
        )
        assert counts == [("contact", 1, 620, 620), ("lead", 620, 620, 620)]


def test_hostile_texts_and_numbers_are_kept_or_left_out(tmp_path: Path) -> None:
    """Half surrogates, NULs, a megabyte, numbers past any column: none stops a sync."""
    fields = [
        {
            "field_code": "PHONE",
            "values": [{"value": "+7 916 123-45-67\x00", "enum_code": "W\x00"}],
        },
        {"field_code": "EMAIL", "values": [{"value": "A@B.RU "}, {"value": "\x00" * 10}]},
        {"field_id": 1, "values": [{"value": "x" * 1_000_000}]},
    ]
    account = Account(
        load_world(
            {
                "leads": [{"id": 1, "name": "a\x00b" + "я" * 1_000_000}, {"id": 2, "name": "‮💣"}],
                "contacts": [{"id": 5, "name": "'; drop table", "custom_fields_values": fields}],
            }
        ),
        tmp_path,
    )
    report = account.sync()
    assert len(mirrored_cards(report.snapshot)) == 3
    assert rows(report.snapshot, "select length(name) from leads order by lead_id") == [
        (1_000_003,),
        (2,),
    ]
    normalised = rows(report.snapshot, "select normalised from identifiers order by 1")
    assert ("a@b.ru",) in normalised
