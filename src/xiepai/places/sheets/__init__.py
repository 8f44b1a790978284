"""Places as rows of a file: cells, columns, and the three kinds of file (CSV, XLSX, GeoJSON). Knows no actor."""
