"""Reaching a phone in a pocket.

``courier.py`` takes what waits in the table (``outgoing.py``) and hands it to a channel
(``web_push.py``, ``firebase.py``). A push service that takes a message has not delivered it: only
the phone's own answer ends the ringing.
"""
