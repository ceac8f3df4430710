"""What patrol phones may ask.

``keys.py`` says what the handlers need and ``routes.py`` what there is; each other module is one
noun of the phone's. Everything asked by a device is answered for its own commune and, where it
concerns work, for the unit of its running shift.
"""
