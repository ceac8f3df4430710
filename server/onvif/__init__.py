"""Fixed cameras by ONVIF: found on the network, asked what they can do, moved.

The library (onveef) is imported here alone. Whatever a camera answers is small, soon, and makes us
ask nobody but that camera.
"""
