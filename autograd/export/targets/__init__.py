"""The targets: each module here takes a `CallSpec` to a place, by its function ``export``."""
