"""A request's way to its answer: one wrapper a module, composed by `app`."""
