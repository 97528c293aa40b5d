"""The MPS format: an independent strict reader, and a writer."""
