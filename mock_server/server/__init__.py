"""The socket: uvicorn with limits, signals, and connections that can be cut."""
