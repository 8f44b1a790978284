"""How much a script may be: what a person writes fits many times over, what a machine makes to hurt does not.

Refuses to be configured: a limit that can be lifted by a setting is lifted by the first person in a hurry.
"""

MEGABYTE = 1024 * 1024

FILE_BYTES = 20 * MEGABYTE
UNPACKED_BYTES = 100 * MEGABYTE
"""All parts of a packed file (docx, xlsx) together, unpacked."""
XML_BYTES = 30 * MEGABYTE
"""One XML part; a novel of 600 pages has about 10."""
PACKED_PARTS = 4_000
PAGES = 1_500
LINES = 60_000
LINE_CHARACTERS = 4_000
HEADING_CHARACTERS = 120
SHEET_ROWS = 6_000
SHEET_COLUMNS = 120
SCENES = 5_000
JSON_DEPTH = 40
