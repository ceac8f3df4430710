"""A stream's encoded pictures on their way into a file: followed, laid out, never decoded."""
