"""What patrol phones may ask."""
