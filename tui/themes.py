"""The two themes of our own. Signs tell what colours tell: nothing depends on seeing them.

Blue and orange stay apart for every kind of colour blindness; red and green only repeat a sign.
"""

from textual.theme import Theme

DARK = Theme(
    name="linkgraph-dark",
    primary="#6ea8fe",
    secondary="#8c9bb3",
    accent="#f2a65a",
    warning="#e8c468",
    error="#f0776c",
    success="#7cc38a",
    foreground="#d8dee9",
    background="#14171d",
    surface="#191d24",
    panel="#222831",
    dark=True,
    variables={
        "block-cursor-background": "#2f4a75",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-blurred-background": "#2a313c",
        "footer-key-foreground": "#f2a65a",
        "border": "#3a4351",
        "border-blurred": "#2a313c",
        "scrollbar": "#3a4351",
        "scrollbar-hover": "#8c9bb3",
        "scrollbar-active": "#6ea8fe",
        "scrollbar-background": "#191d24",
        "scrollbar-corner-color": "#191d24",
        "scrollbar-background-hover": "#191d24",
        "scrollbar-background-active": "#191d24",
    },
)
LIGHT = Theme(
    name="linkgraph-light",
    primary="#1f5fbf",
    secondary="#5b6676",
    accent="#a85600",
    warning="#8a6400",
    error="#b3261e",
    success="#1c6e33",
    foreground="#1f2733",
    background="#fbfbf9",
    surface="#f3f3ef",
    panel="#e6e7e3",
    dark=False,
    variables={
        "block-cursor-background": "#1f5fbf",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-blurred-background": "#cfd8e6",
        "footer-key-foreground": "#a85600",
        "border": "#b9bec6",
        "border-blurred": "#d5d8dc",
        "scrollbar": "#b9bec6",
        "scrollbar-hover": "#5b6676",
        "scrollbar-active": "#1f5fbf",
        "scrollbar-background": "#f3f3ef",
        "scrollbar-corner-color": "#f3f3ef",
        "scrollbar-background-hover": "#f3f3ef",
        "scrollbar-background-active": "#f3f3ef",
    },
)
THEMES = (DARK, LIGHT)
