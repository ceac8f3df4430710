"""The detect process around its pipelines: which cameras, and what it shows to who tunes rules."""
