"""Write a verdict's report in five formats, from its JSON alone."""
