"""The client's promises: what it asks, what it makes of answers, what it never does."""

import asyncio
import json
import logging
import traceback
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from linkgraph import errors
from linkgraph.amocrm import Address, AmoClient, Pacer, wire
from linkgraph.amocrm.client import largest_batch, request_target_for_mass_links
from linkgraph.amocrm.retries import RetryPolicy
from linkgraph.amocrm.wire import LinkItem
from linkgraph.model import CARD_TYPES, EntityType, Ref

Open = Callable[..., Any]
Example = Callable[[str], bytes]
LEAD = Ref.parse("lead:1")
ITEM = LinkItem.to(Ref.parse("contact:2"))
HTML_403 = httpx.Response(403, html="<html><h1>403 Forbidden</h1><hr>nginx</html>")


class Server:
    """Answers in turn, the last one for ever, and remembers what was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def targets(self) -> list[str]:
        """Method and target of each request, as sent."""
        return [f"{r.method} {r.url.raw_path.decode()}" for r in self.asked]


def ok(body: Any) -> httpx.Response:
    """A 200 with JSON."""
    return httpx.Response(200, json=body, headers={"content-type": "application/hal+json"})


def listed(**embedded: Any) -> httpx.Response:
    """A list without a next page."""
    return ok({"_links": {"self": {"href": "x"}}, "_embedded": embedded})


def page(target: str, **embedded: Any) -> httpx.Response:
    """A list with a next page."""
    return ok({"_links": {"next": {"href": target}}, "_embedded": embedded})


def problem(status: int, **more: Any) -> httpx.Response:
    """A problem body, as the API writes them."""
    body = {"title": "Title", "type": f"https://httpstatus.es/{status}", "status": status, **more}
    return httpx.Response(status, json=body, headers={"content-type": "application/problem+json"})


async def test_every_read_asks_what_the_reference_says(open_client: Open) -> None:
    """Paths, limits, order, embedding; brackets stay as they are."""
    server = Server(httpx.Response(204))
    async with open_client(server) as client:
        for entity_type in CARD_TYPES:
            assert (await client.cards(entity_type, 3)).cards == []
        assert await client.card(Ref.parse("element:4/5")) is None
        assert await client.card(LEAD) is None
        assert await client.cards_by_id(EntityType.CONTACT, [1, 2]) == []
        assert (await client.elements(4, 2)).elements == []
        assert (await client.card_links(Ref.parse("company:6"))).links == []
        assert (await client.mass_links(EntityType.CUSTOMER, [7, 8])).links == []
        assert await client.catalogs() == await client.users() == await client.pipelines() == []
        assert (await client.events(["entity_linked"], 10, 20)).events == []
        assert await client.event_types() == []
    assert server.targets == [
        "GET /api/v4/leads?page=3&limit=250&order[id]=asc&with=contacts,catalog_elements",
        "GET /api/v4/customers?page=3&limit=250&order[id]=asc"
        "&with=contacts,companies,catalog_elements",
        "GET /api/v4/contacts?page=3&limit=250&order[id]=asc&with=leads,customers,catalog_elements",
        "GET /api/v4/companies?page=3&limit=250&order[id]=asc"
        "&with=contacts,leads,customers,catalog_elements",
        "GET /api/v4/catalogs/4/elements/5",
        "GET /api/v4/leads/1?with=contacts,catalog_elements",
        "GET /api/v4/contacts?limit=250&order[id]=asc&with=leads,customers,catalog_elements"
        "&filter[id][]=1&filter[id][]=2",
        "GET /api/v4/catalogs/4/elements?page=2&limit=250",
        "GET /api/v4/companies/6/links?limit=250",
        "GET /api/v4/customers/links?limit=250&filter[entity_id][]=7&filter[entity_id][]=8",
        "GET /api/v4/catalogs?page=1&limit=250",
        "GET /api/v4/users?page=1&limit=250",
        "GET /api/v4/leads/pipelines",
        "GET /api/v4/events?page=1&limit=100&filter[created_at][from]=10&filter[created_at][to]=20"
        "&filter[type][]=entity_linked",
        "GET /api/v4/events/types",
    ]


async def test_the_four_writes_send_items_and_read_what_is_linked(
    open_client: Open, example: Example
) -> None:
    """Link answers are read as link sets; unlink answers 204; an unlink sends no foreign keys."""
    answer = httpx.Response(200, content=example("mass_link_answer"))
    server = Server(answer, httpx.Response(204), answer, httpx.Response(204))
    element = Ref.parse("element:1026/10")
    item = LinkItem.to(element, owner=Ref.parse("lead:5"), quantity=2)
    async with open_client(server) as client:
        linked = await client.mass_link(EntityType.LEAD, [item])
        await client.mass_unlink(EntityType.LEAD, [item])
        await client.link(LEAD, [ITEM])
        await client.unlink(LEAD, [LinkItem.to(Ref.parse("contact:2"), is_main=True)])
    assert [link.entity_id for link in linked.links] == [14158851, 14158852]
    assert linked.requested == (5,)
    assert server.targets == [
        "POST /api/v4/leads/link",
        "POST /api/v4/leads/unlink",
        "POST /api/v4/leads/1/link",
        "POST /api/v4/leads/1/unlink",
    ]
    sent = [json.loads(request.content) for request in server.asked]
    assert sent[1] == [
        {
            "to_entity_id": 10,
            "to_entity_type": "catalog_elements",
            "entity_id": 5,
            "metadata": {"catalog_id": 1026},
        }
    ]
    assert sent[3] == [{"to_entity_id": 2, "to_entity_type": "contacts"}]
    assert server.asked[0].headers["content-type"] == "application/json"


async def test_errors_inside_a_successful_write_are_not_lost(open_client: Open) -> None:
    """`_embedded.errors` of a 200 comes back as problems (amocrm-api section 1.7)."""
    errors_ = [{"request_id": "1", "errors": [{"code": "NotFound", "path": "to_entity_id"}]}]
    async with open_client(Server(listed(links=[], errors=errors_))) as client:
        linked = await client.link(LEAD, [ITEM])
    assert [(one.item, one.code) for one in linked.problems] == [(1, "NotFound")]


async def test_a_read_only_client_sends_no_write(open_client: Open) -> None:
    """All four writes are refused before anything leaves."""
    server = Server(httpx.Response(204))
    async with open_client(server, read_only=True) as client:
        for write in (
            client.link(LEAD, [ITEM]),
            client.unlink(LEAD, [ITEM]),
            client.mass_link(EntityType.LEAD, [ITEM]),
            client.mass_unlink(EntityType.LEAD, [ITEM]),
        ):
            with pytest.raises(errors.ReadOnly):
                await write
    assert server.asked == []


async def test_all_pages_of_links_are_followed_and_owners_filled_in(open_client: Open) -> None:
    """`next` leads on; the first page's total is kept; single lists learn whose links they are."""
    link = {"to_entity_id": 2, "to_entity_type": "contacts", "metadata": None}
    base = "https://example.amocrm.ru"
    server = Server(
        page(f"{base}/api/v4/leads/1/links?page=2&x=%5B%5D", links=[link]),
        listed(links=[link | {"to_entity_id": 3}]),
    )
    async with open_client(server) as client:
        found = await client.card_links(LEAD)
    assert [(one.entity_type, one.entity_id, one.to_entity_id) for one in found.links] == [
        ("leads", 1, 2),
        ("leads", 1, 3),
    ]
    assert (found.pages, found.total_items, found.requested) == (2, None, (1,))
    assert server.targets[1] == "GET /api/v4/leads/1/links?page=2&x=%5B%5D"


