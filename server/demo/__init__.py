"""A town that shows the product: cameras, patrols, people, footage."""
