"""Records: generated, read from fixture files, completed, held in collections."""
