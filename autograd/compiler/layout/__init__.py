"""Where each scalar node lives: arrays, and the views that read them."""
