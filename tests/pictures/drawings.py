"""Drawings to draw: of the shapes and the sizes that people ask for, with names as CRMs have."""

from dataclasses import replace

from linkgraph.model import EntityType, Ref, Relation
from linkgraph.pictures.drawing import Change, Drawing, DrawnCard, DrawnLink, Shape

_PEOPLE = (
    "Анна Соколова",
    "Дмитрий Щербаков",
    "Екатерина Мельникова",
    "Łukasz Nowak",
    "Пётр Королёв",
    "Ingrid Østergård",
    "Алсу Сафина",
    "Игорь Ершов",
    "María García van der Berg",
    "Юлия Зайцева",
)
_FIRMS = (
    "ООО «СеверСтрой»",
    "Nordic Freight Oy",
    "АО «УралПолис»",
    "ТД «Волга Агро Сервис»",
    "ИП Титов К. М.",
    "Baltic Textiles GmbH",
    "Группа «ВекторМед»",
)
_DEALS = (
    "Поставка № 4117",
    "Внедрение CRM, этап 2",
    "Website redesign",
    "Ремонт офиса · филиал на Ленинском проспекте",
    "Лицензии, 40 шт.",
    "Annual support 2026",
    "Монтаж",
    "Подбор персонала (повторно)",
    "Freight to Riga, lot 12",
)
_GOODS = ("Светильник LED 36 Вт", "Pallet", "Лицензия CRM", "Consulting hour", "Датчик давления")
_NAMES = {
    EntityType.LEAD: _DEALS,
    EntityType.CONTACT: _PEOPLE,
    EntityType.COMPANY: _FIRMS,
    EntityType.CUSTOMER: _PEOPLE,
    EntityType.ELEMENT: _GOODS,
}


