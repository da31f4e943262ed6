"""Operations of the user's: written down, tried against differences, put into the table."""
