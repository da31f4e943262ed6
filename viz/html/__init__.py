"""Pages that answer their reader: one HTML file each, its scripts and style sheet beside them."""
