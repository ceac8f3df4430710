"""The control room's API, sign-in, problem details, live socket and pages."""
