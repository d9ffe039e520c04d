"""Web push: a device is told that something has come to a desk, never what; off by default."""
