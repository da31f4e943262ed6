"""What all rooms share: colours, numbers, labels, columns, checks of arguments, files to read."""
