"""Image files as arrays, and folders of them."""
