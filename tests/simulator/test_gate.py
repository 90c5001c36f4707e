"""Limits, tokens, problems and faults: what a request meets before the routes."""

from itertools import pairwise
from typing import Any

import httpx
import pytest

from linkgraph.simulator import Simulator, make_token
from linkgraph.simulator.ratelimit import SlidingWindow
from tests.simulator.account import client_of, served, small_world


def test_window_slides() -> None:
    """No second holds more than the rate, wherever it begins, and refused requests do not count."""
    window = SlidingWindow()
    arrivals = [number * 0.05 for number in range(100)]
    admitted = [at for at in arrivals if window.admit(at, 7)]

    assert all(later - sooner >= 1 for sooner, later in zip(admitted, admitted[7:], strict=False))
    assert len(admitted) == 35
    assert window.refused == 65
    assert all(later > sooner for sooner, later in pairwise(admitted))


async def test_rate_limit() -> None:
    """The eighth request within a second is too many; the gateway says so in HTML."""
    async with served(small_world(), rate=7) as client:
        responses = [await client.get("account") for _ in range(8)]

    assert [response.status_code for response in responses] == [200] * 7 + [429]
    assert responses[-1].headers["content-type"].startswith("text/html")
    assert "retry-after" not in responses[-1].headers


async def test_rate_limit_in_json() -> None:
    """A 429 can be a problem that names the seconds to wait, in the body and in a header."""
    switches: dict[str, Any] = {"rate_429": "json", "retry_after": 2, "retry_after_header": True}
    async with served(small_world(), rate=1, **switches) as client:
        await client.get("account")
        response = await client.get("account")

    assert response.json()["retry_after"] == 2
    assert response.headers["retry-after"] == "2"


async def test_stubborn_clients_are_shut_out() -> None:
    """Where abuse is punished, everything is 403 after so many 429."""
    async with served(small_world(), rate=1, forbidden_after=2) as client:
        statuses = [(await client.get("account")).status_code for _ in range(5)]

    assert statuses == [200, 429, 429, 403, 403]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer nonsense",
        f"Bearer {make_token(78)}",
        f"Bearer {make_token(77, now=0)}",
        f"Bearer {make_token(77)[:-2]}",
    ],
    ids=["none", "empty", "nonsense", "another account's", "expired", "cut"],
)
async def test_bad_tokens(header: str) -> None:
    """Without a good token of this account everything is 401, as a JSON problem."""
    async with served(small_world()) as client:
        response = await client.get("leads", headers={"Authorization": header})

    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == 401


async def test_tokens_outlive_the_simulator() -> None:
    """A token of an earlier simulator of the same account is still good."""
    with Simulator(small_world()) as earlier:
        token = earlier.token
    async with served(small_world()) as client:
        response = await client.get("account", headers={"Authorization": f"Bearer {token}"})

    assert response.status_code == 200


async def test_not_a_route() -> None:
    """An unknown path is a 404 problem, a wrong method a 405."""
    async with served(small_world()) as client:
        responses = [
            await client.get("deals"),
            await client.get("leads/abc/links"),
            await client.get("catalog_elements/links"),
            await client.delete("leads"),
            await client.get("leads/link"),
        ]

    assert [response.status_code for response in responses] == [404, 404, 404, 405, 405]
    assert responses[0].json()["detail"] == "Cannot GET http://account.test/api/v4/deals!"
    assert {"application/problem+json"} == {one.headers["content-type"] for one in responses}


async def test_long_request_line() -> None:
    """A request line above 8 KB does not get past the gateway."""
    ids = "&".join(f"filter[entity_id][]={10_000_000 + number}" for number in range(300))
    async with served(small_world()) as client:
        response = await client.get(f"leads/links?{ids}")

    assert response.status_code == 414
    assert response.headers["content-type"].startswith("text/html")


async def test_large_sets_time_out() -> None:
    """Above a batch size the gateway gives up waiting."""
    async with served(small_world(), max_ids_before_504=1) as client:
        one = await client.get("leads/links?filter[entity_id][]=1")
        two = await client.get("leads/links?filter[entity_id][]=1&filter[entity_id][]=2")

    assert [one.status_code, two.status_code] == [200, 504]


@pytest.mark.parametrize("answer", [402, 403, 204])
async def test_customers_switched_off(answer: int) -> None:
    """Where customers are off, the account says so and their routes answer as it does."""
    async with served(small_world(), customers_mode="disabled", customers_off=answer) as client:
        account = (await client.get("account")).json()
        response = await client.get("customers")

    assert ("disabled", answer) == (account["customers_mode"], response.status_code)


