"""The constants by which engines are chosen, fitted to times measured here."""
