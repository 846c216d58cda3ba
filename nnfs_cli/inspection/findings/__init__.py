"""What can be found: one small file for each family of findings."""
