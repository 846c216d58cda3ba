"""Learning rate schedules: one file each; a new file registers itself."""
