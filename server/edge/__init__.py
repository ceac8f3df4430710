"""An edge host: the lines that inner hosts dial to it, and what passes over them."""
