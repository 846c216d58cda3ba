"""A training's life on disk: folder, checkpoints, start, resume, reproduce, load."""
