"""The data sets; each file registers what is in it."""
