"""Tables of text: cells, columns, headers, targets."""
