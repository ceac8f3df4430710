"""Renditions: a camera's stream decoded and encoded again, once, with its masks burnt in."""

from webrtc.renditions.messages import Input, Recipe, Rendered, Source
from webrtc.renditions.rendition import Rendition, RenditionEnd, Renditions

__all__ = [
    "Input",
    "Recipe",
    "Rendered",
    "Rendition",
    "RenditionEnd",
    "Renditions",
    "Source",
]
