"""Pictures in and out: cameras, devices, viewers, and the relay between them."""
