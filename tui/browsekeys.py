"""The keys of Browse, and what the palette offers there: each with what it does, in a sentence."""

from textual.binding import Binding, BindingType

from tui.lacking import otherwise


def _key(keys: str, action: str, label: str, told: str, *, seen: bool = False) -> Binding:
    name = f"browse.{action.replace('_', '-')}"
    return Binding(keys, action, label, show=seen, tooltip=told, id=name)


KEYS: list[BindingType] = [
    _key("right", "step_in", "Step in", "Go to the card under the cursor", seen=True),
    Binding("enter,l", "step_in", "Step in", show=False, id="browse.step-in-too"),
    _key("left", "back", "Back", "Go back along the trail", seen=True),
    Binding("backspace,h", "back", "Back", show=False, id="browse.back-too"),
    _key("left_square_bracket", "earlier", "Earlier", "Where you were, however you left it"),
    _key("right_square_bracket", "later", "Later", "Forward again in the history"),
    _key("f", "narrow", "Filter", "List only some links", seen=True),
    _key("o", "sort", "Sort", "Sort links another way: by name, newest first, main first"),
    _key("a", "link_to", "Link to…", "Queue a link of the marked cards, or of the one in focus,"
         " to a card that is searched for", seen=True),
    _key("x", "unlink", "Unlink", "Queue taking the marked links away, or this one", seen=True),
    _key("m", "make_main", "Make main", "Queue making this contact the main one"),
    _key("n", "quantity", "Quantity", "Queue another quantity of elements"),
    _key("M", "move", "Move all", "Queue moving all links of the card in focus to another"),
    _key("p", "pin", "Pin", "Pin the card in focus, or take its pin away"),
    _key("P", "path", "Path", "How the pinned card is connected with the one in focus"),
    _key("v", "picture", "Picture", "Draw what lies around the card, in the web browser"),
    _key("r", "reread", "Re-read", "Read the card in focus from the CRM now"),
    _key("w", "web", "In the CRM", "Open the card in focus in the CRM"),
    _key("y", "copy_ref", "Copy ref", "Copy the ref of the card in focus"),
    _key("Y", "copy_url", "Copy address", "Copy the address of the card in focus in the CRM"),
    _key("escape", "clear", "Clear", "Take away the marks, then the filter"),
    otherwise("left_square_bracket", "earlier"),
    otherwise("right_square_bracket", "later"),
    otherwise("o", "sort"),
    otherwise("m", "make_main"),
    otherwise("n", "quantity"),
    otherwise("M", "move"),
    otherwise("p,v,r,w,y,Y", "subject"),
    otherwise("P", "path"),
]  # fmt: skip

#: What is missing where a key that the footer does not tell makes no sense.
LACKS = {
    "earlier": "there is nothing earlier in the history\n→ ] goes forward in it again",
    "later": "there is nothing later in the history\n→ [ goes back in it",
    "sort": "there are no links to sort\n→ step into a card first",
    "make_main": "no link of a lead or a customer with a contact is under the cursor\n"
    "→ go to one: only those have a main contact",
    "quantity": "no link of a catalog element is marked, or under the cursor\n"
    "→ go to one: only those carry a quantity",
    "move": "no card is in focus\n→ step into the one whose links are to be moved",
    "subject": "no card is in focus, or under the cursor\n→ / searches for one",
    "path": "no card is pinned\n→ p pins the card in focus",
}
#: What the palette offers, where it makes sense: title, action. What it does is told by its key.
VERBS = (
    ("link: Link to a card", "link_to"),
    ("link: Unlink", "unlink"),
    ("link: Make main contact", "make_main"),
    ("link: Set quantity", "quantity"),
    ("card: Move all links", "move"),
    ("card: Pin", "pin"),
    ("card: Path from the pinned card", "path"),
    ("card: Draw its neighbourhood", "picture"),
    ("card: Read again now", "reread"),
    ("card: Open in the CRM", "web"),
    ("card: Copy ref", "copy_ref"),
    ("card: Copy address", "copy_url"),
    ("list: Filter links", "narrow"),
    ("list: Sort links", "sort"),
    ("trail: Back", "back"),
    ("trail: Earlier", "earlier"),
    ("trail: Later", "later"),
)
TOLD = {each.action: each.tooltip for each in KEYS if isinstance(each, Binding) and each.tooltip}
#: The actions that the footer tells.
IN_FOOTER = tuple(each.action for each in KEYS if isinstance(each, Binding) and each.show)