@pytest.mark.parametrize(
    "href",
    [
        "https://evil.example/api/v4/leads/links?page=2",
        "http://example.amocrm.ru/api/v4/leads/links?page=2",
        "https://example.amocrm.ru:8443/api/v4/leads/links?page=2",
        "https://example.amocrm.ru/api/v4/contacts/links?page=2",
        "https://example.amocrm.ru@evil.example/api/v4/leads/links?page=2",
        "/api/v4/leads/links?page=2",
        "not an address",
    ],
)
async def test_next_is_followed_on_the_same_list_only(open_client: Open, href: str) -> None:
    """Another origin or another path is no next page, and the token does not go there."""
    server = Server(page(href, links=[]))
    async with open_client(server, retry_policy=RetryPolicy(attempts=1)) as client:
        with pytest.raises(errors.InvalidAnswer, match="not followed"):
            await client.mass_links(EntityType.LEAD, [1, 2])
    assert len(server.asked) == 1


async def test_customers_that_take_no_order(open_client: Open) -> None:
    """An order that is refused for customers is left out from then on; for leads it is an error."""
    refused = httpx.Response(400, json={"title": "Bad Request", "status": 400})
    server = Server(refused, listed(customers=[{"id": 1}]))
    async with open_client(server) as client:
        await client.cards(EntityType.CUSTOMER, 1)
        await client.cards(EntityType.CUSTOMER, 2)
    assert ["order" in target for target in server.targets] == [True, False, False]
    async with open_client(Server(refused)) as client:
        with pytest.raises(errors.RequestRefused):
            await client.cards(EntityType.LEAD, 1)


