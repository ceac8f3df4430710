"""The trade: its things and its rules, standard library only, no I/O, no clock."""
