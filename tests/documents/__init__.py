"""Published documents served, and their lists walked as a client of each vendor walks them.

Nothing here imports what loads documents and cuts pages in mock_server: what a document says, and how its
lists page, is read and written anew. `python -m tests.documents.survey FOLDER` prints a report.
"""
