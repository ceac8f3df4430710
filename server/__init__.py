"""The processes: everything meets here."""
