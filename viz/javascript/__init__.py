"""The table's operations as JavaScript, for pages that compute a graph anew."""
