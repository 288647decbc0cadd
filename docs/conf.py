"""Sphinx: pages in MyST, the reference pages filled in from the code itself."""

from __future__ import annotations

import sys
from importlib import import_module
from operator import attrgetter
from pathlib import Path

from docutils.nodes import TextElement
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import cartsim

sys.path.insert(0, str(Path(__file__).parent))

from reference_tables import PAGES

project = "cartsim"
copyright = "the cartsim developers, Apache-2.0"
release = version = cartsim.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"cartsim {release}"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
# shown as written: resolved, these aliases fill a page
autodoc_type_aliases = {"Floats": "Floats", "Ints": "Ints", "Codes": "Codes"}

nitpicky = True
# other projects' pages are not fetched during a build, so their names stay unlinked
nitpick_ignore_regex = [
    ("py:.*", r"(np|npt|numpy|pd|pandas|pydantic|pydantic_core|click|matplotlib|scipy)(\..*)?"),
    ("py:.*", r"(collections\.abc|datetime|pathlib|typing)\..*"),
    ("py:.*", r"(.*\.)?(Floats|Ints|Codes|Path|Picture|TypeAliasForwardRef)"),
    ("py:.*", r"\w+\[\w+"),  # a piece of a generic type that autodoc has cut in two
]


def exists(name: str) -> bool:
    """Whether a dotted name is a module of cartsim, or something that one holds."""
    place, inside = name, ""
    while place.startswith("cartsim"):
        try:
            attrgetter(inside)(import_module(place)) if inside else import_module(place)
        except ModuleNotFoundError:
            place, _, last = place.rpartition(".")
            inside = f"{last}.{inside}".rstrip(".")
        except AttributeError:
            return False
        else:
            return True
    return False


def leave_unlinked(
    _app: Sphinx, _env: BuildEnvironment, reference: pending_xref, content: TextElement
) -> TextElement | None:
    """A name of cartsim that is not on the page of the interface stays unlinked, if it exists."""
    return content if exists(str(reference.get("reftarget", ""))) else None


def fill_in(_app: Sphinx, page: str, source: list[str]) -> None:
    """Replace the markers of a reference page by the tables made from the code."""
    for marker, table in PAGES.get(page, {}).items():
        if marker not in source[0]:
            raise ValueError(f"docs/{page}.md has no line {marker}")
        source[0] = source[0].replace(marker, table())


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", fill_in)
    app.connect("missing-reference", leave_unlinked)