class Sketch:
    """Cards and links, as they are thought of; `drawing` makes a drawing of them."""

    def __init__(self) -> None:
        self.cards: dict[Ref, DrawnCard] = {}
        self.links: dict[frozenset[Ref], DrawnLink] = {}

    def card(
        self,
        type_: EntityType,
        name: str | None = "",
        *,
        ring: int = 0,
        note: str = "",
        focus: bool = False,
        hidden: int = 0,
    ) -> Ref:
        """One more card, by default with a name that such a card might have."""
        number = len(self.cards)
        ref = Ref(type_, 2_500_000 + number * 137, 4521 if type_ is EntityType.ELEMENT else 0)
        names = _NAMES[type_]
        shown = names[(number * 7 + number // 11) % len(names)] if name == "" else name
        url = f"https://example.amocrm.ru{ref.path()}"
        self.cards[ref] = DrawnCard(ref, shown, url, note, ring, focus, hidden)
        return ref

    def link(
        self, a: Ref, b: Ref, *, main: bool | None = None, quantity: float | None = None
    ) -> None:
        """One more link."""
        relation = Relation.between(a.type, b.type)
        self.links[frozenset((a, b))] = DrawnLink(a, b, relation, main, quantity)

    def drawing(self, title: str, shape: Shape, note: str = "") -> Drawing:
        """What came of it."""
        return Drawing(title, tuple(self.cards.values()), tuple(self.links.values()), shape, note)


def path(length: int = 5) -> Drawing:
    """One chain of cards."""
    sketch = Sketch()
    types = (EntityType.LEAD, EntityType.CONTACT, EntityType.COMPANY, EntityType.CONTACT)
    before: Ref | None = None
    for place in range(length):
        ends = place in (0, length - 1)
        card = sketch.card(types[place % 4], ring=place, focus=ends, hidden=place * 3 % 7)
        if before is not None:
            sketch.link(before, card, main=True if place == 1 else None)
        before = card
    return sketch.drawing("How two leads are connected", "path", "snapshot 12, 3 hours old")


def paths() -> Drawing:
    """Several paths of one length."""
    sketch = Sketch()
    start = sketch.card(EntityType.COMPANY, focus=True)
    end = sketch.card(EntityType.COMPANY, ring=4, focus=True)
    contacts = [sketch.card(EntityType.CONTACT, ring=1) for _ in range(4)]
    leads = [sketch.card(EntityType.LEAD, ring=2) for _ in range(5)]
    others = [sketch.card(EntityType.CONTACT, ring=3) for _ in range(3)]
    for contact in contacts:
        sketch.link(start, contact)
    for place, lead in enumerate(leads):
        sketch.link(lead, contacts[place % 4], main=place % 2 == 0)
        sketch.link(lead, contacts[(place * 3 + 1) % 4])
        sketch.link(lead, others[(place + 2) % 3])
    for other in others:
        sketch.link(other, end)
    return sketch.drawing("How two companies are connected", "path")


def neighbourhood(size: int = 12) -> Drawing:
    """A lead, its people, their companies and leads, up to so many cards."""
    sketch = Sketch()
    focus = sketch.card(EntityType.LEAD, focus=True, note="Переговоры")
    company = sketch.card(EntityType.COMPANY, ring=1, hidden=max(0, 40 - size))
    sketch.link(focus, company)
    element = sketch.card(EntityType.ELEMENT, ring=1)
    sketch.link(focus, element, quantity=3)
    contacts: list[Ref] = []
    while len(sketch.cards) < size:
        number = len(sketch.cards)
        if number % 5 == 3 or not contacts:
            contact = sketch.card(EntityType.CONTACT, ring=1 if number < 10 else 2)
            if number < 10:
                sketch.link(focus, contact, main=number == 3)
            if number % 2 or number >= 10:
                sketch.link(contact, company)
            contacts.append(contact)
        else:
            note = "closed" if number % 3 else ""
            lead = sketch.card(EntityType.LEAD, ring=2, note=note, hidden=number % 4)
            sketch.link(lead, contacts[number * 3 % len(contacts)], main=True)
            if number % 4 == 0:
                sketch.link(lead, company)
            if number % 7 == 0:
                sketch.link(lead, element, quantity=number)
            if number % 13 == 0:
                sketch.link(lead, contacts[number * 5 % len(contacts)])
    note = f"{size} of 3,406 cards shown · snapshot 12, 3 hours old"
    return sketch.drawing("Around «Внедрение CRM, этап 2»", "neighbourhood", note)


def hub(size: int = 300) -> Drawing:
    """A contact whose company has some two hundred leads."""
    sketch = Sketch()
    focus = sketch.card(EntityType.CONTACT, focus=True)
    company = sketch.card(EntityType.COMPANY, ring=1, hidden=1204)
    sketch.link(focus, company)
    for place in range(size * 2 // 3 - 2):
        lead = sketch.card(EntityType.LEAD, ring=2, note="deleted" if place % 17 == 0 else "")
        sketch.link(lead, company)
    own = [sketch.card(EntityType.LEAD, ring=1) for _ in range(size // 30)]
    for place, lead in enumerate(own):
        sketch.link(lead, focus, main=place % 2 == 0)
    while len(sketch.cards) < size:
        number = len(sketch.cards)
        kind = EntityType.CONTACT if number % 3 else EntityType.ELEMENT
        sketch.link(own[number % len(own)], sketch.card(kind, ring=2), quantity=None)
    return sketch.drawing("Around Анна Соколова", "neighbourhood", "300 of 1,504 cards shown")


def star(leaves: int) -> Drawing:
    """One company and its leads, nothing else."""
    sketch = Sketch()
    company = sketch.card(EntityType.COMPANY, focus=True)
    for _ in range(leaves):
        sketch.link(sketch.card(EntityType.LEAD, ring=1), company)
    return sketch.drawing("ООО «СеверСтрой» and its leads", "neighbourhood")


def component(size: int = 150) -> Drawing:
    """Companies that share people, with the leads of both."""
    sketch = Sketch()
    companies = [sketch.card(EntityType.COMPANY) for _ in range(max(1, size // 15))]
    contacts: list[Ref] = []
    for place in range(size // 3):
        contact = sketch.card(EntityType.CONTACT if place % 9 else EntityType.CUSTOMER)
        sketch.link(contact, companies[place % len(companies)])
        if place < len(companies) - 1 or place % 17 == 16:
            sketch.link(contact, companies[(place + 1 + place // 17 * 2) % len(companies)])
        contacts.append(contact)
    people = [contact for contact in contacts if contact.type is EntityType.CONTACT]
    while len(sketch.cards) < size:
        number = len(sketch.cards)
        lead = sketch.card(EntityType.LEAD, note="" if number % 4 else "closed")
        person = people[number * 5 % len(people)]
        sketch.link(lead, person, main=True)
        if number % 3 == 0:
            company = next(c for c in companies if frozenset((person, c)) in sketch.links)
            sketch.link(lead, company)
    return sketch.drawing("A group of companies that share people", "component")


def mesh(size: int = 100) -> Drawing:
    """Leads and contacts linked at every turn: the worst that can be asked for."""
    sketch = Sketch()
    leads = [sketch.card(EntityType.LEAD) for _ in range(size // 2)]
    contacts = [sketch.card(EntityType.CONTACT) for _ in range(size - size // 2)]
    for place, lead in enumerate(leads):
        for step in (1, 7, 31):
            sketch.link(lead, contacts[place * step % len(contacts)])
    return sketch.drawing("Leads and contacts", "component")


def what_if() -> Drawing:
    """A company taken off a contact and another put in its place."""
    sketch = Sketch()
    contact = sketch.card(EntityType.CONTACT, focus=True)
    old, new = sketch.card(EntityType.COMPANY, ring=1), sketch.card(EntityType.COMPANY, ring=1)
    sketch.link(contact, old)
    sketch.link(contact, new)
    for place in range(4):
        lead = sketch.card(EntityType.LEAD, ring=1, hidden=place)
        sketch.link(lead, contact, main=place == 0)
        sketch.link(lead, new if place % 2 else old)
    element = sketch.card(EntityType.ELEMENT, ring=1)
    sketch.link(contact, element, quantity=2.5)
    drawing = sketch.drawing("If Анна Соколова changes her company", "neighbourhood")
    changes: dict[frozenset[Ref], Change] = {
        frozenset((contact, old)): "removed",
        frozenset((contact, new)): "added",
        frozenset((contact, element)): "added",
    }
    links = (replace(link, change=changes.get(link.ends, "")) for link in drawing.links)
    return replace(drawing, links=tuple(links))
