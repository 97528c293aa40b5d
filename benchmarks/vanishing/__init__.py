"""Data, yardstick and measurements of the vanishing-ideal benchmark."""
