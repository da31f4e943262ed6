"""What a terminal or a page can print: explanations, tables, trees, the steps in words."""
