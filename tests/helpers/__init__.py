"""What tests of several folders share: imported from here, by its full name."""