async def test_next_on_a_shard_is_asked_at_home(open_client: Open) -> None:
    """A next page named on the CRM's own shard host, as in the reference's examples, is asked of
    the account's host: nothing else sees the token."""
    href = "https://shard151.amocrm.ru/api/v4/leads/links?page=2"
    server = Server(page(href, links=[]), listed(links=[]))
    async with open_client(server) as client:
        await client.mass_links(EntityType.LEAD, [1, 2])
    assert server.targets[1] == "GET /api/v4/leads/links?page=2"
    assert {request.url.host for request in server.asked} == {"example.amocrm.ru"}


async def test_a_list_that_leads_in_a_circle_ends(open_client: Open) -> None:
    """A next page that was read already is an error, not an endless walk."""
    server = Server(page("https://example.amocrm.ru/api/v4/catalogs?page=2", catalogs=[]))
    async with open_client(server) as client:
        with pytest.raises(errors.InvalidAnswer, match="circle"):
            await client.catalogs()
    assert len(server.asked) == 2


async def test_a_page_says_whether_there_is_another(open_client: Open) -> None:
    """By the next link alone: there is no total (amocrm-api section 2)."""
    first = page("https://example.amocrm.ru/api/v4/leads?page=2", leads=[{"id": 1}])
    async with open_client(Server(first, listed(leads=[{"id": 2}]))) as client:
        pages = [await client.cards(EntityType.LEAD, number) for number in (1, 2)]
    assert [(one.page, one.has_next, one.cards[0].id) for one in pages] == [
        (1, True, 1),
        (2, False, 2),
    ]


async def test_links_of_nobody_are_not_taken_for_somebodys(open_client: Open) -> None:
    """A mass list whose rows do not name their card cannot be used, and must not get lost."""
    rows = [{"to_entity_id": 2, "to_entity_type": "contacts"}]
    async with open_client(Server(listed(links=rows))) as client:
        with pytest.raises(errors.InvalidAnswer, match="whose links"):
            await client.mass_links(EntityType.LEAD, [1, 2])


async def test_an_empty_200_is_none_whatever_it_calls_itself(open_client: Open) -> None:
    """PHP labels an empty body text/html; JSON under that label is still JSON."""
    empty = httpx.Response(200, headers={"content-type": "text/html; charset=UTF-8"})
    html_label = httpx.Response(200, headers={"content-type": "text/html"}, content=b'{"id": 1}')
    async with open_client(Server(empty, html_label)) as client:
        assert (await client.cards(EntityType.LEAD, 1)).cards == []
        assert (await client.account()).id == 1


@pytest.mark.parametrize("status", [404, 204])
async def test_a_card_that_is_not_there_is_none(open_client: Open, status: int) -> None:
    """Both answers are in use for an id that no card has."""
    answer = problem(404, detail="Cannot GET https://host/path!")
    async with open_client(Server(answer if status == 404 else httpx.Response(204))) as client:
        assert await client.card(LEAD) is None


