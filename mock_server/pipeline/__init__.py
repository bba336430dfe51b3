"""The wrappers that a request passes on its way to its answer, one a module; `app` composes them."""
