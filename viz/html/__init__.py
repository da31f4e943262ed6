"""Interactive pages: one HTML file each, with its scripts and style sheets beside the modules."""