async def test_elements_know_their_catalog(open_client: Open) -> None:
    """An element's id means nothing without its catalog's."""
    async with open_client(Server(listed(elements=[{"id": 5, "name": "x"}]))) as client:
        assert (await client.elements(4, 1)).elements[0].catalog_id == 4


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (problem(400, detail="bad"), errors.RequestRefused, "bad"),
        (problem(422, detail="Limit 250 per page"), errors.RequestRefused, "Limit 250"),
        (problem(401), errors.Unauthorized, "token"),
        (problem(402), errors.PaymentRequired, "plan"),
        (problem(403, detail="no rights"), errors.RightsMissing, "no rights"),
        (HTML_403, errors.AccountBlocked, "blocks"),
        (httpx.Response(403), errors.AccountBlocked, "blocks"),
        (problem(404), errors.NotFound, "no such"),
        (problem(405), errors.NotFound, "405"),
        (httpx.Response(404, html="<h1>Not Found</h1>"), errors.NotAmoCRM, "web page"),
        (httpx.Response(200, html="<h1>Hello</h1>"), errors.NotAmoCRM, "web page"),
        (httpx.Response(200, json={"hello": "world"}), errors.InvalidAnswer, "no list"),
        (
            httpx.Response(302, headers={"location": "https://evil.example/login?token=x"}),
            errors.NotAmoCRM,
            "https://evil.example/login»",
        ),
        (httpx.Response(413, html="<h1>Too Large</h1>"), errors.RequestTooLong, "413"),
        (httpx.Response(414, html="<h1>Too Long</h1>"), errors.RequestTooLong, "414"),
        (httpx.Response(429, html="<h1>Slow</h1>"), errors.RateLimited, "too many"),
        (httpx.Response(500, text="boom"), errors.ServerFailed, "500"),
        (problem(500, trace_id="1", detail="An unknown error"), errors.ServerFailed, "An unknown"),
        (httpx.Response(504, html="<h1>504</h1>"), errors.GatewayTimeout, "too long"),
        (httpx.Response(418), errors.InvalidAnswer, "418"),
        (
            httpx.Response(200, content=b'{"_embedded": {"leads": [{"i'),
            errors.InvalidAnswer,
            "JSON",
        ),
    ],
)
async def test_every_odd_answer_is_a_typed_error_with_a_remedy(
    open_client: Open, answer: httpx.Response, kind: type[errors.ApiError], words: str
) -> None:
    """Each names the request and what to do; the type tells a caller how to go on."""
    async with open_client(Server(answer)) as client:
        with pytest.raises(errors.ApiError) as caught:
            await client.cards(EntityType.LEAD, 1)
    error = caught.value
    assert type(error) is kind
    assert words in error.message
    assert error.request == "GET /api/v4/leads"
    assert error.status == answer.status_code
    assert error.hint


async def test_a_web_page_in_place_of_the_account_is_not_amocrm(open_client: Open) -> None:
    """So is JSON of something else: the first thing that «account add» would meet."""
    async with open_client(Server(httpx.Response(200, html="<html>"))) as client:
        with pytest.raises(errors.NotAmoCRM):
            await client.account()
    async with open_client(Server(ok({"hello": "world"}))) as client:
        with pytest.raises(errors.NotAmoCRM):
            await client.account()


async def test_validation_errors_name_item_and_path(open_client: Open) -> None:
    """The body of amocrm-api section 1.7, as it was seen."""
    found = [{"code": "FieldNotExpected", "path": "metadata.main", "detail": "Not expected."}]
    answer = problem(400, **{"validation-errors": [{"request_id": "0", "errors": found}]})
    async with open_client(Server(answer)) as client:
        with pytest.raises(errors.RequestRefused) as caught:
            await client.link(LEAD, [ITEM])
    assert caught.value.problems == (
        errors.FieldProblem(0, "FieldNotExpected", "metadata.main", "Not expected."),
    )
    assert "item 0: metadata.main: Not expected." in caught.value.message


