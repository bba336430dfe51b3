"""What builds the documentation's site: hooks of mkdocs, and the texts that tell how to install."""
