"""Acts on the directory: who is what, from a day to a day, and on its calendar."""