async def test_foreign_text_is_plain_short_and_without_the_token(
    open_client: Open, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that echoes the token, escape codes or a megabyte harms no terminal and no log."""
    caplog.set_level(logging.DEBUG)
    nasty = f"Bearer {token} \x1b[31m" + "x" * 1_000_000
    inner = [{"code": token, "path": token, "detail": nasty}]
    answers = [
        problem(
            400, detail=nasty, **{"validation-errors": [{"request_id": token, "errors": inner}]}
        ),
        problem(401, detail=nasty, title=token),
        problem(500, hint=nasty),
        httpx.Response(302, headers={"location": f"https://evil.example/{token}"}),
        httpx.Response(200, content=b'{"_embedded": "' + token.encode() + b'"}'),
    ]
    for answer in answers:
        async with open_client(Server(answer)) as client:
            with pytest.raises(errors.ApiError) as caught:
                await client.cards(EntityType.LEAD, 1)
            shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
            shown += (
                repr(vars(caught.value)) + repr(client) + repr(client.pacer) + repr(vars(client))
            )
        assert token not in shown
        assert "\x1b" not in caught.value.message
        assert len(caught.value.message) < 1200
    assert token not in caplog.text


async def test_a_broken_connection_keeps_no_trace_of_the_token(
    open_client: Open, token: str
) -> None:
    """The HTTP library's errors hold the request with its headers; none hangs on ours."""
    async with open_client(Server(httpx.ReadError("reset"))) as client:
        with pytest.raises(errors.ConnectionFailed, match=r"example\.amocrm\.ru") as caught:
            await client.account()
    error: BaseException | None = caught.value
    while error is not None:
        assert not isinstance(error, httpx.HTTPError)
        assert token not in str(error)
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("token", ["", "  ", "a b", "a\nb", "ключ"])
async def test_a_token_that_cannot_be_one_is_refused(open_client: Open, token: str) -> None:
    """Pasted in pieces or with line breaks: said at once, in words, without repeating it."""
    with pytest.raises(errors.SettingsError) as caught:
        async with open_client(Server(httpx.Response(204)), token=token):
            pass
    assert caught.value.hint


async def test_an_answer_without_end_is_not_read_to_the_end(open_client: Open) -> None:
    """A body is bounded, after decompression; asking again would be no use."""
    server = Server(httpx.Response(200, content=b" " * 3_000_000))
    async with open_client(server, max_body=2_000_000) as client:
        with pytest.raises(errors.InvalidAnswer, match="larger"):
            await client.account()
    assert len(server.asked) == 1


async def test_a_block_stops_everything_at_once(open_client: Open) -> None:
    """One 403 of the gateway: what waits is not sent, and all are told why and what to do."""
    server = Server(HTML_403)
    async with open_client(server, concurrency=1) as client:
        results = await asyncio.gather(
            *(client.cards(EntityType.LEAD, number) for number in range(20)), return_exceptions=True
        )
        with pytest.raises(errors.AccountBlocked):
            await client.account()
    assert all(isinstance(result, errors.AccountBlocked) for result in results)
    assert all("support" in result.hint for result in results)  # type: ignore[union-attr]
    assert len(server.asked) == 1


async def test_reads_are_tried_again_until_they_succeed(open_client: Open) -> None:
    """5xx, broken connections and cut JSON pass; a screen can count the repeats."""
    server = Server(
        httpx.Response(502, html="<h1>Bad Gateway</h1>"),
        httpx.ConnectError("refused"),
        httpx.Response(200, content=b'{"id": 1, "na'),
        httpx.Response(504),
        ok({"id": 1}),
    )
    async with open_client(server) as client:
        assert (await client.account()).id == 1
        assert (client.stats.requests, client.stats.retries) == (5, 4)
        assert client.stats.by_kind == {"account": 5}
        assert client.stats.in_flight == 0


async def test_a_read_that_never_succeeds_ends_in_its_error(open_client: Open) -> None:
    """The attempts are bounded."""
    server = Server(httpx.Response(500))
    async with open_client(server) as client:
        with pytest.raises(errors.ServerFailed):
            await client.account()
    assert len(server.asked) == RetryPolicy().attempts


async def test_a_mass_list_that_takes_too_long_is_tried_once_more(open_client: Open) -> None:
    """Then the caller shrinks the batch; a request for one thing is tried as often as any."""
    server = Server(httpx.Response(504))
    async with open_client(server) as client:
        with pytest.raises(errors.GatewayTimeout):
            await client.mass_links(EntityType.LEAD, [1, 2, 3])
        assert len(server.asked) == 2
        with pytest.raises(errors.GatewayTimeout):
            await client.mass_links(EntityType.LEAD, [1])
        assert len(server.asked) == 2 + RetryPolicy().attempts


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(500),
        httpx.Response(504),
        httpx.ReadError("reset"),
        httpx.ReadTimeout("slow"),
        httpx.Response(200, content=b'{"_embedded": {"li'),
    ],
    ids=["500", "504", "reset", "timeout", "cut"],
)
async def test_a_write_of_unknown_outcome_is_never_sent_again(
    open_client: Open, failure: httpx.Response | Exception
) -> None:
    """What became of it is found out by reading (design, «Edits»)."""
    server = Server(failure)
    async with open_client(server) as client:
        with pytest.raises(errors.ApiError):
            await client.mass_link(EntityType.LEAD, [ITEM])
    assert len(server.asked) == 1


