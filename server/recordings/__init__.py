"""Recordings on the disk: files that are encrypted as they are written, on a volume per commune."""
