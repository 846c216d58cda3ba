"""New inputs to answers: files, strokes, centering."""