async def test_a_write_that_was_refused_by_429_is_sent_again(open_client: Open) -> None:
    """429 says that nothing was done."""
    server = Server(httpx.Response(429, headers={"retry-after": "2"}), httpx.Response(204))
    async with open_client(server) as client:
        await client.unlink(LEAD, [ITEM])
    assert len(server.asked) == 2


def test_a_batch_fills_the_request_line_and_no_more() -> None:
    """250 ids of 8 digits fit 7,500 bytes with literal brackets; longer ids fewer."""
    ids = list(range(20_000_000, 20_000_600))
    assert largest_batch(EntityType.LEAD, ids, 0, max_ids=250) == 250
    assert largest_batch(EntityType.LEAD, ids, 550, max_ids=250) == 50
    assert largest_batch(EntityType.LEAD, ids, 600, max_ids=250) == 0
    long = [10**17 + number for number in range(300)]
    fits = largest_batch(EntityType.COMPANY, long, 0, max_ids=250)
    target = request_target_for_mass_links
    assert len(target(EntityType.COMPANY, long[:fits])) <= 7500
    assert len(target(EntityType.COMPANY, long[: fits + 1])) > 7500
    assert largest_batch(EntityType.LEAD, ids, 0, max_ids=250, max_bytes=10) == 1


async def test_an_empty_question_is_not_asked(open_client: Open) -> None:
    """A mass list without ids is refused by the CRM; the answer is known."""
    server = Server(httpx.Response(400))
    async with open_client(server) as client:
        assert (await client.mass_links(EntityType.LEAD, [])).links == []
        assert await client.cards_by_id(EntityType.LEAD, []) == []
        with pytest.raises(ValueError, match="items"):
            await client.link(LEAD, [])
    assert server.asked == []


async def test_no_more_than_so_many_are_in_flight() -> None:
    """`concurrency` bounds what the server sees at once."""
    inside = most = 0

    async def handler(request: httpx.Request) -> httpx.Response:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        inside -= 1
        return ok({"id": 1})

    async with AmoClient(
        Address.parse("example.amocrm.ru"),
        "token",
        pacer=Pacer(float("inf")),
        concurrency=3,
        transport=httpx.MockTransport(handler),
    ) as client:
        await asyncio.gather(*(client.account() for _ in range(20)))
    assert most == 3


def test_the_wire_structs_are_part_of_the_face() -> None:
    """Callers name them as `wire.Card` and so on."""
    assert wire.Card(id=1).embedded is None
