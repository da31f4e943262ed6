"""From DOT text to SVG, PNG and PDF, on any machine: engines, fonts, conversion."""
