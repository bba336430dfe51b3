"""The server on a socket: uvicorn with limits and signals, and connections that faults can break."""
