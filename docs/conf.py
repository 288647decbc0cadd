"""Sphinx: pages in MyST, the reference pages filled in from the code itself."""

from __future__ import annotations

import sys
from pathlib import Path

from sphinx.application import Sphinx

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
    ("py:.*", r"(cartsim\.units\.)?(Floats|Ints|Codes)"),
    ("py:.*", r"(collections\.abc|datetime|pathlib|typing)\..*"),
]


def fill_in(_app: Sphinx, page: str, source: list[str]) -> None:
    """Replace the markers of a reference page by the tables made from the code."""
    for marker, table in PAGES.get(page, {}).items():
        if marker not in source[0]:
            raise ValueError(f"docs/{page}.md has no line {marker}")
        source[0] = source[0].replace(marker, table())


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", fill_in)
