"""How a run is shown: headline, tables, figures, the table of assumptions."""
