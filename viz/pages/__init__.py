"""Pages that answer: one HTML file each, its script and style sheet beside the module."""
