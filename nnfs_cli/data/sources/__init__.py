"""Where published files come from: folders, caches, downloads, archives."""