async def test_false_end_of_a_walk() -> None:
    """A list can pretend to have ended, and its last page still names a next one."""
    async with served(small_world(), false_204_after_page=1) as client:
        first = await client.get("leads?limit=1")
        second = await client.get(first.json()["_links"]["next"]["href"])

    assert second.status_code == 204


@pytest.mark.parametrize("when", ["before", "after"])
def test_dropped_connection(when: str) -> None:
    """The client sees a broken connection; the write was done only if it was lost afterwards."""
    world = small_world()
    item = {"to_entity_id": 13, "to_entity_type": "contacts"}
    with Simulator(world) as simulator, client_of(simulator) as client:
        fault = simulator.fault("drop_connection", "POST .*/link", when=when)
        with pytest.raises(httpx.RemoteProtocolError):
            client.post("leads/2/link", json=[item])
        linked = client.get("leads/2/links").status_code == 200
        statuses = [entry["status"] for entry in simulator.requests()]

    assert (when == "after") == linked
    assert fault.fired == 1
    assert [None, 200 if linked else 204] == statuses


def test_broken_body() -> None:
    """An answer can break off in its middle: the client gets less than the headers promised."""
    with Simulator(small_world()) as simulator, client_of(simulator) as client:
        simulator.fault("break_body", "GET .*/leads")
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
            client.get("leads")
        again = client.get("leads")

    assert again.status_code == 200


async def test_faults_in_their_turn() -> None:
    """A rule skips, fires so often, and lets the rest pass; only what it matches is spoilt."""
    async with served(small_world()) as client:
        rule = {"action": "status", "match": "GET .*leads", "skip": 1, "times": 2, "status": 502}
        await client.patch("http://account.test/_simulator/faults", json=rule)
        other = await client.get("contacts")
        statuses = [(await client.get("leads")).status_code for _ in range(4)]
        told = (await client.get("http://account.test/_simulator/faults")).json()

    assert other.status_code == 200
    assert statuses == [200, 502, 502, 200]
    assert (told[0]["seen"], told[0]["fired"]) == (4, 2)


async def test_kinds_of_faults() -> None:
    """Half a JSON, the gateway's page, a lost answer of a write that was done."""
    world = small_world()
    face = "http://account.test/_simulator/faults"
    async with served(world) as client:
        await client.patch(face, json=[{"action": "truncate_body"}, {"action": "html_503"}])
        half = await client.get("leads")
        page = await client.get("leads")
        await client.patch(face, json={"action": "status", "status": 504, "when": "after"})
        item = {"to_entity_id": 13, "to_entity_type": "contacts"}
        lost = await client.post("leads/2/link", json=[item])
        linked = await client.get("leads/2/links")
        bad = await client.patch(face, json={"action": "explode"})

    assert half.status_code == 200
    with pytest.raises(ValueError, match=r"."):
        half.json()
    assert (page.status_code, page.text.startswith("<html>")) == (503, True)
    assert [lost.status_code, linked.status_code, bad.status_code] == [504, 200, 400]


async def test_the_log_tells_what_was_asked_and_no_token() -> None:
    """Every request is logged with its arrival and status; the log can be emptied."""
    face = "http://account.test/_simulator/requests"
    async with served(small_world()) as client:
        await client.get("leads?limit=1")
        await client.get("nonsense", headers={"Authorization": "Bearer secret"})
        response = await client.get(face)
        await client.delete(face)
        after = (await client.get(face)).json()

    told = response.json()
    assert [(one["path"], one["query"], one["status"]) for one in told] == [
        ("/api/v4/leads", "limit=1", 200),
        ("/api/v4/nonsense", "", 401),
    ]
    assert told[0]["monotonic"] <= told[1]["monotonic"]
    assert "secret" not in response.text
    assert "eyJ" not in response.text
    assert after == []


async def test_switches_over_http() -> None:
    """Switches can be read and set; an unknown one or a bad value is refused and named."""
    face = "http://account.test/_simulator/behaviour"
    async with served(small_world()) as client:
        changed = await client.patch(face, json={"mass_list_paged": "on", "customers_off": "204"})
        unknown = await client.patch(face, json={"colour": "red"})
        bad = await client.patch(face, json={"empty": "maybe"})
        now = (await client.get(face)).json()

    assert changed.status_code == 200
    assert (unknown.status_code, "colour" in unknown.json()["detail"]) == (400, True)
    assert (bad.status_code, "empty" in bad.json()["detail"]) == (400, True)
    assert (now["mass_list_paged"], now["customers_off"], now["empty"]) == (True, 204, "204")


def test_latency_is_service_time() -> None:
    """Every answer takes the latency."""
    simulator = Simulator(small_world(), rate=None, latency=0.2)
    with simulator, client_of(simulator) as client:
        elapsed = client.get("leads").elapsed.total_seconds()

    assert elapsed >= 0.2
